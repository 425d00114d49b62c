import { Buffer } from "node:buffer";

/**
 * What stands between the quotes of JSON strings: escapes decoded, as bytes and as strings.
 * RFC 8259 §7.
 */

const backslash = 0x5c;
/** For so many bytes a loop costs no more than a call. */
const nearBytes = 40;
/** Escape letter → its byte; 0: no such escape. `u` is read apart. */
const simpleEscapes = new Uint8Array(256);
for (const [letter, text] of Object.entries({
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
}))
  simpleEscapes[letter.charCodeAt(0)] = text.charCodeAt(0);

/** There is a backslash in `bytes[start, end)`. */
export function hasEscapes(bytes: Buffer, start: number, end: number): boolean {
  const near = start + nearBytes < end ? start + nearBytes : end;
  for (let at = start; at < near; at += 1) if (bytes[at] === backslash) return true;
  return near < end && bytes.subarray(near, end).includes(backslash);
}

/** Short, and neither escaped nor outside ASCII. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > nearBytes) return false;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === backslash || byte >= 0x80) return false;
  }
  return true;
}

/** The content of a JSON string as a string. Bytes that are no UTF-8 become U+FFFD. */
export function textOf(bytes: Buffer, start: number, end: number): string {
  if (isPlain(bytes, start, end)) return bytes.toString("latin1", start, end);
  if (!hasEscapes(bytes, start, end)) return bytes.toString("utf8", start, end);
  const decoded = Buffer.allocUnsafe(end - start);
  return decoded.toString("utf8", 0, decodeEscapes(bytes, start, end, decoded));
}

/**
 * Decodes the escapes of `bytes[start, end)` into `out`, which needs room for as many bytes.
 *
 * A `\u` escape is written as UTF-8; a surrogate without its partner as U+FFFD. An escape that
 * RFC 8259 does not know stays as it is: Elasticsearch refuses such a body.
 *
 * @returns bytes written
 */
export function decodeEscapes(bytes: Buffer, start: number, end: number, out: Buffer): number {
  let at = start;
  let to = 0;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte !== backslash || at + 1 >= end) {
      out[to++] = byte;
      at += 1;
      continue;
    }
    const letter = bytes[at + 1] ?? 0;
    const simple = simpleEscapes[letter] ?? 0;
    if (simple !== 0) {
      out[to++] = simple;
      at += 2;
      continue;
    }
    const unit = letter === 0x75 ? hexUnit(bytes, at + 2, end) : -1;
    if (unit < 0) {
      out[to++] = byte;
      at += 1;
      continue;
    }
    at += 6;
    let point = unit;
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const isPair = unit < 0xdc00 && bytes[at] === backslash && bytes[at + 1] === 0x75;
      const low = isPair ? hexUnit(bytes, at + 2, end) : -1;
      point = 0xfffd;
      if (low >= 0xdc00 && low <= 0xdfff) {
        point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
    }
    to = putUtf8(point, out, to);
  }
  return to;
}

function hexUnit(bytes: Buffer, start: number, end: number): number {
  if (start + 4 > end) return -1;
  let unit = 0;
  for (let at = start; at < start + 4; at += 1) {
    const byte = bytes[at] ?? 0;
    const lower = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) unit = unit * 16 + byte - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) unit = unit * 16 + lower - 0x57;
    else return -1;
  }
  return unit;
}

function putUtf8(point: number, out: Buffer, at: number): number {
  let to = at;
  if (point < 0x80) {
    out[to++] = point;
    return to;
  }
  if (point < 0x800) out[to++] = 0xc0 | (point >> 6);
  else {
    if (point < 0x10000) out[to++] = 0xe0 | (point >> 12);
    else {
      out[to++] = 0xf0 | (point >> 18);
      out[to++] = 0x80 | ((point >> 12) & 0x3f);
    }
    out[to++] = 0x80 | ((point >> 6) & 0x3f);
  }
  out[to++] = 0x80 | (point & 0x3f);
  return to;
}
