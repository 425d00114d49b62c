/** Percent-encoding of query strings and forms (RFC 3986 §2.1, URL standard §5). */
import { Buffer } from "node:buffer";

const percent = 0x25;
const plus = 0x2b;
/** What stays as it is when a text is encoded again. */
const unreserved = /[A-Za-z0-9\-._~:/?@,*]/;

const encodings: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (unreserved.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
});

/** Whether `bytes[start, end)` holds anything encoded. */
export function isEncoded(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === percent || byte === plus) return true;
  }
  return false;
}

/** Decodes `%XX`, and `+` as a blank; an incomplete `%` stays as it is. */
export function percentDecoded(bytes: Uint8Array, start: number, end: number): Buffer {
  const decoded = Buffer.allocUnsafe(end - start);
  return decoded.subarray(0, decodeInto(decoded, bytes, start, end));
}

/**
 * {@link percentDecoded} into the beginning of `decoded`, which has room for `end - start` bytes.
 *
 * @returns the number of bytes
 */
export function decodeInto(
  decoded: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let to = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === percent && at + 2 < end) {
      const high = hexValue(bytes[at + 1] ?? 0);
      const low = hexValue(bytes[at + 2] ?? 0);
      if (high >= 0 && low >= 0) {
        decoded[to++] = high * 16 + low;
        at += 2;
        continue;
      }
    }
    decoded[to++] = byte === plus ? 0x20 : byte;
  }
  return to;
}

/** Encodes bytes, given as latin1, one char per byte. */
export function percentEncoded(text: string): string {
  let encoded = "";
  for (let at = 0; at < text.length; at += 1) encoded += encodings[text.charCodeAt(at)] ?? "";
  return encoded;
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
