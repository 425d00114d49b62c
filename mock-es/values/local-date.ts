/** Dates beyond those that JavaScript has, and years as java.time writes them. */

/** A local time, as if it were UTC. */
export interface LocalDate {
  readonly date: Date;
  /** Years to add to those of the date; its days of the week are right. */
  readonly years: number;
}

/** Furthest instant that `Date` knows, in milliseconds from the epoch (ECMA-262 §21.4.1.1). */
const furthestMs = 8.64e15;
/** The calendar repeats itself after 400 years. */
const cycleYears = 400;
const cycleMs = 146_097n * 86_400_000n;

/** The date of a time in milliseconds, which may be further away than JavaScript has dates. */
export function localDate(localMs: number): LocalDate {
  if (Math.abs(localMs) <= furthestMs) return { date: new Date(localMs), years: 0 };
  const all = BigInt(localMs);
  const rest = ((all % cycleMs) + cycleMs) % cycleMs;
  return { date: new Date(Number(rest)), years: Number((all - rest) / cycleMs) * cycleYears };
}

/** Letters of a pattern from which years that are longer have a sign. */
const signedFrom = 4;

/** A year with at least so many digits; longer ones have a sign in patterns of four letters. */
export function yearText(year: number, width: number, isSigned = true): string {
  const digits = String(Math.abs(year)).padStart(width, "0");
  if (year < 0) return `-${digits}`;
  return isSigned && width >= signedFrom && digits.length > width ? `+${digits}` : digits;
}
