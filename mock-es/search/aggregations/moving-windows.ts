/** Pipelines over windows of buckets: `moving_fn`, `moving_percentiles`. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { bucketsPathOf, gapPolicyOf, pathSteps } from "./buckets-path.ts";
import { keptAt } from "./kept-values.ts";
import { readMovingFunction } from "./moving-functions.ts";
import { type Compiled, reader } from "./parent-pipeline.ts";
import { numberTextOf, simpleValue } from "./pipeline-values.ts";

/** `moving_fn`: a function of the values before a bucket. */
export function compileMovingFunction(name: string, body: JsonObject): Compiled {
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

/** `moving_percentiles`: percentiles of the values of the buckets before a bucket. */
export function compileMovingPercentiles(name: string, body: JsonObject): Compiled {
  const path = bucketsPathOf(name, body);
  const steps = pathSteps(path);
  const window = Number(body["window"] ?? 0);
  if (!(window > 0)) throw illegalArgument("[window] must be a positive, non-zero integer.");
  const shift = Number(body["shift"] ?? 0);
  return {
    paths: [path],
    apply: (pipeline) => (buckets, nameOf) => {
      const found = buckets.map((bucket) => keptAt(bucket, steps));
      return buckets.map((bucket, at) => {
        const place = (index: number): number => Math.min(Math.max(index, 0), found.length);
        const seen = found.slice(place(at - window + shift), place(at + shift));
        const [first] = seen;
        if (first === undefined) return bucket;
        if (seen.some((kept) => kept?.kind !== "percentiles") || first?.kind !== "percentiles")
          throw notSupported(`[moving_percentiles] of [${path}]`);
        const values = seen.flatMap((kept) => (kept?.kind === "percentiles" ? kept.values : []));
        const { meta } = pipeline;
        const own = first.show(values.sort((a, b) => a - b));
        return { ...bucket, [nameOf(pipeline)]: meta === undefined ? own : { meta, ...own } };
      });
    },
  };
}
