/** One value for several of a document: the modes `sum`, `avg` and `median` (`MultiValueMode`). */
import { toLong } from "../../json/java-number.ts";
import type { IndexedValue } from "../fields/value.ts";

/** The value of several doubles. */
export function combinedDoubles(mode: string, values: readonly IndexedValue[]): number {
  const numbers = values.map(Number).sort((a, b) => a - b);
  if (mode === "median") return medianOf(numbers);
  const sum = numbers.reduce((total, value) => total + value, 0);
  return mode === "sum" ? sum : sum / numbers.length;
}

/** The value of several longs: sums overflow, and what is divided is rounded as a double. */
export function combinedLongs(mode: string, values: readonly IndexedValue[]): number | bigint {
  const numbers = values.map(BigInt).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const middle = numbers[numbers.length >> 1];
  if (mode === "median")
    return numbers.length % 2 === 1 && middle !== undefined
      ? toLong(middle)
      : rounded(medianOf(numbers.map(Number)));
  const sum = BigInt.asIntN(
    64,
    numbers.reduce((total, value) => total + value, 0n),
  );
  return mode === "sum" ? toLong(sum) : rounded(Number(sum) / numbers.length);
}

/** The value of several integers: that of longs, cut to 32 bits. */
export function combinedIntegers(mode: string, values: readonly IndexedValue[]): number {
  return Number(BigInt.asIntN(32, BigInt(combinedLongs(mode, values))));
}

function medianOf(sorted: readonly number[]): number {
  const high = sorted[sorted.length >> 1] ?? 0;
  if (sorted.length % 2 === 1) return high;
  return ((sorted[(sorted.length >> 1) - 1] ?? 0) + high) / 2;
}

/** Java's `Math.round`, which stops at the ends of a long. */
function rounded(value: number): number | bigint {
  const whole = Math.round(value);
  if (Number.isSafeInteger(whole)) return whole;
  const long = BigInt(whole);
  return long > greatest ? greatest : long;
}

const greatest = 2n ** 63n - 1n;
