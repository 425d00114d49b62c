/** What pipelines over the buckets that they are in have in common. */
import type { JsonObject } from "../../json/json-value.ts";
import type { FindScript } from "../../script/script.ts";
import type { ParentPipeline, Pipeline, Result } from "./aggregation.ts";
import { bucketNumber, type GapPolicy, pathSteps } from "./buckets-path.ts";

/** What a pipeline stands in. */
export interface ParentSurroundings {
  /** Type and settings of the aggregation around it; `undefined` at the top. */
  readonly parent: { readonly type: string; readonly body: JsonObject } | undefined;
  /** The definitions that it stands among. */
  readonly aggs: JsonObject;
  readonly findScript: FindScript | undefined;
}

/** See {@link ParentPipeline.apply}. */
export type Apply = ParentPipeline["apply"];

/** A pipeline without its name, and the paths that it reads. */
export interface Compiled {
  readonly paths: readonly string[];
  readonly apply: (pipeline: Pipeline) => Apply;
}

/** Reads numbers of buckets. */
export function reader(path: string, gap: GapPolicy): (bucket: Result) => number {
  const steps = pathSteps(path);
  return (bucket) => bucketNumber(bucket, steps, gap, path) ?? NaN;
}

/** Adds a member to buckets; `undefined` adds none. */
export function adding(
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
