import { illegalArgument } from "../es-error.ts";

const unitMs: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a time value such as `1m` or `500ms`, in milliseconds.
 *
 * @throws {EsError} 400 for a value without a unit, or with one that does not exist
 */
export function parseDuration(text: string, setting: string): number {
  const match = /^(-?\d+(?:\.\d+)?)\s*(nanos|micros|ms|s|m|h|d)$/i.exec(text.trim());
  if (match !== null) return Number(match[1]) * (unitMs[(match[2] ?? "").toLowerCase()] ?? 1);
  if (text === "0") return 0;
  if (text === "-1") return -1;
  throw illegalArgument(
    `failed to parse setting [${setting}] with value [${text}] as a time value: unit is missing or unrecognized`,
  );
}
