/** Random dates in many formats and time zones. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { settings, zones } from "../choose.ts";
import { asked, filled, index, mostlyGood } from "./parts.ts";

const format = fc.constantFrom(
  "strict_date_optional_time",
  "strict_date_optional_time_nanos",
  "date_optional_time",
  "epoch_millis",
  "epoch_second",
  "basic_date",
  "basic_date_time_no_millis",
  "basic_ordinal_date",
  "basic_week_date",
  "week_date",
  "strict_week_date",
  "strict_weekyear_week",
  "ordinal_date",
  "year_month",
  "strict_year_month_day",
  "date_hour_minute_second_fraction",
  "date_time",
  "strict_date_hour",
  "hour_minute",
  "t_time_no_millis",
  "iso8601",
  "yyyy-MM-dd",
  "uuuu/MM/dd HH:mm",
  "dd MMM yyyy",
  "EEE, d MMM yyyy HH:mm:ss Z",
  "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
  "yyyy-DDD",
  "YYYY-'W'ww-e",
  "hh:mm a",
  "yyyy||epoch_second",
  "yyyy-MM-dd||strict_date_time",
);
const text = fc.constantFrom<unknown>(
  "2020-02-29",
  "2020-02-29T12:30:15Z",
  "2020-02-29T12:30:15.123456789+02:00",
  "2020-03-29T02:30:00",
  "1969-12-31T23:59:59.999Z",
  "20200229",
  "20200229T123015Z",
  "2020060",
  "2020W095",
  "2020-W09-6",
  "2020-W09",
  "2020-060",
  "2020-02",
  "2020",
  "2020-02-29T12",
  "12:30",
  "T12:30:15Z",
  "2020/02/29 12:30",
  "29 Feb 2020",
  "Sat, 29 Feb 2020 12:30:15 +0100",
  "2020-02-29T12:30:15.123+01:00",
  "12:30 PM",
  1582979415123,
  1582979415,
  "1582979415.5",
  "-1",
  "+12020-01-01",
  "0001-01-01",
  "2020-02-30",
  "",
  true,
  1.5,
);
const math = fc.constantFrom(
  "2020-02-29||/M",
  "2020-02-29||+1M/d",
  "2020-01-31||+1M",
  "2020||/y",
  "2020-02-29||-1h/h",
  "2020-02-29||/w",
  "2020-02-29||+1x",
  "2020-02-29T23:30:00-05:00||/d",
);
const field = fc.constantFrom("d", "d", "e", "z");

const range = fc
  .tuple(
    field,
    fc.constantFrom("gte", "gt", "lte", "lt"),
    fc.oneof(text, math),
    settings(
      {
        format,
        time_zone: mostlyGood(zones, "x", "Z"),
        lte: fc.oneof(text, math),
        relation: fc.constant("within"),
      },
      2,
    ),
  )
  .map(([path, bound, one, more]): Step => ({
    ask: `POST /${index}/_search`,
    body: {
      query: { range: { [path]: { [bound]: one, ...more } } },
      sort: ["_doc"],
      _source: false,
    },
  }));
const histogram = fc
  .tuple(
    field,
    fc.constantFrom(
      { calendar_interval: "month" },
      { calendar_interval: "1d" },
      { calendar_interval: "week" },
      { calendar_interval: "quarter" },
      { calendar_interval: "year" },
      { fixed_interval: "7d" },
      { fixed_interval: "90m" },
      { calendar_interval: "2d" },
      { fixed_interval: "1M" },
    ),
    settings(
      {
        time_zone: zones,
        offset: mostlyGood(fc.constantFrom("+6h", "-1d", "30m"), "x"),
        format,
        keyed: fc.boolean(),
        missing: text,
        order: fc.constant({ _key: "desc" }),
      },
      3,
    ),
  )
  .map(([path, interval, more]): Step => ({
    ask: `POST /${index}/_search`,
    body: {
      size: 0,
      aggs: { h: { date_histogram: { field: path, min_doc_count: 1, ...interval, ...more } } },
    },
  }));
const ranges = fc
  .tuple(
    field,
    fc.array(
      settings({ from: fc.oneof(text, math), to: fc.oneof(text, math), key: fc.constant("k") }, 2),
      { minLength: 1, maxLength: 2 },
    ),
    settings({ format, time_zone: zones, keyed: fc.boolean(), missing: text }, 2),
  )
  .map(([path, all, more]): Step => ({
    ask: `POST /${index}/_search`,
    body: { size: 0, aggs: { r: { date_range: { field: path, ranges: all, ...more } } } },
  }));
const shown = fc
  .tuple(
    field,
    format,
    fc.constantFrom("fields", "docvalue_fields"),
    fc.constantFrom<unknown>(
      "_doc",
      { d: { order: "asc", format: "yyyy-MM-dd" } },
      { e: { order: "desc", numeric_type: "date" } },
    ),
  )
  .map(([path, how, part, order]): Step => ({
    ask: `POST /${index}/_search`,
    body: { [part]: [{ field: path, format: how }], sort: [order], _source: false },
  }));
const metric = fc
  .tuple(
    field,
    fc.constantFrom("min", "max", "avg", "stats", "value_count", "cardinality"),
    settings({ format, missing: text }, 2),
  )
  .map(([path, kind, more]): Step => ({
    ask: `POST /${index}/_search`,
    body: { size: 0, aggs: { m: { [kind]: { field: path, ...more } } } },
  }));
const terms = fc
  .tuple(field, fc.constantFrom("terms", "composite"), settings({ format, missing: text }, 1))
  .map(([path, kind, more]): Step => ({
    ask: `POST /${index}/_search`,
    body: {
      size: 0,
      aggs: {
        t:
          kind === "terms"
            ? { terms: { field: path, order: { _key: "asc" }, ...more } }
            : {
                composite: {
                  sources: [
                    {
                      a: {
                        date_histogram: {
                          field: path,
                          calendar_interval: "1d",
                          ...("format" in more ? more : {}),
                          time_zone: "Europe/Berlin",
                        },
                      },
                    },
                  ],
                },
              },
      },
    },
  }));
const term = fc
  .tuple(field, fc.constantFrom("term", "match", "terms", "match_phrase"), text)
  .map(([path, kind, one]): Step => ({
    ask: `POST /${index}/_search`,
    body: {
      query: { [kind]: { [path]: kind === "terms" ? [one] : one } },
      sort: ["_doc"],
      _source: false,
    },
  }));
const write = fc
  .tuple(fc.constantFrom("1", "2", "w"), field, text)
  .map(([id, path, one]): Step => ({
    ask: `PUT /${index}/_doc/${id}?refresh=true`,
    body: { [path]: one },
  }));

/** A date, one of nanoseconds, and one in a format of its own. */
export const dates = fc
  .tuple(
    format,
    fc.boolean(),
    fc.array(fc.record({ d: text, e: text, z: text }, { requiredKeys: [] }), {
      minLength: 3,
      maxLength: 7,
    }),
    asked(fc.oneof(range, histogram, ranges, shown, metric, terms, term)),
    asked(write, 6),
  )
  .map(([own, isNanos, documents, steps, writes]) => [
    ...filled(
      {
        properties: {
          d: { type: "date", ignore_malformed: true },
          e: { type: "date_nanos", ignore_malformed: true },
          z: { type: isNanos ? "date_nanos" : "date", format: own, ignore_malformed: true },
        },
      },
      documents,
    ),
    ...steps,
    ...writes,
    { ask: `POST /${index}/_search`, body: { sort: ["_doc"], fields: ["*"] } },
  ]);
