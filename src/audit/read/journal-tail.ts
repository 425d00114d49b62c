/** Follows one journal while it is written, from segment to segment. */
import { statSync } from "node:fs";

import { hasErrorCode } from "../../core/system-error.ts";
import { FileSource, type ByteSource } from "./byte-source.ts";
import { EntryAssembler } from "./entry-assembler.ts";
import { LineJoiner } from "./line-joiner.ts";
import { LineWindow } from "./line-window.ts";
import { SegmentProblems, type ReadListener } from "./read-problem.ts";
import { SegmentFiles, type StartedSegment } from "./segment-files.ts";
import { isSameSegment, type Segment } from "./segment.ts";
import type { Selection } from "./selection.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** Lists the segments of the journal anew, the oldest first. */
export type SegmentLister = () => readonly Segment[];

/** A place between two lines of a journal. */
export interface TailPlace {
  readonly segment: Segment;
  /** In the segment, before compression. Bytes. */
  readonly offset: number;
}

/** How often it is looked whether a full segment has got a next one. Milliseconds. */
const relistMs = 200;

interface Current {
  segment: Segment;
  readonly started: StartedSegment;
  readonly source: ByteSource;
  readonly problems: SegmentProblems;
}

/** One journal; `close` ends it. */
export class JournalTail {
  readonly #list: SegmentLister;
  /** Those that are read, in their order; more are added behind them. */
  readonly #segments: Segment[];
  readonly #passedOver: readonly Segment[];
  readonly #files = new SegmentFiles();
  readonly #window = new LineWindow();
  readonly #joiner: LineJoiner;
  readonly #assembler: EntryAssembler;
  readonly #listener: ReadListener;
  #offset: number;
  #next = 0;
  #listedMs = -Infinity;
  #hasLost = false;
  #current: Current | undefined = undefined;

  /**
   * @param segments of the journal
   * @param begin number of the one with which reading begins, and where: anywhere in a line
   * @param isLent the lines that a step gives are of no use after the next one
   */
  constructor(
    segments: readonly Segment[],
    begin: { readonly number: number; readonly offset: number },
    list: SegmentLister,
    selection: Selection,
    listener: ReadListener,
    isLent = false,
  ) {
    this.#segments = segments.slice(begin.number);
    this.#passedOver = segments.slice(0, begin.number);
    this.#offset = begin.offset;
    this.#list = list;
    this.#listener = listener;
    this.#joiner = new LineJoiner(selection, isLent);
    const journal = { segments: this.#segments, earlier: [], files: this.#files };
    this.#assembler = new EntryAssembler(journal, selection, listener);
  }

  /** Reads on to what is the end now. Entries come in the order of their last records. */
  async read(): Promise<TrailEntry[]> {
    const entries: TrailEntry[] = [];
    for (;;) {
      const more = await this.step();
      if (more === undefined) return entries;
      entries.push(...more);
    }
  }

  /**
   * Reads on by some megabytes at most; `undefined`: there are no more lines now.
   *
   * @param most bytes to read, about: entries that are dealt with at once cost less in small lots
   */
  async step(most = Infinity): Promise<TrailEntry[] | undefined> {
    for (let wanted = most; ;) {
      const current = (this.#current ??= await this.#begin());
      if (current === undefined) return undefined;
      this.#rewind(current);
      const count = await this.#advance(current, wanted);
      if (this.#window.end > 0) {
        this.#refresh(current);
        const { segment, problems } = current;
        const candidates = this.#joiner.pass(this.#window, segment, this.#next - 1, problems);
        return this.#assembler.entriesOf(candidates);
      }
      const isTorn = this.#window.tailBytes > 0 && count < wanted;
      if (count > 0 && !isTorn) {
        // A line that is longer than what was asked for, or the rest of one that is passed over.
        wanted *= 2;
        continue;
      }
      if (!this.#hasNext(current.segment)) return undefined;
      await this.#end(current);
    }
  }

  /** Whether segments were gone before they were read, since the last call. */
  takeLost(): boolean {
    const hasLost = this.#hasLost;
    this.#hasLost = false;
    return hasLost;
  }

  /** Behind the last line that was read; `undefined`: none was. */
  get place(): TailPlace | undefined {
    const segment = this.#current?.segment;
    if (segment === undefined) return undefined;
    return { segment, offset: this.#window.offset + this.#window.end };
  }

  /** The oldest first record whose last one was not met; `undefined`: none waits. */
  get oldestOpen(): TailPlace | undefined {
    const place = this.#joiner.oldestPending();
    const segment = place && this.#segments[place.segment];
    return segment && place && { segment, offset: place.offset };
  }

  async close(): Promise<void> {
    await this.#current?.started.end();
    this.#current = undefined;
    await this.#files.close();
  }

  async #begin(): Promise<Current | undefined> {
    const segment = this.#segments[this.#next];
    if (segment === undefined) return undefined;
    this.#next += 1;
    const problems = new SegmentProblems(segment.name, this.#listener);
    const offset = segment.isCompressed ? 0 : this.#offset;
    this.#offset = 0;
    try {
      const started = await this.#files.start(segment, offset);
      this.#window.begin(offset, offset > 0);
      this.#joiner.begin(segment);
      return { segment, started, source: started.source, problems };
    } catch (error) {
      if (hasErrorCode(error, "ENOENT")) this.#hasLost = true;
      problems.unreadable(0, error);
      return this.#begin();
    }
  }

  /** A segment that was listed when it was empty did not say when it was begun. */
  #refresh(current: Current): void {
    if (Number.isFinite(current.segment.firstMs)) return;
    const listed = this.#list().find(({ inode }) => inode === current.segment.inode);
    if (listed === undefined) return;
    current.segment = listed;
    this.#segments[this.#next - 1] = listed;
  }

  /**
   * Goes back to the beginning of a line whose end is not there yet: a proxy that starts cuts off
   * what a dead one has left of a line.
   */
  #rewind({ source }: Current): void {
    const { tailBytes, offset, end } = this.#window;
    if (tailBytes === 0 || !(source instanceof FileSource)) return;
    source.position -= tailBytes;
    this.#window.begin(offset + end);
  }

  async #advance({ source, problems }: Current, most: number): Promise<number> {
    try {
      return await this.#window.advance(source, most);
    } catch (error) {
      problems.unreadable(this.#window.offset, error);
      return 0;
    }
  }

  /** Whether there is a segment behind this one: then nothing is added to it any more. */
  #hasNext(segment: Segment): boolean {
    if (this.#next < this.#segments.length) return true;
    if (segment.isSealed) {
      // It was listed when the next one was not there yet.
      if (performance.now() - this.#listedMs < relistMs) return false;
    } else {
      const there = statSync(segment.path, { throwIfNoEntry: false });
      if (there === undefined || there.ino === segment.inode) return false;
      // It was renamed. What was written to it before that may not have been read yet, so the next
      // segment begins with the next call.
    }
    this.#listedMs = performance.now();
    const listed = this.#list();
    const at = listed.findIndex((other) => isSameSegment(segment, other));
    // It was removed, and perhaps some of those behind it.
    if (at < 0) this.#hasLost = true;
    // Not those behind it: a clock that was set back gives the next one an earlier name.
    this.#segments.push(...listed.filter((other) => this.#isNew(other)));
    return false;
  }

  #isNew(segment: Segment): boolean {
    const isKnown = (known: Segment): boolean => isSameSegment(known, segment);
    return !this.#segments.some(isKnown) && !this.#passedOver.some(isKnown);
  }

  async #end({ started, problems }: Current): Promise<void> {
    problems.end(this.#window);
    this.#current = undefined;
    await started.end();
  }
}
