import { Buffer } from "node:buffer";
import type { HeadError } from "./head-error.ts";
import type { MessageHead } from "./message-head.ts";
import { noteField } from "./message-framing.ts";

/** Bytes. A shorter run is read as fast as it is compared. */
const minRunBytes = 48;
/**
 * Heads that differ from the remembered one before it is replaced again: one odd request among
 * equal ones must not replace it.
 */
const learnEvery = 16;
/** A head with more lines, or with more bytes, is read anew each time: there are few of them. */
const maxLines = 256;
const maxBytes = 32_768;
const run = { first: 0, last: 1, none: 2 } as const;

/**
 * The field lines of an earlier head, for its parser: the next head mostly has the same ones, but
 * for a line or two (`Content-Length`, a trace id). Bytes that are equal to bytes that were read
 * from the same state need no second reading, only a comparison, which is many times faster.
 *
 * What is kept are two runs of whole lines: the one that heads begin with (of a response together
 * with its status line), and the one that they end with behind the lines that change.
 */
export class FieldLineCache {
  /** Number of lines read before the next run is tried; -1: none is left. */
  tryAt = -1;
  readonly #ids: Uint8Array;
  /** As {@link MessageHead.fieldOffsets}, but from the first remembered byte on. */
  readonly #offsets: Int32Array;
  #content = Buffer.alloc(0);
  #length = 0;
  #count = 0;
  #status = 0;
  #minorVersion = 1;
  /** Lines of the two runs; together at most {@link #count}. */
  #first = 0;
  #last = 0;
  #turn: number = run.none;
  #recalled = 0;
  #unlike = 0;
  /** The parser holds the lines of the first run, moved by so many bytes; -1: it does not. */
  #heldAt = -1;
  #error: HeadError | "" = "";
  /** Values of the first run's lines that were asked for so far. */
  readonly #values: (string | undefined)[] = [];
  #knownLines = 0;
  // What the first run means for the message, once it is known.
  #isMeaningKnown = false;
  #body = 0;
  #contentLength = 0;
  #hasOddLength = false;
  #connectionOptions = 0;
  #hasUpgradeOption = false;
  #firstHopByHop = -1;
  #lastHopByHop = -1;

  /** @param fields lines of a head at most */
  constructor(fields: number) {
    const lines = Math.min(fields, maxLines);
    this.#ids = new Uint8Array(lines);
    this.#offsets = new Int32Array(lines * 4);
  }

  /** The first run has not been tried on this head. */
  get isAtFirst(): boolean {
    return this.#turn === run.first;
  }

  /** Why {@link recall} returned -1. */
  get error(): HeadError | "" {
    return this.#error;
  }

  /** A new head begins. */
  restart(): void {
    this.#recalled = 0;
    this.#knownLines = 0;
    this.#turn = run.first;
    this.tryAt = 0;
    if (this.#first === 0) this.#toLast();
  }

  /**
   * Enters the next run into `head`, if the bytes at `at` are equal to it.
   *
   * @returns its length in bytes; 0: they are something else; -1: together with what came before it
   *   is an {@link error}.
   */
  recall(head: MessageHead, at: number, limit: number): number {
    const { bytes, base } = head;
    const isFirst = this.#turn === run.first;
    const from = isFirst ? 0 : this.#count - this.#last;
    const to = isFirst ? this.#first : this.#count;
    const start = isFirst ? 0 : this.#startOf(from);
    const end = this.#startOf(to);
    if (isFirst) this.#toLast();
    else this.#toNone();
    if (
      limit - at < end - start ||
      this.#content.compare(bytes, at, at + end - start, start, end) !== 0
    ) {
      if (isFirst) this.#heldAt = -1;
      return 0;
    }
    this.#recalled += to - from;
    if (isFirst) this.#knownLines = to;
    const shift = at - base - start;
    if (isFirst && head.isResponse) {
      head.status = this.#status;
      head.minorVersion = this.#minorVersion;
    }
    if (!isFirst || this.#heldAt !== shift) this.#enter(head, from, to, shift);
    if (isFirst) this.#heldAt = shift;
    if (isFirst && this.#isMeaningKnown) {
      this.#setMeaning(head);
      return end - start;
    }
    for (let line = from; line < to; line += 1) {
      this.#error = noteField(head, base + shift + this.#startOf(line + 1) - 2);
      if (this.#error !== "") return -1;
    }
    if (isFirst) this.#keepMeaning(head);
    return end - start;
  }

  /**
   * The value of a line of the head at hand, the same string as for the heads before; `undefined`:
   * the line is not known.
   */
  valueOf(line: number, head: MessageHead): string | undefined {
    return line < this.#knownLines ? (this.#values[line] ??= valueText(line, head)) : undefined;
  }

  /** The parser does not hold the lines of the last head any more. */
  forgetLines(): void {
    this.#heldAt = -1;
  }

  /** Takes a head that was read whole and was not much like the memory. */
  learn(head: MessageHead): void {
    const { bytes, base, fieldCount } = head;
    if (fieldCount > maxLines || head.headEnd > maxBytes) return;
    if (fieldCount - this.#recalled <= 1) {
      this.#unlike = 0;
      return;
    }
    this.#unlike += 1;
    if (this.#unlike % learnEvery !== 1) return;
    const shift = head.isResponse ? 0 : (head.fieldOffsets[0] ?? 0);
    const length = head.headEnd - 2 - shift;
    const start = base + shift;
    const isNew = this.#count === 0;
    this.#first = isNew ? fieldCount : this.#equalFromStart(head, start, length, shift);
    this.#last = isNew ? 0 : this.#equalToEnd(head, start, length, shift);
    if (length > this.#content.length) this.#content = Buffer.allocUnsafeSlow(length);
    this.#content.set(bytes.subarray(start, start + length));
    for (let line = 0; line < fieldCount; line += 1) {
      this.#ids[line] = head.fieldIds[line] ?? 0;
      for (let i = line * 4; i < line * 4 + 4; i += 1)
        this.#offsets[i] = (head.fieldOffsets[i] ?? 0) - shift;
    }
    this.#values.length = 0;
    this.#knownLines = 0;
    this.#count = fieldCount;
    this.#length = length;
    this.#status = head.status;
    this.#minorVersion = head.minorVersion;
    this.#isMeaningKnown = false;
    this.#heldAt = -1;
    if (this.#startOf(this.#first) < minRunBytes) this.#first = 0;
    if (length - this.#startOf(fieldCount - this.#last) < minRunBytes) this.#last = 0;
    // Nothing in common: this head whole is as good a guess as any.
    if (this.#first + this.#last === 0) this.#first = fieldCount;
  }

  #toLast(): void {
    this.#turn = run.last;
    this.tryAt = this.#count - this.#last;
    if (this.#last === 0) this.#toNone();
  }

  #toNone(): void {
    this.#turn = run.none;
    this.tryAt = -1;
  }

  /** Offset of a line, or of the end of the last one. */
  #startOf(line: number): number {
    return line === this.#count ? this.#length : (this.#offsets[line * 4] ?? 0);
  }

  /** The lines `[from, to)` as the head's next ones; they are counted when they are noted. */
  #enter(head: MessageHead, from: number, to: number, shift: number): void {
    const { fieldCount } = head;
    head.makeRoom(fieldCount + to - from);
    const { fieldIds, fieldOffsets } = head;
    for (let line = from, index = fieldCount; line < to; line += 1, index += 1) {
      fieldIds[index] = this.#ids[line] ?? 0;
      for (let i = 0; i < 4; i += 1)
        fieldOffsets[index * 4 + i] = (this.#offsets[line * 4 + i] ?? 0) + shift;
    }
  }

  /** What {@link noteField} would find again. */
  #setMeaning(head: MessageHead): void {
    const { firstLine } = head;
    for (let line = 0; line < this.#first; line += 1) {
      const id = this.#ids[line] ?? 0;
      if (id === 0) continue;
      if (firstLine[id] === -1) firstLine[id] = line;
      else head.hasRepeated = true;
    }
    head.fieldCount = this.#first;
    head.body = this.#body;
    head.contentLength = this.#contentLength;
    head.hasOddLength = this.#hasOddLength;
    head.connectionOptions = this.#connectionOptions;
    head.hasUpgradeOption = this.#hasUpgradeOption;
    head.firstHopByHop = this.#firstHopByHop;
    head.lastHopByHop = this.#lastHopByHop;
  }

  #keepMeaning(head: MessageHead): void {
    this.#isMeaningKnown = head.nominated.size === 0;
    this.#body = head.body;
    this.#contentLength = head.contentLength;
    this.#hasOddLength = head.hasOddLength;
    this.#connectionOptions = head.connectionOptions;
    this.#hasUpgradeOption = head.hasUpgradeOption;
    this.#firstHopByHop = head.firstHopByHop;
    this.#lastHopByHop = head.lastHopByHop;
  }

  /** Whole lines that the memory and a head begin with. */
  #equalFromStart(head: MessageHead, start: number, length: number, shift: number): number {
    const { bytes } = head;
    const end = Math.min(length, this.#length);
    let at = 0;
    while (at < end && this.#content[at] === bytes[start + at]) at += 1;
    let lines = 0;
    while (lines < head.fieldCount && endOf(head, lines, length, shift) <= at) lines += 1;
    return lines;
  }

  /** Whole lines that both end with, without those that both begin with. */
  #equalToEnd(head: MessageHead, start: number, length: number, shift: number): number {
    const { bytes } = head;
    const most = Math.min(head.fieldCount, this.#count) - this.#first;
    const end = Math.min(length, this.#length);
    let same = 0;
    while (
      same < end &&
      this.#content[this.#length - 1 - same] === bytes[start + length - 1 - same]
    )
      same += 1;
    let lines = 0;
    while (lines < most && length - endOf(head, head.fieldCount - 2 - lines, length, shift) <= same)
      lines += 1;
    return lines;
  }
}

/** The value of a field line, one char per byte. */
export function valueText(line: number, head: MessageHead): string {
  const { fieldOffsets } = head;
  return head.text(fieldOffsets[line * 4 + 2] ?? 0, fieldOffsets[line * 4 + 3] ?? 0);
}

/**
 * Where a line of a head ends, from its first remembered byte on; for -1, where the first one
 * begins.
 */
function endOf(head: MessageHead, line: number, length: number, shift: number): number {
  return line + 1 === head.fieldCount ? length : (head.fieldOffsets[(line + 1) * 4] ?? 0) - shift;
}
