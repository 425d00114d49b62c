/** Writes values as JSON in the forms that audit records need. */
import { Buffer, isUtf8 } from "node:buffer";

const plainText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const isPlainAscii = /^[\x20-\x7e]*$/;
const outsideAscii = /[\x7f-\uffff]/g;

/** A JSON string literal, pure ASCII: everything outside U+0020–U+007E is written as an escape. */
export function jsonString(value: string): string {
  if (plainText.test(value)) return `"${value}"`;
  return asciiOnly(JSON.stringify(value));
}

/** {@link jsonString} of each, between commas. */
export function jsonStrings(values: readonly string[]): string {
  return asciiOnly(JSON.stringify(values).slice(1, -1));
}

/**
 * The same of texts that hold no comma and stand with one between each two, at least one. Byte by
 * byte it takes a fifth of the time that strings of one or two characters take.
 */
export function jsonListed(list: string): string {
  const text = jsonString(list);
  if (text.length > longestList) return jsonStrings(list.split(","));
  const from = listRoom.length - text.length;
  listRoom.write(text, from, "latin1");
  let length = 0;
  for (let at = from; at < listRoom.length; at += 1) {
    const byte = listRoom[at] ?? 0;
    if (byte === comma) {
      listRoom[length] = quote;
      listRoom[length + 1] = comma;
      listRoom[length + 2] = quote;
      length += 3;
    } else {
      listRoom[length] = byte;
      length += 1;
    }
  }
  return listRoom.toString("latin1", 0, length);
}

const [comma, quote] = [0x2c, 0x22];
/** In characters. Twice what a request line may have unless somebody raises the limit. */
const longestList = 16_384;
/** Room for a list and, at its end, what it is made of, which is read before it is reached. */
const listRoom = Buffer.alloc(4 * longestList);

/**
 * A JSON string literal of bytes from the wire (latin1, one char per byte): decoded as UTF-8 when
 * valid, else as latin1. Where bytes are outside ASCII the caller records the exact bytes too, see
 * `isExact`.
 */
export function jsonWireString(value: string): string {
  if (plainText.test(value)) return `"${value}"`;
  return asciiOnly(JSON.stringify(wireText(value)));
}

/** Whether the bytes can be told from the text alone. */
export function isExact(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the range is ASCII
  return /^[\x00-\x7f]*$/.test(value);
}

/** The bytes of a latin1 string in base64. */
export function base64Of(value: string): string {
  return Buffer.from(value, "latin1").toString("base64");
}

/** The text of bytes from the wire: UTF-8 when valid, else latin1. */
export function wireText(value: string): string {
  if (isExact(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : value;
}

/** A JSON string literal of the text of a body, pure ASCII. */
export function jsonBodyText(text: string, isAsciiText: boolean): string {
  const literal = JSON.stringify(text);
  return isAsciiText && !literal.includes("\x7f") ? literal : asciiOnly(literal);
}

/** Any JSON value, pure ASCII. Not for the hot path. */
export function jsonAscii(value: unknown): string {
  return asciiOnly(JSON.stringify(value));
}

function asciiOnly(text: string): string {
  if (isPlainAscii.test(text)) return text;
  return text.replaceAll(
    outsideAscii,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
