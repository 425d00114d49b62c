/** Reads parameters of a query string as Elasticsearch does. */
import { decodePathPart } from "../names/path-part.ts";

const ampersand = 0x26;
const semicolon = 0x3b;
const equals = 0x3d;

/**
 * The last value of a query parameter, read as Elasticsearch reads it
 * (`RestUtils.decodeQueryString`): `&` and `;` separate, `+` is a space, a name without `=` has the
 * empty value.
 *
 * @param query the query string as received, without `?`
 * @returns undefined: there is none
 */
export function queryParameter(query: string | undefined, name: string): string | undefined {
  if (query === undefined) return undefined;
  let value: string | undefined;
  let start = 0;
  let mark = -1;
  for (let at = 0; at <= query.length; at += 1) {
    const code = at === query.length ? ampersand : query.charCodeAt(at);
    if (code === equals && mark === -1) mark = at;
    if (code !== ampersand && code !== semicolon) continue;
    const end = mark === -1 ? at : mark;
    // A name that is decoded is no longer than before.
    if (end - start >= name.length && decoded(query.slice(start, end)) === name)
      value = mark === -1 ? "" : decoded(query.slice(mark + 1, at));
    start = at + 1;
    mark = -1;
  }
  return value;
}

function decoded(text: string): string {
  return decodePathPart(text.includes("+") ? text.replaceAll("+", " ") : text);
}
