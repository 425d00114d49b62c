/** The order of `bucket_sort`. */
import { numberOf } from "../../json/java-number.ts";
import type { Result } from "./aggregation.ts";

/** What buckets are sorted by. */
interface SortKey {
  readonly sign: number;
  readonly read: (bucket: Result) => number | string;
}

/** Reads the key of a bucket. */
export function readKey({ key }: Result): number | string {
  return typeof key === "string" ? key : numberOf(key);
}

/** Buckets without any of the values are left out. */
export function sortBuckets(
  buckets: readonly Result[],
  keys: readonly SortKey[],
): readonly Result[] {
  if (keys.length === 0) return buckets;
  return buckets
    .map((bucket) => ({ bucket, values: keys.map(({ read }) => read(bucket)) }))
    .filter(({ values }) => values.some((value) => !Number.isNaN(value)))
    .sort((a, b) => {
      for (const [at, { sign }] of keys.entries()) {
        const [left = NaN, right = NaN] = [a.values[at], b.values[at]];
        if (Number.isNaN(left) || Number.isNaN(right)) {
          const order = Number(Number.isNaN(left)) - Number(Number.isNaN(right));
          if (order !== 0) return order;
          continue;
        }
        if (left !== right) return left < right ? -sign : sign;
      }
      return 0;
    })
    .map(({ bucket }) => bucket);
}
