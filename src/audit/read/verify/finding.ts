/** What a verification has found to be wrong. */

/**
 * What happened. To records: `edited`, `removed`, `inserted`, `swapped`, `cut` (removed at the
 * end), `rewritten` (the log was computed anew: which record of a range it was cannot be told),
 * `unreadable`. To bodies: `body_changed`, `body_missing`, `pack_missing`. To the log:
 * `tile_changed`, `tile_missing`, `checkpoint_invalid`, `unsigned` (nobody has signed, or not who
 * should have), `log_missing`, `removals_changed` (the file that says what was removed),
 * `side_log_changed` (the records beside the trail), `unproven` (what was pruned or erased, and
 * only the records beside the trail say so).
 */
export type FindingKind =
  | "edited"
  | "removed"
  | "inserted"
  | "swapped"
  | "cut"
  | "rewritten"
  | "unreadable"
  | "body_changed"
  | "body_missing"
  | "pack_missing"
  | "tile_changed"
  | "tile_missing"
  | "checkpoint_invalid"
  | "unsigned"
  | "log_missing"
  | "removals_changed"
  | "side_log_changed"
  | "unproven";

/** One thing that is wrong. */
export interface Finding {
  readonly kind: FindingKind;
  /** Such as `audit.2`. */
  readonly log: string;
  /** Number of the first record that it concerns, in the log, from 0; `undefined`: none. */
  readonly index: number | undefined;
  /** Records that it concerns from `index` on; with `rewritten`: one or more of these. */
  readonly count: number;
  /** Where the record stands, or would: name of the segment, and offset before compression. */
  readonly segment: string | undefined;
  readonly offset: number | undefined;
  /** Id of the record that stands there. */
  readonly id: string | undefined;
  /** What happened, in a sentence for people. */
  readonly message: string;
}

/** A finding without a place in a segment. */
export function findingOf(
  kind: FindingKind,
  log: string,
  message: string,
  index?: number,
  count = index === undefined ? 0 : 1,
): Finding {
  return { kind, log, index, count, message, segment: undefined, offset: undefined, id: undefined };
}

/** A finding whose line is known and whose place is not yet. */
export interface Unplaced {
  readonly kind: FindingKind;
  readonly index: number;
  readonly count: number;
  /** Among the lines of the journal. */
  readonly line: number | undefined;
  readonly message: string;
}
