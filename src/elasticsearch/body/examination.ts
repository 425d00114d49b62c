import type { JsonFault } from "./json-visitor.ts";
import type { ScanResult } from "./scan-result.ts";

/**
 * Why a body was not examined to its end, or not at all.
 *
 * - `syntax`, `depth`, `encoding`, `end`: see `JsonFault`;
 * - `trailing`: something stands behind the JSON value, which Elasticsearch reads or not, by API;
 * - `media_type`: CBOR, SMILE, YAML, a vector tile, Arrow or another format that is not JSON;
 * - `coding`: an unknown content coding; `corrupt`: the coded bytes are no such coding;
 * - `ratio`, `size`: it unpacks to more than is looked at;
 * - `embedded`: a query in the body that is text itself (a template, a wrapper query) was not read
 *   to its end;
 * - `unknown_api`: nothing is known of the bodies of this API endpoint.
 */
export type ExaminationReason =
  | JsonFault
  | "trailing"
  | "media_type"
  | "coding"
  | "corrupt"
  | "ratio"
  | "size"
  | "embedded"
  | "unknown_api";

/**
 * How much of a body its facts rest on.
 *
 * `whole`: all of it. `partial`: up to `at`, for `reason`. `none`: nothing, for `reason`.
 * `not_needed`: what stands in bodies of this API endpoint tells nothing. `empty`: there was none.
 */
export interface Examination {
  readonly state: "whole" | "partial" | "none" | "not_needed" | "empty";
  readonly reason?: ExaminationReason;
  /** Offset in the decoded body from which on nothing was read, in bytes. */
  readonly at?: number;
  /** Bytes of the decoded body that were seen. */
  readonly bytes: number;
}

/**
 * How much a scanner read of a body.
 *
 * @param reason why not all of it was written to the scanner, or not all understood
 */
export function examinationOf(
  scanner: ScanResult & { isBlank: boolean },
  reason: ExaminationReason | undefined,
): Examination {
  const bytes = scanner.written;
  if (scanner.fault !== undefined)
    return { state: "partial", reason: scanner.fault, at: scanner.faultAt, bytes };
  if (reason !== undefined) return { state: "partial", reason, at: bytes, bytes };
  if (scanner.isBlank) return { state: "empty", bytes };
  if (scanner.hasMore) return { state: "partial", reason: "trailing", at: scanner.moreAt, bytes };
  return { state: "whole", bytes };
}
