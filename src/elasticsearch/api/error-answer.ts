import { constants, gunzipSync } from "node:zlib";

/**
 * How an error of Elasticsearch begins, one char per byte: `{"error":…`, plain or with `pretty`,
 * and the same map in YAML, CBOR (RFC 8949 §3.2.2) and Smile.
 */
const errorStart = /^(?:\s*\{\s*"error"\s*:|---\s+error:|\xbf\x65error|:\)\n[^]\xfa\x84error)/;
/**
 * Types of errors of 503 that any node answers with, because of what a call asks for: more copies
 * of a shard than there are, an index without its shards, less time than the master takes, a
 * snapshot beside another one. What says that a node has no cluster is none of them
 * (`master_not_discovered_exception`, `cluster_block_exception`).
 */
const requestErrors = [
  "unavailable_shards_exception",
  "no_shard_available_action_exception",
  "search_phase_execution_exception",
  "process_cluster_event_timeout_exception",
  "snapshot_in_progress_exception",
  "concurrent_snapshot_execution_exception",
];
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
  return errorStart.test(textOf(start, coding));
}

/** Whether it is one that another node would give, too; parameters as of {@link isErrorBody}. */
export function isRequestError(start: Buffer, coding: string | undefined): boolean {
  const text = textOf(start, coding);
  return errorStart.test(text) && requestErrors.some((type) => text.includes(type));
}

/** One char per byte; empty where the coding is not read here. */
function textOf(start: Buffer, coding: string | undefined): string {
  const bytes = start.subarray(0, errorStartBytes);
  if (coding === undefined || coding === "") return bytes.toString("latin1");
  if (coding !== "gzip") return "";
  try {
    const plain = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    return plain.toString("latin1", 0, errorStartBytes);
  } catch {
    return "";
  }
}
