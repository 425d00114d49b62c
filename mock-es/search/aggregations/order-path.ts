/** Paths by which buckets are sorted: which aggregations they may lead through, and to. */
import { atCollect } from "../faults.ts";
import { shardFailure } from "../problem.ts";
import type { Aggregation, AggregationContext } from "./aggregation.ts";

/** Result types of aggregations with one bucket. */
const singleBuckets: ReadonlySet<string> = new Set(
  "children filter global missing nested parent random_sampler reverse_nested sampler".split(" "),
);
const singleValues: ReadonlySet<string> = new Set(
  "avg cardinality max median_absolute_deviation min sum value_count weighted_avg".split(" "),
);
const statistics = ["count", "min", "max", "avg", "sum"];
const deviations = ["", "_population", "_sampling"].flatMap((kind) => [
  `variance${kind}`,
  `std_deviation${kind}`,
]);
/** Metrics by result type; those of others, such as percentiles, are not looked at. */
const metrics: Readonly<Record<string, readonly string[]>> = {
  extended_stats: [
    ...statistics,
    ...deviations,
    "sum_of_squares",
    "std_upper",
    "std_lower",
    ...["population", "sampling"].flatMap((kind) => [`std_upper_${kind}`, `std_lower_${kind}`]),
  ],
  stats: statistics,
};
const multiValues: ReadonlySet<string> = new Set([
  ...Object.keys(metrics),
  ..."boxplot hdr_percentile_ranks hdr_percentiles string_stats tdigest_percentile_ranks tdigest_percentiles top_metrics".split(
    " ",
  ),
]);

const wanted =
  "Buckets can only be sorted on a sub-aggregator path that is built out of zero or more single-bucket aggregations within the path and a final single-bucket or a metrics aggregation at the path end.";

/**
 * Refuses a path that buckets cannot be sorted by. Behind its first step only what that step is is
 * looked at.
 *
 * @param metric what stands behind the point, or in brackets; `undefined` without
 * @throws {EsError} the refusal of a shard that begins to collect
 */
export function checkOrderPath(
  path: string,
  steps: readonly string[],
  metric: string | undefined,
  known: readonly Aggregation[],
  context: AggregationContext,
): void {
  const [name = "", next] = steps;
  const found = known.find((candidate) => candidate.name === name);
  const problem =
    found === undefined
      ? `The provided aggregation [${name}] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.`
      : problemOf(found, next !== undefined, metric);
  if (problem === undefined) return;
  const cause = { type: "illegal_argument_exception", reason: problem };
  const reason = `Invalid aggregation order path [${path}]. ${problem}`;
  const [shard] = context.shards;
  throw atCollect(
    shardFailure(shard?.index ?? "_all", "invalid_path", reason, { caused_by: cause }),
  );
}

function problemOf(
  { name, resultType: type, orderedBy }: Aggregation,
  hasMore: boolean,
  metric: string | undefined,
): string | undefined {
  if (hasMore)
    return singleBuckets.has(type) ? undefined : `${wanted} [${name}] is not single-bucket.`;
  if (singleBuckets.has(type)) {
    if (metric === undefined || metric === "doc_count" || metric === "_count") return undefined;
    return `Ordering on a single-bucket aggregation can only be done on its doc_count. Either drop the key (a la "${name}") or change it to "doc_count" (a la "${name}.doc_count")`;
  }
  if (singleValues.has(type)) {
    if (metric === undefined || metric === "value") return undefined;
    return `Ordering on a single-value metrics aggregation can only be done on its value. Either drop the key (a la "${name}") or change it to "value" (a la "${name}.value")`;
  }
  if (!multiValues.has(type)) return wanted;
  if (metric === undefined)
    return "When ordering on a multi-value metrics aggregation a metric name must be specified.";
  if (orderedBy !== undefined)
    return orderedBy.includes(metric) ? undefined : `unknown metric [${metric}]`;
  const names = metrics[type];
  if (names === undefined || names.includes(metric)) return undefined;
  return `Unknown metric name [${metric}] on multi-value metrics aggregation [${name}]`;
}
