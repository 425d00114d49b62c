/** Random mappings that grow by themselves, and what they make of values. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, cleared, index, mostlyGood } from "./parts.ts";

const matching = settings(
  {
    match_mapping_type: mostlyGood(
      fc.constantFrom<unknown>("string", "long", "double", "boolean", "date", "object", "*", [
        "long",
        "double",
      ]),
      "x",
    ),
    match: fc.constantFrom<unknown>("a*", "*_k", ["a*", "b*"]),
    unmatch: fc.constantFrom("*z", "b"),
    path_match: fc.constantFrom<unknown>("o.*", "*.a", "o.*.c"),
    path_unmatch: fc.constantFrom("o.b", "*.c"),
    match_pattern: mostlyGood(fc.constantFrom("regex", "simple"), "x"),
    unmatch_mapping_type: fc.constant("string"),
    unknown: fc.constant(1),
  },
  3,
);
const made = fc.constantFrom<Json>(
  { type: "keyword" },
  { type: "text", fields: { raw: { type: "keyword", ignore_above: 3 } } },
  { type: "{dynamic_type}", index: false },
  { type: "{dynamic_type}", store: true, meta: { name: "{name}" } },
  { type: "integer", ignore_malformed: true },
  { type: "double" },
  { type: "object", enabled: false },
  { type: "nested" },
  { type: "flattened" },
  { copy_to: "all" },
  { enabled: false },
  { type: "bogus" },
  {},
);
const template = fc
  .tuple(matching, made, fc.constantFrom("mapping", "mapping", "mapping", "runtime"))
  .map(([when, mapping, how]) => ({ t: { ...when, [how]: mapping } }));

const root = settings(
  {
    dynamic: mostlyGood(fc.constantFrom<unknown>(true, false, "strict", "runtime"), "x"),
    date_detection: fc.boolean(),
    numeric_detection: fc.boolean(),
    dynamic_date_formats: fc.constantFrom(["yyyy/MM/dd"], ["dd.MM.yyyy||yyyy", "epoch_second"], []),
    dynamic_templates: fc.array(template, { minLength: 1, maxLength: 2 }),
    subobjects: fc.constantFrom(false, true),
    _source: fc.constantFrom<Json>({ excludes: ["o.*"] }, { includes: ["a*"] }),
  },
  3,
);
const properties = settings(
  {
    a: fc.constantFrom<Json>(
      { type: "keyword", ignore_above: 3, copy_to: ["all", "ab"] },
      {
        type: "text",
        copy_to: "all",
        fields: { k: { type: "keyword" }, n: { type: "integer", ignore_malformed: true } },
      },
    ),
    o: fc.constantFrom<Json>(
      { dynamic: false },
      { dynamic: "strict", properties: { a: { type: "long" } } },
      { type: "nested" },
      { dynamic: "runtime" },
      { enabled: false },
      { subobjects: false },
    ),
    all: fc.constant({ type: "text" }),
    ab: fc.constantFrom<Json>(
      { type: "keyword", store: true },
      { type: "integer", ignore_malformed: true },
    ),
  },
  3,
);

const value = fc.constantFrom<unknown>(
  "word",
  "two words",
  "2020-01-02",
  "2020/01/02",
  "02.01.2020",
  "12",
  "1.5",
  "true",
  "",
  1,
  1.5,
  1.0e20,
  12345678901,
  true,
  null,
  [],
  [1, 2.5],
  ["a", 1],
  [null],
  {},
  { a: 1 },
  { b: { c: "x" } },
  [{ a: 1 }, { a: "x" }],
  { "b.c": 1 },
  [[1, 2]],
);
const document = settings(
  {
    a: value,
    ab: value,
    b: value,
    az: value,
    x_k: value,
    o: value,
    "o.a": value,
    "o.b.c": value,
    "n.": value,
  },
  3,
);

const write = fc
  .tuple(fc.constantFrom("1", "2", "3"), document)
  .map(([id, body]): Step => ({ ask: `PUT /${index}/_doc/${id}?refresh=true`, body }));
const look = fc.oneof(
  fc.constant<Step>({ ask: `GET /${index}/_mapping` }),
  fc.constantFrom("*", "a*", "o.*", "all", "*.k").map((field): Step => ({
    ask: `POST /${index}/_search`,
    body: { fields: [field], sort: ["_doc"], stored_fields: ["_source", "ab"] },
  })),
  fc
    .tuple(
      fc.constantFrom("a", "all", "ab", "o.a", "b", "a.k", "a.raw", "_ignored", "o.b.c"),
      fc.constantFrom("word", "1", "a", "2020-01-02"),
    )
    .map(([field, text]): Step => ({
      ask: `POST /${index}/_search`,
      body: { query: { match: { [field]: { query: text, lenient: true } } }, sort: ["_doc"] },
    })),
  fc.constantFrom("a", "all", "o", "o.b", "b", "_ignored").map((field): Step => ({
    ask: `POST /${index}/_search`,
    body: { query: { exists: { field } }, sort: ["_doc"] },
  })),
  fc.constant<Step>({ ask: `GET /${index}/_field_caps?fields=*&filters=-metadata` }),
);

/** Documents whose fields are not known before. */
export const dynamics = fc
  .tuple(root, properties, asked(fc.oneof(write, look), 30))
  .map(([about, known, steps]): readonly Step[] => [
    ...cleared,
    {
      ask: `PUT /${index}`,
      body: { settings: { number_of_replicas: 0 }, mappings: { ...about, properties: known } },
    },
    ...steps,
  ]);
