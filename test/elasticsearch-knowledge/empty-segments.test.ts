import assert from "node:assert/strict";
import { test } from "node:test";
import { matchApiEndpoint } from "../../src/elasticsearch/api/api-endpoint.ts";

// `PathTrie.retrieve` gives a parameter the empty value where a segment is empty, so that an empty
// list of indices means all of them; `String.split` drops empty segments at the end.
for (const [call, name, indices] of [
  ["GET //_search", "search", []],
  ["POST //_bulk", "bulk", []],
  ["GET //_mapping", "indices.get_mapping", []],
  ["POST //_delete_by_query", "delete_by_query", []],
  ["POST //_forcemerge", "indices.forcemerge", []],
  ["GET http://es//_search", "search", []],
  ["GET /_nodes//stats", "nodes.stats", []],
  ["GET //_search?index=a", "search", []],
  ["GET //", "info", []],
  ["GET /logs//_search", "unknown", ["logs"]],
  ["GET ///_search", "unknown", []],
] as const)
  test(`${call} is ${name} on ${indices.length === 0 ? "no named index" : indices.join()}`, () => {
    const [method = "", target = ""] = call.split(" ");
    const match = matchApiEndpoint(method, target);
    assert.deepEqual([match.endpoint.name, match.indices], [name, [...indices]]);
    assert.notEqual(match.index, "");
  });

// Parameters of the path and of the query string are in one map; the path's win.
for (const [call, indices] of [
  ["GET /_search?index=.security-7,logs", [".security-7", "logs"]],
  ["GET /_search?q=x;index=a%2Cb", ["a", "b"]],
  ["GET /_search?in%64ex=a", ["a"]],
  ["GET /_search?index=a&index=b", ["b"]],
  ["GET /logs/_search?index=a", ["logs"]],
  ["POST /_bulk?index=a", ["a"]],
  ["GET /_search?index=", []],
  ["GET /_search?index", []],
] as const)
  test(`${call} names ${indices.length === 0 ? "no index" : indices.join(" and ")}`, () => {
    const [method = "", target = ""] = call.split(" ");
    assert.deepEqual(matchApiEndpoint(method, target).indices, [...indices]);
  });
