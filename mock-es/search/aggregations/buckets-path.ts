/** `buckets_path` of pipelines: where they take their numbers from. */
import { EsError, notSupported, parsingException, validationFailed } from "../../es-error.ts";
import { numberOf } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { memberOf } from "./bucket-order.ts";

/** What stands for buckets without a value. */
export type GapPolicy = "skip" | "insert_zeros" | "keep_values";

const policies: readonly GapPolicy[] = ["insert_zeros", "skip", "keep_values"];

/** Reads `gap_policy`. @throws {EsError} `parsing_exception` for another one */
export function gapPolicyOf(body: JsonObject): GapPolicy {
  const given = textOf(body["gap_policy"] ?? "skip").toLowerCase();
  const policy = policies.find((name) => name === given);
  if (policy !== undefined) return policy;
  const reason = `Invalid gap policy: [${given}], accepted values: [${policies.join(", ")}]`;
  throw parsingException(reason).at(body, "gap_policy");
}

/** Reads a `buckets_path` of one path. @throws {EsError} `parsing_exception` when it is missing */
export function bucketsPathOf(name: string, body: JsonObject): string {
  const given = body["buckets_path"];
  const [only, second]: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (only === undefined) {
    const reason = `Missing required field [buckets_path] for aggregation [${name}]`;
    throw parsingException(reason).at(body, undefined, "end");
  }
  if (typeof only !== "string" || second !== undefined)
    throw notSupported("a [buckets_path] of several paths");
  return only;
}

/** Steps of a path: `a>b.c`, `a['key']>b` or `a[99.0]`. */
export function pathSteps(path: string): string[] {
  const steps: string[] = [];
  const elements = path.split(">").map((element) => element.trim());
  for (const [at, element] of elements.entries()) {
    const bracket = /^(.*?)\[(.+)\]$/.exec(element);
    if (bracket !== null) {
      steps.push(bracket[1] ?? "", bracket[2] ?? "");
      continue;
    }
    const dot = at === elements.length - 1 ? element.lastIndexOf(".") : -1;
    if (dot === -1) steps.push(element);
    else steps.push(element.slice(0, dot), element.slice(dot + 1));
  }
  return steps;
}

/** Names of the aggregations of a path, without keys and metrics. */
function namesOf(path: string): string[] {
  return path.split(">").map((element) => {
    const name = element.trim().replace(/\[.+\]$/, "");
    const dot = name.lastIndexOf(".");
    return dot === -1 || name !== element.trim() ? name : name.slice(0, dot);
  });
}

/** The aggregation that a path of a pipeline begins with. */
export function firstOf(path: string): string {
  return namesOf(path)[0] ?? "";
}

/**
 * Checks that a path leads through aggregations that exist.
 *
 * @param aggs the definitions that the pipeline stands among
 * @throws {EsError} `action_request_validation_exception`
 */
export function checkPath(path: string, aggs: JsonObject): void {
  if (path === "_count" || path === "_key") return;
  const [first = "", ...rest] = namesOf(path);
  let at: unknown = aggs[first];
  if (!Object.hasOwn(aggs, first))
    throw validationFailed(`No aggregation found for path [${path}]`);
  for (const [place, name] of rest.entries()) {
    if (place === rest.length - 1 && (name === "_count" || name === "_key")) return;
    const below = isObject(at) ? (at["aggs"] ?? at["aggregations"]) : undefined;
    if (!isObject(below) || !Object.hasOwn(below, name))
      throw validationFailed(`No aggregation [${name}] found for path [${path}]`);
    at = below[name];
  }
}

/**
 * The number at the end of a path within a bucket; NaN for none, `undefined` where the bucket has
 * no such aggregation.
 *
 * @throws {EsError} 400 for a path that ends at something else
 */
export function bucketNumber(
  bucket: JsonObject,
  steps: readonly string[],
  gap: GapPolicy,
  within: string,
): number | undefined {
  const found = valueAt(bucket, steps);
  if (found === undefined) return undefined;
  if (typeof found === "string" || typeof found === "object")
    throw noNumber(found, steps[0] ?? within);
  const isCount = steps.length === 1 && steps[0] === "_count";
  const isGap = !Number.isFinite(found) || (bucket["doc_count"] === 0 && !isCount);
  if (!isGap || gap === "keep_values") return Number.isFinite(found) ? found : NaN;
  return gap === "insert_zeros" ? 0 : NaN;
}

/** A path that ends at what is no number (ES BucketHelpers). */
function noNumber(found: string | JsonObject, name: string): EsError {
  if (isObject(found) && Object.hasOwn(found, "values"))
    return reduceFailure(
      `${numberWanted}, but [${name}] contains multiple values. Please specify which to use.`,
    );
  return noNumberBut(typeof found === "string" ? "String" : classOf(found), name);
}

const numberWanted =
  "buckets_path must reference either a number value or a single value numeric metric aggregation";

function noNumberBut(className: string, name: string): EsError {
  return reduceFailure(`${numberWanted}, got: [${className}] at aggregation [${name}]`);
}

/** Name of the server's class of a result. */
function classOf(found: JsonObject): string {
  if (Object.hasOwn(found, "key")) return "Bucket";
  const { buckets } = found;
  const [first] = Array.isArray(buckets) ? (buckets as readonly JsonObject[]) : [];
  const key = first?.["key"];
  if (Object.hasOwn(found, "doc_count_error_upper_bound")) {
    if (typeof key === "string") return "StringTerms";
    if (typeof key === "number" || typeof key === "bigint") return "LongTerms";
  }
  throw notSupported("a [buckets_path] to an aggregation that is no number");
}

/** A failure of putting results together. */
export function reduceFailure(reason: string, type = "illegal_argument_exception"): EsError {
  return new EsError(400, "search_phase_execution_exception", "", {
    root_cause: [],
    phase: "fetch",
    grouped: true,
    failed_shards: [],
    caused_by: { type, reason },
  });
}

/** A number, a text, or what is no number: a result or bucket. */
function valueAt(
  owner: JsonObject,
  steps: readonly string[],
): number | string | JsonObject | undefined {
  let at: unknown = owner;
  for (const step of steps) {
    if (!isObject(at)) return NaN;
    if (Array.isArray(at["buckets"]) && !step.startsWith("'") && !step.startsWith("_"))
      throw noNumberBut("Object[]", steps[0] ?? step);
    at = stepInto(at, step);
    if (at === undefined) return undefined;
  }
  if (isObject(at) && Object.hasOwn(at, "value")) at = at["value"];
  if (at === null) return NaN;
  if (typeof at === "number" || typeof at === "bigint") return Number(at);
  if (typeof at === "string") return at === "NaN" ? NaN : at;
  const number = numberOf(at);
  return Number.isNaN(number) && isObject(at) ? at : number;
}

/** A number of the document that `top_metrics` shows; `undefined` where there is no document. */
function topMetric([first, second]: readonly unknown[], name: string): unknown {
  if (first === undefined) return undefined;
  const metrics = isObject(first) && isObject(first["metrics"]) ? first["metrics"] : {};
  const value = metrics[name];
  if (second !== undefined || value === undefined || typeof value === "string")
    throw notSupported(`the step [${name}] of a [buckets_path]`);
  return value;
}

function stepInto(at: JsonObject, step: string): unknown {
  if (step === "_count") return at["doc_count"];
  if (step === "_key") return at["key"];
  const { buckets, values, std_deviation_bounds: bounds, top } = at;
  if (Array.isArray(top)) return topMetric(top as readonly unknown[], step);
  if (step === "_bucket_count")
    return isObject(buckets) || Array.isArray(buckets) ? Object.keys(buckets).length : undefined;
  const key = step.replace(/^'(.*)'$/s, "$1");
  if (Array.isArray(buckets)) {
    return (buckets as readonly JsonObject[]).find(
      (bucket) => textOf(bucket["key_as_string"] ?? bucket["key"]) === key,
    );
  }
  if (isObject(buckets)) return buckets[key];
  const own = memberOf(at, step);
  if (own !== undefined) return own;
  if (isObject(bounds) && step.startsWith("std_")) return bounds[step.slice("std_".length)];
  if (isObject(values)) return values[step] ?? values[`${step}.0`];
  if (Object.hasOwn(at, "doc_count")) return undefined;
  throw notSupported(`the step [${step}] of a [buckets_path]`);
}
