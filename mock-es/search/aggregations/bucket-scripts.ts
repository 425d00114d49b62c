/** Pipelines by scripts: `bucket_script` and `bucket_selector`. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { readScript, runScript } from "../../script/script.ts";
import { Double, numberIn, toScriptValue } from "../../script/values.ts";
import type { Result } from "./aggregation.ts";
import { gapPolicyOf } from "./buckets-path.ts";
import { adding, type Compiled, type ParentSurroundings, reader } from "./parent-pipeline.ts";
import { numberTextOf, simpleValue } from "./pipeline-values.ts";

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

/** `bucket_script`: a number for each bucket. */
export function compileBucketScript(
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

/** `bucket_selector`: the buckets that a script wants. */
export function compileBucketSelector(
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
