import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { BodyPiece } from "../../src/http1/body-piece.ts";
import { BodyScanner } from "../../src/http1/body-scanner.ts";
import { bodyKind } from "../../src/http1/framing-fields.ts";
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
    rule.isFailure(...answer(status, [product]), false),
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
    assert.equal(rule.isFailure(...answer(500, lines, body), false), false, name);
});

test("a 503 about the request is no failure, one about the node is", () => {
  const bodyOf = (type: string): Buffer =>
    Buffer.from(
      JSON.stringify({ error: { root_cause: [{ type, reason: "x" }], type }, status: 503 }),
    );
  const judged = (type: string, lines: string[] = [product]) =>
    rule.isFailure(...answer(503, lines, bodyOf(type)), false);
  for (const type of [
    "unavailable_shards_exception",
    "no_shard_available_action_exception",
    "search_phase_execution_exception",
    "process_cluster_event_timeout_exception",
    "concurrent_snapshot_execution_exception",
  ])
    assert.equal(judged(type), false, type);
  for (const type of ["master_not_discovered_exception", "cluster_block_exception", "unknown"])
    assert.equal(judged(type), true, type);
  const compressed = gzipSync(bodyOf("unavailable_shards_exception"));
  const gzip = ["Content-Encoding: gzip"];
  assert.equal(rule.isFailure(...answer(503, gzip, compressed), false), false);
  const page = Buffer.from("<html>unavailable_shards_exception</html>");
  assert.equal(rule.isFailure(...answer(503, [], page), false), true);
  const strict = new FailureRule([{ from: 503, to: 503 }]);
  const [head, piece] = answer(503, [], bodyOf("unavailable_shards_exception"));
  assert.equal(strict.isFailure(head, piece, false), true, "a list of its own counts whatever");
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
    assert.equal(rule.isFailure(...answer(500, lines, body), false), true, name);
});

test("an error that comes behind its head, whatever its pieces, is judged when it is known", () => {
  const whole = Buffer.from(JSON.stringify(error));
  const page = Buffer.from("<html>Internal Server Error</html>");
  const judged = (body: Buffer, lines: readonly string[], pieceBytes: number) => {
    const [head, piece] = answer(500, lines);
    const open = rule.isFailure(head, unfinished(piece), false);
    if (typeof open !== "object") return open;
    for (let at = 0; at < body.length; at += pieceBytes) {
      const end = Math.min(body.length, at + pieceBytes);
      const verdict = open.add(pieceOf(body.subarray(at, end), end === body.length));
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  };
  for (const pieceBytes of [1, 5, 40, 300, 10_000]) {
    assert.equal(judged(whole, [], pieceBytes), false, `an error in pieces of ${pieceBytes}`);
    assert.equal(judged(page, [], pieceBytes), true, `a page in pieces of ${pieceBytes}`);
    const gzip = ["Content-Encoding: gzip"];
    assert.equal(judged(gzipSync(whole), gzip, pieceBytes), false, "compressed");
    assert.equal(judged(gzipSync(page), gzip, pieceBytes), true, "a compressed page");
  }
  const [head, piece] = answer(500);
  const cut = rule.isFailure(head, unfinished(piece), false);
  assert.ok(typeof cut === "object" && cut.end(), "its body ended before it began");
});

test("a 500 to HEAD, which has no body, is Elasticsearch's where its media type is", () => {
  const counted = [
    "application/json",
    "application/json; charset=UTF-8",
    "Application/VND.elasticsearch+json;compatible-with=8",
    "application/vnd.elasticsearch+cbor; compatible-with=9",
    "application/yaml",
    "application/smile",
    "text/html",
    "application/json-seq",
    "",
  ].filter((type) => rule.isFailure(...answer(500, [`Content-Type: ${type}`]), true) === true);
  assert.deepEqual(counted, ["text/html", "application/json-seq", ""]);
  assert.equal(rule.isFailure(...answer(500), true), true);
  assert.equal(rule.isFailure(...answer(503, ["Content-Type: text/html"]), true), true);
  assert.equal(rule.isFailure(...answer(500, [product]), true), false);
});

test("a 503 of Elasticsearch to HEAD, which has no body, counts neither way", () => {
  for (const lines of [[product], ["Content-Type: application/json"]])
    assert.equal(rule.isFailure(...answer(503, lines), true), undefined);
  const strict = new FailureRule([{ from: 503, to: 503 }]);
  assert.equal(strict.isFailure(...answer(503, [product]), true), true);
});

test("statuses that the operator names count whatever the answer says; 429 never does", () => {
  const named = new FailureRule([{ from: 429, to: 500 }]);
  const counted = [429, 430, 499, 500, 501, 503].filter((status) =>
    named.isFailure(...answer(status, [product], Buffer.from(JSON.stringify(error))), false),
  );
  assert.deepEqual(counted, [430, 499, 500]);
});

/** The same piece of a body of which more comes. */
function unfinished(piece: BodyPiece): BodyPiece {
  return Object.defineProperty(Object.create(piece), "isOver", { value: false });
}

/** A piece of a body with a length. */
function pieceOf(content: Buffer, isOver: boolean): BodyPiece {
  const scanner = new BodyScanner();
  scanner.reset(bodyKind.length, isOver ? content.length : content.length + 1);
  scanner.scan(content, 0, content.length);
  return scanner;
}
