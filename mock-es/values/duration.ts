/** Durations as Elasticsearch writes them: `1m`, `500ms`, `-1`. */
import { type EsError, illegalArgument } from "../es-error.ts";

/** Milliseconds in each unit of time. */
export const unitMs: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const units: readonly string[] = Object.keys(unitMs);

/** A duration in milliseconds; -1 for -1 of any unit, `undefined` for a text that is none. */
export function tryDuration(text: string): number | undefined {
  const { unit, count } = split(text);
  if (unit === undefined) return /^0+$/.test(count) ? 0 : /^-0*1$/.test(count) ? -1 : undefined;
  const value = toLong(count);
  if (value === undefined || value < -1) return undefined;
  return value === -1 ? -1 : value * (unitMs[unit] ?? 1);
}

/** The number of a duration and its unit; minutes are `m` alone, other units are of any case. */
function split(text: string): { readonly unit: string | undefined; readonly count: string } {
  const normal = text.toLowerCase().trim();
  const unit = units.find((one) => (one === "m" ? text.endsWith("m") : normal.endsWith(one)));
  return { unit, count: normal.slice(0, normal.length - (unit?.length ?? 0)).trim() };
}

/** What Java's `Long.parseLong` reads. */
function toLong(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const exact = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, exact) === exact ? Number(exact) : undefined;
}

/** A duration that was checked when it was set, in milliseconds; 0 for a text that is none. */
export function durationMs(text: string): number {
  return tryDuration(text) ?? 0;
}

/**
 * Reads a duration, in milliseconds.
 *
 * @param setting name that the refusal gives
 * @throws {EsError} 400 for a value without a unit, with a fraction, or below -1
 */
export function parseDuration(text: string, setting: string): number {
  const value = tryDuration(text);
  if (value !== undefined) return value;
  throw durationProblem(text, setting);
}

/** What the server says of a text that is no duration. */
function durationProblem(text: string, setting: string): EsError {
  const { unit, count } = split(text);
  const failed = `failed to parse setting [${setting}] with value [${text}] as a time value`;
  if (unit === undefined) return illegalArgument(`${failed}: unit is missing or unrecognized`);
  if (toLong(count) !== undefined)
    return illegalArgument(`${failed}: negative durations are not supported`);
  const isNumber = count !== "" && !Number.isNaN(Number(count.replace(/[df]$/, "")));
  return illegalArgument(
    `failed to parse [${text}]${isNumber ? ", fractional time values are not supported" : ""}`,
    { caused_by: { type: "number_format_exception", reason: `For input string: "${count}"` } },
  );
}

/**
 * A duration in the largest unit of which it is at least one, with a decimal where it needs one.
 */
export function durationText(ms: number): string {
  for (const unit of ["d", "h", "m", "s"]) {
    const size = unitMs[unit] ?? 1;
    if (ms >= size) return `${Number((ms / size).toFixed(1))}${unit}`;
  }
  return `${ms}ms`;
}
