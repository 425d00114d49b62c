/** Text put back into JSON strings. */
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

const unicodeEscape = Buffer.from("\\u00");

/**
 * A copy of text in which JSON may stand, with ASCII characters in place of their `\\u` escapes, so
 * that names can be read; the others stay. `undefined`: there are none.
 */
export function unescapedLetters(bytes: Buffer, start: number, end: number): Buffer | undefined {
  const text = bytes.subarray(start, end);
  if (!text.includes(unicodeEscape)) return undefined;
  const letters = text
    .toString("latin1")
    .replaceAll(/\\u00([2-7][0-9a-f])/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  return Buffer.from(letters, "latin1");
}

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
