/** Random bulk requests, many of whose lines are wrong. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, filled, index, mostlyGood } from "./parts.ts";

const metadata = settings(
  {
    _id: mostlyGood(fc.constantFrom("1", "2", "9", 3), "", null, ["1"], {}, "x".repeat(513)),
    _index: mostlyGood(fc.constant(index), "absent", "UPPER", "", "d*", "<d-{now/x}>"),
    routing: mostlyGood(fc.constantFrom("a", "b"), 1, null),
    version: mostlyGood(fc.integer({ min: 1, max: 5 }), "2", -1, 1.5),
    version_type: fc.constantFrom("external", "external_gte", "internal", "x"),
    if_seq_no: mostlyGood(fc.integer({ min: 0, max: 5 }), -1, "x"),
    if_primary_term: fc.constant(1),
    require_alias: mostlyGood(fc.boolean(), "true", "x"),
    require_data_stream: fc.boolean(),
    retry_on_conflict: fc.integer({ min: 0, max: 2 }),
    op_type: fc.constantFrom("create", "index", "x"),
    dynamic_templates: fc.constantFrom<Json>({ t: "text" }, {}, { t: 1 }),
    list_executed_pipelines: fc.boolean(),
    _type: fc.constant("_doc"),
    unknown: fc.constantFrom<unknown>(1, {}, []),
    _source: fc.constantFrom<unknown>(true, "n", ["n"]),
  },
  3,
);

const document = fc.constantFrom<unknown>(
  { n: 1 },
  { n: "x" },
  { n: null, t: "a b" },
  {},
  { o: { a: 1 } },
  { o: 5 },
  { "o.a": "x" },
  { "": 1 },
  { ".": 1 },
  { "a..b": 1 },
  { " ": { a: 1 } },
  { _id: "1" },
  { _source: 1 },
);
const body = fc.oneof(
  { weight: 8, arbitrary: document.map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "[]",
      "5",
      '"text"',
      "{",
      "null",
      "",
      "{}{}",
      '{"n":1,"n":2}',
      "{'n':1}",
      '\t{ "n" : 1 } ',
    ),
  },
);
const update = fc
  .tuple(
    settings(
      {
        doc: document,
        upsert: document,
        doc_as_upsert: fc.boolean(),
        detect_noop: fc.boolean(),
        unknown: fc.constant(1),
        _source: fc.constantFrom<unknown>(true, "n"),
      },
      3,
    ),
    fc.boolean(),
  )
  .map(([value, isWrapped]) =>
    isWrapped ? JSON.stringify({ ...value, doc: { n: 3 } }) : JSON.stringify(value),
  );

const item = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom("index", "create", "index"), metadata, body)
      .map(([action, about, line]) => `${JSON.stringify({ [action]: about })}\n${line}\n`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(metadata, update)
      .map(([about, line]) => `${JSON.stringify({ update: { _id: "1", ...about } })}\n${line}\n`),
  },
  {
    weight: 2,
    arbitrary: metadata.map((about) => `${JSON.stringify({ delete: { _id: "2", ...about } })}\n`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{"index":{}\n{"n":1}\n',
      '{"bogus":{}}\n{"n":1}\n',
      '{"index":"x"}\n{"n":1}\n',
      '{"index":[]}\n{"n":1}\n',
      '{"index":null}\n{"n":1}\n',
      '[]\n{"n":1}\n',
      "\n",
      "{}\n",
      '{"index":{},"create":{}}\n{"n":1}\n',
      '{"index":{}}{"n":1}\n{"n":2}\n',
      '5\n{"n":1}\n',
      '{"index":{"_id":{"a":1}}}\n{"n":1}\n',
      '{"delete":{}}\n',
      '{"index":{}}\r\n{"n":1}\r\n',
    ),
  },
);

const line = fc.constantFrom(
  "",
  "",
  "",
  "&require_alias=true",
  "&_source=true",
  "&_source_includes=n",
  "&routing=r",
  "&list_executed_pipelines=true",
  "&require_data_stream=true",
  "&timeout=1x",
  "&wait_for_active_shards=x",
  "&filter_path=items.*.error",
);

const bulk = fc
  .tuple(
    fc.array(item, { minLength: 1, maxLength: 3 }),
    line,
    fc.constantFrom(`/${index}/_bulk`, `/${index}/_bulk`, "/_bulk"),
    fc.constantFrom("", "", "", "", "cut"),
  )
  .map(([items, more, path, cut]): Step => {
    const text = items.join("");
    return { ask: `POST ${path}?refresh=true${more}`, body: cut === "" ? text : text.slice(0, -1) };
  });

const look: fc.Arbitrary<Step> = fc.constantFrom(
  { ask: `GET /${index}/_mget`, body: { ids: ["1", "2", "3", "9"] } },
  { ask: `GET /${index}/_mapping` },
);

/** Bulk requests, with looks at what they left. */
export const bulkLines = asked(
  fc.oneof({ weight: 6, arbitrary: bulk }, { weight: 1, arbitrary: look }),
).map((steps) => [
  ...filled(
    {
      properties: { n: { type: "integer" } },
      dynamic_templates: [{ text: { mapping: { type: "text" } } }],
    },
    [{ n: 1 }, { n: 2 }, { n: 3 }],
  ),
  ...steps,
]);
