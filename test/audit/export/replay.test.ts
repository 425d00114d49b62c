import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { ReplaySummary } from "../../../src/audit/export/replay-summary.ts";
import { ReplayTarget } from "../../../src/audit/export/replay-target.ts";
import { Replay, type ReplayOptions, type ReplayResult } from "../../../src/audit/export/replay.ts";
import type { ExchangeRecord } from "../../../src/audit/record/exchange-record.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { waitFor } from "../../support/wait-for.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { basic, MadeTrail } from "../read/made-directory.ts";

interface Received {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

type Answer = (request: Received, response: ServerResponse) => void;

/** A server that notes what it is sent. */
async function startServer(answer: Answer) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const line = `${request.method} ${request.url}`;
      received.push({ line, headers: request.headers, body });
      answer({ line, headers: request.headers, body }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Changes = Partial<ReplayOptions> & { readonly authorization?: string };

/** Replays a whole directory. */
async function replayed(directory: string, url: string, changes: Changes = {}) {
  const results: ReplayResult[] = [];
  const summary = new ReplaySummary();
  const target = new ReplayTarget({
    url,
    authorization: changes.authorization,
    ca: undefined,
    isInsecure: false,
    connections: 4,
    timeoutMs: 20_000,
  });
  const options: ReplayOptions = {
    directory,
    target,
    withWrites: false,
    concurrency: 1,
    rate: Infinity,
    speed: Infinity,
    ignored: ["took"],
    signal: new AbortController().signal,
    ...changes,
  };
  const replay = new Replay(options, (result) => {
    results.push(result);
    summary.add(result);
  });
  try {
    for await (const entries of readTrail({ directory }))
      for (const entry of entries) await replay.add(entry);
    await replay.finish();
  } finally {
    await target.close();
  }
  return { results, summary };
}

const json = "application/json";

async function exchange(
  trail: MadeTrail,
  request: Partial<ExchangeRecord>,
  body?: string | Buffer,
  answer = '{"took":1,"hits":{"total":1}}',
  end: Partial<ExchangeRecord> = {},
): Promise<void> {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const record = await trail.begin({ contentType: json, ...request }, bytes);
  trail.clock.monotonicMs += 5;
  await trail.end(record, { responseContentType: json, ...end }, Buffer.from(answer));
}

test("reads are sent as they came, with other credentials, and the answers compared", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path, { inlineBodyBytes: 64 });
  const search = '{"query":{"match":{"a":"x"}}}';
  await exchange(trail, { authorization: basic("alice"), target: "/a/_search?q=%C3%A4" }, search);
  const zipped = gzipSync(`{"query":{"match":{"a":"${"y".repeat(2000)}"}}}`);
  await exchange(trail, { contentEncoding: "gzip", target: "/b/_search" }, zipped);
  await exchange(trail, { method: "GET", target: "http://es:9200/c/_count" });
  await exchange(trail, { method: "HEAD", target: "/d" }, undefined, "");
  await trail.trail.close();
  await using server = await startServer(({ line }, response) => {
    response.setHeader("content-type", json);
    const total = line.includes("/b/") ? 2 : 1;
    response.end(line.startsWith("HEAD") ? "" : `{"hits":{"total":${total}},"took":7}`);
  });
  const { results, summary } = await replayed(directory.path, `${server.url}/es/`, {
    authorization: "ApiKey abc",
  });
  assert.deepEqual(
    server.received.map(({ line }) => line),
    ["POST /es/a/_search?q=%C3%A4", "POST /es/b/_search", "GET /es/c/_count", "HEAD /es/d"],
  );
  const [first, second] = server.received;
  assert.equal(first?.body.toString(), search);
  assert.deepEqual(
    [first?.headers.authorization, first?.headers["content-type"]],
    ["ApiKey abc", json],
  );
  assert.deepEqual([second?.headers["content-encoding"], second?.body], ["gzip", zipped]);
  assert.deepEqual(
    results.map((result) => (result.kind === "answered" ? result.verdict : result.kind)),
    ["same", "different", "same", "same"],
  );
  const [group] = summary.groups;
  assert.equal(group?.shape, "search {query:{match:{a:?}}}");
  const where = "body.hits.total";
  assert.deepEqual(group?.differences.get(where), { where, count: 1, before: "1", after: "2" });
  assert.deepEqual([summary.sent, summary.same, summary.before.count], [4, 3, 4]);
});

test("what may change something, and what cannot be the same again, is not sent", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path, { inlineBodyBytes: 64 });
  const write = { method: "PUT", target: "/a/_doc/1" };
  const withheld: readonly [Partial<ExchangeRecord>, string?][] = [
    [write, '{"a":1}'],
    [{ method: "DELETE", target: "/a" }],
    [{ method: "POST", target: "/_plugins/x" }, "{}"],
    [{ target: "/a/_search?scroll=1m" }, "{}"],
    [{ target: "/a/_pit?keep_alive=1m" }],
    [{ target: "/_search/scroll" }, '{"scroll":"1m","scroll_id":"abc"}'],
    [{ method: "GET", target: "/_async_search/abc" }],
    [{ target: "/_search" }, '{"pit":{"id":"abc"},"size":1}'],
    [{ target: "/_sql" }, '{"cursor":"abc"}'],
    [{ method: "POST", target: "/_security/user/x/_password" }, '{"password":"abc"}'],
  ];
  for (const [request, body] of withheld) await exchange(trail, request, body);
  await exchange(trail, { target: "/_sql" }, '{"query":"SELECT 1"}');
  await trail.session("01936f3e-1111-7000-8000-000000000001");
  await trail.trail.close();
  await using server = await startServer((_, response) => response.end("{}"));
  const { results, summary } = await replayed(directory.path, server.url);
  assert.deepEqual(
    server.received.map(({ line }) => line),
    ["POST /_sql"],
  );
  assert.deepEqual(
    results.filter(({ kind }) => kind === "answered").length + summary.skipped,
    withheld.length + 2,
  );
  assert.deepEqual(Object.fromEntries(summary.skips), {
    "may change something": 6,
    "continues a read": 4,
    "no HTTP exchange": 1,
  });
  const all = await replayed(directory.path, server.url, { withWrites: true });
  assert.equal(all.summary.skips.get("may change something"), undefined);
  assert.equal(all.summary.skips.get("continues a read"), 4);
  // The password is not in the trail.
  assert.equal(all.summary.skips.get("redacted"), 1);
  assert.equal(all.summary.sent, 6);
});

test("a body that was not recorded is neither sent nor compared", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path, { storesBodies: false, inlineBodyBytes: 0 });
  await exchange(trail, { target: "/a/_search" }, '{"query":{"match_all":{}}}');
  await exchange(trail, { method: "GET", target: "/b/_search" });
  await exchange(trail, { method: "GET", target: "/c/_search" }, undefined, "{}", { status: 503 });
  await trail.begin({ method: "GET", target: "/d/_search" });
  await trail.trail.close();
  await using server = await startServer((_, response) => response.end('{"other":1}'));
  const { summary } = await replayed(directory.path, server.url);
  assert.deepEqual(Object.fromEntries(summary.skips), { "body not recorded whole": 1 });
  assert.deepEqual([summary.same, summary.withoutBody, summary.different], [1, 1, 1]);
  assert.equal(summary.unknown, 1);
  const status = { where: "status", count: 1, before: "503", after: "200" };
  assert.deepEqual([...(summary.groups[0]?.differences.values() ?? [])], [status]);
});

test("text lines have no bodies of answers: statuses are compared", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path, { format: "text" });
  const search = '{"query":{"match":{"a":"x"}}}';
  await exchange(trail, { target: "/a/_search?size=1" }, search);
  await exchange(trail, { target: "/a/_doc" }, '{"a":1}');
  await trail.trail.close();
  await using server = await startServer((_, response) => response.end('{"other":1}'));
  const { summary } = await replayed(directory.path, server.url);
  assert.deepEqual([summary.same, summary.withoutBody, summary.skipped], [1, 1, 1]);
  const [request] = server.received;
  assert.equal(`${request?.line} ${request?.body.toString()}`, `POST /a/_search?size=1 ${search}`);
});

test("a request without an answer is counted by its reason, and the next one is sent", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path);
  for (const index of ["a", "b", "c"])
    await exchange(trail, { method: "GET", target: `/${index}/_search` });
  await trail.trail.close();
  await using server = await startServer(({ line }, response) => {
    if (line.includes("/b/")) response.socket?.destroy();
    else response.end('{"took":3,"hits":{"total":1}}');
  });
  const { summary } = await replayed(directory.path, server.url);
  assert.deepEqual([summary.same, summary.failed], [2, 1]);
  assert.equal([...summary.failures.values()][0]?.count, 1);
});

test("no more requests are under way than allowed, and none sooner than allowed", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path);
  for (let at = 0; at < 8; at += 1) await exchange(trail, { method: "GET", target: "/a/_search" });
  await trail.trail.close();
  const open: ServerResponse[] = [];
  let most = 0;
  await using server = await startServer((_, response) => {
    open.push(response);
    most = Math.max(most, open.length);
  });
  const running = replayed(directory.path, server.url, { concurrency: 3 });
  for (let answered = 0; answered < 8; answered += 1) {
    await waitFor("requests", () => open.length === Math.min(3, 8 - answered));
    open.shift()?.end("{}");
  }
  assert.equal((await running).summary.sent, 8);
  assert.equal(most, 3);
  await using quick = await startServer((_, response) => response.end("{}"));
  const slow = async (changes: Changes): Promise<number> => {
    const startMs = performance.now();
    await replayed(directory.path, quick.url, changes);
    return performance.now() - startMs;
  };
  // Seven distances; a timer may be a millisecond early.
  assert.ok((await slow({ rate: 100 })) >= 7 * 9);
  assert.ok((await slow({ speed: 0.25 })) >= 7 * 19);
});

test("an interrupted replay sends nothing more", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path);
  for (let at = 0; at < 3; at += 1) await exchange(trail, { method: "GET", target: "/a/_search" });
  await trail.trail.close();
  const stop = new AbortController();
  await using server = await startServer((_, response) => {
    stop.abort();
    response.end("{}");
  });
  await assert.rejects(
    replayed(directory.path, server.url, { signal: stop.signal, rate: 1 }),
    /abort/i,
  );
  assert.equal(server.received.length, 1);
});
