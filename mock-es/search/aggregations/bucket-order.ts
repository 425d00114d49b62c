/** The order of buckets. */
import {
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../../es-error.ts";
import { numberOf } from "../../json/java-number.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import type { IndexedValue } from "../fields/value.ts";
import { inMember } from "../queries/object-members.ts";
import {
  type AggregationContext,
  type AggregationLevel,
  type Bucket,
  memberName,
} from "./aggregation.ts";

import { checkOrderPath } from "./order-path.ts";

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
  sub: AggregationLevel,
  context: AggregationContext,
): BucketOrder {
  if (order === undefined) return fallback;
  const list = Array.isArray(order) ? (order as readonly unknown[]) : [order];
  if (list.length === 0 || !list.every(isObject)) throw notSupported("such an [order] of buckets");
  const criteria = list.map((element) => {
    if (!isObject(element) || Object.keys(element).length !== 1) {
      throw parsingException("Must specify at least one field for [order]");
    }
    const [[path, direction] = ["", ""]] = Object.entries(element);
    const text = String(direction).toLowerCase();
    if (text !== "asc" && text !== "desc")
      throw parsingException(`Unknown order direction [${String(direction)}]`);
    return criterion(path, text === "desc" ? -1 : 1, sub, context);
  });
  return (a, b) => {
    for (const compare of criteria) {
      const result = compare(a, b);
      if (result !== 0) return result;
    }
    return byKey(a, b);
  };
}

/** Refuses an `order` that cannot be read. @throws {EsError} in the words of the server */
export function checkOrder(type: string, body: JsonObject): void {
  const { order } = body;
  if (order === undefined) return;
  if (typeof order !== "object" || order === null) {
    const reason = `[${type}] order doesn't support values of type: ${tokenOf(order)}`;
    throw xContentParseException(reason).at(body, "order");
  }
  const list = Array.isArray(order) ? (order as readonly unknown[]) : [order];
  for (const element of list) {
    if (!isObject(element)) continue;
    const [first, second] = Object.entries(element);
    inMember(type, body, "order", () => {
      if (first === undefined)
        throw parsingException("Must specify at least one field for [order]").at(
          element,
          undefined,
          "end",
        );
      const [path, direction] = first;
      if (typeof direction !== "string" || second !== undefined) return;
      if (!["asc", "desc"].includes(direction.toLowerCase()))
        throw parsingException(`Unknown order direction [${direction}]`).at(element, path);
    });
  }
}

function criterion(
  path: string,
  sign: number,
  sub: AggregationLevel,
  context: AggregationContext,
): BucketOrder {
  if (path === "_count") return (a, b) => sign * (a.bucket.docCount - b.bucket.docCount);
  if (path === "_key") return (a, b) => sign * byKey(a, b);
  if (path === "_term" || path === "_time")
    throw illegalArgument(`[${path}] is no longer a valid order, use [_key]`);
  const { steps, metric: given } = splitPath(path);
  const metric = given ?? "value";
  const [first = "", ...rest] = steps;
  const aggregation = sub.aggregations.find((candidate) => candidate.name === first);
  checkOrderPath(path, steps, given, sub.aggregations, context);
  if (aggregation === undefined) return () => 0;
  const member = memberName(aggregation, context.typedKeys);
  const { resultType: type } = aggregation;
  const isPlain = rest.length === 0 && type !== "top_metrics";
  const empty = isPlain ? emptyOf(type, metric) : undefined;
  const read = ({ bucket }: OrderedBucket): number | string | undefined => {
    const value = valueAt(bucket.result()[member], rest, metric);
    return Number.isNaN(value) ? empty : value;
  };
  return (a, b) => {
    const [left, right] = [read(a), read(b)];
    if (left === undefined || right === undefined) {
      if (left === right) return 0;
      throw notSupported("[order] by no value behind a path");
    }
    // What is no number is greater than all that are.
    if (Number.isNaN(left) || Number.isNaN(right))
      return sign * (Number(Number.isNaN(left)) - Number(Number.isNaN(right)));
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  };
}

/** What a metric of no values is for the order. */
function emptyOf(type: string, metric: string): number {
  const name = type === "stats" || type === "extended_stats" ? metric : type;
  return name === "min" ? Infinity : name === "max" ? -Infinity : NaN;
}

/** `a>b.max` or `a>b[99.0]`: the aggregations on the way, and which of the last one's values. */
function splitPath(path: string): {
  readonly steps: string[];
  readonly metric: string | undefined;
} {
  const steps = path.split(">").map((step) => step.trim());
  const last = steps.pop() ?? "";
  const found = /^(.*?)(?:\[(.+)\]|\.(.+))$/.exec(last);
  return found === null
    ? { steps: [...steps, last], metric: undefined }
    : { steps: [...steps, found[1] ?? ""], metric: found[2] ?? found[3] };
}

function valueAt(result: unknown, path: readonly string[], metric: string): number | string {
  let at: unknown = result;
  for (const step of path) at = memberOf(at, step);
  if (!isObject(at)) return NaN;
  if (Array.isArray(at["top"])) return topOf(at["top"], metric);
  if (metric === "_count" || metric === "doc_count") return numberOf(at["doc_count"]);
  if (metric === "value" && at["value"] === undefined) return numberOf(at["doc_count"]);
  const { values } = at;
  if (!isObject(values) || at[metric] !== undefined) return numberOf(at[metric]);
  const key = Object.keys(values).find((percent) => Number(percent) === Number(metric));
  return numberOf(key === undefined ? undefined : values[key]);
}

/** A metric of the first document of `top_metrics`. */
function topOf([first]: readonly unknown[], metric: string): number | string {
  const value = isObject(first) && isObject(first["metrics"]) ? first["metrics"][metric] : null;
  return typeof value === "string" ? value : numberOf(value ?? NaN);
}

/** A result by its name, which may be typed. */
export function memberOf(owner: unknown, name: string): unknown {
  if (!isObject(owner)) return undefined;
  if (Object.hasOwn(owner, name)) return owner[name];
  const key = Object.keys(owner).find((candidate) => candidate.endsWith(`#${name}`));
  return key === undefined ? undefined : owner[key];
}
