/** Byte sequences that are searched for on lines, exactly or without regard to case. */
import { Buffer } from "node:buffer";

/** A byte sequence of at least one byte. */
export interface Needle {
  /** In lower case when case does not matter. */
  readonly bytes: Buffer;
  /** The letters A to Z count as their lower case. */
  readonly ignoresCase: boolean;
  /**
   * By byte, how far the search may move when this byte stands where the last one is compared:
   * Horspool's table. Empty where case matters, because `Buffer.indexOf` searches then.
   */
  readonly shifts: Uint8Array;
}

const caseBit = 0x20;
const longestShift = 255;

/** @param text one char per byte */
export function exactNeedle(text: string): Needle {
  return { bytes: Buffer.from(text, "latin1"), ignoresCase: false, shifts: new Uint8Array() };
}

/** @param text one char per byte */
export function caselessNeedle(text: string): Needle {
  if (!/[a-z]/i.test(text)) return exactNeedle(text);
  const bytes = Buffer.from(text.toLowerCase(), "latin1");
  const last = bytes.length - 1;
  const shifts = new Uint8Array(256).fill(Math.min(bytes.length, longestShift));
  for (let at = 0; at < last; at += 1) {
    const byte = bytes[at] ?? 0;
    const shift = Math.min(last - at, longestShift);
    shifts[byte] = shift;
    if (isLower(byte)) shifts[byte - caseBit] = shift;
  }
  return { bytes, ignoresCase: true, shifts };
}

/** Where the needle begins in the bytes, at `from` or behind it; -1: nowhere. */
export function findNeedle(bytes: Buffer, needle: Needle, from: number): number {
  if (!needle.ignoresCase) return bytes.indexOf(needle.bytes, from);
  const { bytes: wanted, shifts } = needle;
  const last = wanted.length - 1;
  const end = bytes.length;
  for (let at = from + last; at < end; at += shifts[bytes[at] ?? 0] ?? 1) {
    let back = 0;
    while (back <= last && folded(bytes[at - back] ?? 0) === wanted[last - back]) back += 1;
    if (back > last) return at - last;
  }
  return -1;
}

/** Whether whatever holds `other` holds `needle` as well. */
export function isWithin(needle: Needle, other: Needle): boolean {
  if (needle.ignoresCase)
    return Buffer.from(other.bytes.toString("latin1").toLowerCase(), "latin1").includes(
      needle.bytes,
    );
  return !other.ignoresCase && other.bytes.includes(needle.bytes);
}

function folded(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + caseBit : byte;
}

function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}
