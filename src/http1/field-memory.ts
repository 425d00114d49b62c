import { Buffer } from "node:buffer";
/** Shorter runs are read as fast as they are compared. */
const minRunBytes = 48;
/** Heads between two looks at whether more of them has become alike. */
const learnEvery = 16;

/** A head that was read whole, as {@link FieldMemory.learn} needs it. */
export interface ReadHead {
  readonly fieldCount: number;
  readonly headEnd: number;
  readonly fieldIds: Uint8Array;
  readonly fieldOffsets: Int32Array;
}

/**
 * The field lines of an earlier head, for a parser: the next head mostly has the same ones, but for a line or two (`Content-Length`, a trace id). Octets that are
 * equal to octets that were read from the same state need no second reading, only a comparison, which is many times faster.
 *
 * What is kept are two runs of whole lines: those that heads begin with, and those that they end with behind the changing ones.
 */
export class FieldMemory {
  /** Number of lines read before the next run is tried; -1: none is left. */
  tryAt = -1;
  /** After {@link match}: the lines `[from, to)` of {@link ids} and {@link offsets}. */
  from = 0;
  to = 0;
  readonly ids: Uint8Array;
  /** As {@link ReadHead.fieldOffsets}, but from the first field line on. */
  readonly offsets: Int32Array;
  #octets = Buffer.alloc(0);
  #count = 0;
  #length = 0;
  /** Lines of the two runs; together at most {@link #count}. */
  #first = 0;
  #last = 0;
  #recalled = 0;
  #unlike = 0;

  constructor(maxFields: number) {
    this.ids = new Uint8Array(maxFields);
    this.offsets = new Int32Array(maxFields * 4);
  }

  /** A new head begins. */
  restart(): void {
    this.#recalled = 0;
    this.tryAt = this.#first > 0 ? 0 : this.#last > 0 ? this.#count - this.#last : -1;
  }

  /** Are the octets from `at` on the run whose turn it is? @returns its length in octets; 0: no */
  match(bytes: Uint8Array, at: number, limit: number): number {
    const isFirst = this.tryAt === 0 && this.#first > 0;
    this.from = this.tryAt;
    this.to = isFirst ? this.#first : this.#count;
    this.tryAt = isFirst && this.#last > 0 ? this.#count - this.#last : -1;
    const start = this.startOf(this.from);
    const end = this.startOf(this.to);
    if (limit - at < end - start) return 0;
    if (this.#octets.compare(bytes, at, at + end - start, start, end) !== 0) return 0;
    this.#recalled += this.to - this.from;
    return end - start;
  }

  /** Offset of a line, or of the end of the last one. */
  startOf(line: number): number {
    return line === this.#count ? this.#length : (this.offsets[line * 4] ?? 0);
  }

  /** Takes a head that was read whole, if it was not much like the memory. */
  learn(head: ReadHead, bytes: Uint8Array, base: number): void {
    const { fieldCount } = head;
    if (fieldCount - this.#recalled <= 1 && this.#count > 0) return;
    this.#unlike += 1;
    if (this.#recalled > 0 && this.#unlike % learnEvery !== 0) return;
    const shift = head.fieldOffsets[0] ?? 0;
    const length = fieldCount === 0 ? 0 : head.headEnd - 2 - shift;
    const start = base + shift;
    const isNew = this.#count === 0;
    this.#first = isNew ? fieldCount : this.#equalFromStart(head, bytes, start, length, shift);
    this.#last = isNew ? 0 : this.#equalToEnd(head, bytes, start, length, shift);
    if (length > this.#octets.length) this.#octets = Buffer.allocUnsafeSlow(length);
    this.#octets.set(bytes.subarray(start, start + length));
    for (let line = 0; line < fieldCount; line += 1) {
      this.ids[line] = head.fieldIds[line] ?? 0;
      for (let i = line * 4; i < line * 4 + 4; i += 1) this.offsets[i] = (head.fieldOffsets[i] ?? 0) - shift;
    }
    this.#count = fieldCount;
    this.#length = length;
    if (this.startOf(this.#first) < minRunBytes) this.#first = 0;
    if (length - this.startOf(fieldCount - this.#last) < minRunBytes) this.#last = 0;
    // Nothing in common: this head whole is as good a guess as any.
    if (this.#first + this.#last === 0) this.#first = fieldCount;
  }

  /** Whole lines that the memory and a head begin with. */
  #equalFromStart(head: ReadHead, bytes: Uint8Array, start: number, length: number, shift: number): number {
    const end = Math.min(length, this.#length);
    let at = 0;
    while (at < end && this.#octets[at] === bytes[start + at]) at += 1;
    let lines = 0;
    while (lines < head.fieldCount && endOf(head, lines, length, shift) <= at) lines += 1;
    return lines;
  }

  /** Whole lines that both end with, without those that both begin with. */
  #equalToEnd(head: ReadHead, bytes: Uint8Array, start: number, length: number, shift: number): number {
    const most = Math.min(head.fieldCount, this.#count) - this.#first;
    const end = Math.min(length, this.#length);
    let same = 0;
    while (same < end && this.#octets[this.#length - 1 - same] === bytes[start + length - 1 - same]) same += 1;
    let lines = 0;
    while (lines < most && length - endOf(head, head.fieldCount - 2 - lines, length, shift) <= same) lines += 1;
    return lines;
  }
}

/** Where a line of a head ends, from its first line on; 0 for the one before the first. */
function endOf(head: ReadHead, line: number, length: number, shift: number): number {
  return line + 1 === head.fieldCount ? length : (head.fieldOffsets[(line + 1) * 4] ?? 0) - shift;
}
