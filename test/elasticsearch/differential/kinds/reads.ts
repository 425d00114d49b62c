/** Random reads that are no searches, with their options. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, filled, index, mostlyGood } from "./parts.ts";

const id = fc.constantFrom("1", "2", "9");
const source = fc.constantFrom<unknown>(
  true,
  false,
  "n",
  ["o.*"],
  { includes: ["n"], excludes: ["o"] },
  { include: "t" },
  5,
);

const documents = fc
  .tuple(
    fc.array(
      settings(
        {
          _id: mostlyGood(id, 1, null, ["1"]),
          _index: mostlyGood(fc.constantFrom(index, "d2"), "absent", "", "*"),
          _source: source,
          stored_fields: fc.constantFrom<unknown>("s", ["s", "n"], "_none_", 5),
          routing: fc.constantFrom<unknown>("a", 1),
          version: mostlyGood(fc.integer({ min: 1, max: 2 }), "x"),
          version_type: fc.constantFrom("external", "internal", "x"),
          unknown: fc.constant(1),
        },
        3,
      ).map((one) => ({ _id: "1", ...one })),
      { maxLength: 3 },
    ),
    fc.constantFrom(
      "",
      "?_source=n",
      "?stored_fields=s",
      "?realtime=false&refresh=true",
      "?routing=a",
    ),
    fc.constantFrom<Json>({}, {}, {}, { ids: ["1"] }, { unknown: [] }, { docs: {} }),
  )
  .map(([docs, line, more]): Step => ({
    ask: `POST /${index}/_mget${line}`,
    body: { docs, ...more },
  }));

const query = fc.constantFrom<Json>(
  { match_all: {} },
  { term: { n: 1 } },
  { term: { n: "x" } },
  { match: { t: "fox red" } },
  { query_string: { query: "t:fox AND n:[1 TO 2]" } },
  { query_string: { query: "t:(" } },
  { bogus: {} },
  { match: { t: { query: "fox", fuzziness: "x" } } },
  { range: { d: { gte: "2020-01-01||/M" } } },
  { exists: { field: "o" } },
);

const header = settings(
  {
    index: mostlyGood(
      fc.constantFrom<unknown>(index, ["d2"], "differential,d2", "d*"),
      "absent",
      5,
      null,
    ),
    search_type: mostlyGood(fc.constantFrom("query_then_fetch", "dfs_query_then_fetch"), "x"),
    preference: fc.constantFrom("_local", "abc"),
    routing: fc.constant("a"),
    ignore_unavailable: fc.boolean(),
    allow_no_indices: fc.boolean(),
    expand_wildcards: fc.constantFrom<unknown>("all", ["open"], "x"),
    request_cache: fc.boolean(),
    ccs_minimize_roundtrips: fc.boolean(),
    allow_partial_search_results: fc.boolean(),
    unknown: fc.constant(1),
  },
  2,
);
const small = fc
  .tuple(
    query,
    settings(
      {
        size: fc.integer({ min: -1, max: 2 }),
        _source: source,
        version: fc.constant(true),
        seq_no_primary_term: fc.constant(true),
        bogus: fc.constant(1),
      },
      2,
    ),
  )
  .map(([one, more]) => ({ query: one, sort: ["n"], ...more }));
const searches = fc
  .tuple(
    fc.array(fc.tuple(header, small), { minLength: 1, maxLength: 3 }),
    fc.constantFrom(
      "",
      "",
      "?typed_keys=true",
      "?rest_total_hits_as_int=true",
      "?max_concurrent_searches=1",
      "?search_type=x",
      "?max_concurrent_searches=0",
      "?ignore_unavailable=true",
    ),
    fc.constantFrom(`/${index}/_msearch`, "/_msearch"),
  )
  .map(([all, line, path]): Step => ({ ask: `POST ${path}${line}`, body: all.flat() }));

const vectors = fc
  .tuple(
    id,
    settings(
      {
        fields: fc.constantFrom(["t"], ["t", "k"], ["*"], ["absent"]),
        positions: fc.boolean(),
        offsets: fc.boolean(),
        payloads: fc.boolean(),
        term_statistics: fc.boolean(),
        field_statistics: fc.boolean(),
        per_field_analyzer: fc.constantFrom(
          { t: "whitespace" },
          { t: "absent" },
          { k: "standard" },
        ),
        filter: settings(
          {
            max_num_terms: fc.integer({ min: 0, max: 2 }),
            min_term_freq: fc.integer({ min: 1, max: 2 }),
            max_term_freq: fc.constant(1),
            min_doc_freq: fc.constantFrom(1, 2),
            max_doc_freq: fc.constantFrom(1, 2),
            min_word_length: fc.constantFrom(0, 4),
            max_word_length: fc.constantFrom(0, 3),
          },
          2,
        ),
        doc: fc.constantFrom<Json>({ t: "Fox and fox" }, { t: ["a b", "a"], k: "red" }, { n: 1 }),
        routing: fc.constant("a"),
      },
      4,
    ),
    fc.boolean(),
  )
  .map(([one, body, isNamed]): Step => ({
    ask: `POST /${index}/_termvectors${isNamed && body["doc"] === undefined ? `/${one}` : ""}`,
    body,
  }));

const capabilities = fc
  .tuple(
    fc.constantFrom("*", "n", "t,k", "o.*", "al", "absent", "_id", "_*", ""),
    fc.constantFrom(`/${index}`, "/differential,d2", "", "/absent"),
    fc.subarray(
      [
        "include_unmapped=true",
        "filters=-metadata",
        "filters=-multifield,-parent",
        "filters=+metadata",
        "types=keyword,integer",
        "types=object",
        "ignore_unavailable=true",
        "include_empty_fields=true",
        "allow_no_indices=false",
        "filters=x",
      ],
      { maxLength: 2 },
    ),
    fc.option(
      fc.oneof(
        query.map((index_filter) => ({ index_filter })),
        fc.constant({ fields: ["n"] }),
        fc.constant({ runtime_mappings: { rt: { type: "long" } } }),
      ),
      { nil: undefined },
    ),
  )
  .map(([fields, path, more, body]): Step => ({
    ask: `POST ${path}/_field_caps?${[`fields=${fields}`, ...more].join("&")}`,
    ...(body === undefined ? {} : { body }),
  }));

const validated = fc
  .tuple(
    query,
    fc.constantFrom(
      "",
      "?rewrite=true",
      "?all_shards=true",
      "?q=t:fox",
      "?q=t:(",
      "?ignore_unavailable=true",
    ),
  )
  .map(([one, line]): Step => ({
    ask: `POST /${index}/_validate/query${line}`,
    body: { query: one },
  }));

const explained = fc
  .tuple(
    id,
    query,
    fc.constantFrom("", "?_source=n", "?stored_fields=s", "?routing=a", "?_source_excludes=o&x=1"),
  )
  .map(([one, what, line]): Step => ({
    ask: `POST /${index}/_explain/${one}${line}`,
    body: { query: what },
  }));

const counted = fc
  .tuple(
    query,
    fc.constantFrom(
      "",
      "?min_score=0.5",
      "?terminate_after=100",
      "?q=t:fox",
      "?routing=a",
      "?preference=x",
      "?ignore_throttled=false",
      "?min_score=x",
      "?default_operator=AND&q=red%20fox&df=t",
    ),
    fc.constantFrom<Json>({}, {}, { size: 1 }, { aggs: {} }, { min_score: 1 }),
  )
  .map(([one, line, more]): Step => ({
    ask: `POST /${index}/_count${line}`,
    body: { query: one, ...more },
  }));

const mappings = {
  properties: {
    n: { type: "integer" },
    t: { type: "text", fields: { raw: { type: "keyword" } } },
    k: { type: "keyword", doc_values: false },
    s: { type: "keyword", store: true },
    d: { type: "date" },
    o: { properties: { a: { type: "long", meta: { unit: "ms" } } } },
    al: { type: "alias", path: "n" },
  },
};

/** Documents in two indices, and reads of them. */
export const reads = asked(
  fc.oneof(documents, searches, vectors, capabilities, validated, explained, counted),
).map((steps) => [
  ...filled(mappings, [
    { n: 1, t: "the red fox", k: "red", s: "kept", o: { a: 1 }, d: "2020-01-01" },
    { n: [2, 3], t: ["a red red house", "of foxes"], k: ["red", "blue"] },
    { n: 3, t: "fox" },
  ]),
  {
    ask: "PUT /d2",
    body: {
      settings: { number_of_replicas: 0 },
      mappings: { properties: { n: { type: "keyword" }, d: { type: "date" } } },
    },
  },
  { ask: "PUT /d2/_doc/1?refresh=true", body: { n: "1" } },
  ...steps,
]);
