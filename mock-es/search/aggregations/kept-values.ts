/** Values behind results, for pipelines that put them together again. */
import type { IndexedValue } from "../fields/value.ts";
import type { Result } from "./aggregation.ts";
import { memberOf } from "./bucket-order.ts";

/** What a result was made of. */
export type Kept =
  | { readonly kind: "distinct"; readonly values: ReadonlySet<IndexedValue> }
  | {
      readonly kind: "percentiles";
      readonly values: readonly number[];
      /** The result of other values, which are sorted. */
      readonly show: (sorted: readonly number[]) => Result;
    };

const kept = new WeakMap<Result, Kept>();

/** Remembers what a result was made of, and gives the result. */
export function keep(result: Result, values: Kept): Result {
  kept.set(result, values);
  return result;
}

/** What the result at the end of a path was made of; `undefined` for one that keeps nothing. */
export function keptAt(bucket: Result, steps: readonly string[]): Kept | undefined {
  let at: unknown = bucket;
  for (const step of steps) at = memberOf(at, step);
  return typeof at === "object" && at !== null ? kept.get(at as Result) : undefined;
}
