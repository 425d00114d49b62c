/** Reads one journal from its first to its last segment. */
import { Buffer } from "node:buffer";

import { EntryAssembler } from "./entry-assembler.ts";
import type { FoundLine } from "./line-index.ts";
import { LineJoiner, type Candidate } from "./line-joiner.ts";
import { LineWindow } from "./line-window.ts";
import { SegmentProblems, type ReadListener } from "./read-problem.ts";
import { SegmentFiles, type StartedSegment } from "./segment-files.ts";
import type { Segment } from "./segment.ts";
import type { Selection } from "./selection.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** The segment that is being read. */
interface Current {
  readonly segment: Segment;
  readonly started: StartedSegment;
  readonly problems: SegmentProblems;
  /** Bytes that are left; those that are written meanwhile are not read. */
  remaining: number;
  /** The lines that are needed, those that come last first; `undefined`: all are read. */
  readonly lines: FoundLine[] | undefined;
}

/** Lines that are looked up in one step. */
const linesPerStep = 256;
const lineFeed = Buffer.from("\n");

/** One journal, read step by step. `close` ends it. */
export class JournalScanner {
  readonly #segments: readonly Segment[];
  readonly #selection: Selection;
  readonly #listener: ReadListener;
  readonly #files = new SegmentFiles();
  readonly #window = new LineWindow();
  readonly #joiner: LineJoiner;
  readonly #assembler: EntryAssembler;
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
    this.#selection = selection;
    this.#listener = listener;
    this.#joiner = new LineJoiner(selection);
    const journal = { segments, earlier, files: this.#files };
    this.#assembler = new EntryAssembler(journal, selection, listener);
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
        return this.#assembler.entriesOf(this.#joiner.takePending());
      }
      if (current.lines !== undefined) {
        const found = await this.#lookUp(current, current.lines);
        if (found !== undefined) return this.#assembler.entriesOf(found);
        await this.#end(current);
        continue;
      }
      const bytes = await this.#advance(current);
      if (bytes === 0) {
        await this.#end(current);
        continue;
      }
      const number = this.#next - 1;
      const { segment, problems } = current;
      const candidates = this.#joiner.pass(this.#window, segment, number, problems);
      return this.#assembler.entriesOf(candidates);
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
        const lines = this.#selection.linesOf(segment)?.toReversed();
        return { segment, started, problems, remaining: started.size, lines };
      } catch (error) {
        problems.unreadable(0, error);
      }
    }
  }

  /** Reads the next lines that are needed; `undefined`: there are no more. */
  async #lookUp(
    { segment, problems }: Current,
    lines: FoundLine[],
  ): Promise<Candidate[] | undefined> {
    if (lines.length === 0) return undefined;
    const candidates: Candidate[] = [];
    for (let count = 0; count < linesPerStep; count += 1) {
      const line = lines.pop();
      if (line === undefined) break;
      const bytes = await this.#lineAt(segment, line, problems);
      if (bytes === undefined) {
        lines.length = 0;
        break;
      }
      // Where another file has taken the place of the segment, there may be less.
      const window = { bytes, offset: line.at, end: bytes.length };
      candidates.push(...this.#joiner.pass(window, segment, this.#next - 1, problems));
    }
    return candidates;
  }

  /** A line with its line feed; `undefined`: the segment is gone, which was told. */
  async #lineAt(
    segment: Segment,
    { at, length }: FoundLine,
    problems: SegmentProblems,
  ): Promise<Buffer<ArrayBuffer> | undefined> {
    try {
      return Buffer.concat([await this.#files.readLine(segment, at, length), lineFeed]);
    } catch (error) {
      problems.unreadable(at, error);
      return undefined;
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
    problems.end(this.#window);
    this.#current = undefined;
    await started.end();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
