/** Pipelines over the buckets that they are in, such as `derivative` and `bucket_sort`. */
import {
  illegalArgument,
  notSupported,
  parsingException,
  validationFailed,
} from "../../es-error.ts";
import { numberOf } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { readScript, runScript, type FindScript } from "../../script/script.ts";
import { Double, numberIn, toScriptValue } from "../../script/values.ts";
import { unitMs } from "../../values/duration.ts";
import type { ParentPipeline, Pipeline, Result } from "./aggregation.ts";
import { readKey, sortBuckets } from "./bucket-sort.ts";
import {
  bucketNumber,
  bucketsPathOf,
  checkPath,
  firstOf,
  type GapPolicy,
  gapPolicyOf,
  pathSteps,
} from "./buckets-path.ts";
import { readMovingFunction } from "./moving-functions.ts";
import { numberTextOf, simpleValue } from "./pipeline-values.ts";

/** What a pipeline stands in. */
export interface ParentSurroundings {
  /** Type and settings of the aggregation around it; `undefined` at the top. */
  readonly parent: { readonly type: string; readonly body: JsonObject } | undefined;
  /** The definitions that it stands among. */
  readonly aggs: JsonObject;
  readonly findScript: FindScript | undefined;
}

/** A bucket, and where its numbers come from. */
type Apply = ParentPipeline["apply"];

interface Kind {
  readonly settings: readonly string[];
  readonly resultType: string;
  /** True when only histograms have it. */
  readonly needsHistogram: boolean;
  readonly compile: (name: string, body: JsonObject, around: ParentSurroundings) => Compiled;
}

/** A pipeline without its name, and the paths that it reads. */
interface Compiled {
  readonly paths: readonly string[];
  readonly apply: (pipeline: Pipeline) => Apply;
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
  serial_diff: {
    settings: [...common, "lag"],
    resultType: "simple_value",
    needsHistogram: true,
    compile: compileSerialDifference,
  },
};

/** Aggregations whose buckets a pipeline may go through. */
const parents: ReadonlySet<string> = new Set(
  "composite date_histogram histogram multi_terms rare_terms significant_terms terms".split(" "),
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
  const pipeline = { name, resultType: kind.resultType, meta: definition["meta"] };
  return {
    pipeline: { ...pipeline, apply: apply(pipeline) },
    needs: paths.map(firstOf),
  };
}

function checkParent(name: string, type: string, kind: Kind, { parent }: ParentSurroundings): void {
  const isHistogram = parent?.type === "histogram" || parent?.type === "date_histogram";
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

/** Reads numbers of buckets. */
function reader(path: string, gap: GapPolicy): (bucket: Result) => number {
  const steps = pathSteps(path);
  return (bucket) => bucketNumber(bucket, steps, gap, path) ?? NaN;
}

/** Adds a member to buckets; `undefined` adds none. */
function adding(
  paths: readonly string[],
  start: () => (bucket: Result) => Result | undefined,
): Compiled {
  return {
    paths,
    apply: (pipeline) => (buckets, nameOf) => {
      const step = start();
      const { meta } = pipeline;
      return buckets.map((bucket) => {
        const found = step(bucket);
        if (found === undefined) return bucket;
        const own = meta === undefined ? found : { meta, ...found };
        return { ...bucket, [nameOf(pipeline)]: own };
      });
    },
  };
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

function compileMovingFunction(name: string, body: JsonObject): Compiled {
  const path = bucketsPathOf(name, body);
  const read = reader(path, gapPolicyOf(body));
  const text = numberTextOf(body);
  const { script } = body;
  const source = isObject(script) ? textOf(script["source"] ?? "") : textOf(script ?? "");
  const compute = readMovingFunction(source);
  const window = Number(body["window"] ?? 0);
  if (!(window > 0)) throw illegalArgument("[window] must be a positive, non-zero integer.");
  const shift = Number(body["shift"] ?? 0);
  return {
    paths: [path],
    apply: (pipeline) => (buckets, nameOf) => {
      const values = buckets.map(read).filter((value) => !Number.isNaN(value));
      let at = 0;
      return buckets.map((bucket) => {
        if (Number.isNaN(read(bucket))) return bucket;
        const from = Math.max(0, at - window + shift);
        const to = Math.max(0, at + shift);
        at++;
        return {
          ...bucket,
          [nameOf(pipeline)]: simpleValue(compute(values.slice(from, to)), text),
        };
      });
    },
  };
}

/** A script over numbers of a bucket, with the paths that they come from. */
interface BucketRun {
  readonly paths: readonly string[];
  /** `undefined` where a number is missing and `skips` says that this counts. */
  readonly run: (bucket: Result, skips: boolean) => unknown;
}

function compileRun(body: JsonObject, around: ParentSurroundings): BucketRun {
  const gap = gapPolicyOf(body);
  const given = body["buckets_path"];
  const paths = isObject(given)
    ? Object.entries(given)
    : typeof given === "string"
      ? [["_value", given] as const]
      : [];
  if (paths.length === 0) throw notSupported("a list as [buckets_path] of a script");
  if (body["script"] === undefined) throw illegalArgument("Required [script]");
  const script = readScript(body["script"], around.findScript);
  const readers = paths.map(([name, path]) => ({ name, read: reader(textOf(path), gap) }));
  const params = toScriptValue(script.params) as Map<unknown, unknown>;
  return {
    paths: paths.map(([, path]) => textOf(path)),
    run(bucket, skips) {
      const values = new Map(params);
      for (const { name, read } of readers) {
        const value = read(bucket);
        if (skips && gap !== "keep_values" && Number.isNaN(value)) return undefined;
        values.set(name, new Double(value));
      }
      return runScript(script, { variables: { params: values } });
    },
  };
}

function compileBucketScript(
  _name: string,
  body: JsonObject,
  around: ParentSurroundings,
): Compiled {
  const { paths, run } = compileRun(body, around);
  const text = numberTextOf(body);
  return adding(paths, () => (bucket) => {
    const result = run(bucket, true);
    const value = result === null || result === undefined ? undefined : numberIn(result);
    return value === undefined ? undefined : simpleValue(value, text);
  });
}

function compileBucketSelector(
  _name: string,
  body: JsonObject,
  around: ParentSurroundings,
): Compiled {
  const { paths, run } = compileRun(body, around);
  return {
    paths,
    apply: () => (buckets) => buckets.filter((bucket) => run(bucket, false) === true),
  };
}

function compileBucketSort(_name: string, body: JsonObject): Compiled {
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
  const readers = keys.map(({ path, sign }) => ({
    sign,
    read: path === "_key" ? readKey : reader(path, gap),
  }));
  return {
    paths: keys.map(({ path }) => path),
    apply: () => (buckets) => sortBuckets(buckets, readers).slice(from, from + size),
  };
}
