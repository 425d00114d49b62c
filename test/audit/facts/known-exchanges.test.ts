import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import type { UsedDocuments } from "../../../src/audit/examine/document-uses.ts";
import type { DerivedFacts } from "../../../src/audit/facts/derived-facts.ts";
import { FactsDeriver } from "../../../src/audit/facts/exchange-facts.ts";
import { ExchangeLines } from "../../../src/audit/facts/exchange-lines.ts";
import type { LineBody, LineExchange } from "../../../src/audit/facts/line-exchange.ts";
import { jsonAscii } from "../../../src/audit/format/json-text.ts";

const day = 86_400_000;
const key = Buffer.alloc(32);
const watch = [{ indices: "a*", fields: ["name", "user.*"] }];

function body(content: string | undefined): LineBody {
  const escaped = content === undefined ? undefined : jsonAscii(content).slice(1, -1);
  const bytes = escaped === undefined ? undefined : Buffer.from(`"${escaped}"}}`, "latin1");
  return {
    bytes: content === undefined ? undefined : Buffer.byteLength(content),
    mediaType: content === undefined ? undefined : "application/json",
    coding: undefined,
    content: bytes && { bytes, start: 1, end: bytes.length - 3 },
  };
}

function exchange(changes: Partial<LineExchange>): LineExchange {
  return {
    id: "01936f3e-1111-7000-8000-000000000001",
    method: "POST",
    target: "/_bulk",
    startedMs: 0,
    durationMs: 5,
    status: 200,
    user: "alice",
    request: body('{"index":{"_index":"a","_id":"1"}}\n{"x":1}\n'),
    response: body('{"errors":false,"items":[{"index":{"_index":"a","_id":"1","status":201}}]}'),
    ...changes,
  };
}

/** A deriver that counts the exchanges whose bodies it read. */
class Derivation {
  readonly #deriver = new FactsDeriver("", key, watch);
  readonly #lines = new ExchangeLines();
  read = 0;

  of(line: LineExchange): [DerivedFacts, UsedDocuments[]] {
    const parts: UsedDocuments[] = [];
    const decoded = (one: LineExchange): ReturnType<ExchangeLines["decoded"]> => {
      this.read += 1;
      return this.#lines.decoded(one);
    };
    const { page, ...facts } = this.#deriver.deriveNow(line, decoded, (part) => parts.push(part));
    const { ids: _ids, ...rest } = page ?? { ids: undefined };
    const told = page === undefined ? undefined : { ...rest, ids: undefined };
    return [{ ...facts, page: told as DerivedFacts["page"] }, parts];
  }
}

test("an exchange that comes again has the facts of its bytes, and times of its own", () => {
  for (const changes of [
    {},
    {
      target: "/a/_search?scroll=1m",
      request: body('{"query":{"match_all":{}}}'),
      response: body('{"_scroll_id":"s","hits":{"hits":[{"_index":"a","_id":"1"}]}}'),
    },
    { target: "/a/_doc/1", method: "GET", request: body(undefined) },
    { target: '/a/_search?source={"query":{}}', request: body(undefined) },
  ]) {
    const known = new Derivation();
    for (const startedMs of [0, day, 2 * day, 3 * day]) {
      const line = exchange({ startedMs, ...changes });
      assert.deepEqual(known.of(line), new Derivation().of(line));
    }
    assert.equal(known.read, 2, JSON.stringify(changes));
  }
});

test("an index whose name holds a date is another one every day", () => {
  const request = body('{"index":{"_index":"<logs-{now/d}>","_id":"1"}}\n{"x":1}\n');
  const known = new Derivation();
  const texts = [0, day, 2 * day, 3 * day].map((startedMs) => {
    const [{ text }] = known.of(exchange({ request, startedMs }));
    return /logs-1970\.01\.\d\d/.exec(text)?.[0];
  });
  const days = ["logs-1970.01.01", "logs-1970.01.02", "logs-1970.01.03", "logs-1970.01.04"];
  assert.deepEqual(texts, days);
});

test("searches that differ in values are read once, with sizes and times of their own", () => {
  const known = new Derivation();
  for (let at = 0; at < 50; at += 1) {
    const query = { term: { name: `${"é".repeat(at % 7)}"\\${at}\u0000` }, boost: at / 3 };
    const line = exchange({
      target: "/a/_search",
      request: body(JSON.stringify({ query, size: 10 })),
      response: body(`{"took":${at},"hits":{"total":{"value":0},"max_score":${at}.5,"hits":[]}}`),
    });
    const found = known.of(line);
    assert.deepEqual(found, new Derivation().of(line));
    assert.match(found[0].text, new RegExp(`"took":${at}[,}]`));
  }
  assert.equal(known.read, 2);
});

const scalar = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom('\\"', "\\", '"', '\\\\"', "a", "a-1", "<a-{now/d}>", "-a", "*", ""),
  fc.integer({ min: -2, max: 12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(true, false, null),
);

const asked: readonly (readonly [target: string, body: unknown])[] = [
  ["/a/_search", { query: { match: { name: "x" } }, size: 10, from: 0 }],
  ["/a/_search", { query: { terms: { u: { index: "b", id: "7", path: "p" } } } }],
  ["/_search", { pit: { id: "AAA", keep_alive: "1m" }, sort: ["t"], search_after: [1, "x"] }],
  ["/a/_search?typed_keys", { query: { more_like_this: { like: [{ _index: "b", _id: "3" }] } } }],
  ["/a/_search", { aggs: { by: { terms: { field: "user.name", size: 5 } } }, fields: ["name"] }],
  ["/a/_search", { query: { wrapper: { query: "eyJ0ZXJtIjp7ImEiOiJiIn19" } } }],
  ["/a/_mget", { docs: [{ _index: "a", _id: "1" }, { _id: "2" }] }],
  ["/a/_mget", { ids: ["5", "6"] }],
  ["/_query", { query: "FROM a METADATA _id | WHERE x == 1 | LIMIT 3", columnar: false }],
  ["/_sql", { query: "SELECT a FROM b WHERE c = 1", fetch_size: 5 }],
  ["/_search/scroll", { scroll_id: "s", scroll: "1m" }],
  ["/_reindex", { source: { index: "a" }, dest: { index: "b", op_type: "create" } }],
  ["/_aliases", { actions: [{ add: { index: "a", alias: "c" } }] }],
];
const shards = { total: 2, successful: 2, skipped: 0, failed: 0 };
const hit = { _index: "a", _id: "1", _score: 1.5, _source: { name: "n", user: { id: 1 } } };
const answered: readonly unknown[] = [
  { took: 3, timed_out: false, _shards: shards, hits: { total: { value: 0 }, hits: [] } },
  { took: 3, hits: { total: { value: 1, relation: "eq" }, hits: [hit] } },
  { _scroll_id: "s", took: 1, hits: { hits: [hit, { ...hit, fields: { name: ["x"] } }] } },
  { took: "x", responses: [{ took: 2, hits: { hits: [hit] } }, { error: { type: "e" } }] },
  { took: 4, aggregations: { by: { buckets: [{ key: "k", doc_count: 2 }] } } },
  { docs: [{ _index: "a", _id: "1", found: true, _source: { name: "x" } }] },
  {
    columns: [{ name: "_id", type: "keyword" }, { name: "x" }],
    values: [
      ["1", 2],
      ["2", 3],
    ],
  },
  { error: { type: "parsing_exception", reason: "r" }, status: 400 },
  { errors: false, items: [{ index: { _index: "a", _id: "1", status: 201, result: "created" } }] },
];
/** The same value with a few other scalars, one for each of `changes` that meets one. */
function mutated(value: unknown, changes: Iterator<unknown>): unknown {
  if (Array.isArray(value)) return value.map((one) => mutated(one, changes));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, mutated(one, changes)]),
    );
  const { value: change } = changes.next();
  return change === undefined ? value : change;
}

test("what is known of other exchanges never differs from what a body says itself", () => {
  const change = fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, scalar);
  const kind = fc.record({
    asked: fc.constantFrom(...asked),
    answered: fc.constantFrom(...answered),
    indent: fc.constantFrom("", "", "", " ", "\t"),
  });
  const step = fc.record({
    kind: fc.nat(1),
    askedChanges: fc.array(change, { maxLength: 5 }),
    answeredChanges: fc.array(change, { maxLength: 5 }),
    status: fc.constantFrom(200, 200, 200, 404),
    renames: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
    cut: fc.oneof({ weight: 11, arbitrary: fc.constant(null) }, fc.nat(200)),
  });
  const counts = { all: 0, read: 0 };
  const run = fc.tuple(fc.tuple(kind, kind), fc.array(step, { minLength: 30, maxLength: 60 }));
  fc.assert(
    fc.property(run, ([kinds, steps]) => {
      const known = new Derivation();
      for (const one of steps) {
        const {
          asked: [target, question],
          answered,
          indent,
        } = kinds[one.kind] ?? kinds[0];
        const write = (value: unknown, changes: readonly unknown[]): string =>
          JSON.stringify(mutated(value, changes.values()), undefined, indent);
        const renamed = (text: string): string =>
          one.renames ? text.replaceAll(/"(?:name|_id|match|size|fetch_size)":/g, '"_no":') : text;
        const request = renamed(write(question, one.askedChanges));
        const response = renamed(write(answered, one.answeredChanges));
        const line = exchange({
          target,
          status: one.status,
          startedMs: counts.all,
          request: body(request),
          response: body(one.cut === null ? response : response.slice(0, one.cut)),
        });
        assert.deepEqual(known.of(line), new Derivation().of(line));
        counts.all += 1;
      }
      counts.read += known.read;
    }),
    { numRuns: 150, seed: 13 },
  );
  assert.ok(counts.read < 0.8 * counts.all, JSON.stringify(counts));
});
