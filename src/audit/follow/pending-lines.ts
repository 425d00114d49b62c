/** The first records of exchanges whose last ones have not come. */
import { Buffer } from "node:buffer";

import type { FactsState, PendingPlace } from "../facts/facts-state.ts";
import type { Segment } from "../read/segment.ts";
import { RecordLine } from "../read/trail-entry.ts";

/** First records that wait for their last one; the oldest goes when there are more. */
const maxPending = 200_000;
/** Of so many bytes of them the lines are kept; of the others the place, to be read again. */
const maxKeptBytes = 16_777_216;
/** Room for the lines that the last run left open. Bytes. */
const [firstRoom, maxRoom] = [65_536, 1_048_576];

/** A line of a segment. */
export interface FirstLine {
  readonly segment: Segment;
  /** Where it begins in the segment. Bytes. */
  readonly at: number;
  readonly length: number;
  /** It is `bytes[start, end)`; `undefined`: only its place is known. */
  readonly bytes: Buffer | undefined;
  readonly start: number;
  readonly end: number;
}

/** A line whose bytes are there. */
export type HeldLine = FirstLine & { readonly bytes: Buffer };

/** Bounded in number and bytes. */
export class PendingLines {
  /** Of the run that is being read, in its buffer. */
  readonly #fresh = new Map<string, HeldLine>();
  /** Of the run before, in `#room`: the next one takes most, so that they need no own memory. */
  readonly #recent = new Map<string, HeldLine>();
  #room = Buffer.allocUnsafeSlow(firstRoom);
  readonly #waiting = new Map<string, FirstLine>();
  #keptBytes = 0;

  /** @param state of another one */
  constructor({ segments, pending }: Pick<FactsState, "segments" | "pending">) {
    for (const [id, number, at, length] of pending) {
      const segment = segments[number];
      if (segment !== undefined) this.#waiting.set(id, placeOnly({ segment, at, length }));
    }
  }

  /** Where they lie, to be saved. */
  places(): Pick<FactsState, "segments" | "pending"> {
    const numbers = new Map<Segment, number>();
    const pending: PendingPlace[] = [];
    for (const lines of [this.#waiting, this.#recent])
      for (const [id, { segment, at, length }] of lines) {
        const number = numbers.get(segment) ?? numbers.size;
        numbers.set(segment, number);
        pending.push([id, number, at, length]);
      }
    return { segments: [...numbers.keys()], pending };
  }

  /** The first record of an exchange; its bytes are valid until `keep`. */
  open(id: string, line: HeldLine): void {
    this.#fresh.set(id, line);
  }

  /** Gives the first record when the last one has come; its bytes are valid until `keep`. */
  take(id: string): FirstLine | undefined {
    for (const lines of [this.#fresh, this.#recent]) {
      const line = lines.get(id);
      if (line === undefined) continue;
      lines.delete(id);
      return line;
    }
    const line = this.#waiting.get(id);
    if (line === undefined) return undefined;
    this.#waiting.delete(id);
    if (line.bytes !== undefined) this.#keptBytes -= line.bytes.length;
    return line;
  }

  /** The run is over: what still waits is copied out of its buffer. */
  keep(): void {
    for (const [id, line] of this.#recent) this.#wait(id, line);
    this.#recent.clear();
    let length = 0;
    for (const line of this.#fresh.values()) length += line.length;
    if (length > this.#room.length && length <= maxRoom)
      this.#room = Buffer.allocUnsafeSlow(maxRoom);
    let start = 0;
    for (const [id, line] of this.#fresh) {
      const end = start + line.length;
      if (end > this.#room.length) this.#wait(id, line);
      else {
        line.bytes.copy(this.#room, start, line.start, line.end);
        this.#recent.set(id, { ...line, bytes: this.#room, start, end });
        start = end;
      }
    }
    this.#fresh.clear();
    for (const id of this.#waiting.keys()) {
      if (this.#waiting.size <= maxPending) break;
      this.take(id);
    }
  }

  #wait(id: string, line: HeldLine): void {
    const isKept = this.#keptBytes + line.length <= maxKeptBytes;
    this.#waiting.set(id, isKept ? copyOf(line) : placeOnly(line));
    if (isKept) this.#keptBytes += line.length;
  }
}

/** Whether the bytes of the line are there. */
export function isHeld(line: FirstLine): line is HeldLine {
  return line.bytes !== undefined;
}

/** The line in memory of its own; one of which only the place is known stays so. */
export function copyOf<Line extends FirstLine>(line: Line): Line {
  const { bytes, start, end, length } = line;
  if (bytes === undefined) return line;
  // Not of the pool: a line that waits long would hold the memory of others.
  const own = Buffer.allocUnsafeSlow(length);
  bytes.copy(own, 0, start, end);
  return { ...line, bytes: own, start: 0, end: length };
}

/** The line as readers of whole ones take it. */
export function recordLine({ segment, at, bytes, start, end }: HeldLine): RecordLine {
  return new RecordLine(segment, at, bytes.subarray(start, end));
}

function placeOnly({
  segment,
  at,
  length,
}: Pick<FirstLine, "segment" | "at" | "length">): FirstLine {
  return { segment, at, length, bytes: undefined, start: 0, end: 0 };
}
