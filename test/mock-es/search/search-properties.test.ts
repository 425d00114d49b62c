import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { aggregate, matching, valuesOf, type Query, type Source } from "./brute-force.ts";
import { documentsOf, idsOf, searchIn } from "./documents.ts";

const TYPES = {
  n: "long",
  x: "double",
  tag: "keyword",
  text: "text",
  day: "date",
  ok: "boolean",
  o: "object",
  "o.n": "integer",
  "o.tag": "keyword",
};

const one = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | T[] | null | undefined> =>
  fc.oneof(
    { weight: 4, arbitrary: value },
    fc.array(value, { maxLength: 3 }),
    fc.constantFrom(null, undefined),
  );
const integer = fc.integer({ min: -4, max: 4 });
const quarter = fc.integer({ min: -20, max: 20 }).map((value) => value / 4);
const tag = fc.constantFrom("a", "b", "ab", "abc", "B", "é", "a b");
const sentence = fc
  .array(fc.constantFrom("red", "Green", "blue,", "x1", "RED", "dark-blue", "'"), { maxLength: 5 })
  .map((words) => words.join(" "));
const day = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }), fc.boolean())
  .map(([month, date, hasTime]) => {
    const text = `2024-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
    return hasTime ? `${text}T01:02:03.004Z` : `${text}T00:00:00Z`;
  });
const source: fc.Arbitrary<Source> = fc.record({
  n: one(integer),
  x: one(quarter),
  tag: one(tag),
  text: one(sentence),
  day: one(day),
  ok: fc.option(fc.boolean()),
  o: one(fc.record({ n: one(integer), tag: one(tag) })),
});
const sources = fc.array(source, { maxLength: 12 });

const value: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  n: integer,
  x: quarter,
  tag,
  day,
  ok: fc.boolean(),
  "o.n": integer,
  "o.tag": tag,
};
const fieldAndValue = fc
  .constantFrom(...Object.keys(value))
  .chain((field) => fc.tuple(fc.constant(field), value[field] ?? fc.nat()));
const word = fc.constantFrom("red", "green", "blue", "x1", "dark");

const { query } = fc.letrec<{ query: Query; leaf: Query; bool: Query }>((tie) => ({
  leaf: fc.oneof(
    fc.constant({ match_all: {} }),
    fieldAndValue.map(([field, wanted]) => ({ term: { [field]: { value: wanted } } })),
    word.map((wanted) => ({ term: { text: { value: wanted } } })),
    fc
      .constantFrom(...Object.keys(value))
      .chain((field) =>
        fc
          .array(value[field] ?? fc.nat(), { maxLength: 3 })
          .map((wanted) => ({ terms: { [field]: wanted } })),
      ),
    fc
      .constantFrom("n", "x", "tag", "day", "o.n")
      .chain((field) =>
        fc
          .record(
            { gte: value[field] ?? fc.nat(), lt: value[field] ?? fc.nat() },
            { requiredKeys: [] },
          )
          .map((bounds) => ({ range: { [field]: bounds } })),
      ),
    fc
      .constantFrom("n", "tag", "day")
      .chain((field) =>
        fc
          .record({ gt: value[field] ?? fc.nat(), lte: value[field] ?? fc.nat() })
          .map((bounds) => ({ range: { [field]: bounds } })),
      ),
    fc
      .tuple(sentence, fc.constantFrom("and", "or"))
      .map(([text, operator]) => ({ match: { text: { query: text, operator } } })),
    fc
      .tuple(sentence, fc.integer({ min: 1, max: 4 }))
      .map(([text, least]) => ({ match: { text: { query: text, minimum_should_match: least } } })),
    sentence.map((text) => ({ match_phrase: { text: { query: text } } })),
    fc
      .tuple(fc.constantFrom("text", "tag"), fc.constantFrom("a", "r", "da", "B", "é", ""))
      .map(([field, wanted]) => ({ prefix: { [field]: { value: wanted } } })),
    fc
      .tuple(
        fc.constantFrom("text", "tag", "o.tag"),
        fc.array(fc.constantFrom("a", "b", "*", "?", "r", "ed"), { maxLength: 4 }),
      )
      .map(([field, parts]) => ({ wildcard: { [field]: { value: parts.join("") } } })),
    fc.constantFrom(...Object.keys(TYPES)).map((field) => ({ exists: { field } })),
    fc
      .array(fc.nat({ max: 12 }).map(String), { maxLength: 4 })
      .map((values) => ({ ids: { values } })),
  ),
  bool: fc
    .record(
      {
        must: fc.array(tie("query"), { maxLength: 2 }),
        filter: fc.array(tie("query"), { maxLength: 2 }),
        should: fc.array(tie("query"), { maxLength: 3 }),
        must_not: fc.array(tie("query"), { maxLength: 2 }),
        minimum_should_match: fc.nat({ max: 3 }),
      },
      { requiredKeys: [] },
    )
    .map((bool) => ({ bool })),
  query: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie("leaf"),
    tie("bool"),
    tie("query").map((filter) => ({ constant_score: { filter } })),
  ),
}));

const RUNS = { numRuns: 250 };

test("finds exactly the documents that set algebra over brute-force matches finds", () => {
  fc.assert(
    fc.property(sources, query, (docs, wanted) => {
      const result = searchIn(documentsOf(...docs), TYPES, { query: wanted, size: 100 });
      const expected = [...matching(wanted, docs, TYPES)].map(String);
      assert.deepEqual(idsOf(result).sort(), expected.sort());
      assert.deepEqual(result.total, { value: expected.length, relation: "eq" });
    }),
    RUNS,
  );
});

test("gives the same page as sorting every match and cutting the page out", () => {
  const criterion = fc.record({
    field: fc.constantFrom("n", "tag", "day", "x"),
    order: fc.constantFrom("asc", "desc"),
    missing: fc.constantFrom("_first", "_last"),
  });
  fc.assert(
    fc.property(
      sources,
      query,
      fc.array(criterion, { minLength: 1, maxLength: 2 }),
      fc.nat(6),
      fc.nat(6),
      (docs, wanted, criteria, from, size) => {
        const sort = criteria.map(({ field, order, missing }) => ({ [field]: { order, missing } }));
        const keyed = [...matching(wanted, docs, TYPES)]
          .sort((a, b) => a - b)
          .map((at) => ({
            at,
            keys: criteria.map(({ field, order }) => {
              const all = valuesOf(docs[at] ?? {}, field).map((raw) =>
                field === "day" ? Date.parse(String(raw)) : (raw as string),
              );
              return all.toSorted((a, b) => (a < b ? -1 : 1)).at(order === "asc" ? 0 : -1);
            }),
          }));
        keyed.sort((a, b) => {
          for (const [place, { order, missing }] of criteria.entries()) {
            const [left, right] = [a.keys[place], b.keys[place]];
            if (left === right) continue;
            if (left === undefined || right === undefined)
              return (left === undefined) === (missing === "_first") ? -1 : 1;
            return left < right === (order === "asc") ? -1 : 1;
          }
          return a.at - b.at;
        });
        const result = searchIn(documentsOf(...docs), TYPES, { query: wanted, sort, from, size });
        assert.deepEqual(
          idsOf(result),
          keyed.slice(from, from + size).map(({ at }) => String(at)),
        );
      },
    ),
    RUNS,
  );
});

test("walks through every match once with search_after and a unique last criterion", () => {
  fc.assert(
    fc.property(
      sources,
      fc.constantFrom("n", "tag", "day", "x", "ok"),
      fc.constantFrom("asc", "desc"),
      fc.integer({ min: 1, max: 5 }),
      (docs, field, order, size) => {
        const body = { sort: [{ [field]: order }, { _seq_no: "asc" }] };
        const all = idsOf(searchIn(documentsOf(...docs), TYPES, { ...body, size: 100 }));
        const walked: string[] = [];
        let after: unknown;
        for (;;) {
          const page = searchIn(documentsOf(...docs), TYPES, {
            ...body,
            size,
            ...(after === undefined ? {} : { search_after: after }),
          });
          walked.push(...idsOf(page));
          // Through JSON, as a client would send the values back.
          after = JSON.parse(JSON.stringify(page.hits.at(-1)?.sort ?? null));
          if (page.hits.length < size) break;
        }
        assert.deepEqual(walked, all);
      },
    ),
    RUNS,
  );
});

const metric = fc
  .tuple(
    fc.constantFrom("sum", "min", "max", "avg", "value_count", "cardinality"),
    fc.constantFrom("n", "x", "o.n"),
  )
  .map(([type, field]) => ({ [type]: { field } }));
const ranges = fc
  .uniqueArray(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 3 })
  .map((bounds) => bounds.toSorted((a, b) => a - b))
  .map((bounds) => [
    { key: "low", to: bounds[0] ?? 0 },
    ...bounds.slice(1).map((to, at) => ({ key: `between ${at}`, from: bounds[at] ?? 0, to })),
    { key: "high", from: bounds.at(-1) ?? 0 },
  ]);
const bucket = fc.oneof(
  fc
    .tuple(fc.constantFrom("tag", "n", "x", "o.tag"), fc.integer({ min: 1, max: 4 }))
    .map(([field, size]) => ({ terms: { field, size } })),
  fc
    .tuple(fc.constantFrom("n", "x"), fc.constantFrom(1, 2, 2.5))
    .map(([field, interval]) => ({ histogram: { field, interval } })),
  fc.constant({
    date_histogram: {
      field: "day",
      calendar_interval: "month",
      format: "yyyy-MM",
      min_doc_count: 1,
    },
  }),
  fc
    .tuple(fc.constantFrom("n", "x", "o.n"), ranges)
    .map(([field, list]) => ({ range: { field, ranges: list } })),
  fc.constantFrom("n", "tag", "day", "o.n").map((field) => ({ missing: { field } })),
);
const { aggs } = fc.letrec<{ aggs: Record<string, Record<string, unknown>> }>((tie) => ({
  aggs: fc.dictionary(
    fc.constantFrom("p", "q"),
    fc.oneof(
      { maxDepth: 2 },
      metric,
      fc
        .tuple(bucket, fc.option(tie("aggs"), { nil: undefined }))
        .map(([kind, inner]) => ({ ...kind, ...(inner === undefined ? {} : { aggs: inner }) })),
    ),
    { minKeys: 1 },
  ),
}));

test("aggregates the matches exactly as grouping them by brute force does", () => {
  fc.assert(
    fc.property(sources, query, aggs, (docs, wanted, tree) => {
      const matched = [...matching(wanted, docs, TYPES)]
        .sort((a, b) => a - b)
        .map((at) => docs[at] ?? {});
      const result = searchIn(documentsOf(...docs), TYPES, { query: wanted, size: 0, aggs: tree });
      // Through JSON: -0 and 0 are the same number to a client.
      assert.deepEqual(
        JSON.parse(JSON.stringify(result.aggregations)),
        JSON.parse(JSON.stringify(aggregate(tree, matched))),
      );
    }),
    RUNS,
  );
});
