/** The two zeros of fractions: where the index keeps them in order, -0.0 is below 0.0. */
import { notSupported } from "../../es-error.ts";
import type { Field } from "./field.ts";
import type { IndexedValue } from "./value.ts";

/** True for a field whose index has two zeros; what scripts compute is compared as numbers. */
export function tellsZerosApart(field: Field): boolean {
  return field.kind === "double" && !field.isRuntime;
}

/** -1, 0 or 1 for two zeros as Java's `Double.compare` orders them, and 0 for others. */
export function compareZeros(a: unknown, b: unknown): number {
  if (a !== 0 || b !== 0) return 0;
  return Number(Object.is(b, -0)) - Number(Object.is(a, -0));
}

/** @throws {EsError} for -0.0, which would be a bucket or a group of its own */
export function refuseNegativeZero(values: readonly IndexedValue[]): void {
  for (const value of values)
    if (Object.is(value, -0)) throw notSupported("a bucket or group of the number -0.0");
}
