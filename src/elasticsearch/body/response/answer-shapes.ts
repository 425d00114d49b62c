import { writeActions } from "../request/request-record.ts";
import { inside, Shape, shape } from "../shape.ts";
import { hitCode, itemCode, summaryCode, valueCode } from "./response-codes.ts";
import { cursorKinds, type CursorKind } from "../cursor-digest.ts";
import type { ByQueryFacts, ErrorFact } from "./response-facts.ts";

/**
 * Parts of Elasticsearch's answers that occur in several of them, after its `toXContent` methods.
 */

export const errorPlaces: readonly ErrorFact["where"][] = [
  "request",
  "root_cause",
  "shard",
  "search",
  "cluster",
  "failure",
];
export const byQueryTotals: readonly (keyof ByQueryFacts)[] = [
  "total",
  "created",
  "updated",
  "deleted",
  "noops",
  "version_conflicts",
];

/** An id under which reading goes on. */
export function cursor(kind: CursorKind): Shape {
  return shape(summaryCode.cursor + cursorKinds.indexOf(kind));
}

/** An error object, of which the type is told; also one that is only a text. */
export function errorIn(where: ErrorFact["where"]): Shape {
  const place = (name: ErrorFact["where"]): Shape =>
    shape(summaryCode.error + errorPlaces.indexOf(name));
  return place(where).with({
    type: place(where),
    root_cause: inside({ type: place("root_cause") }),
    failed_shards: inside({ reason: inside({ type: place("shard") }) }),
  });
}

const content = new Shape(hitCode.content, true);
const fields = new Shape(hitCode.fields, true);
const nested = shape(hitCode.nested, { field: shape(hitCode.nestedField) });
nested.with({ _nested: nested });

/** Members that documents have wherever they stand. */
const documentMembers = {
  _index: shape(hitCode.index),
  _id: shape(hitCode.id),
  _source: content,
  "fields highlight ignored_field_values": fields,
  _nested: nested,
};

/** A document: a hit, an event, the answer of a get. */
export const hit = shape(hitCode.hit, {
  ...documentMembers,
  found: shape(hitCode.found),
  missing: shape(hitCode.missing),
  error: inside({ type: shape(hitCode.error) }),
  // Of explain.
  get: inside({ _source: content, fields }),
});
hit.with({ inner_hits: new Shape().others(inside({ hits: inside({ hits: hit }) })) });

/** A document with its term vectors, whose terms are values of it. */
export const vectorHit = hit.copy().with({
  term_vectors: shape(valueCode.termVectors).named(
    inside({ terms: shape(valueCode.termVector).named(new Shape()) }),
  ),
});

/** `hits` of a search. */
export const searchHits = inside({
  total: shape(summaryCode.total, {
    value: shape(summaryCode.total),
    relation: shape(summaryCode.relation),
  }),
  hits: hit,
});

const metric = shape(valueCode.metric);
/** Tells nothing but the documents in it, whatever an aggregation is called. */
const quiet = new Shape();
const aggregation = shape(valueCode.aggregation);
const bucket = shape(valueCode.bucket);
/** An array holds buckets, an object has them under their keys. */
const buckets = new Shape().each(bucket).others(bucket);
/** `hits` of a top_hits aggregation: `hits.hits[]`. An aggregation may be called `hits` as well. */
const topHits = new Shape(valueCode.topHits).each(hit);

const counts =
  "doc_count bg_count sum_other_doc_count doc_count_error_upper_bound meta interval key from to";
const formatted =
  "key_as_string value_as_string min_as_string max_as_string avg_as_string sum_as_string " +
  "from_as_string to_as_string sum_of_squares_as_string std_deviation_bounds_as_string";
const aggregationMembers = {
  buckets,
  hits: topHits,
  "value values": metric,
  top: inside({ metrics: metric, sort: quiet, hits: topHits }),
  [`${counts} ${formatted} after_key`]: quiet,
};
aggregation.with(aggregationMembers).named(aggregation);
bucket.with(aggregationMembers).named(aggregation);
topHits.with({ ...aggregationMembers, "total max_score": quiet }).named(aggregation);
metric.with({ hits: topHits, key: quiet }).others(metric);
quiet.with({ hits: topHits }).others(quiet);

/** Documents wherever they stand in `hits`, nothing else. */
export const documentHits = quiet;

/** `aggregations` of a search. */
export const aggregations = shape(valueCode.aggregations).named(aggregation);

/** `suggest` of a search. */
export const suggestions = shape(valueCode.suggestions).named(
  inside({ options: shape(hitCode.option, documentMembers) }),
);

/** `_shards` of most answers. */
export const shards = inside({
  total: shape(summaryCode.shardsTotal),
  successful: shape(summaryCode.shardsSuccessful),
  skipped: shape(summaryCode.shardsSkipped),
  failed: shape(summaryCode.shardsFailed),
  failures: inside({ reason: errorIn("shard") }),
});

const clusters = inside({
  details: new Shape().others(inside({ failures: inside({ reason: errorIn("cluster") }) })),
});

/** Members of a search's answer. */
export const searchMembers = {
  took: shape(summaryCode.took),
  timed_out: shape(summaryCode.timedOut),
  _shards: shards,
  _clusters: clusters,
  _scroll_id: cursor("scroll"),
  pit_id: cursor("point_in_time"),
  hits: searchHits,
  aggregations,
  suggest: suggestions,
};

/** Members of an answer that says that the request failed. */
export const errorMembers = { error: errorIn("request") };

/** Of one item, which stands under its action's name. */
const itemMembers = {
  _index: shape(itemCode.index),
  _id: shape(itemCode.id),
  status: shape(itemCode.status),
  result: shape(itemCode.result),
  error: inside({ type: shape(itemCode.errorType) }),
  get: inside({ "_source fields": new Shape(itemCode.content, true) }),
};

/** What became of one document that was written. @param action number in `writeActions` */
export function item(action: number): Shape {
  return shape(itemCode.item + action, itemMembers);
}

/** Members of a bulk answer. */
export const bulkMembers = {
  took: shape(summaryCode.took),
  errors: shape(itemCode.errors),
  items: inside(Object.fromEntries(writeActions.map((name, at) => [name, item(at)]))),
};
