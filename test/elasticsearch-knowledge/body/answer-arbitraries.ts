import * as fc from "fast-check";

/** Answers of Elasticsearch in all the forms that a request can give them. */

const indexName = fc.constantFrom(
  "patients-1",
  "patients-2",
  "logs-a",
  ".ds-logs-b-2026.11.29-000001",
  "other:patients-3",
);
const id = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom({ a: 1 }, ["x"], null) },
  fc.constantFrom("1", "é", 'a"b', "x".repeat(45)),
  fc.integer({ min: 0, max: 99 }),
);
const text = fc.constantFrom(
  "",
  "value",
  'a value with "quotes" and \\ that goes on for a while, longer than forty',
);

function record(
  shape: Record<string, fc.Arbitrary<unknown>>,
  ...required: string[]
): fc.Arbitrary<object> {
  return fc.record(shape, { requiredKeys: required });
}

const fieldName = fc.constantFrom(
  "name",
  "ssn",
  "diagnosis",
  "diagnosis.code",
  "a",
  "b.c",
  "ssn.last",
  "x",
);
const leaf = fc.oneof(
  text,
  fc.integer(),
  fc.constant(null),
  fc.boolean(),
  fc.constant([]),
  fc.constant({}),
  fc.array(fc.integer(), { maxLength: 2 }),
);
const source = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    tie("object"),
    fc.array(tie("object"), { maxLength: 2 }),
  ),
  object: fc.dictionary(fieldName, tie("value"), { maxKeys: 4 }),
})).object;

const nested = fc.constantFrom(
  { field: "diagnosis", offset: 0 },
  { field: "a", offset: 1, _nested: { field: "ssn", offset: 0 } },
);

const hit = fc.letrec<{ hit: object }>((tie) => ({
  hit: record({
    _index: indexName,
    _id: id,
    _nested: nested,
    _score: fc.constantFrom(1.5, null),
    _source: source,
    fields: source,
    highlight: fc.dictionary(fieldName, fc.array(text, { maxLength: 2 }), { maxKeys: 2 }),
    sort: fc.array(fc.integer(), { maxLength: 2 }),
    inner_hits: fc.dictionary(
      fc.constantFrom("inner", "hits"),
      record({ hits: record({ total: fc.nat(), hits: fc.array(tie("hit"), { maxLength: 2 }) }) }),
      { maxKeys: 2 },
    ),
  }),
})).hit;

const hits = record({
  total: fc.oneof(fc.nat(), record({ value: fc.nat(), relation: fc.constantFrom("eq", "gte") })),
  max_score: fc.constantFrom(null, 1),
  hits: fc.array(hit, { maxLength: 4 }),
});

const aggregationName = fc.constantFrom(
  "by_city",
  "max_age",
  "hits",
  "buckets",
  "value",
  "top",
  "key",
  "deep",
);

const aggregation = fc.letrec<{ one: object }>((tie) => {
  const sub = fc.dictionary(aggregationName, tie("one"), { maxKeys: 2 });
  const bucket = fc
    .tuple(
      record(
        {
          key: fc.oneof(text, fc.nat(), record({ a: text, b: fc.nat() })),
          key_as_string: text,
          doc_count: fc.nat(),
        },
        "doc_count",
      ),
      sub,
    )
    .map(([own, subs]) => ({ ...subs, ...own }));
  return {
    one: fc.oneof(
      { depthSize: "small" },
      record({ value: fc.oneof(fc.nat(), fc.constant(null)), value_as_string: text }, "value"),
      record(
        { doc_count_error_upper_bound: fc.nat(), buckets: fc.array(bucket, { maxLength: 3 }) },
        "buckets",
      ),
      record(
        {
          buckets: fc.dictionary(fc.constantFrom("k1", "k2", "hits"), bucket, { maxKeys: 2 }),
          after_key: record({ a: text }),
        },
        "buckets",
      ),
      fc.tuple(sub, fc.nat()).map(([subs, count]) => ({ doc_count: count, ...subs })),
      record({ hits }, "hits"),
      record(
        { values: fc.dictionary(fc.constantFrom("1.0", "99.0"), fc.nat(), { maxKeys: 2 }) },
        "values",
      ),
      record({ count: fc.nat(), min: fc.nat(), std_deviation_bounds: record({ upper: fc.nat() }) }),
      record(
        {
          top: fc.array(
            record({
              sort: fc.array(fc.nat(), { maxLength: 1 }),
              metrics: record({ m: fc.nat() }),
            }),
            { maxLength: 2 },
          ),
        },
        "top",
      ),
    ),
  };
}).one;

const failure = record(
  {
    shard: fc.nat(),
    reason: record({ type: fc.constantFrom("a_exception", "b_exception"), reason: text }),
  },
  "reason",
);
const shards = record({
  total: fc.nat({ max: 9 }),
  successful: fc.nat({ max: 9 }),
  skipped: fc.nat({ max: 9 }),
  failed: fc.nat({ max: 9 }),
  failures: fc.array(failure, { maxLength: 2 }),
});
const error = fc.oneof(
  text,
  record({
    root_cause: fc.array(
      record({ type: fc.constantFrom("c_exception", "d_exception"), reason: text }),
      { maxLength: 2 },
    ),
    type: fc.constantFrom("c_exception", "e_exception"),
    reason: text,
    failed_shards: fc.array(failure, { maxLength: 1 }),
  }),
);
const suggest = fc.dictionary(
  fc.constantFrom("s1", "s2"),
  fc.array(
    record({
      text,
      offset: fc.nat(),
      options: fc.array(fc.oneof(hit, record({ text, score: fc.nat() })), { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
  { maxKeys: 2 },
);

export const searchAnswer = record({
  took: fc.nat(),
  timed_out: fc.boolean(),
  _shards: shards,
  _scroll_id: fc.constantFrom("scroll==", "other"),
  pit_id: fc.constantFrom("pit="),
  hits,
  aggregations: fc.dictionary(aggregationName, aggregation, { maxKeys: 2 }),
  suggest,
  error,
  status: fc.constantFrom(200, 404),
});

export const multiSearchAnswer = record({
  took: fc.nat(),
  responses: fc.array(searchAnswer, { maxLength: 3 }),
});

const item = record({
  _index: indexName,
  _id: fc.oneof(id, fc.constant(null)),
  _version: fc.nat(),
  result: fc.constantFrom("created", "updated", "noop", "else"),
  status: fc.constantFrom(200, 201, 409, 429),
  _shards: shards,
  error: record({ type: fc.constantFrom("v_exception", "w_exception"), reason: text }),
  get: record({ _source: source, found: fc.boolean() }),
});

export const bulkAnswer = record({
  took: fc.nat(),
  errors: fc.boolean(),
  items: fc.array(
    fc
      .tuple(fc.constantFrom("index", "create", "update", "delete"), item)
      .map(([action, one]) => ({ [action]: one })),
    { maxLength: 6 },
  ),
  error,
});

export const getAnswer = record({
  _index: indexName,
  _id: id,
  _version: fc.nat(),
  found: fc.boolean(),
  _source: source,
  fields: source,
  error,
});

export const multiGetAnswer = record({ docs: fc.array(getAnswer, { maxLength: 4 }) });

/** Writes a value as JSON, in one of the ways that are the same to a parser. */
export function written(value: fc.Arbitrary<object>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(
      value,
      fc.constantFrom(undefined, undefined, 1, "\t"),
      fc.constantFrom("", "_", "s", "t"),
    )
    .map(([object, space, letter]) => {
      const json = JSON.stringify(object, null, space);
      const escaped = `\\u${(letter.charCodeAt(0) || 0).toString(16).padStart(4, "0")}`;
      return Buffer.from(letter === "" ? json : json.replaceAll(`"${letter}`, `"${escaped}`));
    });
}
