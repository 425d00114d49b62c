/** Random pages: of a point in time, with slices and `search_after`, and of a scroll. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, filled, index, mostlyGood } from "./parts.ts";

const sort = fc.constantFrom<unknown>(
  [{ n: "asc" }],
  [{ n: "desc" }, { k: "asc" }],
  [{ k: { order: "desc", missing: "_first" } }],
  [{ d: { order: "asc", format: "yyyy-MM-dd" } }, "n"],
  [{ d: { order: "desc", numeric_type: "date_nanos" } }],
  [{ n: { order: "asc", missing: 2, mode: "max" } }],
  [{ x: { order: "asc", unmapped_type: "long" } }],
  ["_score", { n: "asc" }],
  { n: "asc" },
  "k",
);
const value = fc.constantFrom<unknown>(
  0,
  1,
  3,
  "red",
  "blue",
  "2020-01-02",
  1577923200000,
  null,
  true,
  "x",
  2.5,
);
const query = fc.constantFrom<Json>(
  { match_all: {} },
  { term: { k: "red" } },
  { range: { n: { gte: 1, lt: 4 } } },
  { exists: { field: "d" } },
);

const body = fc
  .tuple(
    query,
    sort,
    settings(
      {
        size: mostlyGood(fc.integer({ min: 0, max: 3 }), -1, 10_001),
        search_after: fc.array(value, { maxLength: 2 }),
        slice: fc
          .tuple(
            mostlyGood(fc.integer({ min: 0, max: 2 }), -1, 7),
            mostlyGood(fc.constantFrom(2, 3), 1, 0, 1025),
          )
          .chain(([id, max]) =>
            fc.constantFrom<Json>(
              { id, max },
              { id, max, field: "n" },
              { id, max, field: "_id" },
              { id, max, field: "k" },
            ),
          ),
        from: fc.constantFrom(0, 1, 2),
        track_total_hits: fc.constantFrom<unknown>(true, false, 1),
        _source: fc.constant(false),
        docvalue_fields: fc.constant(["n", { field: "d", format: "yyyy" }]),
      },
      3,
    ),
  )
  .map(([one, order, more]) => ({ query: one, sort: order, ...more }));

/** A document that is written between pages, and must not be seen by them. */
const late: Step = {
  ask: `PUT /${index}/_doc/late?refresh=true`,
  body: { n: 2, k: "red", d: "2020-01-03" },
};
const gone: Step = { ask: `DELETE /${index}/_doc/1?refresh=true` };

const pointInTime = fc
  .tuple(
    fc.constantFrom("1m", "1m", "1m", "x", "30d"),
    fc.array(body, { minLength: 2, maxLength: 4 }),
    fc.constantFrom<Step | undefined>(undefined, late, gone),
    fc.constantFrom<Json>({}, {}, { keep_alive: "2m" }),
  )
  .map(([alive, pages, between, more]): readonly Step[] => [
    { ask: `POST /${index}/_pit?keep_alive=${alive}`, keep: { pit: "id" } },
    ...pages.flatMap((page, at): Step[] => [
      ...(at === 1 && between !== undefined ? [between] : []),
      { ask: "POST /_search", body: { ...page, pit: { id: "${pit}", ...more } } },
    ]),
    { ask: "DELETE /_pit", body: { id: "${pit}" } },
    { ask: "DELETE /_pit", body: { id: "${pit}" } },
  ]);

const scroll = fc
  .tuple(
    fc.constantFrom("1m", "1m", "25h"),
    body,
    fc.constantFrom<Step | undefined>(undefined, late, gone),
    fc.constantFrom("", "&rest_total_hits_as_int=true", "&typed_keys=true"),
  )
  .map(([alive, first, between, more]): readonly Step[] => [
    {
      ask: `POST /${index}/_search?scroll=${alive}${more}`,
      body: { size: 2, ...first },
      keep: { scroll: "_scroll_id" },
    },
    ...(between === undefined ? [] : [between]),
    { ask: "POST /_search/scroll", body: { scroll: "1m", scroll_id: "${scroll}" } },
    { ask: "GET /_search/scroll?scroll=1m&scroll_id=${scroll}" },
    { ask: "DELETE /_search/scroll", body: { scroll_id: "${scroll}" } },
    { ask: "POST /_search/scroll", body: { scroll: "1m", scroll_id: "${scroll}" } },
  ]);

const document = fc.record(
  {
    n: fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }),
    ),
    k: fc.constantFrom("red", "blue", "green"),
    d: fc.constantFrom("2020-01-01", "2020-01-02T03:04:05.678Z", "1969-12-31"),
  },
  { requiredKeys: [] },
);

const mapping = {
  properties: { n: { type: "integer" }, k: { type: "keyword" }, d: { type: "date" } },
};

/** Searches that go on, over one shard or several. */
export const pages = fc
  .tuple(
    fc.array(document, { minLength: 2, maxLength: 9 }),
    fc.constantFrom(1, 1, 2, 3),
    asked(
      fc.oneof(
        pointInTime,
        scroll,
        body.map((one): Step => ({ ask: `POST /${index}/_search`, body: one })),
      ),
      8,
    ),
  )
  .map(([documents, shards, steps]) => [
    ...filled(mapping, documents, { number_of_shards: shards }),
    ...steps,
  ]);
