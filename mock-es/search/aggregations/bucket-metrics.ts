/** `avg_bucket`, `max_bucket`, `min_bucket`, `sum_bucket`: metrics of the buckets beside them. */
import { notSupported } from "../../es-error.ts";
import { doubleJson } from "../../json/java-number.ts";
import { isObject, type JsonObject, jsonText, textOf } from "../../json/json-value.ts";
import { type Aggregation, memberName, type Result, type SiblingPipeline } from "./aggregation.ts";

/** A bucket with the value that is looked at. */
interface Valued {
  readonly key: string;
  readonly value: number;
}

/** What is made of the values of all buckets, and the name of the result type. */
interface BucketMetric {
  readonly resultType: string;
  reduce(buckets: readonly Valued[]): Result;
}

const metrics: Readonly<Record<string, BucketMetric>> = {
  avg_bucket: {
    resultType: "simple_value",
    reduce: (buckets) =>
      buckets.length === 0 ? { value: null } : { value: doubleJson(sum(buckets) / buckets.length) },
  },
  max_bucket: { resultType: "bucket_metric_value", reduce: (buckets) => best(buckets, 1) },
  min_bucket: { resultType: "bucket_metric_value", reduce: (buckets) => best(buckets, -1) },
  sum_bucket: {
    resultType: "simple_value",
    reduce: (buckets) => ({ value: doubleJson(sum(buckets)) }),
  },
};

/** Aggregations with buckets in a list, each with a key. */
const bucketed: ReadonlySet<string> = new Set([
  "date_histogram",
  "date_range",
  "histogram",
  "ip_range",
  "range",
  "rare_terms",
  "terms",
]);

/** Metrics with one value. */
const single: ReadonlySet<string> = new Set([
  "avg",
  "cardinality",
  "max",
  "min",
  "sum",
  "value_count",
]);

/** True for a type that {@link compileBucketMetric} knows. */
export function isBucketMetric(type: string): boolean {
  return Object.hasOwn(metrics, type);
}

/** A definition beside a pipeline: its type, and the definitions within it. */
export interface Neighbour {
  readonly type: string;
  readonly body: JsonObject;
  readonly inner: unknown;
  readonly aggregation: Aggregation;
}

/** What a pipeline stands in. */
interface Surroundings {
  readonly find: (name: string) => Neighbour | undefined;
  readonly typedKeys: boolean;
}

/**
 * Compiles one of them. Its path leads to the number of documents or to a metric with one value,
 * in buckets beside it.
 *
 * @throws {EsError} 400 that names what is not computed
 */
export function compileBucketMetric(
  name: string,
  type: string,
  definition: JsonObject,
  around: Surroundings,
): SiblingPipeline {
  const body = isObject(definition[type]) ? definition[type] : {};
  const path = body["buckets_path"];
  const metric = metrics[type];
  const others = Object.keys(body).filter((key) => key !== "buckets_path" && key !== "gap_policy");
  const isSkipping = textOf(body["gap_policy"] ?? "skip") === "skip";
  if (typeof path !== "string" || others.length > 0 || !isSkipping || metric === undefined)
    throw notSupported(`${others[0] === undefined ? "this path" : `[${others[0]}]`} in [${type}]`);
  const [outer = "", inner = "", ...deeper] = partsOf(path);
  const buckets = around.find(outer);
  const innerType = inner === "_count" ? "_count" : typeIn(buckets?.inner, inner);
  const isKeyed = buckets?.body["keyed"] !== undefined;
  const isValue = deeper.length === 0 || (deeper.join(">") === "value" && inner !== "_count");
  const isKnown = innerType === "_count" || single.has(innerType ?? "");
  if (buckets === undefined || !bucketed.has(buckets.type) || isKeyed || !isKnown || !isValue)
    throw notSupported(`the path [${path}] in [${type}]`);
  const from = memberName(buckets.aggregation, around.typedKeys);
  const member = around.typedKeys ? `${innerType}#${inner}` : inner;
  return {
    name,
    resultType: metric.resultType,
    meta: definition["meta"],
    compute(siblings) {
      const list = (siblings[from] as { buckets: readonly Result[] }).buckets;
      return metric.reduce(
        list.flatMap((bucket) => {
          const value = inner === "_count" ? Number(bucket["doc_count"]) : valueOf(bucket, member);
          return value === undefined ? [] : [{ key: keyOf(bucket), value }];
        }),
      );
    },
  };
}

/** Names of a path: `a>b`, or `a.b`; the last dot of the last name parts it. */
function partsOf(path: string): string[] {
  const names = path.split(">");
  const last = names.pop() ?? "";
  const dot = last.lastIndexOf(".");
  return [...names, ...(dot === -1 ? [last] : [last.slice(0, dot), last.slice(dot + 1)])];
}

function typeIn(aggs: unknown, name: string): string | undefined {
  const definition = isObject(aggs) && Object.hasOwn(aggs, name) ? aggs[name] : undefined;
  return isObject(definition) ? Object.keys(definition).find((key) => key !== "meta") : undefined;
}

/** The value of a metric; `undefined` where there is none, as in a bucket without documents. */
function valueOf(bucket: Result, member: string): number | undefined {
  if (bucket["doc_count"] === 0) return undefined;
  const { value } = bucket[member] as { value: unknown };
  return value === null ? undefined : Number(jsonText(value));
}

function keyOf({ key, key_as_string: text }: Result): string {
  return typeof text === "string" ? text : typeof key === "string" ? key : jsonText(key);
}

function sum(buckets: readonly Valued[]): number {
  return buckets.reduce((total, { value }) => total + value, 0);
}

/** The greatest or least value, with the keys of all buckets that have it. */
function best(buckets: readonly Valued[], sign: 1 | -1): Result {
  const [first] = buckets;
  if (first === undefined) return { value: null, keys: [] };
  const value = buckets.reduce(
    (most, bucket) => (sign * bucket.value > sign * most ? bucket.value : most),
    first.value,
  );
  const keys = buckets.filter((bucket) => bucket.value === value).map(({ key }) => key);
  return { value: doubleJson(value), keys };
}
