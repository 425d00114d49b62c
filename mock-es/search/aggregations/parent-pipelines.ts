/** Pipelines over the buckets that they are in, such as `derivative` and `bucket_sort`. */
import {
  illegalArgument,
  notSupported,
  parsingException,
  validationFailed,
} from "../../es-error.ts";
import { numberOf } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { unitMs } from "../../values/duration.ts";
import type { IndexedValue } from "../fields/value.ts";
import { metaOf, type ParentPipeline, withMeta } from "./aggregation.ts";
import { compileBucketScript, compileBucketSelector } from "./bucket-scripts.ts";
import { readKey, sortBuckets } from "./bucket-sort.ts";
import {
  bucketNumber,
  bucketsPathOf,
  checkPath,
  firstOf,
  gapPolicyOf,
  pathSteps,
} from "./buckets-path.ts";
import { keptAt } from "./kept-values.ts";
import { compileMovingFunction, compileMovingPercentiles } from "./moving-windows.ts";
import { normalizingMethod } from "./normalize.ts";
import { adding, type Compiled, type ParentSurroundings, reader } from "./parent-pipeline.ts";
import { numberTextOf, simpleValue } from "./pipeline-values.ts";

interface Kind {
  readonly settings: readonly string[];
  readonly resultType: string;
  /** True when only histograms have it. */
  readonly needsHistogram: boolean;
  readonly compile: (name: string, body: JsonObject, around: ParentSurroundings) => Compiled;
}

const common = ["buckets_path", "gap_policy", "format"];

const kinds: Readonly<Record<string, Kind>> = {
  bucket_script: {
    settings: [...common, "script"],
    resultType: "simple_value",
    needsHistogram: false,
    compile: compileBucketScript,
  },
  bucket_selector: {
    settings: ["buckets_path", "gap_policy", "script"],
    resultType: "bucket_selector",
    needsHistogram: false,
    compile: compileBucketSelector,
  },
  bucket_sort: {
    settings: ["sort", "from", "size", "gap_policy"],
    resultType: "bucket_sort",
    needsHistogram: false,
    compile: compileBucketSort,
  },
  cumulative_cardinality: {
    settings: ["buckets_path", "format"],
    resultType: "simple_long_value",
    needsHistogram: true,
    compile: compileCumulativeCardinality,
  },
  cumulative_sum: {
    settings: ["buckets_path", "format"],
    resultType: "simple_value",
    needsHistogram: true,
    compile: compileCumulativeSum,
  },
  derivative: {
    settings: [...common, "unit"],
    resultType: "derivative",
    needsHistogram: true,
    compile: compileDerivative,
  },
  moving_fn: {
    settings: [...common, "script", "window", "shift"],
    resultType: "simple_value",
    needsHistogram: true,
    compile: compileMovingFunction,
  },
  moving_percentiles: {
    settings: ["buckets_path", "gap_policy", "window", "shift"],
    resultType: "tdigest_percentiles",
    needsHistogram: true,
    compile: compileMovingPercentiles,
  },
  normalize: {
    settings: ["buckets_path", "format", "method"],
    resultType: "simple_value",
    needsHistogram: false,
    compile: compileNormalize,
  },
  serial_diff: {
    settings: [...common, "lag"],
    resultType: "simple_value",
    needsHistogram: true,
    compile: compileSerialDifference,
  },
};

/** Aggregations whose buckets a pipeline may go through. */
const parents: ReadonlySet<string> = new Set(
  "auto_date_histogram composite date_histogram histogram multi_terms rare_terms significant_terms terms".split(
    " ",
  ),
);

const histograms: ReadonlySet<string> = new Set(
  "auto_date_histogram date_histogram histogram".split(" "),
);

/** True for a type that {@link compileParent} knows. */
export function isParent(type: string): boolean {
  return Object.hasOwn(kinds, type);
}

/** A compiled pipeline, and the names that it depends on. */
export interface CompiledParent {
  readonly pipeline: ParentPipeline;
  readonly needs: readonly string[];
}

/**
 * Compiles one of them.
 *
 * @throws {EsError} 400 in the server's words, or a refusal of what is not computed
 */
export function compileParent(
  name: string,
  type: string,
  definition: JsonObject,
  around: ParentSurroundings,
): CompiledParent {
  const body = isObject(definition[type]) ? definition[type] : {};
  const kind = kinds[type];
  const other = Object.keys(body).find((key) => kind?.settings.includes(key) !== true);
  if (kind === undefined || other !== undefined) throw notSupported(`[${other}] in [${type}]`);
  const { paths, apply } = kind.compile(name, body, around);
  for (const path of paths) checkPath(path, around.aggs);
  checkParent(name, type, kind, around);
  const pipeline = { name, resultType: kind.resultType, meta: metaOf(definition) };
  return {
    pipeline: { ...pipeline, apply: apply(pipeline) },
    needs: paths.map(firstOf),
  };
}

function checkParent(name: string, type: string, kind: Kind, { parent }: ParentSurroundings): void {
  const isHistogram = parent !== undefined && histograms.has(parent.type);
  if (kind.needsHistogram && !isHistogram) {
    throw validationFailed(
      `${type} aggregation [${name}] must have a histogram, date_histogram or auto_date_histogram as parent`,
    );
  }
  if (parent === undefined) {
    throw validationFailed(
      `${type} aggregation [${name}] must be declared inside of another aggregation`,
    );
  }
  if (kind.needsHistogram && Number(parent.body["min_doc_count"] ?? 0) !== 0) {
    throw validationFailed(
      `parent histogram of ${type} aggregation [${name}] must have min_doc_count of 0`,
    );
  }
  if (!parents.has(parent.type)) throw notSupported(`[${type}] in [${parent.type}]`);
  if (parent.body["keyed"] === true && !kind.needsHistogram && type !== "bucket_script")
    throw notSupported(`[${type}] in a keyed [${parent.type}]`);
}

function compileCumulativeSum(name: string, body: JsonObject): Compiled {
  const path = bucketsPathOf(name, body);
  const read = reader(path, "insert_zeros");
  const text = numberTextOf(body);
  return adding([path], () => {
    let sum = 0;
    return (bucket) => {
      const value = read(bucket);
      if (Number.isFinite(value)) sum += value;
      return simpleValue(sum, text);
    };
  });
}

function compileDerivative(name: string, body: JsonObject): Compiled {
  const path = bucketsPathOf(name, body);
  const steps = pathSteps(path);
  const gap = gapPolicyOf(body);
  const text = numberTextOf(body);
  const unit = unitOf(body["unit"]);
  return adding([path], () => {
    let before: { readonly key: number; readonly value: number } | undefined;
    return (bucket) => {
      const value = bucketNumber(bucket, steps, gap, path);
      const now = value === undefined ? undefined : { key: numberOf(bucket["key"]), value };
      const last = before;
      before = now;
      if (last === undefined || now === undefined) return undefined;
      const gradient = now.value - last.value;
      const found = simpleValue(gradient, text);
      if (unit === undefined) return found;
      const distance = (now.key - last.key) / unit;
      return { ...found, ...simpleValue(gradient / distance, text, "normalized_value") };
    };
  });
}

const calendarMs: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

function unitOf(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const text = textOf(given);
  const found = /^(\d+)([a-z]+)$/.exec(text);
  const ms = found === null ? undefined : unitMs[found[2] ?? ""];
  if (found !== null && ms !== undefined) return Number(found[1]) * ms;
  const calendar = Object.hasOwn(calendarMs, text) ? calendarMs[text] : undefined;
  if (calendar === undefined) throw notSupported(`the unit [${text}] in [derivative]`);
  return calendar;
}

function compileNormalize(name: string, body: JsonObject): Compiled {
  const path = bucketsPathOf(name, body);
  const read = reader(path, "skip");
  const text = numberTextOf(body);
  if (body["method"] === undefined) throw illegalArgument("Required [method]");
  const asked = textOf(body["method"]);
  const method = normalizingMethod(asked);
  if (method === undefined)
    throw illegalArgument(`invalid method [${asked}] for [normalize] pipeline aggregation`);
  return {
    paths: [path],
    apply: (pipeline) => (buckets, nameOf) => {
      const values = buckets.map(read);
      const compute = method(values);
      return buckets.map((bucket, at) => ({
        ...bucket,
        [nameOf(pipeline)]: withMeta(pipeline.meta, simpleValue(compute(values[at] ?? NaN), text)),
      }));
    },
  };
}

function compileCumulativeCardinality(name: string, body: JsonObject): Compiled {
  const path = bucketsPathOf(name, body);
  const steps = pathSteps(path);
  const text = numberTextOf(body);
  return adding([path], () => {
    const seen = new Set<IndexedValue>();
    return (bucket) => {
      const own = keptAt(bucket, steps);
      if (own?.kind !== "distinct") throw notSupported(`[cumulative_cardinality] of [${path}]`);
      for (const value of own.values) seen.add(value);
      return { value: seen.size, ...(text && { value_as_string: text(seen.size) }) };
    };
  });
}

function compileSerialDifference(name: string, body: JsonObject): Compiled {
  const path = bucketsPathOf(name, body);
  const read = reader(path, gapPolicyOf(body));
  const text = numberTextOf(body);
  const lag = Number(body["lag"] ?? 1);
  if (!(lag > 0)) {
    const reason = `[lag] must be a positive integer. Value supplied was [${lag}] instead`;
    throw parsingException(reason);
  }
  return adding([path], () => {
    const values: number[] = [];
    return (bucket) => {
      const value = read(bucket);
      const difference = value - (values[values.length - lag] ?? NaN);
      values.push(value);
      return Number.isNaN(difference) ? undefined : simpleValue(difference, text);
    };
  });
}

function compileBucketSort(name: string, body: JsonObject): Compiled {
  const gap = gapPolicyOf(body);
  const given = body["sort"] ?? [];
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const keys = list.map((entry) => {
    const [[path, order] = ["", "asc"]] = isObject(entry)
      ? Object.entries(entry)
      : [[textOf(entry), "asc"] as const];
    const text = textOf(isObject(order) ? (order["order"] ?? "asc") : order);
    return { path, sign: text.toLowerCase() === "desc" ? -1 : 1 };
  });
  const from = Number(body["from"] ?? 0);
  if (from < 0) throw illegalArgument(`[from] must be a non-negative integer: [${from}]`);
  const size = body["size"] === undefined ? Infinity : Number(body["size"]);
  if (size <= 0) throw illegalArgument(`[size] must be a positive integer: [${size}]`);
  if (keys.length === 0 && from === 0 && size === Infinity)
    throw validationFailed(
      `[${name}] is configured to perform nothing. Please set either of [sort, size, from] to use bucket_sort`,
    );
  const readers = keys.map(({ path, sign }) => ({
    sign,
    read: path === "_key" ? readKey : reader(path, gap),
  }));
  return {
    paths: keys.map(({ path }) => path),
    apply: () => (buckets) => sortBuckets(buckets, readers).slice(from, from + size),
  };
}
