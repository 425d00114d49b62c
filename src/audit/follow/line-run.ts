/** Whole lines of one segment, as the follower hands them on. */
import type { Buffer } from "node:buffer";

/** Lines that stand one behind the other; the buffer is used again after the call. */
export interface LineRun {
  /** Such as `audit.2.ndjson`. */
  readonly journal: string;
  /** Name of the file when it was opened; it may have been renamed since. */
  readonly segment: string;
  /** Number of the first line among all lines of the journal, from 0. */
  readonly firstIndex: number;
  /** Where `bytes` begins in the segment. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** Offset in `bytes` of the line feed of each line. */
  readonly ends: readonly number[];
}

/** What is done with the lines of a trail after they were written. */
export interface FollowStage {
  /** Lines in their order, each once; after a crash again from the last `save` on. */
  lines(run: LineRun): void;
  /** Nothing is added to this segment any more. */
  sealed(journal: string, segment: string): void;
  /** The position is about to be saved: what was given so far must be on disk when this returns. */
  save(): void;
}
