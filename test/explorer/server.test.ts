import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { ended, openTrail, someRecord } from "../audit/trail-fixture.ts";
import { BearerToken } from "../../src/net/bearer-token.ts";
import { fieldAt } from "../support/audit-reader.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { ask } from "./ask.ts";
import { explore, recordExchanges } from "./trail.ts";

interface Counted {
  readonly value: string;
  readonly count: number;
}

/** What search and ranking answer, as far as it is looked at. */
interface LastLine {
  readonly isDone: boolean;
  readonly found: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly timeline: { readonly counts: readonly number[]; readonly failures: readonly number[] };
  readonly facets: readonly { readonly name: string; readonly values: readonly Counted[] }[];
  readonly groups: readonly Counted[];
}

/** The last line of a stream. */
async function lastOf(url: string, path: string): Promise<LastLine> {
  const { body } = await ask(url, path);
  return JSON.parse(body.trimEnd().split("\n").at(-1) ?? "") as LastLine;
}

test("a question is answered with its number, timeline, facets and youngest rows", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const ids = await recordExchanges(trail, 100);
  await trail.close();
  await using explorer = await explore(directory.path);
  const all = await lastOf(explorer.url, "/api/search?limit=7");
  assert.equal(all.found, 100);
  assert.equal(all.isDone, true);
  const at = all.columns.indexOf("id");
  assert.deepEqual(
    all.rows.map((row) => row[at]),
    ids.slice(-7).toReversed(),
  );
  const sum = (numbers: readonly number[]): number =>
    numbers.reduce((total, number) => total + number, 0);
  assert.equal(sum(all.timeline.counts), 100);
  assert.equal(sum(all.timeline.failures), 25);
  const facet = all.facets.find(({ name }) => name === "status");
  assert.deepEqual(facet?.values, [
    { value: "200", count: 75 },
    { value: "404", count: 25 },
  ]);
  const some = await lastOf(explorer.url, "/api/search?q=status%20%3E%3D%20400");
  assert.equal(some.found, 25);
  const ranking = await lastOf(explorer.url, "/api/ranking?by=status&sort=count");
  assert.deepEqual(
    ranking.groups.map(({ value, count }) => [value, count]),
    [
      ["200", 75],
      ["404", 25],
    ],
  );
});

test("an exchange is shown with both bodies and the places of its records", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const [id = ""] = await recordExchanges(trail, 3);
  await trail.close();
  await using explorer = await explore(directory.path);
  const view = JSON.parse((await ask(explorer.url, `/api/entry/${id}`)).body);
  assert.equal(
    view.request.text,
    '{\n  "query": {\n    "match": {\n      "name": "n0"\n    }\n  }\n}',
  );
  assert.equal(view.response.text, '{\n  "took": 0,\n  "note": "n0"\n}');
  for (const { segment, offset, bytes, document } of view.records) {
    const line = readFileSync(join(directory.path, segment)).subarray(offset, offset + bytes);
    assert.deepEqual(JSON.parse(line.toString()), document);
  }
  // Which exchange was shown stands beside the trail, once, for no proxy writes it.
  await ask(explorer.url, `/api/entry/${id}`);
  const lines = readFileSync(directory.file("side-log.jsonl"), "utf8").trim().split("\n");
  const shown = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    shown.map((line) => [fieldAt(line, "event.action"), fieldAt(line, "es_proxy.event.ids")]),
    [["audit.explore", [id]]],
  );
  const unknown = await ask(explorer.url, "/api/entry/00000000-0000-7000-8000-000000000000");
  assert.equal(unknown.status, 404);
});

test("a filter that cannot be read is refused with the place", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  await using explorer = await explore(directory.path);
  const { status, body } = await ask(explorer.url, "/api/search?q=user:(a%20or");
  assert.equal(status, 400);
  assert.deepEqual(JSON.parse(body).span, { start: 10, end: 10 });
  const completion = await ask(explorer.url, "/api/complete?text=user.na&cursor=7");
  assert.match(completion.body, /"user\.name/);
});

test("rows come while the trail is written, and nothing in the directory changes", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  await recordExchanges(trail, 1);
  await using explorer = await explore(directory.path);
  const names = readdirSync(directory.path);
  const abort = new AbortController();
  const response = await fetch(new URL("/api/live", explorer.url), { signal: abort.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  await reader?.read();
  // What is written before the end of the file was looked for is no news: so more than once.
  const writing = setInterval(() => {
    const record = someRecord({ startedMs: 2000, target: "/live/_search" });
    trail.request(record, undefined);
    trail.response(ended(record, { endedMs: 2001 }), undefined);
  }, 50);
  const { value = "" } = (await reader?.read()) ?? {};
  clearInterval(writing);
  assert.match(value, /\/live\/_search/);
  abort.abort();
  assert.deepEqual(readdirSync(directory.path), names);
  await trail.close();
});

test("without a token other machines' names and other pages are refused", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  await using explorer = await explore(directory.path);
  const port = new URL(explorer.url).port;
  for (const headers of [
    { host: `evil.example:${port}` },
    { host: `127.0.0.1.evil.example:${port}` },
    { origin: "http://evil.example" },
    { origin: `http://127.0.0.1:${Number(port) + 1}` },
    { origin: "null" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" },
  ])
    for (const path of ["/", "/api/search", "/page.js"])
      assert.equal((await ask(explorer.url, path, headers)).status, 403, JSON.stringify(headers));
  assert.equal((await ask(explorer.url, "/api/search", { host: `localhost:${port}` })).status, 200);
  assert.equal((await ask(explorer.url, "/api/search", {}, "POST")).status, 405);
  assert.equal((await ask(explorer.url, "//", {})).status, 404);
});

test("a link on another page leads to the page, and to nothing else", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  await using explorer = await explore(directory.path);
  const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  assert.equal((await ask(explorer.url, "/", headers)).status, 200);
  assert.equal((await ask(explorer.url, "/api/search", headers)).status, 403);
});

test("with a token the page is open and every question needs it", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  await using explorer = await explore(directory.path, "0123456789abcdef");
  assert.equal((await ask(explorer.url, "/")).status, 200);
  for (const path of ["/api/search", "/api/live", "/api/coverage", "/api/complete?text="])
    assert.equal((await ask(explorer.url, path)).status, 401, path);
  const headers = { authorization: "Bearer 0123456789abcdef" };
  assert.equal((await ask(explorer.url, "/api/search", headers)).status, 200);
  for (const foreign of [{ origin: "http://evil.example" }, { "sec-fetch-site": "same-site" }])
    assert.equal((await ask(explorer.url, "/api/search", { ...headers, ...foreign })).status, 403);
  explorer.useToken(new BearerToken("another-token-of-the-same"));
  assert.equal((await ask(explorer.url, "/api/search", headers)).status, 401);
});

test("every answer forbids foreign scripts, frames and caches", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  await using explorer = await explore(directory.path);
  for (const path of ["/", "/page.js", "/page.css", "/api/search", "/api/nothing"]) {
    const { headers } = await ask(explorer.url, path);
    assert.match(
      String(headers["content-security-policy"]),
      /default-src 'none'; script-src 'self'/,
    );
    assert.match(String(headers["content-security-policy"]), /frame-ancestors 'none'/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
  }
});
