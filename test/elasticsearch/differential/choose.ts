/** Random parts that generators of requests share. */
import * as fc from "fast-check";

export type Json = Readonly<Record<string, unknown>>;

/** Some of the settings, each with a value. */
export function settings(
  of: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  most = 2,
): fc.Arbitrary<Json> {
  const names = Object.keys(of);
  return fc
    .subarray(names, { maxLength: Math.min(most, names.length) })
    .chain((some) =>
      fc.record(Object.fromEntries(some.map((name) => [name, of[name] ?? fc.constant(1)]))),
    );
}

/** Forms of `minimum_should_match`. */
export const minimums = fc.constantFrom<unknown>(
  0,
  1,
  2,
  -1,
  "50%",
  "-25%",
  "2<75%",
  "1<-1 3<50%",
  "150%",
);

/** Zones with and without a daylight saving time. */
export const zones = fc.constantFrom("+01:00", "Europe/Berlin", "America/St_Johns", "-03:30");
