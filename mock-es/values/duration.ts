/** Durations as Elasticsearch writes them: `1m`, `500ms`, `-1`. */
import { illegalArgument } from "../es-error.ts";

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

/** A duration in milliseconds; -1 for `-1`, `undefined` for a text that is none. */
export function tryDuration(text: string): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)\s*(nanos|micros|ms|s|m|h|d)$/i.exec(text.trim());
  if (match !== null) return Number(match[1]) * (unitMs[(match[2] ?? "").toLowerCase()] ?? 1);
  return text === "0" || text === "-1" ? Number(text) : undefined;
}

/** A duration that was checked when it was set, in milliseconds; 0 for a text that is none. */
export function durationMs(text: string): number {
  return tryDuration(text) ?? 0;
}

/**
 * Reads a duration, in milliseconds.
 *
 * @param setting name that the refusal gives
 * @throws {EsError} 400 for a value without a unit, or with one that does not exist
 */
export function parseDuration(text: string, setting: string): number {
  const value = tryDuration(text);
  if (value !== undefined) return value;
  throw illegalArgument(
    `failed to parse setting [${setting}] with value [${text}] as a time value: unit is missing or unrecognized`,
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
