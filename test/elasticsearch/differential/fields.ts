/** Random fields: types with their parameters, multi-fields, objects, nested ones, aliases. */
import * as fc from "fast-check";

/** A field that documents bring and requests ask for. */
export interface Field {
  /** Its name, below its object. */
  readonly name: string;
  /** Name as requests have it, `o.f1`. */
  readonly path: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly value: fc.Arbitrary<unknown>;
  readonly type: string;
  /** Path of the nested object that it is in. */
  readonly nested: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

interface Kind {
  readonly types: readonly string[];
  readonly parameters: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  readonly value: fc.Arbitrary<unknown>;
}

const yes = fc.boolean();
const words = fc.constantFrom<unknown>(
  "red",
  "Red",
  "blue",
  "green fox",
  "the Blue fox jumps",
  "",
  "a-b",
  "Ünï cødé 😀",
  12_345,
  1.5,
  false,
);
const bytes = fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constantFrom("2", 3.7, 127));
const longs = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(2147483647, 9007199254740991, "17", "4.2", -2.5),
);
const fractions = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, -1.25, 1000.75, "2.5", 100000.5, 0.1),
);
const dates = fc.constantFrom(
  "2020-01-01",
  "2020-01-01T12:30:00Z",
  "2020-02-29T23:59:59.999Z",
  "1969-12-31",
  "2021-06-15T08:00:00+02:00",
  1577836800000,
);
const addresses = fc.constantFrom("10.0.0.1", "10.0.0.255", "192.168.1.7", "::1", "2001:db8::1");
const flags = fc.constantFrom<unknown>(true, false, "true", "false", "");
const points = fc.constantFrom<unknown>(
  { lat: 10, lon: 20 },
  "41.12,-71.34",
  [-71.34, 41.12],
  "POINT (5 5)",
);
const loose = fc.constantFrom<unknown>({ a: "x", b: { c: "y" } }, { a: ["x", "z"] }, { n: 1 }, {});
const wrong = fc.constantFrom<unknown>("nonsense", {}, true, 1e40, " ", "1e3", [[1], [2, 3]]);
const ranges = fc.constantFrom<unknown>(
  { gte: 1, lte: 5 },
  { gt: 2 },
  { lt: "4" },
  { gte: 9, lt: 3 },
  { gte: null, lte: 2 },
  {},
  { from: 1, to: 2 },
  { bogus: 1 },
);
const dateRanges = fc.constantFrom<unknown>(
  { gte: "2020-01-01", lte: "2021-01-01" },
  { gt: "2020-05-05T10:00:00Z" },
  { gte: "nonsense" },
  { gte: "2021-01-01", lte: "2020-01-01" },
  { lt: 1_577_836_800_000 },
);
const addressRanges = fc.constantFrom<unknown>(
  { gte: "10.0.0.1", lte: "10.0.0.9" },
  "10.0.0.0/24",
  "10.0.0.1",
  { gt: "::1" },
);

const number = {
  coerce: yes,
  ignore_malformed: yes,
  index: yes,
  doc_values: yes,
  store: yes,
  null_value: fc.constantFrom(0, 1),
};

const kinds: readonly Kind[] = [
  {
    types: ["keyword"],
    parameters: {
      ignore_above: fc.integer({ min: 1, max: 8 }),
      null_value: fc.constantFrom("none", "red"),
      index: yes,
      doc_values: yes,
      store: yes,
      normalizer: fc.constantFrom("lowercase", "low"),
      norms: yes,
      split_queries_on_whitespace: yes,
      eager_global_ordinals: yes,
    },
    value: words,
  },
  {
    types: ["text"],
    parameters: {
      analyzer: fc.constantFrom("standard", "simple", "whitespace", "stop", "keyword", "short"),
      search_analyzer: fc.constantFrom("standard", "whitespace"),
      norms: yes,
      index: yes,
      store: yes,
      fielddata: yes,
      index_options: fc.constantFrom("docs", "freqs", "positions", "offsets"),
      index_phrases: yes,
      index_prefixes: fc.constantFrom({}, { min_chars: 1, max_chars: 4 }),
      position_increment_gap: fc.constantFrom(0, 1, 100),
      similarity: fc.constantFrom("BM25", "boolean"),
    },
    value: words,
  },
  { types: ["byte", "short", "integer"], parameters: number, value: bytes },
  { types: ["long"], parameters: number, value: longs },
  { types: ["double", "float", "half_float"], parameters: number, value: fractions },
  {
    types: ["date", "date_nanos"],
    parameters: {
      format: fc.constantFrom(
        "strict_date_optional_time||epoch_millis",
        "yyyy-MM-dd||epoch_millis",
      ),
      ignore_malformed: yes,
      index: yes,
      doc_values: yes,
      store: yes,
      null_value: fc.constant("2020-05-05"),
    },
    value: dates,
  },
  {
    types: ["boolean"],
    parameters: { null_value: yes, index: yes, doc_values: yes, store: yes, ignore_malformed: yes },
    value: flags,
  },
  {
    types: ["ip"],
    parameters: {
      null_value: fc.constant("10.0.0.9"),
      index: yes,
      doc_values: yes,
      store: yes,
      ignore_malformed: yes,
    },
    value: addresses,
  },
  {
    types: ["geo_point"],
    parameters: { ignore_malformed: yes, ignore_z_value: yes, null_value: fc.constant("1,2") },
    value: points,
  },
  {
    types: ["flattened"],
    parameters: {
      depth_limit: fc.integer({ min: 1, max: 4 }),
      ignore_above: fc.integer({ min: 1, max: 4 }),
      index: yes,
      doc_values: yes,
      null_value: fc.constant("none"),
    },
    value: loose,
  },
  {
    types: ["integer_range", "long_range", "float_range", "double_range"],
    parameters: { coerce: yes, index: yes, doc_values: yes },
    value: ranges,
  },
  {
    types: ["date_range"],
    parameters: {
      format: fc.constantFrom("yyyy-MM-dd||epoch_millis"),
      coerce: yes,
      doc_values: yes,
    },
    value: dateRanges,
  },
  { types: ["ip_range"], parameters: { index: yes, doc_values: yes }, value: addressRanges },
  { types: ["binary"], parameters: { store: yes, doc_values: yes }, value: fc.constant("aGk=") },
];

const subfields: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  { raw: { type: "keyword" } },
  { raw: { type: "keyword", ignore_above: 4 } },
  { raw: { type: "text", analyzer: "whitespace" } },
  { raw: { type: "keyword", normalizer: "lowercase" }, two: { type: "text" } },
);

const withSubfields = new Set(["keyword", "text", "integer", "long", "ip", "boolean"]);

interface Chosen {
  readonly type: string;
  readonly definition: Json;
  readonly value: fc.Arbitrary<unknown>;
}

/** A field's type with some of its parameters. */
const chosen: fc.Arbitrary<Chosen> = fc.constantFrom(...kinds, ...kinds.slice(0, 8)).chain((kind) =>
  fc.constantFrom(...kind.types).chain((type) =>
    fc
      .subarray(Object.keys(kind.parameters))
      .chain((names) =>
        fc.tuple(
          fc.record(Object.fromEntries(names.map((n) => [n, kind.parameters[n] ?? yes]))),
          fc.option(subfields, { freq: 2, nil: undefined }),
        ),
      )
      .map(([parameters, fields]): Chosen => ({
        type,
        definition: {
          type,
          ...parameters,
          ...(fields !== undefined && withSubfields.has(type) ? { fields } : {}),
        },
        value: fc.oneof(
          { weight: 8, arbitrary: kind.value },
          { weight: 2, arbitrary: fc.array(kind.value, { maxLength: 3 }) },
          { weight: 1, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: wrong },
        ),
      })),
  ),
);

/** Some fields, the last ones in an object or a nested one. */
export const someFields: fc.Arbitrary<readonly Field[]> = fc
  .tuple(
    fc.array(chosen, { minLength: 2, maxLength: 5 }),
    fc.array(chosen, { maxLength: 2 }),
    fc.array(chosen, { maxLength: 2 }),
  )
  .map(([top, inObject, inNested]) => [
    ...top.map((field, at) => toField(field, `f${at}`, undefined)),
    ...inObject.map((field, at) => toField(field, `f${at}`, "o")),
    ...inNested.map((field, at) => toField(field, `f${at}`, "n")),
  ]);

function toField(field: Chosen, name: string, inside: "o" | "n" | undefined): Field {
  const path = inside === undefined ? name : `${inside}.${name}`;
  return { ...field, name, path, nested: inside === "n" ? "n" : undefined };
}
