import assert from "node:assert/strict";
import { test } from "node:test";
import { numberOf } from "../../../mock-es/json/java-number.ts";
import { documentsOf, idsOf, refusalOf, searchIn } from "./documents.ts";

const TYPES = {
  name: "keyword",
  text: "text",
  n: "long",
  x: "double",
  day: "date",
  ok: "boolean",
  ip: "ip",
  user: "object",
  "user.name": "keyword",
  "user.age": "integer",
};
const DOCS = documentsOf(
  { name: "b", n: 2, x: 1.5, day: "2024-05-02", ok: true, user: { name: "u", age: 7 } },
  { name: ["a", "d"], n: [1, 9], day: "2024-05-01T10:00:00Z", ok: false, text: "hello" },
  { name: "c", x: -1, ip: "10.0.0.2" },
  { n: 5, ip: "9.0.0.1" },
);

const SORTS: readonly (readonly [unknown, string, unknown])[] = [
  ["n", "1032", [1]],
  [[{ n: "desc" }], "1302", [9]],
  [[{ n: { order: "desc", mode: "min" } }], "3012", [5]],
  [[{ n: { order: "asc", mode: "sum" } }], "0312", [2]],
  [[{ n: { order: "asc", missing: "_first" } }], "2103", undefined],
  [[{ n: { missing: 4 } }], "1023", [1]],
  ["name", "1023", ["a"]],
  [[{ name: { order: "desc" } }], "1203", ["d"]],
  [[{ x: "desc" }, "_doc"], "0213", [1.5, 0]],
  ["day", "1023", [1_714_557_600_000]],
  [[{ day: { order: "desc", format: "yyyy-MM-dd" } }], "0123", ["2024-05-02"]],
  [[{ ok: "desc" }], "0123", [1]],
  ["ip", "3201", ["9.0.0.1"]],
  [["user.age"], "0123", [7]],
  [[{ _doc: "desc" }], "3210", [3]],
  [[{ nothing: { unmapped_type: "keyword" } }], "0123", [null]],
];

for (const [sort, order, first] of SORTS) {
  test(`sorts by ${JSON.stringify(sort)} into ${order}`, () => {
    const result = searchIn(DOCS, TYPES, { sort });
    assert.equal(idsOf(result).join(""), order);
    if (first !== undefined) assert.deepEqual(result.hits[0]?.sort, first);
    assert.equal(result.maxScore, null);
    assert.equal(result.hits[0]?._score, null);
  });
}

test("shows the bounds of a long, infinity and null for documents without a value", () => {
  const shown = (sort: unknown): string =>
    JSON.stringify(searchIn(DOCS, TYPES, { sort }).hits.find((hit) => hit._id === "2")?.sort);
  assert.equal(shown("n"), "[9223372036854775807]");
  assert.equal(shown([{ n: "desc" }]), "[-9223372036854775808]");
  assert.equal(shown([{ nothing: { unmapped_type: "long" } }]), "[9223372036854775807]");
  assert.equal(
    JSON.stringify(searchIn(DOCS, TYPES, { sort: "x" }).hits.at(-1)?.sort),
    '["Infinity"]',
  );
  assert.equal(JSON.stringify(searchIn(DOCS, TYPES, { sort: "name" }).hits.at(-1)?.sort), "[null]");
});

test("shows scores with a sort when they are tracked", () => {
  const result = searchIn(DOCS, TYPES, { sort: "n", track_scores: true });
  assert.deepEqual([result.maxScore, result.hits[0]?._score].map(numberOf), [1, 1]);
});

test("sorts by relevance and shows no sort values for sort _score", () => {
  const result = searchIn(DOCS, TYPES, { sort: ["_score"], query: { match: { text: "hello" } } });
  assert.equal(result.hits[0]?.sort, undefined);
  assert.ok(numberOf(result.maxScore) > 0);
});

const FIELDDATA =
  "Fielddata is disabled on [text] in [things]. Text fields are not optimised for " +
  "operations that require per-document field data like aggregations and sorting, so these " +
  "operations are disabled by default. Please use a keyword field instead. Alternatively, " +
  "set fielddata=true on [text] in order to load field data by uninverting the inverted " +
  "index. Note that this can use significant memory.";

const REFUSALS: readonly (readonly [unknown, string, string])[] = [
  [{ sort: "text" }, "illegal_argument_exception", FIELDDATA],
  [
    { sort: "nothing" },
    "query_shard_exception",
    "No mapping found for [nothing] in order to sort on",
  ],
  [
    { sort: [{ n: { ordr: "asc" } }] },
    "x_content_parse_exception",
    "[field_sort] unknown field [ordr]",
  ],
  [
    { sort: "n", search_after: [1, 2] },
    "illegal_argument_exception",
    "search_after has 2 value(s) but sort has 1.",
  ],
  [{ search_after: [1, 2] }, "illegal_argument_exception", "Sort must contain at least one field."],
  [
    { sort: "n", search_after: [1], from: 3 },
    "action_request_validation_exception",
    "Validation Failed: 1: [from] parameter must be set to 0 when [search_after] is used;",
  ],
  [
    { sort: "n", search_after: ["x"] },
    "illegal_argument_exception",
    "Failed to parse search_after value for field [n].",
  ],
  [{ size: -5 }, "illegal_argument_exception", "[size] parameter cannot be negative, found [-5]"],
  [{ from: -2 }, "illegal_argument_exception", "[from] parameter cannot be negative but was [-2]"],
  [
    { from: 10, size: 10_000 },
    "illegal_argument_exception",
    "Result window is too large, from + size must be less than or equal to: [10000] but " +
      "was [10010]. See the scroll api for a more efficient way to request large data sets. " +
      "This limit can be set by changing the [index.max_result_window] index level setting.",
  ],
  [{ foo: {} }, "parsing_exception", "Unknown key for a START_OBJECT in [foo]."],
  [{ foo: 1 }, "parsing_exception", "Unknown key for a VALUE_NUMBER in [foo]."],
  [{ query: "x" }, "parsing_exception", "Unknown key for a VALUE_STRING in [query]."],
  [{ size: [1] }, "parsing_exception", "Unknown key for a START_ARRAY in [size]."],
  [{ query: null }, "parsing_exception", "Unknown key for a VALUE_NULL in [query]."],
  [[1], "parsing_exception", "Expected [START_OBJECT] but found [START_ARRAY]"],
  [
    { profile: true, query: { more_like_this: { fields: ["name"], like: "a" } } },
    "illegal_argument_exception",
    "[profile] of the query [more_like_this] is not supported by mock-es",
  ],
  [
    { profile: true, aggs: { a: { rare_terms: { field: "name" } } } },
    "illegal_argument_exception",
    "[profile] of the aggregation [rare_terms] is not supported by mock-es",
  ],
  [
    { profile: true, collapse: { field: "name" } },
    "illegal_argument_exception",
    "[profile] of [collapse] is not supported by mock-es",
  ],
  [
    { _source: { include: [], foo: 1 } },
    "parsing_exception",
    "Unknown key for a VALUE_NUMBER in [foo].",
  ],
];

for (const [body, type, reason] of REFUSALS) {
  test(`refuses ${JSON.stringify(body)}`, () => {
    assert.deepEqual(
      refusalOf(() => searchIn(DOCS, TYPES, body)),
      { status: 400, type, reason },
    );
  });
}

interface Profiled {
  readonly type: string;
  readonly description: string;
  readonly time_in_nanos: number;
  readonly breakdown: Readonly<Record<string, number>>;
  readonly children?: readonly Profiled[];
}

test("a profile counts what was checked, scored and collected, and changes nothing", () => {
  const query = {
    bool: { must: { term: { name: "b" } }, should: { range: { n: { gte: 2 } } } },
  };
  const aggs = { a: { terms: { field: "n" }, aggs: { m: { max: { field: "x" } } } } };
  const { profile, ...found } = searchIn(DOCS, TYPES, { query, aggs, profile: true });
  assert.deepEqual(found, searchIn(DOCS, TYPES, { query, aggs }));
  const [shard] = (profile?.["shards"] ?? []) as readonly {
    readonly searches: readonly { readonly query: readonly Profiled[] }[];
    readonly aggregations: readonly Profiled[];
    readonly fetch: Profiled;
  }[];
  const shown = ({ type, breakdown: counted, children = [] }: Profiled): unknown => {
    const { match_count: checked, score_count: scored, collect_count: collected } = counted;
    return [type, checked ?? collected, scored, ...children.map(shown)];
  };
  const [root] = shard?.searches[0]?.query ?? [];
  assert.ok(root !== undefined && root.time_in_nanos > 0);
  // The optional clause is only asked of what the other one matched.
  assert.deepEqual(shown(root), [
    "BooleanQuery",
    4,
    1,
    ["TermQuery", 4, 1],
    ["IndexOrDocValuesQuery", 1, 1],
  ]);
  assert.deepEqual(
    shard?.aggregations.map((each) => shown(each)),
    [["NumericTermsAggregator", 1, undefined, ["MaxAggregator", 1, undefined]]],
  );
  assert.equal(shard?.fetch.breakdown["load_source_count"], 1);
});

test("continues after a value that documents lack", () => {
  const body = { sort: [{ n: "asc" }, "_doc"], size: 3 };
  const page = searchIn(DOCS, TYPES, body);
  const after: unknown = JSON.parse(JSON.stringify(page.hits.at(-1)?.sort));
  assert.deepEqual(idsOf(searchIn(DOCS, TYPES, { ...body, search_after: after })), ["2"]);
});

test("counts matches exactly up to track_total_hits", () => {
  const many = documentsOf(...Array.from({ length: 20 }, (_, n) => ({ n })));
  const total = (track: unknown, query: unknown = { match_all: {} }): unknown =>
    searchIn(many, TYPES, { query, size: 2, track_total_hits: track }).total;
  for (const query of [{ match_all: {} }, { range: { n: { gte: 0 } } }]) {
    assert.deepEqual(total(true, query), { value: 20, relation: "eq" });
    assert.equal(total(false, query), undefined);
    assert.deepEqual(total(7, query), { value: 7, relation: "gte" });
    assert.deepEqual(total(20, query), { value: 20, relation: "eq" });
    assert.deepEqual(total(0, query), { value: 0, relation: "gte" });
  }
  assert.equal(searchIn(many, TYPES, { track_total_hits: false, size: 2 }).hits.length, 2);
});

test("stops counting at 10000 matches unless told otherwise", () => {
  const many = documentsOf(...Array.from({ length: 10_005 }, (_, n) => ({ n })));
  assert.deepEqual(searchIn(many, TYPES, { query: { range: { n: { gte: 0 } } } }).total, {
    value: 10_000,
    relation: "gte",
  });
  assert.deepEqual(searchIn(many, TYPES, {}).total, { value: 10_000, relation: "gte" });
  assert.deepEqual(searchIn(many, TYPES, { track_total_hits: true }).total, {
    value: 10_005,
    relation: "eq",
  });
  assert.equal(
    searchIn(many, TYPES, { size: 10_005 }, { maxResultWindow: Infinity }).hits.length,
    10_005,
  );
});

test("looks at no document beyond the page when everything matches and may be counted", () => {
  const many = documentsOf(...Array.from({ length: 1000 }, (_, n) => ({ n })));
  let read = 0;
  const counted = {
    size: many.length,
    *[Symbol.iterator]() {
      for (const document of many) {
        read++;
        yield document;
      }
    },
  };
  const result = searchIn(counted, TYPES, { from: 2, size: 3 });
  assert.deepEqual(
    [idsOf(result), result.total, read <= 6],
    [["2", "3", "4"], { value: 1000, relation: "eq" }, true],
  );
});

test("applies post_filter to hits and not to aggregations", () => {
  const result = searchIn(DOCS, TYPES, {
    post_filter: { term: { ok: true } },
    aggs: { c: { value_count: { field: "ok" } } },
  });
  assert.deepEqual(
    [idsOf(result), result.total?.value, result.aggregations],
    [["0"], 1, { c: { value: 2 } }],
  );
});

test("stops after terminate_after matches and says so", () => {
  const result = searchIn(DOCS, TYPES, { terminate_after: 2 });
  assert.deepEqual([idsOf(result), result.terminatedEarly], [["0", "1"], true]);
  assert.equal(searchIn(DOCS, TYPES, { terminate_after: 9 }).terminatedEarly, false);
});

test("refuses aggregations that terminate_after may not end", () => {
  for (const aggregation of [
    { filters: { filters: [{ match_all: {} }] } },
    { max: { field: "n" } },
  ])
    assert.throws(
      () => searchIn(DOCS, TYPES, { terminate_after: 1, aggs: { x: aggregation } }),
      /\[terminate_after\] that ends a search .* is not supported by mock-es/,
    );
});

test("refuses settings of other types than the server reads", () => {
  const box = { top: 90, left: "", bottom: -90, right: 180 };
  const some = { match_all: {} };
  for (const body of [
    { stored_fields: ["n", ["x"]] },
    { query: { match_all: { boost: 1e40 } } },
    { query: { geo_bounding_box: { n: box } } },
    { query: { boosting: { positive: some, negative: some, negative_boost: true } } },
  ])
    assert.throws(() => searchIn(DOCS, TYPES, body), /is not supported by mock-es/);
});

const SOURCE = {
  a: 1,
  b: { c: 2, d: { e: 3 } },
  list: [{ x: 1, y: 2 }, { y: 3 }],
  empty: [],
  "p.q": 4,
};
const FILTERS: readonly (readonly [unknown, unknown])[] = [
  [true, SOURCE],
  [false, undefined],
  ["a", { a: 1 }],
  [["b.c"], { b: { c: 2 } }],
  [["b"], { b: { c: 2, d: { e: 3 } } }],
  [["b.*"], { b: { c: 2, d: { e: 3 } } }],
  [["*.e"], {}],
  [["*.d.e"], { b: { d: { e: 3 } } }],
  [["**.e"], { b: { d: { e: 3 } } }],
  [["list.x"], { list: [{ x: 1 }] }],
  [["p.q"], { "p.q": 4 }],
  [{ excludes: ["b", "list.y", "p*"] }, { a: 1, list: [{ x: 1 }], empty: [] }],
  [{ includes: ["b"], excludes: ["*.e"] }, { b: { c: 2, d: {} } }],
  [["nothing"], {}],
];

for (const [filter, expected] of FILTERS) {
  test(`cuts _source ${JSON.stringify(filter)} out of a document`, () => {
    const [hit] = searchIn(documentsOf(SOURCE), TYPES, { _source: filter }).hits;
    assert.deepEqual(hit?._source, expected);
  });
}

test("shows fields, versions and sequence numbers when asked, in Elasticsearch's order", () => {
  const body = {
    fields: ["user.*", { field: "day", format: "yyyy" }, "ok"],
    docvalue_fields: ["n"],
    version: true,
    seq_no_primary_term: true,
    sort: ["_doc"],
    _source: false,
  };
  const [first, second] = searchIn(DOCS, TYPES, body).hits;
  assert.deepEqual(Object.keys(first ?? {}), [
    "_index",
    "_id",
    "_version",
    "_seq_no",
    "_primary_term",
    "_score",
    "fields",
    "sort",
  ]);
  assert.deepEqual(first?.fields, {
    "user.name": ["u"],
    "user.age": [7],
    day: ["2024"],
    ok: [true],
    n: [2],
  });
  assert.deepEqual(second?.fields?.["n"], [1, 9]);
});

test("leaves out source and id as stored_fields asks", () => {
  const keys = (stored: unknown): string[] =>
    Object.keys(searchIn(DOCS, TYPES, { stored_fields: stored, size: 1 }).hits[0] ?? {});
  assert.deepEqual(keys("_none_"), ["_index", "_score"]);
  assert.deepEqual(keys([]), ["_index", "_id", "_score"]);
  assert.deepEqual(keys(["_source"]), ["_index", "_id", "_score", "_source"]);
});

test("answers nothing for an index without documents", () => {
  assert.deepEqual(searchIn([], TYPES, { query: { match: { text: "x" } } }), {
    hits: [],
    total: { value: 0, relation: "eq" },
    maxScore: null,
    failures: [],
    failedShards: 0,
  });
});
