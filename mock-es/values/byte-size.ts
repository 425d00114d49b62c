/** Sizes as Elasticsearch writes them: `1gb`, `512kb`, `-1`. */
import { EsError } from "../es-error.ts";

/** Bytes in each unit of size. */
export const byteUnits: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  tb: 1024 ** 4,
  pb: 1024 ** 5,
};

const most = 9_223_372_036_854_775_807n;

/**
 * Reads a size, in bytes.
 *
 * @param setting name that the refusal gives
 * @throws {EsError} 400 `parse_exception` for what is none
 */
export function parseByteSize(text: string, setting: string): number {
  const normal = text.toLowerCase().trim();
  const failed = `failed to parse setting [${setting}] with value [${text}]`;
  if (normal === "-1" || normal === "0") return Number(normal);
  const found = /(?:[kmgtp]b?|b)$/.exec(normal);
  if (found === null)
    throw parseFailure(`${failed} as a size in bytes: unit is missing or unrecognized`);
  const [suffix] = found;
  const scale = byteUnits[suffix.endsWith("b") ? suffix : `${suffix}b`] ?? 1;
  const count = normal.slice(0, found.index).trim();
  const whole = /^[+-]?\d+$/.test(count) ? BigInt(count.replace("+", "")) : undefined;
  if (whole !== undefined && BigInt.asIntN(64, whole) === whole) {
    const bytes = whole * BigInt(scale);
    if (bytes >= -1n && bytes <= most) return Number(bytes);
    const bound = bytes < 0n ? "less than -1" : `greater than ${most}`;
    throw parseFailure(`${failed} as a size in bytes`, {
      type: "illegal_argument_exception",
      reason: `Values ${bound} bytes are not supported: ${text}`,
    });
  }
  if (scale === 1 || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(count)) {
    const reason = `For input string: "${count}"`;
    throw parseFailure(failed, { type: "number_format_exception", reason });
  }
  const bytes = Number(count) * scale;
  if (bytes < 0) throw parseFailure(failed);
  if (bytes < Number(most)) return Math.floor(bytes);
  throw parseFailure(`failed to parse setting [${setting}] with value beyond ${most}: [${text}]`, {
    type: "arithmetic_exception",
    reason: "Overflow",
  });
}

function parseFailure(reason: string, cause?: Record<string, string>): EsError {
  return new EsError(
    400,
    "parse_exception",
    reason,
    cause === undefined ? {} : { caused_by: cause },
  );
}
