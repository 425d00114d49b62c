/** Percent-decoding of one segment of a request path. */

/**
 * Decodes one path segment exactly once, as Elasticsearch does: the path is split at `/` first and
 * each segment is decoded afterwards, so `%2F` never separates. `+` stays a plus sign (RFC 3986
 * §2.2: only form encoding makes it a space). Bytes that are no UTF-8 become U+FFFD.
 *
 * @param segment as received, one char per byte
 * @returns the decoded text; the segment itself when an escape is broken, because Elasticsearch
 *   refuses such a request and there is nothing to decode
 */
export function decodePathPart(segment: string): string {
  if (!needsDecoding.test(segment)) return segment;
  const bytes = Buffer.allocUnsafe(segment.length);
  let length = 0;
  for (let at = 0; at < segment.length; at += 1) {
    let byte = segment.charCodeAt(at);
    if (byte === percent) {
      const high = hexValue(segment, at + 1);
      const low = hexValue(segment, at + 2);
      if (high < 0 || low < 0) return segment;
      byte = high * 16 + low;
      at += 2;
    }
    bytes[length] = byte;
    length += 1;
  }
  return bytes.toString("utf8", 0, length);
}

const percent = 0x25;
const needsDecoding = /[%\x80-\xff]/;

/** The digit at `at`; -1: it is none, or the text has ended. */
function hexValue(text: string, at: number): number {
  const code = at < text.length ? text.charCodeAt(at) : 0;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
