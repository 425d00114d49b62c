import { illegalArgument, isObject, parsingException, shardFailure } from "../problem.ts";
import type { IndexedValue } from "../fields/value.ts";
import type { Aggregation, AggregationContext, Bucket } from "./aggregation.ts";

/** A bucket as the order sees it. */
export interface OrderedBucket {
  readonly key: IndexedValue;
  readonly bucket: Bucket;
}

/** Compares two buckets; negative when `a` comes first. */
export type BucketOrder = (a: OrderedBucket, b: OrderedBucket) => number;

/** Ascending by key: the order of histograms, and what decides between equal buckets everywhere. */
export const byKey: BucketOrder = (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** Descending by count, then ascending by key: the order of `terms`. */
export const byCount: BucketOrder = (a, b) => b.bucket.docCount - a.bucket.docCount || byKey(a, b);

/**
 * Compiles `order`: `{"_count": "asc"}`, `{"_key": …}`, `{"sub": …}`, `{"sub.max": …}`,
 * `{"filter>sub": …}` or a list.
 *
 * @throws {EsError} for directions and paths that do not exist
 */
export function compileOrder(
  order: unknown,
  fallback: BucketOrder,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): BucketOrder {
  if (order === undefined) return fallback;
  const list = Array.isArray(order) ? (order as readonly unknown[]) : [order];
  const criteria = list.map((element) => {
    if (!isObject(element) || Object.keys(element).length !== 1) {
      throw parsingException("Must specify at least one field for [order]");
    }
    const [[path, direction] = ["", ""]] = Object.entries(element);
    const text = String(direction).toLowerCase();
    if (text !== "asc" && text !== "desc")
      throw parsingException(`Unknown order direction [${String(direction)}]`);
    return criterion(path, text === "desc" ? -1 : 1, aggregations, context);
  });
  return (a, b) => {
    for (const compare of criteria) {
      const result = compare(a, b);
      if (result !== 0) return result;
    }
    return byKey(a, b);
  };
}

function criterion(
  path: string,
  sign: number,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): BucketOrder {
  if (path === "_count") return (a, b) => sign * (a.bucket.docCount - b.bucket.docCount);
  if (path === "_key") return (a, b) => sign * byKey(a, b);
  if (path === "_term" || path === "_time")
    throw illegalArgument(`[${path}] is no longer a valid order, use [_key]`);
  const [first = "", ...rest] = path.split(/[>.]/);
  const aggregation = aggregations.find((candidate) => candidate.name === first);
  if (aggregation === undefined) {
    const reason = `Invalid aggregation order path [${path}]. The provided aggregation [${first}] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.`;
    throw shardFailure(context.search.index, "aggregation_execution_exception", reason);
  }
  const member = context.typedKeys ? `${aggregation.resultType}#${first}` : first;
  return (a, b) => {
    const left = valueAt(a.bucket.result()[member], rest);
    const right = valueAt(b.bucket.result()[member], rest);
    // Buckets without a value come last in either direction.
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right);
  };
}

function valueAt(result: unknown, path: readonly string[]): number {
  let value: unknown = result;
  for (const step of path) {
    if (!isObject(value)) return NaN;
    const members: Readonly<Record<string, unknown>> = value;
    const name = Object.keys(members).find((key) => key === step || key.endsWith(`#${step}`));
    value =
      step === "_count" ? members["doc_count"] : name === undefined ? undefined : members[name];
  }
  if (isObject(value)) value = value["value"] ?? value["doc_count"];
  return typeof value === "number" ? value : NaN;
}
