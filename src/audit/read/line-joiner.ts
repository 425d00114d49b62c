/** Goes through the lines of a journal and finds which two belong together. */
import { Buffer } from "node:buffer";

import { LineHead, timeOfLine } from "../format/line-head.ts";
import { HitFinder } from "./hit-finder.ts";
import type { LineWindow } from "./line-window.ts";
import { PendingRequests, timeOfId } from "./pending-requests.ts";
import type { SegmentProblems } from "./read-problem.ts";
import type { Segment } from "./segment.ts";
import type { Selection } from "./selection.ts";
import { RecordLine } from "./trail-entry.ts";

/** A line that is not in memory any more. */
export interface LinePlace {
  /** Number of the segment in its journal. */
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
  readonly copy: Buffer | undefined;
}

/** Lines whose entry may be wanted. */
export interface Candidate {
  readonly opening: RecordLine | LinePlace | undefined;
  readonly closing: RecordLine | undefined;
  /** It is no half of anything. */
  readonly isAlone: boolean;
}

const lineFeed = 0x0a;
const brace = 0x7b;
/** Copies of lines that would have to be unfolded again are kept up to this. Bytes. */
const maxCopiedBytes = 67_108_864;

/** Whole lines in memory. */
type PassedWindow = Pick<LineWindow, "bytes" | "offset" | "end">;

/** One line of a window. */
interface PassedLine {
  readonly window: PassedWindow;
  readonly segment: Segment;
  readonly segmentNumber: number;
  readonly problems: SegmentProblems;
  readonly at: number;
  readonly end: number;
  /** It has what the filter asks for. */
  readonly isHit: boolean;
  /** It is of the other format than its segment. */
  readonly isForeign: boolean;
}

/** The lines of one journal, in their order; remembers what waits for its last record. */
export class LineJoiner {
  readonly #selection: Selection;
  readonly #isLent: boolean;
  readonly #pending = new PendingRequests();
  readonly #head = new LineHead();
  #hits = new HitFinder(undefined);
  #exclusions = new HitFinder([]);
  #copiedBytes = 0;
  /** Time of the last line that has one, in milliseconds since the epoch. */
  timeMs = Number.NaN;

  /** @param isLent lines are parts of the window, and of no use when it has moved on */
  constructor(selection: Selection, isLent = false) {
    this.#selection = selection;
    this.#isLent = isLent;
  }

  /** Lines of this segment follow. */
  begin(segment: Segment): void {
    this.#hits = new HitFinder(this.#selection.needles(segment.format));
    this.#exclusions = new HitFinder(this.#selection.exclusions(segment.format));
  }

  /** Goes through the whole lines of a window. */
  pass(
    window: PassedWindow,
    segment: Segment,
    segmentNumber: number,
    problems: SegmentProblems,
  ): Candidate[] {
    const candidates: Candidate[] = [];
    const { bytes } = window;
    const first = segment.format === "ecs" ? brace : -1;
    this.#head.reset();
    this.#hits.reset();
    this.#exclusions.reset();
    let timeAt = -1;
    for (let at = 0; at < window.end;) {
      const end = bytes.indexOf(lineFeed, at);
      if (end < 0) break;
      this.#head.read(bytes, at, end);
      if (this.#head.timeAt >= 0) ({ timeAt } = this.#head);
      // Needles are made for one format; a line of the other one is looked at in any case.
      const isForeign = (bytes[at] === brace) !== (first === brace);
      const isHit = this.#hits.isHit(bytes, at, end) || isForeign;
      const line = { window, segment, segmentNumber, problems, at, end, isHit, isForeign };
      this.#passLine(candidates, line);
      at = end + 1;
    }
    if (timeAt >= 0) this.timeMs = timeOfLine(bytes, timeAt);
    if (segment.isCompressed) this.#copyPending(window, segmentNumber);
    return candidates;
  }

  /** What still waits and may be wanted, in the order of the lines; forgets it. */
  takePending(): Candidate[] {
    const places = Array.from(this.#pending.places()).filter(
      (place) => this.#pending.isHit[place] === 1 && this.#pending.isExcluded[place] !== 1,
    );
    const openings = places.map((place) => this.#placeOf(place));
    for (const place of Array.from(this.#pending.places())) this.#pending.remove(place);
    return openings
      .sort((one, other) => one.segment - other.segment || one.offset - other.offset)
      .map((opening) => pair(opening, undefined));
  }

  /** The line that has waited longest, by its place; `undefined`: none waits. */
  oldestPending(): { readonly segment: number; readonly offset: number } | undefined {
    let [segment, offset] = [Infinity, Infinity];
    for (const place of this.#pending.places()) {
      const number = this.#pending.segment[place] ?? 0;
      const at = this.#pending.offset[place] ?? 0;
      if (number < segment || (number === segment && at < offset)) [segment, offset] = [number, at];
    }
    return segment === Infinity ? undefined : { segment, offset };
  }

  #passLine(candidates: Candidate[], line: PassedLine): void {
    const { window, segment, at, end, isHit } = line;
    const { kind, idAt } = this.#head;
    switch (kind) {
      case "opening": {
        if (!this.#mayBegin(window.bytes)) return;
        const place = this.#pending.add(window.bytes, idAt);
        this.#pending.segment[place] = line.segmentNumber;
        this.#pending.offset[place] = window.offset + at;
        this.#pending.length[place] = end - at;
        this.#pending.isHit[place] = isHit ? 1 : 0;
        this.#pending.isExcluded[place] = this.#isExcluded(line) ? 1 : 0;
        return;
      }
      case "closing": {
        const place = this.#pending.find(window.bytes, idAt);
        const isOut = this.#pending.isExcluded[place] === 1;
        if (place >= 0 && !isOut && (isHit || this.#pending.isHit[place] === 1)) {
          if (!this.#isExcluded(line)) {
            const opening = this.#openingOf(place, line);
            candidates.push(pair(opening, this.#recordLine(window, segment, at, end)));
          }
        } else if (place < 0 && isHit && this.#mayBegin(window.bytes)) {
          if (!this.#isExcluded(line))
            candidates.push(pair(undefined, this.#recordLine(window, segment, at, end)));
        }
        if (place >= 0) this.#forget(place);
        return;
      }
      case "single":
        candidates.push(alone(this.#recordLine(window, segment, at, end)));
        return;
      case "unknown": {
        const record = this.#recordLine(window, segment, at, end);
        if (record.document === undefined) line.problems.garbage(record.offset, end - at);
        else candidates.push(alone(record));
      }
    }
  }

  /** Asked of lines in their order, and only of those on which it depends. */
  #isExcluded({ window, at, end, isForeign }: PassedLine): boolean {
    return !isForeign && this.#exclusions.isHit(window.bytes, at, end);
  }

  /** Whether the entry of the line whose head was read may be wanted. */
  #mayBegin(bytes: Buffer): boolean {
    const { idAt, timeAt } = this.#head;
    const lineMs = (): number => (timeAt < 0 ? Number.NaN : timeOfLine(bytes, timeAt));
    return this.#selection.mayBegin(timeOfId(bytes, idAt), lineMs);
  }

  #openingOf(
    place: number,
    {
      window,
      segment,
      segmentNumber,
    }: { window: PassedWindow; segment: Segment; segmentNumber: number },
  ): RecordLine | LinePlace {
    const offset = this.#pending.offset[place] ?? 0;
    const length = this.#pending.length[place] ?? 0;
    const at = offset - window.offset;
    if (this.#pending.segment[place] !== segmentNumber || at < 0) return this.#placeOf(place);
    return this.#recordLine(window, segment, at, at + length);
  }

  #placeOf(place: number): LinePlace {
    return {
      segment: this.#pending.segment[place] ?? 0,
      offset: this.#pending.offset[place] ?? 0,
      length: this.#pending.length[place] ?? 0,
      copy: this.#pending.copies.get(place),
    };
  }

  /** The window moves on: lines have their own bytes unless they are only lent. */
  #recordLine(
    { bytes, offset }: PassedWindow,
    segment: Segment,
    at: number,
    end: number,
  ): RecordLine {
    const line = bytes.subarray(at, end);
    return new RecordLine(segment, offset + at, this.#isLent ? line : Buffer.from(line));
  }

  #forget(place: number): void {
    this.#copiedBytes -= this.#pending.copies.get(place)?.length ?? 0;
    this.#pending.remove(place);
  }

  /** Keeps the lines of the window that wait, because they could only be unfolded again. */
  #copyPending({ bytes, offset, end }: PassedWindow, segmentNumber: number): void {
    for (const place of this.#pending.places()) {
      const at = (this.#pending.offset[place] ?? 0) - offset;
      const length = this.#pending.length[place] ?? 0;
      if (this.#pending.segment[place] !== segmentNumber || at < 0 || at >= end) continue;
      if (this.#copiedBytes + length > maxCopiedBytes) return;
      this.#copiedBytes += length;
      this.#pending.copies.set(place, Buffer.from(bytes.subarray(at, at + length)));
    }
  }
}

function pair(opening: Candidate["opening"], closing: RecordLine | undefined): Candidate {
  return { opening, closing, isAlone: false };
}

function alone(opening: RecordLine): Candidate {
  return { opening, closing: undefined, isAlone: true };
}
