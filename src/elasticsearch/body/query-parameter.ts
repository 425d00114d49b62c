/** Reads parameters of a query string as Elasticsearch does. */
import { decodePathPart } from "../names/path-part.ts";

const maxParameters = 1000;

/**
 * The last value of a query parameter, read as Elasticsearch reads it
 * (`RestUtils.decodeQueryString`): `&` and `;` separate, `+` is a space.
 *
 * @param query the query string as received, without `?`
 * @returns undefined: there is none, or it has no `=`
 */
export function queryParameter(query: string | undefined, name: string): string | undefined {
  if (query === undefined || !query.includes("=")) return undefined;
  let value: string | undefined;
  for (const pair of query.split(/[&;]/, maxParameters)) {
    const mark = pair.indexOf("=");
    if (mark >= 0 && decoded(pair.slice(0, mark)) === name) value = decoded(pair.slice(mark + 1));
  }
  return value;
}

function decoded(text: string): string {
  return decodePathPart(text.replaceAll("+", " "));
}
