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

/** The server's `search.max_keep_alive`. */
const maxKeepAliveMs = 86_400_000;

/**
 * Reads how long a scroll or point in time shall be kept open.
 *
 * @throws {EsError} 400 for what is no time value, or more than a day
 */
export function parseKeepAlive(text: string, setting: string): number {
  const keepAliveMs = parseDuration(text, setting);
  if (keepAliveMs <= maxKeepAliveMs) return keepAliveMs;
  throw illegalArgument(
    `Keep alive for request (${inWords(keepAliveMs)}) is too large. It must be less than (1d). This limit can be set by changing the [search.max_keep_alive] cluster level setting.`,
  );
}

/**
 * A duration in the largest unit of which it is at least one, with one decimal where it is not
 * whole.
 */
function inWords(ms: number): string {
  const [unit, size] = ms >= 86_400_000 ? ["d", 86_400_000] : ["h", 3_600_000];
  return `${Number((ms / size).toFixed(1))}${unit}`;
}

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
