import assert from "node:assert/strict";
import { test } from "node:test";
import { apiEndpoints, matchApiEndpoint } from "../../src/elasticsearch/api/api-endpoint.ts";
import { longCalls } from "../../src/elasticsearch/api/call-wait.ts";
import { queryParameter } from "../../src/elasticsearch/api/query-parameter.ts";

test("calls that may take long are calls of the table", () => {
  const names = new Set(apiEndpoints().map(({ name }) => name));
  assert.deepEqual(
    [...longCalls].filter((name) => !names.has(name)),
    [],
  );
});

for (const [call, wanted] of [
  ["POST /_forcemerge", Infinity],
  ["POST /logs/_forcemerge?max_num_segments=1", Infinity],
  ["POST /_reindex", Infinity],
  ["POST /_bulk", Infinity],
  ["GET /logs/_search?timeout=1s", Infinity],
  ["POST /_inference/completion/m/_stream", Infinity],
  ["PUT /logs/_doc/1", 0],
  ["GET /_cluster/health", 0],
  ["GET /_cluster/health?timeout=120s", 120_000],
  ["GET /_cluster/health?timeout=2m&master_timeout=30s", 150_000],
  ["GET /_cluster/health?timeout=2m;master_timeout=30s", 150_000],
  ["GET /_cluster/health?tim%65out=1.5h", 5_400_000],
  ["GET /_cluster/health?timeout=5s&timeout=7s", 7000],
  ["GET /_cluster/health?timeout=-1", Infinity],
  ["GET /_cluster/health?timeout=", 0],
  ["GET /_cluster/health?timeout", 0],
  ["GET /_cluster/health?timeout=long", 0],
  ["GET /_cluster/health?timeout=500micros", 0.5],
  ["GET /_tasks/a:1?wait_for_completion", Infinity],
  ["GET /_tasks/a:1?wait_for_completion=true&timeout=5s", Infinity],
  ["GET /_tasks/a:1?wait_for_completion=false&timeout=5s", 5000],
  ["GET /_cluster/state?wait_for_metadata_version=9&wait_for_timeout=40s", 40_000],
  ["GET /_async_search/x?wait_for_completion_timeout=10s", 10_000],
] as const)
  test(`${call} may wait for ${wanted} ms beside what any call takes`, () => {
    const [method = "", target = ""] = call.split(" ");
    assert.equal(matchApiEndpoint(method, target).waitMs, wanted);
  });

for (const [query, name, wanted] of [
  ["a=1&b=2", "b", "2"],
  ["a=1;b=2", "b", "2"],
  ["b=1;b=2&b=3", "b", "3"],
  ["b&a", "b", ""],
  ["b=1&b", "b", ""],
  ["b=x=y", "b", "x=y"],
  ["b=1+2%2B3", "b", "1 2+3"],
  ["%62=1", "b", "1"],
  ["ab=1", "b", undefined],
  ["", "b", undefined],
  [";;&&b=1&;", "b", "1"],
  ["=b=1", "b", "1"],
  ["b=1&==%62=2", "b", "2"],
  ["a;=b", "b", ""],
  ["=&;==b==1=", "b", "=1="],
  [`${"a&".repeat(5000)}b=1`, "b", "1"],
] as const)
  test(`of ?${query.slice(0, 20)} the parameter ${name} is ${wanted}`, () => {
    assert.equal(queryParameter(query, name), wanted);
  });

test("a parameter behind a semicolon decides whether a call may be repeated", () => {
  const retryOf = (method: string, target: string): string =>
    matchApiEndpoint(method, target).endpoint.retry;
  for (const separator of ["&", ";"]) {
    assert.equal(retryOf("GET", `/_search?q=x${separator}scroll=1m`), "opens_state");
    assert.equal(retryOf("PUT", `/a/_doc/1?refresh${separator}op_type=create`), "never");
    assert.equal(retryOf("PUT", `/a/_doc/1?refresh${separator}if_seq_n%6f=1`), "never");
    assert.equal(retryOf("DELETE", `/a/_doc/1?refresh${separator}version=4`), "never");
  }
  assert.equal(retryOf("PUT", "/a/_doc/1?refresh=true"), "idempotent_write");
});
