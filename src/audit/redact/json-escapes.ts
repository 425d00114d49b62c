/** Text put back into JSON strings, and what stands between its values. */
import { Buffer } from "node:buffer";

const short: Readonly<Record<number, string>> = {
  0x08: "\\b",
  0x09: "\\t",
  0x0a: "\\n",
  0x0c: "\\f",
  0x0d: "\\r",
  0x22: '\\"',
  0x5c: "\\\\",
};

/**
 * `bytes[start, end)` as the content of a JSON string (RFC 8259 §7), latin1, one char per byte:
 * only what must be escaped is, so that no text gets longer than it was with escapes of its own.
 */
export function escapedJson(bytes: Buffer, start: number, end: number): string {
  let text = "";
  let plain = start;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) continue;
    text += bytes.toString("latin1", plain, at);
    text += short[byte] ?? `\\u${byte.toString(16).padStart(4, "0")}`;
    plain = at + 1;
  }
  return text + bytes.toString("latin1", plain, end);
}

const lineComment = Buffer.from("//");
const blockComment = Buffer.from("/*");

/** Whether a piece of JSON may hold a comment, or a URL, or go on with one. */
export function mayHoldSlashes(bytes: Buffer, start: number, end: number): boolean {
  const piece = bytes.subarray(start, end);
  return piece.includes(lineComment) || piece.includes(blockComment) || piece[0] === 0x2f;
}
