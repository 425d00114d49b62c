/** Numbers in the place of texts in queries, with the digits that the server sees of them. */
import { inPlaceOf, readNumber, sentText, withRead } from "../../json/odd-numbers.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";

type Read = (holder: object, key: string) => unknown;

/** Where a query holds values, and what the server makes of a number there. */
interface Place {
  readonly read: Read;
  /** Members of the settings of the query's one field. Absent: of the query itself. */
  readonly onField?: readonly string[];
  /** Members of the query itself. */
  readonly own?: readonly string[];
  /** Members of the query itself that are lists. */
  readonly lists?: readonly string[];
}

const numbers = (...onField: readonly string[]): Place => ({ read: readNumber, onField });
const texts = (...onField: readonly string[]): Place => ({ read: sentText, onField });

const places: Readonly<Record<string, Place>> = {
  fuzzy: numbers("value"),
  ids: { read: sentText, lists: ["values"] },
  match: numbers("query"),
  match_bool_prefix: numbers("query"),
  match_phrase: numbers("query"),
  match_phrase_prefix: numbers("query"),
  multi_match: { read: readNumber, own: ["query"] },
  prefix: texts("value"),
  query_string: { read: sentText, own: ["query"] },
  range: numbers("from", "gt", "gte", "lt", "lte", "to"),
  regexp: texts("value"),
  simple_query_string: { read: sentText, own: ["query"] },
  span_term: numbers("term", "value"),
  term: numbers("value"),
  terms: numbers(),
  terms_set: numbers("terms"),
  wildcard: texts("value", "wildcard"),
};

/** Members beside the field of a query that has one. */
const besideField = ["_name", "boost"];

/** A query whose odd numbers (`1.0`, `1e7`) keep their digits where texts may stand. */
export function withDigits(name: string, body: JsonObject): JsonObject {
  const place = Object.hasOwn(places, name) ? places[name] : undefined;
  if (place === undefined) return body;
  const { own, lists, onField = [], read } = place;
  if (lists?.some((list) => !Array.isArray(body[list])) === true) return body;
  if (lists !== undefined) return membersRead(body, lists, read);
  if (own !== undefined) return membersRead(body, own, read);
  const fields = Object.keys(body).filter((key) => !besideField.includes(key));
  return membersRead(body, fields, read, (settings) => membersRead(settings, onField, read));
}

function membersRead(
  body: JsonObject,
  names: readonly string[],
  read: Read,
  readObject: (value: JsonObject) => JsonObject = (value) => value,
): JsonObject {
  const copy = withRead(body, read, names);
  let changed: Record<string, unknown> | undefined;
  for (const name of names) {
    const value = copy[name];
    const seen = isObject(value)
      ? readObject(value)
      : Array.isArray(value)
        ? withRead(value, read)
        : value;
    if (seen !== value) (changed ??= { ...copy })[name] = seen;
  }
  return changed === undefined ? copy : inPlaceOf(body, changed);
}
