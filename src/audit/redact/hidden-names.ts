/** Where a request may hide the name of an index in an encoding of its format. */
import { Buffer } from "node:buffer";
import { byteSet } from "./text-bytes.ts";

/** How a body is written, as its media type says. */
export type WatchedForm = "text" | "yaml" | "cbor" | "smile";

/**
 * A letter, dot, hyphen, `*` or `{` as an escape of JSON, which no encoder writes: only who hides a
 * name in a request does.
 */
const escapeStart = Buffer.from(String.raw`\u00`);
const backslash = Buffer.from("\\");
const tag = Buffer.from("!");
/** Escapes that JSON has, too; a name has none of what they stand for. */
const shortEscapes = byteSet('"\\/bfnrt');
/** `!!binary` and its kin (YAML 1.2.2 §6.9.1), not `!=`. */
const beginsTag = byteSet("!<ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
/** A text in chunks (RFC 8949 §3.2.3), and the lengths with which a chunk begins. */
const chunkedText = Buffer.from([0x7f]);

/** The form of a body. @param contentType as received */
export function watchedForm(contentType: string | undefined): WatchedForm {
  if (contentType === undefined) return "text";
  if (/yaml/i.test(contentType)) return "yaml";
  if (/cbor/i.test(contentType)) return "cbor";
  return /smile/i.test(contentType) ? "smile" : "text";
}

/** Whether no text stands there that can be looked through. */
export function isBinary(form: WatchedForm): boolean {
  return form === "cbor" || form === "smile";
}

/** Index of the first byte that hides a letter; `before`: none does before it; -1: none at all. */
export function firstHidden(bytes: Buffer, form: WatchedForm, before: number): number {
  switch (form) {
    case "text":
      return firstOf(bytes, escapeStart, hidesLetter, before);
    case "yaml":
      return firstOf(bytes, tag, tags, firstOf(bytes, backslash, escapesAlone, before));
    case "cbor":
      return firstOf(bytes, chunkedText, chunks, before);
    case "smile":
      return before;
  }
}

/** How a byte counts behind a mark: with how many bytes the mark is passed over; 0: it hides. */
type Counts = (bytes: Buffer, at: number) => number;

const hidesLetter: Counts = (bytes, at) => {
  const high = bytes[at] ?? 0;
  const low = (bytes[at + 1] ?? 0) | 0x20;
  const isDigit = low >= 0x30 && low <= 0x39;
  const isLetter = low >= 0x61 && low <= 0x66;
  if (high === 0x36) return (isDigit && low !== 0x30) || isLetter ? 0 : 1;
  if (high === 0x37) return isDigit || low === 0x61 || low === 0x62 ? 0 : 1;
  return high === 0x32 && (low === 0x61 || low === 0x64 || low === 0x65) ? 0 : 1;
};
// `\\` is one escape.
const escapesAlone: Counts = (bytes, at) => (shortEscapes[bytes[at] ?? 0] === 1 ? 2 : 0);
const tags: Counts = (bytes, at) => 1 - (beginsTag[bytes[at] ?? 0] ?? 0);
const chunks: Counts = (bytes, at) => {
  const length = bytes[at] ?? 0;
  return length >= 0x60 && length <= 0x7b ? 0 : 1;
};

function firstOf(bytes: Buffer, mark: Buffer, counts: Counts, before: number): number {
  const end = before < 0 ? bytes.length : before;
  let at = bytes.indexOf(mark);
  while (at >= 0 && at < end) {
    const from = at + mark.length;
    // The escape may go on in the next piece, which is searched with the end of this one.
    if (from >= bytes.length) return before;
    const passed = counts(bytes, from);
    if (passed === 0) return at;
    at = bytes.indexOf(mark, from + passed - 1);
  }
  return before;
}
