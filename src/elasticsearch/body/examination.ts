import type { JsonFault } from "./json-visitor.ts";

/**
 * Why a body was not examined to its end, or not at all.
 *
 * - `syntax`, `depth`, `encoding`, `end`: see `JsonFault`;
 * - `trailing`: something stands behind the JSON value, which Elasticsearch reads or not, by API;
 * - `media_type`: CBOR, SMILE, YAML, a vector tile, Arrow or another format that is not JSON;
 * - `coding`: an unknown content coding; `corrupt`: the coded bytes are no such coding;
 * - `ratio`, `size`: it unpacks to more than is looked at;
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
