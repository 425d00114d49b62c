import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf } from "./documents.ts";
import { run } from "./aggregation-fixture.ts";

const REFUSALS: readonly (readonly [unknown, string, string, number?])[] = [
  [
    { a: { term: { field: "n" } } },
    "parsing_exception",
    "Unknown aggregation type [term] did you mean [terms]?",
  ],
  [
    { a: { time_series: {} } },
    "illegal_argument_exception",
    "the aggregation [time_series] is not supported by mock-es",
  ],
  [{ a: {} }, "parsing_exception", "Missing definition for aggregation [a]"],
  [
    { a: { min: { field: "n" }, max: { field: "n" } } },
    "parsing_exception",
    "Found two aggregation type definitions in [a]: [min] and [max]",
  ],
  [
    { a: { min: "n" } },
    "parsing_exception",
    "Expected [START_OBJECT] under [min], but got a [VALUE_STRING] in [a]",
  ],
  [
    { "a[0]": { min: { field: "n" } } },
    "parsing_exception",
    "Invalid aggregation name [a[0]]. Aggregation names can contain any character except " +
      "'[', ']', and '>'",
  ],
  [
    { a: { terms: { feild: "n" } } },
    "x_content_parse_exception",
    "[terms] unknown field [feild] did you mean [field]?",
  ],
  [
    { a: { min: {} } },
    "illegal_argument_exception",
    "Required one of fields [field, script], but none were specified.",
  ],
  [
    { a: { geo_bounds: { script: "1" } } },
    "illegal_argument_exception",
    "[script] in the aggregation [geo_bounds] is not supported by mock-es",
  ],
  [
    { a: { terms: { field: "n", size: 0 } } },
    "x_content_parse_exception",
    "[terms] failed to parse field [size]",
  ],
  [
    { a: { avg: { field: "tag" } } },
    "illegal_argument_exception",
    "Field [tag] of type [keyword] is not supported for aggregation [avg]",
  ],
  [
    { a: { date_histogram: { field: "day" } } },
    "illegal_argument_exception",
    "Invalid interval specified, must be non-null and non-empty",
  ],
  [
    { a: { date_histogram: { field: "day", interval: "day" } } },
    "x_content_parse_exception",
    "[date_histogram] unknown field [interval] did you mean [fixed_interval]?",
  ],
  [
    { a: { date_histogram: { field: "day", calendar_interval: "2d" } } },
    "illegal_argument_exception",
    "The supplied interval [2d] could not be parsed as a calendar interval.",
  ],
  [
    { a: { histogram: { field: "n", interval: 0 } } },
    "x_content_parse_exception",
    "[histogram] failed to parse field [interval]",
  ],
  [
    { a: { range: { field: "n" } } },
    "illegal_argument_exception",
    "No [ranges] specified for the [a] aggregation",
  ],
  [
    { a: { terms: { field: "n", order: { x: "asc" } } } },
    "invalid_path",
    "Invalid aggregation order path [x]. The provided aggregation [x] either does not " +
      "exist, or is a pipeline aggregation and cannot be used to sort the buckets.",
  ],
  [
    { a: { avg: { field: "n" }, aggs: { b: { min: { field: "n" } } } } },
    "aggregation_initialization_exception",
    "Aggregator [a] of type [avg] cannot accept sub-aggregations",
    500,
  ],
  [
    { a: { terms: { field: "n" }, aggs: { g: { global: {} } } } },
    "illegal_argument_exception",
    "Aggregation [a] cannot have a global sub-aggregation [g]. Global aggregations can " +
      "only be defined as top level aggregations",
  ],
];

for (const [aggs, type, reason, status] of REFUSALS) {
  test(`refuses the aggregation ${JSON.stringify(aggs)}`, () => {
    assert.deepEqual(
      refusalOf(() => run(aggs)),
      { status: status ?? 400, type, reason },
    );
  });
}

test("refuses to group by a text field", () => {
  assert.match(
    refusalOf(() => run({ a: { terms: { field: "text" } } })).reason,
    /^Fielddata is disabled on \[text\] in \[things\]\. Text fields are not optimised/,
  );
});

test("refuses more buckets than search.max_buckets", () => {
  const aggs = {
    a: { histogram: { field: "n", interval: 1, extended_bounds: { min: 0, max: 1e9 } } },
  };
  assert.throws(
    () => run(aggs),
    (error: { toBody(): unknown }) => {
      assert.match(JSON.stringify(error.toBody()), /too_many_buckets_exception.*65536/);
      return true;
    },
  );
});
