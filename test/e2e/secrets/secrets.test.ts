import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";
import test from "node:test";

import { startMockEs } from "../../../mock-es/index.ts";
import { ClusterClient } from "../../../src/audit/ship/cluster-client.ts";
import { Shipper } from "../../../src/audit/ship/shipper.ts";
import { setUp } from "../../../src/audit/ship/stream-setup.ts";
import { targetName } from "../../../src/audit/ship/target-name.ts";
import { startConfiguredProxy } from "../../support/proxy-process.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { filesBelow, readings } from "./leak-search.ts";
import { codings, type Answer, type Placement } from "./placement.ts";
import { placements } from "./placements.ts";

const dataStream = "logs-es_proxy.audit-default";
const canaryStart = "C4n4ry";
const kept = (at: number): string => `K33p-th1s-${at}-`;
const adminPages = ["/", "/health", "/health/backends", "/metrics"];

interface Origin extends Disposable {
  readonly port: number;
}

/** Answers each request as its placement says, which it finds by `X-Mark`. */
async function startAnswering(all: readonly Placement[]): Promise<Origin> {
  const byMark = new Map(all.map((placement) => [placement.mark, placement.answer]));
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("error", () => response.destroy());
    request.on("end", () => {
      const answer: Answer = byMark.get(String(request.headers["x-mark"])) ?? { body: "{}" };
      const body = bodyOf(answer, request, Buffer.concat(pieces));
      response.statusCode = answer.status ?? 200;
      response.setHeader("content-type", answer.contentType ?? "application/json");
      if (answer.contentEncoding !== undefined)
        response.setHeader("content-encoding", answer.contentEncoding);
      for (const line of answer.fields ?? []) {
        const colon = line.indexOf(":");
        response.setHeader(line.slice(0, colon), line.slice(colon + 1).trim());
      }
      if (answer.trailers === undefined) return void response.end(body);
      response.setHeader("trailer", Object.keys(answer.trailers));
      response.write(body);
      response.addTrailers(answer.trailers);
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function bodyOf(answer: Answer, request: IncomingMessage, content: Buffer): Buffer {
  if (answer.body === "echo-json")
    return Buffer.from(
      JSON.stringify({
        method: request.method,
        url: request.url,
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: content.toString(),
      }),
    );
  if (answer.body !== "echo") return Buffer.from(answer.body);
  const lines: string[] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2)
    lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
  const head = `${request.method} ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}`;
  return Buffer.from(`<h1>Bad Gateway</h1><pre>${head}\r\n\r\n${content.toString()}</pre>`);
}

/** Sends bytes and waits until the other side has closed. */
function exchange(port: number, { request, cutBytes }: Placement): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
    socket.resume();
    if (cutBytes === undefined) socket.write(request);
    else socket.write(request.subarray(0, request.length - cutBytes), () => socket.end());
  });
}

function adminPage(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    httpRequest({ socketPath, path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}

interface DocumentCall {
  readonly line: string;
  readonly body: (word: string) => string | Buffer;
  readonly coding?: string;
  readonly answer?: (word: string) => string;
}

const documentOf = (word: string): string =>
  JSON.stringify({ password: word, text: "x".repeat(3000) });

const documentCalls: readonly DocumentCall[] = [
  { line: "PUT /idx/_doc/1", body: documentOf },
  { line: "POST /_bulk", body: (word) => `{"index":{"_index":"i"}}\n${documentOf(word)}\n` },
  { line: "POST /idx/_search", body: (word) => `{"query":{"match":{"token":"${word}"}}}` },
  { line: "POST /idx/_search", body: () => "{}", answer: documentOf },
  ...Object.entries(codings).map(([coding, encode]) => ({
    line: "POST /_msearch",
    body: (word: string) => encode(Buffer.from(documentOf(word))),
    coding,
  })),
];

/** Documents with members that are named like secrets: the users' own data. */
function documents(): Placement[] {
  return documentCalls.map(({ line, body, coding, answer }, at) => {
    const mark = `document-${at}-`;
    const bytes = Buffer.from(body(kept(at)));
    const encoding = coding === undefined ? "" : `Content-Encoding: ${coding}\r\n`;
    const head =
      `${line} HTTP/1.1\r\nHost: es\r\nX-Mark: ${mark}\r\nUser-Agent: ${mark}\r\n${encoding}` +
      `Content-Type: application/json\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
    return {
      name: `document ${at}`,
      request: Buffer.concat([Buffer.from(head), bytes]),
      answer: { body: answer === undefined ? "{}" : answer(kept(at)) },
      mark,
    };
  });
}

/**
 * What of the documents must be found: `text` records no answers; Brotli and DEFLATE have no mark
 * by which the search would find them in a file.
 */
function isExpected({ answer, coding }: DocumentCall, format: string, inline: string): boolean {
  return (
    (answer === undefined || format === "ecs") &&
    (inline !== "0" || (coding !== "br" && coding !== "deflate"))
  );
}

for (const format of ["ecs", "text"] as const) {
  for (const inline of ["1MiB", "0"]) {
    const where = inline === "0" ? "stored" : "inline";
    test(`${format}, bodies ${where}: no secret is in any file, log, metric, page or title`, async () => {
      await using folder = await makeTempDir();
      const all = placements();
      assert.ok(all.length >= 120, `${all.length} placements`);
      const untouched = documents();
      using origin = await startAnswering([...all, ...untouched]);
      const file = folder.file("es.yaml");
      const socket = folder.file("admin.sock");
      await writeFile(
        file,
        `listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:${origin.port}"]}}
audit: {directory: audit, format: ${format}, body: {inline: ${inline}}}
admin: {bind: "unix:${socket}"}
`,
      );
      await using proxy = await startConfiguredProxy(file);
      for (const placement of [...all, ...untouched]) await exchange(proxy.port, placement);

      const pages = await Promise.all(adminPages.map((path) => adminPage(socket, path)));
      const { pid } = proxy.child.process;
      const title = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      proxy.child.process.kill("SIGTERM");
      await proxy.child.exit;

      const journal = filesBelow(folder.file("audit")).map(({ bytes }) => bytes.toString("latin1"));
      // Of a malformed head, what stands behind the fault is not recorded.
      const missing = [...all, ...untouched].filter(
        ({ mark, name }) =>
          !/^malformed|User-Agent/.test(name) && !journal.some((text) => text.includes(mark)),
      );
      assert.deepEqual(
        missing.map(({ name }) => name),
        [],
        "exchanges without a record",
      );
      const sources = [
        ...filesBelow(folder.file("audit")),
        { name: "stderr", bytes: Buffer.from(proxy.child.stderr) },
        { name: "stdout", bytes: Buffer.from(proxy.child.stdout) },
        { name: "title", bytes: Buffer.from(title) },
        ...pages.map((page, at) => ({ name: adminPages[at] ?? "", bytes: Buffer.from(page) })),
      ];
      const leaks = new Set<string>();
      const found = new Set<number>();
      for (const { name, bytes } of sources) {
        for (const text of readings(bytes)) {
          for (const [canary] of text.matchAll(new RegExp(`${canaryStart}\\d{3}`, "g"))) {
            const placement = all[Number(canary.slice(canaryStart.length))];
            leaks.add(`${placement?.name} in ${name}`);
          }
          for (const [, at] of text.matchAll(/K33p-th1s-(\d+)-/g)) found.add(Number(at));
        }
      }
      assert.deepEqual([...leaks], []);
      // The search finds what is there: documents, coded ones too.
      const expected = documentCalls.flatMap((call, at) =>
        isExpected(call, format, inline) ? [at] : [],
      );
      assert.deepEqual(
        expected.filter((at) => !found.has(at)),
        [],
        "documents that are not recorded as received",
      );
    });
  }
}

test("no secret is in a shipped document, nor in one that the cluster refused", async (t) => {
  await using folder = await makeTempDir();
  const all = placements();
  const untouched = documents();
  using origin = await startAnswering([...all, ...untouched]);
  const mock = await startMockEs({ instantRefresh: true, seed: 7 });
  t.after(() => mock.close());
  const cluster = {
    nodes: [mock.url],
    authorization: () => Promise.resolve(undefined),
    timeoutMs: 20_000,
  };
  const client = new ClusterClient(cluster);
  t.after(() => client.close());
  await setUp(client, { dataStream, retention: "90d", replicas: 0, codec: "default" });
  const file = folder.file("es.yaml");
  await writeFile(
    file,
    `listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:${origin.port}"]}}
audit:
  directory: audit
  body: {inline: 1MiB}
  facts: true
  ship: [{elasticsearch: "${mock.url}", every: 50ms, bodies: 1MiB}]
`,
  );
  const directory = folder.file("audit");
  {
    await using proxy = await startConfiguredProxy(file);
    for (const placement of [...all, ...untouched]) await exchange(proxy.port, placement);
    proxy.child.process.kill("SIGTERM");
    await proxy.child.exit;
  }
  const ship = async (name: string, stream: string): Promise<number> => {
    let refused = 0;
    const shipper = new Shipper(
      {
        directory,
        name,
        cluster,
        dataStream: stream,
        host: "proxy-1",
        originOf: () => undefined,
        bodyBytes: 1_048_576,
        everyMs: 50,
        awaitsFacts: false,
      },
      {
        problem: ({ message }) => assert.fail(message),
        gap: () => undefined,
        lost: (journal) => assert.fail(journal),
        failed: (reason) => assert.fail(reason),
        refused: () => (refused += 1),
        shipped: () => undefined,
      },
    );
    await shipper.drain(AbortSignal.timeout(60_000));
    await shipper.close();
    return refused;
  };
  // A stop waits for what is left in bounded time only.
  assert.equal(await ship(targetName(cluster.nodes, dataStream), dataStream), 0);
  // And all of it once more, to a target that refuses every document for ever.
  await client.request({ method: "PUT", path: "/refusing" });
  const fault = { kind: "bulk-items", status: 400 } as const;
  mock.faults.add({ fault, path: "/refusing/_bulk" });
  const refused = await ship("refusing", "refusing");
  const page = (await client.request({
    method: "POST",
    path: `/${dataStream}/_search`,
    body: JSON.stringify({ size: 10_000 }),
  })) as { hits: { hits: { _id: string; _source: unknown }[] } };
  const shipped = page.hits.hits.map(({ _id, _source }) => ({
    name: _id,
    bytes: Buffer.from(JSON.stringify(_source)),
  }));
  const letters = filesBelow(folder.file("audit", "ship"));
  assert.ok(letters.some(({ name }) => name.endsWith("/refusing.dead-letters.ndjson")));
  assert.ok(shipped.length >= all.length, `${shipped.length} documents`);
  assert.equal(refused, shipped.length);
  const sources = [...shipped, ...letters];
  const leaks = new Set<string>();
  const found = new Set<string>();
  for (const { name, bytes } of sources) {
    for (const text of readings(bytes)) {
      for (const [canary] of text.matchAll(new RegExp(`${canaryStart}\\d{3}`, "g")))
        leaks.add(`${all[Number(canary.slice(canaryStart.length))]?.name} in ${name}`);
      for (const [, at = ""] of text.matchAll(/K33p-th1s-(\d+)-/g)) found.add(at);
    }
  }
  assert.deepEqual([...leaks], []);
  // The search finds what is there.
  const expected = documentCalls.flatMap((call, at) =>
    isExpected(call, "ecs", "1MiB") ? [String(at)] : [],
  );
  assert.deepEqual(
    expected.filter((at) => !found.has(at)),
    [],
  );
});
