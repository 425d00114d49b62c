import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf, send, startFor } from "./running-mock.ts";

test("keeps the literals of the older mock in profile seed", async (t) => {
  const mock = await startFor(t, { profile: "seed" });
  const info = await send(mock, "GET", "/");
  assert.equal(info.json["name"], "mock-es-node");
  assert.equal(info.json["cluster_name"], "mock-cluster");
  assert.equal((info.json["version"] as { number: string }).number, "8.0.0");
  const broken = await send(mock, "POST", "/a/_doc", { body: "{invalid json}" });
  assert.equal(broken.status, 400);
  assert.equal(errorOf(broken).type, "parse_exception");
  const found = await send(mock, "POST", "/any/_search", {
    body: { size: 50, from: 900, query: { match_all: {} } },
  });
  const hits = found.json["hits"] as { total: unknown; hits: unknown[] };
  assert.deepEqual(hits.total, { value: 100, relation: "eq" });
  assert.equal(hits.hits.length, 10);
});

test("does none of that in profile es9", async (t) => {
  const mock = await startFor(t);
  assert.equal(
    errorOf(await send(mock, "POST", "/a/_doc", { body: "{invalid json}" })).type,
    "document_parsing_exception",
  );
  await send(mock, "PUT", "/a");
  const found = await send(mock, "POST", "/a/_search", { body: { size: 50 } });
  assert.deepEqual((found.json["hits"] as { total: unknown }).total, { value: 0, relation: "eq" });
});

test("accepts clients of version 8 in profile seed and refuses version 9", async (t) => {
  const mock = await startFor(t, { profile: "seed" });
  const accept = (major: number): Record<string, string> => ({
    accept: `application/vnd.elasticsearch+json; compatible-with=${major}`,
  });
  assert.equal((await send(mock, "GET", "/", { headers: accept(8) })).status, 200);
  const refused = await send(mock, "GET", "/", { headers: accept(9) });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /Accept version must be either version 8 or 7, but found 9/);
});
