/** Reads one journal from its first to its last segment. */
import { Buffer } from "node:buffer";

import { textAt } from "../format/audit-document.ts";
import { LineJoiner, type Candidate, type LinePlace } from "./line-joiner.ts";
import { LineWindow } from "./line-window.ts";
import { timeOfId } from "./pending-requests.ts";
import { SegmentProblems, type ReadListener } from "./read-problem.ts";
import { findLine, mayHoldOpening } from "./find-line.ts";
import { SegmentFiles, type StartedSegment } from "./segment-files.ts";
import type { Segment } from "./segment.ts";
import type { Selection } from "./selection.ts";
import { RecordLine, type TrailEntry } from "./trail-entry.ts";

/** The segment that is being read. */
interface Current {
  readonly segment: Segment;
  readonly started: StartedSegment;
  readonly problems: SegmentProblems;
  /** Bytes that are left; those that are written meanwhile are not read. */
  remaining: number;
}

/** One journal, read step by step. `close` ends it. */
export class JournalScanner {
  readonly #segments: readonly Segment[];
  readonly #earlier: readonly Segment[];
  readonly #selection: Selection;
  readonly #listener: ReadListener;
  readonly #files = new SegmentFiles();
  readonly #window = new LineWindow();
  readonly #joiner: LineJoiner;
  /** For lines of segments that were passed over; made when the first one is needed. */
  #lookWindow: LineWindow | undefined = undefined;
  #next = 0;
  #current: Current | undefined = undefined;
  #isAtEnd = false;

  /**
   * @param segments in their order
   * @param earlier segments of the journal that are not read, but may hold a missing first record
   */
  constructor(
    segments: readonly Segment[],
    earlier: readonly Segment[],
    selection: Selection,
    listener: ReadListener,
  ) {
    this.#segments = segments;
    this.#earlier = earlier;
    this.#selection = selection;
    this.#listener = listener;
    this.#joiner = new LineJoiner(selection);
  }

  /** Time of the last line that was read; infinite at the end. Milliseconds since the epoch. */
  get timeMs(): number {
    if (this.#isAtEnd) return Infinity;
    return Number.isNaN(this.#joiner.timeMs) ? -Infinity : this.#joiner.timeMs;
  }

  /** How far it is, in bytes of files. */
  get position(): { readonly done: number; readonly total: number } {
    const sizes = this.#segments.map(({ size }) => size);
    const done = sizes.slice(0, this.#current === undefined ? this.#next : this.#next - 1);
    const { segment, started } = this.#current ?? {};
    const inside = Math.min(started?.source.position ?? 0, segment?.size ?? 0);
    return { done: sum(done) + inside, total: sum(sizes) };
  }

  /**
   * Reads on and gives wanted entries in the order of their last records, then those that have
   * none; `undefined` at the end.
   */
  async step(): Promise<readonly TrailEntry[] | undefined> {
    for (;;) {
      if (this.#isAtEnd) return undefined;
      const current = (this.#current ??= await this.#begin());
      if (current === undefined) {
        this.#isAtEnd = true;
        return this.#entriesOf(this.#joiner.takePending());
      }
      const bytes = await this.#advance(current);
      if (bytes === 0) {
        await this.#end(current);
        continue;
      }
      const number = this.#next - 1;
      const { segment, problems } = current;
      const candidates = this.#joiner.pass(this.#window, segment, number, problems);
      return this.#entriesOf(candidates);
    }
  }

  async close(): Promise<void> {
    await this.#current?.started.end();
    this.#current = undefined;
    this.#isAtEnd = true;
    await this.#files.close();
  }

  /** Opens the next segment that can be opened; `undefined`: there is none. */
  async #begin(): Promise<Current | undefined> {
    for (;;) {
      const segment = this.#segments[this.#next];
      if (segment === undefined) return undefined;
      this.#next += 1;
      const problems = new SegmentProblems(segment.name, this.#listener);
      try {
        const started = await this.#files.start(segment);
        this.#window.begin();
        this.#joiner.begin(segment);
        return { segment, started, problems, remaining: started.size };
      } catch (error) {
        problems.unreadable(0, error);
      }
    }
  }

  async #advance(current: Current): Promise<number> {
    try {
      const bytes = await this.#window.advance(current.started.source, current.remaining);
      current.remaining -= bytes;
      return bytes;
    } catch (error) {
      current.problems.unreadable(this.#window.offset, error);
      return 0;
    }
  }

  async #end({ started, problems }: Current): Promise<void> {
    const { tailBytes, offset, skippedBytes } = this.#window;
    if (tailBytes > 0) problems.torn(offset, tailBytes);
    problems.end(skippedBytes);
    this.#current = undefined;
    await started.end();
  }

  /** A line that has left memory; `undefined` when it cannot be read any more. */
  async #read({
    segment: number,
    offset,
    length,
    copy,
  }: LinePlace): Promise<RecordLine | undefined> {
    const segment = this.#segments[number];
    if (segment === undefined) return undefined;
    try {
      const bytes = copy ?? (await this.#files.readLine(segment, offset, length));
      return new RecordLine(segment, offset, bytes);
    } catch (error) {
      new SegmentProblems(segment.name, this.#listener).unreadable(offset, error);
      return undefined;
    }
  }

  /** The first record of an exchange that began in a segment which was passed over. */
  async #findEarlier(closing: RecordLine | undefined): Promise<RecordLine | undefined> {
    const id = textAt(closing?.document ?? {}, "event.id");
    if (id === undefined) return undefined;
    const idMs = timeOfId(Buffer.from(id, "latin1"), 0);
    const window = (this.#lookWindow ??= new LineWindow());
    for (const segment of this.#earlier) {
      if (!mayHoldOpening(segment, idMs)) continue;
      try {
        const line = await findLine(this.#files, window, segment, id, ["opening"]);
        if (line !== undefined) return line;
      } catch (error) {
        new SegmentProblems(segment.name, this.#listener).unreadable(0, error);
      }
    }
    return undefined;
  }

  async #entriesOf(candidates: readonly Candidate[]): Promise<TrailEntry[]> {
    const entries: TrailEntry[] = [];
    for (const { opening, closing, isAlone } of candidates) {
      const first =
        opening === undefined
          ? await this.#findEarlier(closing)
          : opening instanceof RecordLine
            ? opening
            : await this.#read(opening);
      if (isAlone && textAt(first?.document ?? {}, "es_proxy.record") === "gap")
        this.#listener.gap(first?.document ?? {});
      const entry = this.#selection.select(first, closing);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
