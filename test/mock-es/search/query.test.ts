import assert from "node:assert/strict";
import { test } from "node:test";
import { compileQuery } from "../../../mock-es/search/queries/query.ts";
import { documentsOf, idsOf, mappingsOf, refusalOf, searchIn } from "./documents.ts";

const TYPES = {
  title: "text",
  "title.raw": "keyword",
  tag: "keyword",
  n: "long",
  price: "float",
  day: "date",
  ok: "boolean",
  ip: "ip",
  "a.b": "keyword",
  a: "object",
  list: "nested",
  "list.name": "keyword",
  "list.size": "integer",
};

const DOCS = documentsOf(
  {
    title: "The Quick Brown Fox",
    tag: "Red",
    n: 1,
    price: 0.1,
    day: "2024-05-19",
    ok: true,
    ip: "10.0.0.1",
  },
  {
    title: ["quick fox", "brown dog"],
    tag: ["red", "blue"],
    n: [5, 10],
    day: "2024-05-20T08:00:00Z",
    ok: false,
  },
  { title: "lazy dog sleeps", n: "7", a: { b: "x" }, ip: "2001:db8::1", day: 1_716_163_200_000 },
  { "a.b": ["x", "y"], n: 3.9, tag: null, ok: "true", ip: "192.168.1.20" },
  {
    a: [{ b: "y" }, { b: "z" }],
    tag: [],
    list: [
      { name: "p", size: 1 },
      { name: "q", size: 2 },
    ],
  },
);

const MATCHES: readonly (readonly [unknown, string])[] = [
  [{ match_all: {} }, "01234"],
  [{ match_none: {} }, ""],
  [{ term: { tag: "red" } }, "1"],
  [{ term: { tag: { value: "red", case_insensitive: true } } }, "01"],
  [{ term: { title: "quick" } }, "01"],
  [{ term: { title: "Quick" } }, ""],
  [{ term: { "title.raw": "The Quick Brown Fox" } }, "0"],
  [{ term: { n: 5 } }, "1"],
  [{ term: { n: "7" } }, "2"],
  [{ term: { n: 3 } }, "3"],
  [{ term: { n: 3.9 } }, ""],
  [{ term: { price: 0.1 } }, "0"],
  [{ term: { ok: "true" } }, "03"],
  [{ term: { ok: false } }, "1"],
  [{ term: { day: "2024-05-20" } }, "12"],
  [{ term: { ip: "10.0.0.0/8" } }, "0"],
  [{ term: { ip: "2001:0db8:0::1" } }, "2"],
  [{ term: { "a.b": "x" } }, "23"],
  [{ term: { unknown: "x" } }, ""],
  [{ term: { _id: "2" } }, "2"],
  [{ term: { _index: "things" } }, "01234"],
  [{ terms: { tag: ["Red", "blue", "green"] } }, "01"],
  [{ terms: { n: [1, "10", 99] } }, "01"],
  [{ terms: { title: ["dog", "fox"] } }, "012"],
  [{ terms: { day: ["2024-05-19", "2024-05-21"] } }, "0"],
  [{ range: { n: { gte: 5, lt: 10 } } }, "12"],
  [{ range: { n: { gt: 10 } } }, ""],
  [{ range: { n: { gte: 2.5, lte: 3.5 } } }, "3"],
  [{ range: { day: { gte: "now/d", lt: "now+1d/d" } } }, "12"],
  [{ range: { day: { gt: "now-1d/d" } } }, "12"],
  [{ range: { day: { lte: "2024-05-19" } } }, "0"],
  [{ range: { day: { gte: "20/05/2024", format: "dd/MM/yyyy" } } }, "12"],
  [{ range: { day: { lt: "2024-05-20T00:00:00", time_zone: "-01:00" } } }, "02"],
  [{ range: { tag: { gte: "a", lt: "c" } } }, "1"],
  [{ range: { ip: { gte: "10.0.0.0", lte: "192.168.255.255" } } }, "03"],
  [{ range: { n: { gte: null } } }, "0123"],
  [{ match: { title: "Quick, DOG" } }, "012"],
  [{ match: { title: { query: "quick dog", operator: "AND" } } }, "1"],
  [{ match: { title: { query: "quick brown dog", minimum_should_match: "67%" } } }, "01"],
  [{ match: { title: { query: "quick brown dog", minimum_should_match: "2<-1 3<99%" } } }, "01"],
  [{ match: { title: { query: "quick brown dog", minimum_should_match: -1 } } }, "01"],
  [{ match: { title: "!!!" } }, ""],
  [{ match: { title: { query: "!!!", zero_terms_query: "all" } } }, "01234"],
  [{ match: { tag: "Red" } }, "0"],
  [{ match: { n: { query: "many", lenient: true } } }, ""],
  [{ match_phrase: { title: "quick brown" } }, "0"],
  [{ match_phrase: { title: "fox brown" } }, ""],
  [{ match_phrase: { title: { query: "quick fox", slop: 1 } } }, "01"],
  [{ match_phrase: { title: { query: "brown quick", slop: 1 } } }, ""],
  [{ match_phrase: { title: { query: "brown quick", slop: 2 } } }, "0"],
  [{ match_phrase_prefix: { title: "quick bro" } }, "0"],
  [{ match_phrase_prefix: { title: "sle" } }, "2"],
  [{ match_bool_prefix: { title: "dog bro" } }, "012"],
  [{ match_bool_prefix: { title: { query: "quick do", operator: "and" } } }, "1"],
  [{ multi_match: { query: "red dog", fields: ["title", "tag"] } }, "12"],
  [{ multi_match: { query: "fox 5", fields: ["ti*", "n"], lenient: true } }, "01"],
  [{ multi_match: { query: "brown fox", fields: ["title"], type: "phrase" } }, "0"],
  [{ prefix: { tag: "r" } }, "1"],
  [{ prefix: { title: { value: "qui" } } }, "01"],
  [{ prefix: { tag: { value: "R", case_insensitive: true } } }, "01"],
  [{ wildcard: { tag: "*e?" } }, "01"],
  [{ wildcard: { title: { wildcard: "?ox" } } }, "01"],
  [{ wildcard: { tag: "r\\*" } }, ""],
  [{ regexp: { tag: "[rR]e.|b(l|r)ue" } }, "01"],
  [{ regexp: { title: "la.y" } }, "2"],
  [{ fuzzy: { title: "quik" } }, "01"],
  [{ fuzzy: { tag: { value: "bleu", fuzziness: 1 } } }, "1"],
  [{ exists: { field: "tag" } }, "01"],
  [{ exists: { field: "a" } }, "234"],
  [{ exists: { field: "unknown" } }, ""],
  [{ ids: { values: ["1", "4", "9"] } }, "14"],
  [{ bool: { must: { term: { ok: true } }, must_not: [{ term: { n: 3 } }] } }, "0"],
  [{ bool: { should: [{ term: { n: 1 } }, { term: { n: 5 } }] } }, "01"],
  [{ bool: { filter: [{ exists: { field: "n" } }], should: [{ term: { n: 1 } }] } }, "0123"],
  [{ bool: { should: [{ term: { n: 1 } }], minimum_should_match: 2 } }, ""],
  [{ bool: { must_not: [{ exists: { field: "n" } }] } }, "4"],
  [{ bool: { must_not: [{ exists: { field: "n" } }], adjust_pure_negative: false } }, ""],
  [{ constant_score: { filter: { term: { tag: "blue" } }, boost: 2 } }, "1"],
  [{ dis_max: { queries: [{ term: { n: 1 } }, { term: { tag: "blue" } }] } }, "01"],
  [
    {
      boosting: { positive: { match_all: {} }, negative: { term: { n: 1 } }, negative_boost: 0.5 },
    },
    "01234",
  ],
  [
    {
      nested: {
        path: "list",
        query: { bool: { must: [{ term: { "list.name": "p" } }, { term: { "list.size": 1 } }] } },
      },
    },
    "4",
  ],
  [
    {
      nested: {
        path: "list",
        query: { bool: { must: [{ term: { "list.name": "p" } }, { term: { "list.size": 2 } }] } },
      },
    },
    "",
  ],
  [{ term: { "list.name": "p" } }, ""],
];

for (const [query, expected] of MATCHES) {
  test(`${JSON.stringify(query)} matches ${expected === "" ? "nothing" : expected}`, () => {
    assert.equal(idsOf(searchIn(DOCS, TYPES, { query, sort: "_doc" })).join(""), expected);
  });
}

const REFUSALS: readonly (readonly [unknown, string, string])[] = [
  [5, "parsing_exception", "[_na] query malformed, must start with start_object"],
  [{}, "illegal_argument_exception", "query malformed, empty clause found"],
  [{ foo: {} }, "parsing_exception", "unknown query [foo]"],
  [{ mtach: {} }, "parsing_exception", "unknown query [mtach] did you mean [match]?"],
  [{ term: "x" }, "parsing_exception", "[term] query malformed, no start_object after query name"],
  [{ match: [] }, "parsing_exception", "[match] query malformed, no start_object after query name"],
  [
    { match_all: {}, term: {} },
    "parsing_exception",
    "[match_all] malformed query, expected [END_OBJECT] but found [FIELD_NAME]",
  ],
  [{ match_all: { x: 1 } }, "parsing_exception", "[match_all] unknown field [x]"],
  [
    { term: { a: 1, b: 2 } },
    "parsing_exception",
    "[term] query doesn't support multiple fields, found [a] and [b]",
  ],
  [{ term: { tag: ["x"] } }, "parsing_exception", "[term] query does not support array of values"],
  [{ term: { tag: { valu: 1 } } }, "parsing_exception", "[term] query does not support [valu]"],
  [{ term: { tag: { value: null } } }, "illegal_argument_exception", "value cannot be null"],
  [
    { term: { tag: { value: 1, boost: -1 } } },
    "illegal_argument_exception",
    "negative [boost] are not allowed in [term], use a value between 0 and 1 to deboost",
  ],
  [{ terms: { tag: "x" } }, "parsing_exception", "[terms] query does not support [tag]"],
  [
    { terms: { a: [], b: [] } },
    "parsing_exception",
    "[terms] query does not support multiple fields",
  ],
  [
    { terms: {} },
    "parsing_exception",
    "[terms] query requires a field name, followed by array of terms or a document lookup specification",
  ],
  [
    { match: { title: { query: "x", opertor: "and" } } },
    "parsing_exception",
    "[match] query does not support [opertor]",
  ],
  [
    { match: { title: { query: ["x"] } } },
    "parsing_exception",
    "[match] unknown token [START_ARRAY] after [query]",
  ],
  [
    { range: { n: { gte: 1, above: 2 } } },
    "parsing_exception",
    "[range] query does not support [above]",
  ],
  [
    { bool: { mst: [] } },
    "x_content_parse_exception",
    "[bool] unknown field [mst] did you mean [must]?",
  ],
  [
    { bool: { must: [{ foo: {} }] } },
    "x_content_parse_exception",
    "[bool] failed to parse field [must]",
  ],
  [{ exists: {} }, "parsing_exception", "[exists] must be provided with a [field]"],
  [{ constant_score: {} }, "parsing_exception", "[constant_score] requires a 'filter' element"],
  [
    { term: { n: "many" } },
    "query_shard_exception",
    'failed to create query: For input string: "many"',
  ],
  [
    { term: { ok: "maybe" } },
    "query_shard_exception",
    "failed to create query: Can't parse boolean value [maybe], expected [true] or [false]",
  ],
  [
    { term: { ip: "localhost" } },
    "query_shard_exception",
    "failed to create query: 'localhost' is not an IP string literal.",
  ],
  [
    { prefix: { n: "1" } },
    "query_shard_exception",
    "Can only use prefix queries on keyword, text and wildcard fields - not on [n] which is of type [long]",
  ],
  [
    { nested: { path: "a", query: { match_all: {} } } },
    "query_shard_exception",
    "[nested] failed to find nested object under path [a]",
  ],
  [
    { semantic: {} },
    "illegal_argument_exception",
    "the query [semantic] is not supported by mock-es",
  ],
  [
    { regexp: { tag: "~a" } },
    "illegal_argument_exception",
    "the operator [~] in [regexp] is not supported by mock-es",
  ],
  [
    { regexp: { tag: "(a" } },
    "query_shard_exception",
    "failed to create query: expected ')' at position 2",
  ],
  [
    { regexp: { tag: "(a{100}){200}" } },
    "query_shard_exception",
    "failed to create query: Determinizing [(a{100}){200}] would require more than 10000 effort.",
  ],
  [
    { range: { day: { gte: "now", time_zone: "Mars/Base" } } },
    "illegal_argument_exception",
    "java.time.zone.ZoneRulesException: Unknown time-zone ID: Mars/Base",
  ],
];

for (const [query, type, reason] of REFUSALS) {
  test(`${JSON.stringify(query)} is refused with ${type}`, () => {
    assert.deepEqual(
      refusalOf(() => searchIn(DOCS, TYPES, { query: { dis_max: { queries: [query] } } })),
      { status: 400, type, reason },
    );
  });
}

test("wraps what a shard refuses as search_phase_execution_exception with the index's name", () => {
  assert.throws(
    () => searchIn(DOCS, TYPES, { query: { term: { n: "many" } } }),
    (error: { toBody(): unknown }) => {
      const cause = {
        type: "query_shard_exception",
        reason: 'failed to create query: For input string: "many"',
        index_uuid: "_na_",
        index: "things",
      };
      const below = {
        caused_by: { type: "number_format_exception", reason: 'For input string: "many"' },
      };
      assert.deepEqual(error.toBody(), {
        error: {
          root_cause: [cause],
          type: "search_phase_execution_exception",
          reason: "all shards failed",
          phase: "query",
          grouped: true,
          failed_shards: [{ shard: 0, index: "things", node: "", reason: { ...cause, ...below } }],
        },
        status: 400,
      });
      return true;
    },
  );
});

test("compiles a query for one document at a time: -1 is no match, 0 and more is a score", () => {
  const score = compileQuery({ bool: { filter: [{ term: { n: 5 } }] } }, mappingsOf(TYPES));
  assert.deepEqual(DOCS.map(score), [-1, 0, -1, -1, -1]);
  const boosted = compileQuery({ term: { tag: { value: "red", boost: 3 } } }, mappingsOf(TYPES));
  assert.deepEqual(DOCS.map(boosted), [-1, 3, -1, -1, -1]);
});

test("leaves keywords above ignore_above out of the index", () => {
  const mappings = mappingsOf({ tag: { type: "keyword", parameters: { ignore_above: 3 } } });
  const score = compileQuery({ exists: { field: "tag" } }, mappings);
  assert.deepEqual(documentsOf({ tag: "abc" }, { tag: "abcd" }).map(score), [1, -1]);
});

test("reads dates in the format of the mapping", () => {
  const mappings = mappingsOf({ day: { type: "date", parameters: { format: "dd.MM.yyyy" } } });
  const score = compileQuery({ range: { day: { gte: "02.01.2024" } } }, mappings);
  assert.deepEqual(documentsOf({ day: "01.01.2024" }, { day: "02.01.2024" }).map(score), [-1, 1]);
});

test("gives documents no values of fields that were mapped after they were written", () => {
  const mappings = mappingsOf({ tag: { type: "keyword", parameters: {}, sinceWrite: 1 } });
  const score = compileQuery({ exists: { field: "tag" } }, mappings);
  const [before, after] = documentsOf({ tag: "a" }, { tag: "a" });
  assert.ok(before !== undefined && after !== undefined);
  assert.deepEqual([score({ ...before, write: 0 }), score({ ...after, write: 1 })], [-1, 1]);
});

test("does not take what every object inherits for members of documents", () => {
  const docs = documentsOf(
    { n: 1 },
    JSON.parse('{"constructor":"a","__proto__":"b","o":{"toString":"c","length":"d"}}'),
    { o: ["x"] },
  );
  const types = {
    constructor: "keyword",
    __proto__x: "keyword",
    o: "object",
    "o.toString": "keyword",
    "o.length": "keyword",
  };
  const mappings = {
    find: (field: string) =>
      field === "__proto__" ? { type: "keyword", parameters: {} } : mappingsOf(types).find(field),
  };
  const found = (field: string): number[] =>
    docs.map(compileQuery({ exists: { field } }, mappings));
  for (const field of ["constructor", "__proto__", "o.toString", "o.length"])
    assert.deepEqual(found(field), [-1, 1, -1], field);
});

test("finds values at dotted keys, in objects and in both at once", () => {
  const docs = documentsOf(
    { a: { b: 1 } },
    { "a.b": 1 },
    { a: { b: 2 }, "a.b": 1 },
    { a: [{ b: 2 }, { b: [1] }] },
    { a: { "b.c": 1 } },
    { a: 1 },
  );
  const types = { a: "object", "a.b": "long", "a.b.c": "long" };
  assert.equal(
    idsOf(searchIn(docs, types, { query: { term: { "a.b": 1 } }, sort: "_doc" })).join(""),
    "0123",
  );
});
