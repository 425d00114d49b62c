import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { FailureRule } from "../../src/upstream/failure-rule.ts";
import { answer } from "./upstream-fixture.ts";

const rule = new FailureRule(undefined);
const error = {
  error: { root_cause: [], type: "script_exception", reason: "x".repeat(500) },
  status: 500,
};
const product = "X-elastic-product: Elasticsearch";

test("by default 502 to 504 count as failures, whoever made them, and no other status", () => {
  const counted = Array.from({ length: 400 }, (_, n) => n + 200).filter((status) =>
    rule.isFailure(...answer(status, [product])),
  );
  assert.deepEqual(counted, [502, 503, 504]);
});

test("a 500 that Elasticsearch made is no failure: it is about the request", () => {
  const own: Record<string, [string[], Uint8Array]> = {
    "its field, and nothing of the body yet": [[product], Buffer.alloc(0)],
    "JSON of OpenSearch, or of a version before 7.14": [[], Buffer.from(JSON.stringify(error))],
    "with ?pretty": [[], Buffer.from(JSON.stringify(error, undefined, 2))],
    "with ?error_trace=false": [[], Buffer.from('{"error":"boom","status":500}')],
    YAML: [[], Buffer.from('---\nerror:\n  root_cause: []\n  type: "x"\n')],
    CBOR: [[], Buffer.from([0xbf, 0x65, ...Buffer.from("error"), 0xbf])],
    Smile: [[], Buffer.from([...Buffer.from(":)\n"), 5, 0xfa, 0x84, ...Buffer.from("error")])],
    compressed: [["Content-Encoding: GZIP"], gzipSync(JSON.stringify(error))],
    "compressed, and longer than what is looked at": [
      ["Content-Encoding: gzip"],
      gzipSync(
        JSON.stringify({
          error: Array.from({ length: 5000 }, (_, n) => ({ reason: `no shard ${n * 7919}` })),
        }),
      ),
    ],
  };
  for (const [name, [lines, body]] of Object.entries(own))
    assert.equal(rule.isFailure(...answer(500, lines, body)), false, name);
});

test("a 500 that something else made is a failure", () => {
  const foreign: Record<string, [string[], Uint8Array]> = {
    "nothing there": [[], Buffer.alloc(0)],
    "a page of a load balancer": [
      [],
      Buffer.from("<html><body>Internal Server Error {error}</body>"),
    ],
    "JSON of another server": [[], Buffer.from('{"message":"error"}')],
    "an answer that speaks of an error later": [[], Buffer.from('{"ok":false,"error":{}}')],
    "compressed bytes that are none": [["Content-Encoding: gzip"], Buffer.from('{"error":{}}')],
    "a coding that is not read here": [["Content-Encoding: br"], Buffer.from('{"error":{}}')],
    "a bomb": [["Content-Encoding: gzip"], gzipSync(Buffer.alloc(50_000_000))],
  };
  for (const [name, [lines, body]] of Object.entries(foreign))
    assert.equal(rule.isFailure(...answer(500, lines, body)), true, name);
});

test("statuses that the operator names count whatever the answer says; 429 never does", () => {
  const named = new FailureRule([{ from: 429, to: 500 }]);
  const counted = [429, 430, 499, 500, 501, 503].filter((status) =>
    named.isFailure(...answer(status, [product], Buffer.from(JSON.stringify(error)))),
  );
  assert.deepEqual(counted, [430, 499, 500]);
});
