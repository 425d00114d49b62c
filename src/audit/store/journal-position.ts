/** How far a journal was followed, in a form that survives a restart. */
import { renewFile } from "../../core/durable-file.ts";
import { readWholeFile } from "../../core/read-file.ts";

/** One segment of a journal, in the order in which they were written. */
export interface FollowedSegment {
  /** Name of the file when it was last looked at. */
  name: string;
  /**
   * Inode, which a file keeps when it is renamed; a later file may get it when this one is gone.
   */
  inode: number;
  /**
   * Time of its first record in milliseconds since the epoch, when it is done; tells files apart.
   */
  firstMs: number;
  /** Number of its first line in the journal. */
  firstIndex: number;
  /** Lines that were followed. */
  lines: number;
  /** Bytes of these lines. */
  bytes: number;
  /**
   * The last of these lines: where it begins, and SHA-256 of it in hexadecimal; -1: there is none.
   */
  lastLineAt: number;
  lastLineSha256: string;
  /** Followed to its end; nothing is added any more. */
  isDone: boolean;
}

/** All of a journal, oldest first; only the last one may not be done. */
export interface JournalPosition {
  readonly segments: FollowedSegment[];
}

/** Reads a saved position; `undefined` when there is none. @throws {Error} when it is broken */
export function readPosition(path: string): JournalPosition | undefined {
  let text: string;
  try {
    text = readWholeFile(path, Infinity).toString("utf8");
  } catch {
    return undefined;
  }
  // Only this module writes it, by rename.
  const position = JSON.parse(text) as JournalPosition;
  if (!Array.isArray(position.segments)) throw new Error(`${path} is no position of a journal`);
  return position;
}

/** Replaces the saved position in one step. @throws {Error} of the file system */
export function writePosition(path: string, position: JournalPosition): void {
  renewFile(path, JSON.stringify(position));
}

/** Lines that were followed in all segments. */
export function followedLines({ segments }: JournalPosition): number {
  const last = segments.at(-1);
  return last === undefined ? 0 : last.firstIndex + last.lines;
}
