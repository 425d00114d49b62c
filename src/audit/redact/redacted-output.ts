/** Passes a body on without the parts that are replaced, within a bound on its length. */
import { Buffer } from "node:buffer";
import type { RedactedSink } from "./body-redactor.ts";
import { plainMarker, shortMarker } from "./secret-markers.ts";

/** What is stored of a body may be longer than the body by so many bytes. */
const maxGrowth = 1024;
/** What is not decided yet is held back up to this size, in bytes; more is not looked through. */
export const maxHeld = 1_048_576;

/** Parts around markers are passed on in buffers of this size, in bytes. */
const outSize = 16_384;

const none = Buffer.alloc(0);

interface Edit {
  readonly from: number;
  readonly to: number;
  /** latin1, one char per byte. */
  readonly text: string;
  /** What stands around a marker. */
  readonly quote: string;
  /** The text is a marker: a shorter one says the same. */
  readonly isMarker: boolean;
}

/**
 * One body on its way to a sink. Positions are counted in bytes from its beginning. What has not
 * been released may still be replaced; when a piece ends, it is copied.
 */
export class RedactedOutput {
  /** Position of the first byte of the current piece, and behind its last. */
  pieceStart = 0;
  pieceEnd = 0;
  /** Nothing more is passed on. */
  isStopped = false;

  #piece: Buffer = none;
  /** Index in the piece less its position. */
  #shift = 0;
  #held: Buffer = none;
  #heldLength = 0;
  /** Position of the first byte that is neither passed on nor replaced. */
  #next = 0;
  #sent = 0;
  #edits: Edit[] = [];
  /** Parts that are passed on together. */
  #out: Buffer = none;
  #outLength = 0;

  /** Position of the first byte that can still be replaced. */
  get next(): number {
    return this.#next;
  }

  /** A new piece `bytes[start, end)`. */
  begin(bytes: Buffer, start: number, end: number): void {
    this.#piece = bytes;
    this.pieceStart = this.pieceEnd;
    this.pieceEnd += end - start;
    this.#shift = start - this.pieceStart;
  }

  /** Index in the piece of a position. */
  indexOf(position: number): number {
    return position + this.#shift;
  }

  /**
   * Replaces `[from, to)` by a marker. Edits within it are forgotten; `from` must not have been
   * released.
   *
   * @param quote what stands around the marker
   */
  replace(from: number, to: number, marker: string, quote: string): void {
    this.#insert({ from, to, text: marker, quote, isMarker: true });
  }

  /**
   * Like {@link replace} in quotes, at once: everything before is decided, and what follows has no
   * edits.
   */
  replaceNow(from: number, to: number, marker: string, sink: RedactedSink): void {
    if (this.#edits.length > 0) return this.replace(from, to, marker, '"');
    this.#keep(from, sink, true);
    this.#put(to, fittingMarker(marker, '"', to + maxGrowth - this.#sent), sink);
  }

  /**
   * Replaces `[from, to)` by another text, latin1, one char per byte; by a marker in quotes when it
   * is too long.
   */
  rewrite(from: number, to: number, text: string, quote: string): void {
    this.#insert({ from, to, text, quote, isMarker: false });
  }

  /** Passes on what stands before `position`, with what replaces parts of it. */
  release(position: number, sink: RedactedSink): void {
    const edits = this.#edits;
    let done = 0;
    while (done < edits.length && !this.isStopped) {
      const edit = edits[done];
      if (edit === undefined || edit.to > position) break;
      this.#keep(edit.from, sink, true);
      this.#put(edit.to, fitting(edit, edit.to + maxGrowth - this.#sent), sink);
      done += 1;
    }
    if (done === edits.length) this.#edits = [];
    else if (done > 0) this.#edits = edits.slice(done);
    this.#keep(Math.min(position, this.#edits[0]?.from ?? position), sink, this.#outLength > 0);
    this.#flush(sink);
  }

  /** Leaves everything before `position` out, which must not be before what was released. */
  skip(position: number): void {
    this.#next = position;
  }

  /**
   * The piece ends: copies of it what was not released.
   *
   * @returns false: that is too much, nothing was copied
   */
  hold(): boolean {
    const length = this.isStopped ? 0 : Math.max(0, this.pieceEnd - this.#next);
    if (length > maxHeld) return false;
    this.#room(length);
    const old = Math.min(length, Math.max(0, this.pieceStart - this.#next));
    // Not where all of it stays: a long segment is held on with every piece.
    if (old < this.#heldLength) this.#held.copyWithin(0, this.#heldLength - old, this.#heldLength);
    const from = this.pieceEnd - (length - old);
    this.#piece.copy(this.#held, old, this.indexOf(from), this.indexOf(this.pieceEnd));
    this.#heldLength = length;
    this.#piece = none;
    this.pieceStart = this.pieceEnd;
    return true;
  }

  /** Whether a byte stands in `[from, to)`, which was not released. */
  includes(byte: number, from: number, to: number): boolean {
    if (from < this.pieceStart) return this.bytes(from, to).includes(byte);
    const end = this.indexOf(to);
    for (let at = this.indexOf(from); at < end; at += 1) if (this.#piece[at] === byte) return true;
    return false;
  }

  /** Position of the last byte of a table in `[from, to)`, which was not released; -1: none. */
  lastOf(table: Uint8Array, from: number, to: number): number {
    const inPiece = Math.max(from, this.pieceStart);
    const piece = lastIn(table, this.#piece, this.indexOf(inPiece), this.indexOf(to));
    if (piece >= 0) return piece - this.#shift;
    const shift = this.#heldLength - this.pieceStart;
    const held = lastIn(table, this.#held, from + shift, Math.min(to, inPiece) + shift);
    return held < 0 ? -1 : held - shift;
  }

  /** `[from, to)`, which was not released, until the piece ends: a copy where it must be one. */
  view(from: number, to: number): Buffer {
    if (to > this.pieceStart) return this.bytes(from, to);
    const held = this.#heldLength - this.pieceStart;
    return this.#held.subarray(from + held, to + held);
  }

  /** A copy of `[from, to)`, which was not released. */
  bytes(from: number, to: number): Buffer {
    const copy = Buffer.allocUnsafe(to - from);
    const old = Math.max(0, Math.min(to, this.pieceStart) - from);
    const heldFrom = this.#heldLength - (this.pieceStart - from);
    if (old > 0) this.#held.copy(copy, 0, heldFrom, heldFrom + old);
    if (from + old < to) this.#piece.copy(copy, old, this.indexOf(from + old), this.indexOf(to));
    return copy;
  }

  /** Passes nothing more on. */
  stop(): void {
    this.isStopped = true;
    this.#edits = [];
    this.#heldLength = 0;
  }

  #insert(edit: Edit): void {
    const edits = this.#edits;
    let at = edits.length;
    while (at > 0 && (edits[at - 1]?.from ?? 0) >= edit.from) at -= 1;
    let inner = 0;
    while (at + inner < edits.length && (edits[at + inner]?.from ?? 0) < edit.to) inner += 1;
    edits.splice(at, inner, edit);
  }

  /** Passes a text on in place of everything up to `to`. */
  #put(to: number, text: string | undefined, sink: RedactedSink): void {
    if (this.isStopped) return;
    if (text === undefined) return this.stop();
    this.#sent += text.length;
    this.#next = to;
    if (this.#outLength + text.length > outSize) this.#flush(sink);
    if (text.length > outSize) {
      const bytes = Buffer.from(text, "latin1");
      sink.keep(bytes, 0, bytes.length);
    } else this.#outLength = writeText(this.#outBuffer(), text, this.#outLength);
  }

  /** Passes on what stands before `position`. @param joins small parts are passed on together */
  #keep(position: number, sink: RedactedSink, joins: boolean): void {
    if (this.isStopped || position <= this.#next) return;
    if (this.#sent + position - this.#next > position + maxGrowth) return this.stop();
    this.#sent += position - this.#next;
    if (this.#next < this.pieceStart) {
      const from = this.#heldLength - (this.pieceStart - this.#next);
      const to = Math.min(this.#heldLength, from + position - this.#next);
      this.#pass(this.#held, from, to, sink, joins);
      this.#next += to - from;
    }
    if (position > this.#next)
      this.#pass(this.#piece, this.indexOf(this.#next), this.indexOf(position), sink, joins);
    this.#next = position;
  }

  #pass(bytes: Buffer, from: number, to: number, sink: RedactedSink, joins: boolean): void {
    if (joins && to - from < outSize) {
      if (this.#outLength + to - from > outSize) this.#flush(sink);
      this.#outLength = copyBytes(this.#outBuffer(), bytes, from, to, this.#outLength);
      return;
    }
    this.#flush(sink);
    sink.keep(bytes, from, to);
  }

  #flush(sink: RedactedSink): void {
    if (this.#outLength > 0) sink.keep(this.#out, 0, this.#outLength);
    this.#outLength = 0;
  }

  #outBuffer(): Buffer {
    if (this.#out.length === 0) this.#out = Buffer.allocUnsafeSlow(outSize);
    return this.#out;
  }

  #room(length: number): void {
    if (this.#held.length >= length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(512, Math.min(2 * length, maxHeld)));
    this.#held.copy(larger, 0, 0, this.#heldLength);
    this.#held = larger;
  }
}

/** The text of an edit, or the longest marker that fits in its place. */
function fitting({ text, quote, isMarker }: Edit, room: number): string | undefined {
  if (!isMarker && text.length <= room) return text;
  return fittingMarker(isMarker ? text : plainMarker, quote, room);
}

function fittingMarker(marker: string, quote: string, room: number): string | undefined {
  const free = room - 2 * quote.length;
  if (marker.length <= free) return quote + marker + quote;
  if (plainMarker.length <= free) return quote + plainMarker + quote;
  return shortMarker.length <= free ? quote + shortMarker + quote : undefined;
}

/** Index of the last byte of a table in `bytes[from, to)`; -1: none. */
function lastIn(table: Uint8Array, bytes: Buffer, from: number, to: number): number {
  for (let at = to - 1; at >= from; at -= 1) if (table[bytes[at] ?? 0] === 1) return at;
  return -1;
}

/** For a few bytes, a loop costs less than a call into C++. */
const fewBytes = 48;

/** Writes latin1 text. @returns index behind it */
function writeText(target: Buffer, text: string, at: number): number {
  if (text.length > fewBytes) return at + target.write(text, at, "latin1");
  for (let from = 0; from < text.length; from += 1) target[at + from] = text.charCodeAt(from);
  return at + text.length;
}

/** Copies bytes. @returns index behind them */
function copyBytes(target: Buffer, bytes: Buffer, from: number, to: number, at: number): number {
  if (to - from > fewBytes) return at + bytes.copy(target, at, from, to);
  let behind = at;
  for (let next = from; next < to; next += 1) target[behind++] = bytes[next] ?? 0;
  return behind;
}
