import type { CorpusGroup, Step } from "./corpus.ts";

const rows = [
  { kind: "a", n: 1, price: 1.5, day: "2024-01-01", ok: true },
  { kind: "a", n: 2, price: 2.5, day: "2024-01-20", ok: false },
  { kind: "b", n: 3, price: 10, day: "2024-02-01", ok: true },
  { kind: "b", n: 4, day: "2024-04-30T23:59:59Z", ok: true },
  { kind: "c", n: 10, price: 20.25, day: "2024-05-01" },
  { n: 11, price: 0.25, day: "2024-05-02" },
];

const aggregate = (aggs: unknown, query?: unknown): Step => ({
  ask: "POST /sales/_search",
  body: { size: 0, aggs, ...(query === undefined ? {} : { query }) },
});

/** The common aggregations, computed over a handful of documents, and what is refused. */
export const aggregations: CorpusGroup = {
  name: "aggregations",
  steps: [
    {
      ask: "PUT /sales",
      body: {
        settings: { number_of_replicas: 0 },
        mappings: {
          properties: {
            kind: { type: "keyword" },
            n: { type: "long" },
            price: { type: "double" },
            day: { type: "date" },
            ok: { type: "boolean" },
            note: { type: "text" },
          },
        },
      },
    },
    {
      ask: "POST /sales/_bulk?refresh=true",
      body: rows.flatMap((row, at) => [{ index: { _id: String(at) } }, row]),
    },
    aggregate({ kinds: { terms: { field: "kind" } } }),
    aggregate({ kinds: { terms: { field: "kind", size: 1 } } }),
    aggregate({ kinds: { terms: { field: "kind", order: { _key: "desc" } } } }),
    aggregate({ kinds: { terms: { field: "kind", missing: "none", min_doc_count: 2 } } }),
    aggregate({
      kinds: {
        terms: { field: "kind", order: { total: "desc" } },
        aggs: { total: { sum: { field: "n" } } },
      },
    }),
    aggregate({ numbers: { terms: { field: "n", size: 2 } } }),
    aggregate({ flags: { terms: { field: "ok" } } }),
    aggregate({ months: { date_histogram: { field: "day", calendar_interval: "month" } } }),
    aggregate({
      months: {
        date_histogram: {
          field: "day",
          calendar_interval: "month",
          format: "yyyy-MM",
          min_doc_count: 1,
        },
      },
    }),
    aggregate({ weeks: { date_histogram: { field: "day", fixed_interval: "30d" } } }),
    aggregate({
      days: {
        date_histogram: {
          field: "day",
          calendar_interval: "1d",
          time_zone: "+01:00",
          min_doc_count: 1,
        },
      },
    }),
    aggregate({ steps: { histogram: { field: "n", interval: 5 } } }),
    aggregate({ steps: { histogram: { field: "price", interval: 10, min_doc_count: 1 } } }),
    aggregate({
      spans: {
        range: { field: "n", ranges: [{ to: 3 }, { from: 3, to: 10 }, { from: 10, key: "many" }] },
      },
    }),
    aggregate({ spans: { range: { field: "n", keyed: true, ranges: [{ to: 3 }, { from: 3 }] } } }),
    aggregate({
      spans: {
        date_range: { field: "day", ranges: [{ to: "2024-02-01" }, { from: "2024-02-01" }] },
      },
    }),
    aggregate({
      ok: { filter: { term: { ok: true } }, aggs: { average: { avg: { field: "n" } } } },
    }),
    aggregate({
      both: { filters: { filters: { yes: { term: { ok: true } }, no: { term: { ok: false } } } } },
    }),
    aggregate({ both: { filters: { other_bucket: true, filters: [{ term: { ok: true } }] } } }),
    aggregate({ min: { min: { field: "n" } }, max: { max: { field: "price" } } }),
    aggregate({ sum: { sum: { field: "price" } }, avg: { avg: { field: "price" } } }),
    aggregate({ stats: { stats: { field: "price" } } }),
    aggregate({ stats: { extended_stats: { field: "n" } } }),
    aggregate({
      count: { value_count: { field: "kind" } },
      different: { cardinality: { field: "kind" } },
    }),
    aggregate({ none: { missing: { field: "kind" } } }),
    aggregate(
      { all: { global: {}, aggs: { n: { sum: { field: "n" } } } } },
      { term: { kind: "a" } },
    ),
    aggregate({ top: { top_hits: { size: 1, sort: ["n"], _source: ["n"] } } }),
    aggregate({ percent: { percentiles: { field: "n", percents: [50] } } }),
    aggregate({ earliest: { min: { field: "day" } } }),
    aggregate({ kinds: { terms: { field: "kind" } } }, { term: { kind: "nothing" } }),
    aggregate({ stats: { stats: { field: "n" } } }, { term: { kind: "nothing" } }),
    aggregate({ unmapped: { terms: { field: "nonsense" } } }),
    aggregate({ unmapped: { avg: { field: "nonsense" } } }),
    aggregate({ kinds: { terms: { field: "kind" }, meta: { why: "test" } } }),
    aggregate({ text: { terms: { field: "note" } } }),
    aggregate({ sum: { sum: { field: "kind" } } }),
    aggregate({ what: { nonsense: { field: "n" } } }),
    aggregate({ what: {} }),
    aggregate({ what: { terms: { field: "kind", nonsense: 1 } } }),
    aggregate({ what: { date_histogram: { field: "day" } } }),
    aggregate({ what: { histogram: { field: "n", interval: 0 } } }),
    aggregate({ "bad[name]": { sum: { field: "n" } } }),
    {
      ask: "POST /sales/_search?typed_keys=true&size=0",
      body: { aggregations: { kinds: { terms: { field: "kind" } } } },
    },
  ],
};
