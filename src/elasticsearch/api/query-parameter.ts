/** Reads parameters of a query string as Elasticsearch does. */
import { Buffer } from "node:buffer";
import { decodePathPart } from "../names/path-part.ts";

const percent = 0x25;
const ampersand = 0x26;
const semicolon = 0x3b;
const equals = 0x3d;

/**
 * The last value of a query parameter, read as Elasticsearch reads it
 * (`RestUtils.decodeQueryString`): `&` and `;` separate, `+` is a space, a name without `=` has the
 * empty value, and a `=` before a name counts for nothing (`=index=a`).
 *
 * @param query the query string as received, without `?`
 * @param name in ASCII, without a space
 * @returns undefined: there is none
 */
export function queryParameter(query: string | undefined, name: string): string | undefined {
  if (query === undefined || !mayName(query, name)) return undefined;
  let value: string | undefined;
  let start = 0;
  let mark = -1;
  for (let at = 0; at <= query.length; at += 1) {
    const code = at === query.length ? ampersand : query.charCodeAt(at);
    if (code === equals && mark === -1) {
      if (at === start) start += 1;
      else mark = at;
    }
    if (code !== ampersand && code !== semicolon) continue;
    if (isName(query, start, mark === -1 ? at : mark, name))
      value = mark === -1 ? "" : decoded(query.slice(mark + 1, at));
    start = at + 1;
    mark = -1;
  }
  return value;
}

/** A body that stands in the query string, which Elasticsearch takes when there is no other. */
export interface SourceParameter {
  readonly text: string;
  /** Its media type, in a parameter of its own. */
  readonly contentType: string | undefined;
}

/** @returns undefined: there is none */
export function sourceParameter(query: string | undefined): SourceParameter | undefined {
  const text = queryParameter(query, "source");
  if (text === undefined) return undefined;
  return { text, contentType: queryParameter(query, "source_content_type") };
}

/** The last query with escapes, and what it decodes to: several names are looked for in each. */
let lastEscaped = "";
let lastDecoded = "";

/** Whether `name` stands anywhere in the query, escaped or not. */
function mayName(query: string, name: string): boolean {
  if (query.includes(name)) return true;
  if (!query.includes("%")) return false;
  if (query !== lastEscaped) {
    lastDecoded = unescaped(query);
    lastEscaped = query;
  }
  return lastDecoded.includes(name);
}

/** One char per byte; what is no escape stays as it is. */
function unescaped(query: string): string {
  const bytes = Buffer.from(query, "latin1");
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    let byte = bytes[at] ?? 0;
    if (byte === percent && at + 2 < bytes.length) {
      const code = hexValue(bytes[at + 1] ?? 0) * 16 + hexValue(bytes[at + 2] ?? 0);
      if (code >= 0) {
        byte = code;
        at += 2;
      }
    }
    bytes[length] = byte;
    length += 1;
  }
  return bytes.toString("latin1", 0, length);
}

/** Whether `query[start, end)` decodes to `name`; makes no string, because most do not. */
function isName(query: string, start: number, end: number, name: string): boolean {
  let at = start;
  for (let i = 0; i < name.length; i += 1) {
    if (at >= end) return false;
    let code = query.charCodeAt(at);
    if (code === percent) {
      // Negative where it is no escape: unlike any character.
      code = hexValue(query.charCodeAt(at + 1)) * 16 + hexValue(query.charCodeAt(at + 2));
      at += 2;
    }
    if (code !== name.charCodeAt(i)) return false;
    at += 1;
  }
  return at === end;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -256;
}

function decoded(text: string): string {
  return decodePathPart(text.includes("+") ? text.replaceAll("+", " ") : text);
}
