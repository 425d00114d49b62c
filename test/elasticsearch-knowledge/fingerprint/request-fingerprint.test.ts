import assert from "node:assert/strict";
import test from "node:test";

import { apiEndpoints, matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import type { Fingerprint } from "../../../src/elasticsearch/fingerprint/fingerprint.ts";
import { requestFingerprint } from "../../../src/elasticsearch/fingerprint/request-fingerprint.ts";

function fingerprint(call: string, body = "", pieceBytes = 1000): Fingerprint | undefined {
  const [method = "", target = ""] = call.split(" ");
  const reader = requestFingerprint(matchApiEndpoint(method, target));
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader?.write(bytes, at, Math.min(bytes.length, at + pieceBytes));
  }
  return reader?.finish();
}

test("reads the query of every call that has one, in its language", () => {
  const term = '{"query":{"term":{"a":1}}}';
  for (const [call, body, language, text] of [
    ["POST /a/_search", term, "dsl", "{query:{term:{a:?}}}"],
    ["GET /_count", "", "dsl", "{}"],
    ["POST /a/_delete_by_query", term, "dsl", "{query:{term:{a:?}}}"],
    ["POST /_search/template", '{"id":"x","params":{"y":1}}', "dsl", '{id:"x",params:{y:?}}'],
    ["POST /_query", '{"query":"FROM a | LIMIT 3"}', "esql", "FROM a | LIMIT ?"],
    ["PUT /_query/view/v", '{"query":"FROM a"}', "esql", "FROM a"],
    ["POST /_sql", '{"query":"SELECT 1"}', "sql", "SELECT ?"],
    ["POST /a/_eql/search", '{"query":"any where true"}', "eql", "any where ?"],
    ["GET /a/_search?q=user:alice", "", "dsl", "{} q ?"],
  ] as const) {
    const found = fingerprint(call, body);
    assert.deepEqual([found?.language, found?.text], [language, text], call);
  }
});

test("has no fingerprint for calls without a query, and for a body that was not read whole", () => {
  assert.equal(fingerprint("POST /_bulk", '{"index":{}}\n{}\n'), undefined);
  assert.equal(fingerprint("GET /a/_doc/1"), undefined);
  const reader = requestFingerprint(matchApiEndpoint("POST", "/_search"));
  reader?.write(Buffer.from("{}"), 0, 2);
  assert.equal(reader?.finish("size"), undefined);
});

test("reads a body that stands in the query string", () => {
  const inQuery = fingerprint(
    "GET /_search?source=%7B%22query%22%3A%7B%22term%22%3A%7B%22a%22%3A1%7D%7D%7D",
  );
  assert.deepEqual(inQuery, fingerprint("GET /_search", '{"query":{"term":{"a":2}}}'));
});

test("tells a query string from none, whatever it says", () => {
  const one = fingerprint("GET /_search?q=a");
  assert.equal(one?.hash, fingerprint("GET /_search?size=3&q=b")?.hash);
  assert.notEqual(one?.hash, fingerprint("GET /_search")?.hash);
});

test("makes one fingerprint of a multi search, whatever the order and number of its searches", () => {
  const search = (field: string): string => `{"index":"x"}\n{"query":{"term":{"${field}":1}}}\n`;
  const call = "POST /_msearch";
  const both = fingerprint(call, search("a") + search("b"));
  assert.deepEqual(both?.text.split("\n").sort(), ["{query:{term:{a:?}}}", "{query:{term:{b:?}}}"]);
  assert.deepEqual(fingerprint(call, search("b") + search("a") + search("b")), both);
  // Headers may be empty, also the first one.
  const bare = (field: string): string => `\n{"query":{"term":{"${field}":3}}}\n`;
  assert.deepEqual(fingerprint(call, search("a") + bare("b")), both);
  assert.deepEqual(fingerprint(call, bare("b") + search("a")), both);
  assert.deepEqual(fingerprint(call, search("a") + search("b"), 1), both);
  assert.notEqual(fingerprint(call, search("a"))?.hash, both?.hash);
  assert.equal(fingerprint(call, `${search("a")}{}\n{"query":\n`), undefined);
  assert.equal(fingerprint(call), undefined);
});

test("knows its calls by the names of the endpoint table", () => {
  const match = matchApiEndpoint("GET", "/");
  const known = apiEndpoints().filter(
    (endpoint) => requestFingerprint({ ...match, endpoint }) !== undefined,
  );
  assert.equal(known.length, 26);
});
