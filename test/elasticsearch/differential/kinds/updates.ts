/** Random updates of single documents, with conditions on versions. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, filled, index, mostlyGood } from "./parts.ts";

const id = fc.constantFrom("1", "2", "9");
const part = fc.constantFrom<Json>(
  {},
  { n: 1 },
  { n: "1" },
  { n: 1.5 },
  { n: null },
  { o: { a: 1 } },
  { o: { a: { b: 2 } } },
  { o: null },
  { "o.a": 3 },
  { list: [1, { a: 2 }] },
  { list: [] },
  { k: "red", n: [1, 2] },
  { n: "wrong" },
);

const reads = fc.constantFrom(
  "",
  "",
  "&_source=true",
  "&_source=n,o.a",
  "&_source_excludes=o",
  "&_source=false",
);
const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc
      .tuple(mostlyGood(fc.integer({ min: 0, max: 6 }), -1, "x"), mostlyGood(fc.constant(1), 0, 2))
      .map(([number, term]) => `&if_seq_no=${String(number)}&if_primary_term=${String(term)}`),
  },
  { weight: 1, arbitrary: fc.constantFrom("&if_seq_no=1", "&if_primary_term=1") },
);
const versions = fc
  .tuple(
    mostlyGood(fc.integer({ min: 1, max: 6 }), 0, -1, "9223372036854775807", "9223372036854775808"),
    fc.constantFrom("external", "external_gte", "internal", "force", "x"),
  )
  .map(([number, type]) => `&version=${String(number)}&version_type=${type}`);
const refresh = fc.constantFrom("true", "true", "true", "wait_for", "false", "x");

const update = fc
  .tuple(
    id,
    settings(
      {
        doc: part,
        upsert: part,
        doc_as_upsert: mostlyGood(fc.boolean(), "true", 1),
        detect_noop: mostlyGood(fc.boolean(), "false"),
        _source: fc.constantFrom<unknown>(true, false, "n", ["o.*"], { includes: ["n"] }),
        scripted_upsert: fc.boolean(),
      },
      4,
    ),
    reads,
    conditions,
    fc.constantFrom(
      "",
      "",
      "",
      "&retry_on_conflict=2",
      "&retry_on_conflict=-1",
      "&require_alias=true",
      "&routing=a",
    ),
  )
  .map(([one, body, read, condition, more]): Step => ({
    ask: `POST /${index}/_update/${one}?refresh=true${read}${condition}${more}`,
    body,
  }));

const write = fc
  .tuple(
    id,
    part,
    fc.oneof(fc.constant(""), versions, conditions),
    fc.constantFrom(
      "",
      "",
      "&op_type=create",
      "&op_type=index",
      "&op_type=x",
      "&require_alias=true",
    ),
    refresh,
  )
  .map(([one, body, version, more, when]): Step => ({
    ask: `PUT /${index}/_doc/${one}?refresh=${when}${version}${more}`,
    body,
  }));

const create = fc
  .tuple(id, part, fc.oneof(fc.constant(""), versions, conditions))
  .map(([one, body, version]): Step => ({
    ask: `PUT /${index}/_create/${one}?refresh=true${version}`,
    body,
  }));

const removal = fc
  .tuple(id, fc.oneof(fc.constant(""), versions, conditions))
  .map(([one, version]): Step => ({
    ask: `DELETE /${index}/_doc/${one}?refresh=true${version}`,
  }));

const read = fc
  .tuple(
    id,
    fc.oneof(fc.constant(""), versions),
    fc.constantFrom("", "&realtime=false", "&refresh=true", "&_source=n", "&stored_fields=s"),
  )
  .map(([one, version, more]): Step => ({
    ask: `GET /${index}/_doc/${one}?pretty=false${version}${more}`,
  }));

/** Writes to few documents, so that they meet each other. */
export const updates = asked(
  fc.oneof(
    { weight: 4, arbitrary: update },
    { weight: 2, arbitrary: write },
    create,
    removal,
    read,
  ),
).map((steps) => [
  ...filled({ properties: { n: { type: "integer" }, s: { type: "keyword", store: true } } }, [
    { n: 1, o: { a: 1, b: [1] } },
    { n: 2, s: "kept" },
  ]),
  ...steps,
]);
