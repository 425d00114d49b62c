/** What is wrong with a trail that is read all the same. */
import type { AuditDocument } from "../format/audit-document.ts";
import { lockedReason, type LockedSegment } from "./catalog.ts";
import type { LineWindow } from "./line-window.ts";

/** One thing that could not be read; the rest was. */
export interface ReadProblem {
  /** Name of the segment. */
  readonly segment: string;
  /** Where it begins in the segment, before compression. Bytes. */
  readonly offset: number;
  /**
   * `garbage`: lines that are no records. `torn`: a last line without end, which may still be
   * written. `unreadable`: the segment cannot be read from there on. `encrypted`: nothing of it
   * was read. `unsearched`: a body that the filter asks for, whose record begins there.
   */
  readonly kind: "garbage" | "torn" | "unreadable" | "encrypted" | "unsearched";
  readonly message: string;
}

/** Is told what readers must not keep to themselves, whatever is selected. */
export interface ReadListener {
  problem(problem: ReadProblem): void;
  /** A gap record: records are missing from the trail, and it says how many. */
  gap(document: AuditDocument): void;
}

/** Tells of segments that nothing given opens. */
export function tellLocked(segments: readonly LockedSegment[], listener: ReadListener): void {
  for (const { name } of segments)
    listener.problem({ segment: name, offset: 0, kind: "encrypted", message: lockedReason() });
}

/** So many broken lines of one segment are told one by one. */
const maxTold = 5;

/** The problems of one segment, of which only the first are told one by one. */
export class SegmentProblems {
  readonly #segment: string;
  readonly #listener: ReadListener;
  #garbage = 0;

  constructor(segment: string, listener: ReadListener) {
    this.#segment = segment;
    this.#listener = listener;
  }

  garbage(offset: number, length: number): void {
    this.#garbage += 1;
    if (this.#garbage > maxTold) return;
    this.#tell("garbage", offset, `a line of ${length} bytes is no record`);
  }

  unreadable(offset: number, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#tell("unreadable", offset, `cannot be read from here on: ${reason}`);
  }

  /** The segment has been read to where the window is. */
  end({ tailBytes, tailAt, isTailBroken, skippedBytes, skippedAt }: LineWindow): void {
    if (isTailBroken) this.#tell("garbage", tailAt, `${tailBytes} bytes are no records`);
    else if (tailBytes > 0) {
      const message = `the last line has no end (${tailBytes} bytes); it may still be written`;
      this.#tell("torn", tailAt, message);
    }
    if (this.#garbage > maxTold)
      this.#tell("garbage", 0, `${this.#garbage} lines in all are no records`);
    if (skippedBytes > 0)
      this.#tell("garbage", skippedAt, `${skippedBytes} bytes are in lines too long for records`);
  }

  #tell(kind: ReadProblem["kind"], offset: number, message: string): void {
    this.#listener.problem({ segment: this.#segment, offset, kind, message });
  }
}
