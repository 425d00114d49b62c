import { constants, gunzipSync } from "node:zlib";

/**
 * How an error of Elasticsearch begins, one char per byte: `{"error":…`, plain or with `pretty`,
 * and the same map in YAML, CBOR (RFC 8949 §3.2.2) and Smile.
 */
const errorStart = /^(?:\s*\{\s*"error"\s*:|---\s+error:|\xbf\x65error|:\)\n[^]\xfa\x84error)/;
/** Bytes that are looked at: inflated they are 256 KiB at most. */
export const errorStartBytes = 256;

/**
 * Whether a body is an error that Elasticsearch has made itself, as far as its beginning tells.
 *
 * @param start the beginning of the body's content; {@link errorStartBytes} of it, or the whole,
 *   decide
 * @param coding its content coding, in lower case; `undefined`: none
 */
export function isErrorBody(start: Buffer, coding: string | undefined): boolean {
  const bytes = start.subarray(0, errorStartBytes);
  if (coding === undefined || coding === "") return errorStart.test(bytes.toString("latin1"));
  if (coding !== "gzip") return false;
  try {
    const plain = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    return errorStart.test(plain.toString("latin1", 0, errorStartBytes));
  } catch {
    return false;
  }
}
