import {
  illegalArgument,
  isObject,
  type JsonObject,
  notSupported,
  parsingException,
  textOf,
  tokenOf,
  xContentParseException,
} from "../problem.ts";
import { booleanSetting, parseFieldClause } from "./clause.ts";
import { boostOf, constantScore, matchNone, type CompiledQuery } from "./compiled-query.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { createReader, resolveField, type Field } from "../fields/field.ts";
import { acceptsRange, exactQuery, termRange, type ValueRange } from "./term-query.ts";
import type { IndexedValue } from "../fields/value.ts";
import { createTermReader } from "../fields/document-terms.ts";

/** `term`: one exact value. */
export function parseTerm(body: JsonObject, context: SearchContext): CompiledQuery {
  const shape = { name: "term", shortFor: "value", settings: ["value", "case_insensitive"] };
  const { field: name, settings } = parseFieldClause(body, shape);
  const value = settings["value"];
  if (value === null || value === undefined) throw illegalArgument("value cannot be null");
  const boost = boostOf("term", settings);
  const field = resolveField(context, name);
  if (!booleanSetting(settings, "case_insensitive", false))
    return exactQuery(context, field, value, boost);
  if (field === undefined) return matchNone;
  const wanted = textOf(value).toLowerCase();
  return anyText(field, (text) => text.toLowerCase() === wanted, boost);
}

/** Matches when any keyword value, or any term of a text, is accepted. */
export function anyText(
  field: Field,
  accepts: (text: string) => boolean,
  boost: number,
): CompiledQuery {
  if (field.kind === "text") {
    const read = createTermReader(field);
    return constantScore(
      (document) => read(document).terms.some((term) => term !== "" && accepts(term)),
      boost,
    );
  }
  const read = createReader(field);
  return constantScore((document) => read(document).some((value) => accepts(String(value))), boost);
}

/** `terms`: any of several exact values. Lookup in another document is refused. */
export function parseTerms(body: JsonObject, context: SearchContext): CompiledQuery {
  let name: string | undefined;
  for (const [key, value] of Object.entries(body)) {
    if (key === "boost" || key === "_name") continue;
    if (name !== undefined) {
      throw parsingException("[terms] query does not support multiple fields").at(body, key);
    }
    if (isObject(value)) throw notSupported("[terms] lookup");
    if (!Array.isArray(value)) {
      throw parsingException(`[terms] query does not support [${key}]`).at(body, key);
    }
    name = key;
  }
  if (name === undefined) {
    throw parsingException(
      "[terms] query requires a field name, followed by array of terms or a document " +
        "lookup specification",
    );
  }
  const boost = boostOf("terms", body);
  const field = resolveField(context, name);
  const values = body[name] as readonly unknown[];
  if (values.includes(null)) throw illegalArgument("No value specified for terms query");
  if (field === undefined) return matchNone;
  const ranges = values
    .map((value) => termRange(context, field, value))
    .filter((range) => range !== undefined);
  return constantScore(
    field.kind === "text" ? anyTerm(field, ranges) : anyRange(field, ranges),
    boost,
  );
}

function anyTerm(
  field: Field,
  ranges: readonly ValueRange[],
): (document: SearchDocument) => boolean {
  const wanted = new Set(ranges.map((range) => range.from));
  const read = createTermReader(field);
  return (document) => read(document).terms.some((term) => wanted.has(term));
}

function anyRange(
  field: Field,
  ranges: readonly ValueRange[],
): (document: SearchDocument) => boolean {
  const wanted = new Set<IndexedValue>();
  const wide: ((document: SearchDocument) => boolean)[] = [];
  for (const range of ranges) {
    if (range.from === range.to) wanted.add(range.from);
    else wide.push(acceptsRange(field, range));
  }
  const read = createReader(field);
  return (document) => {
    for (const value of read(document)) if (wanted.has(value)) return true;
    return wide.some((accepts) => accepts(document));
  };
}

/** `ids`: documents by `_id`. */
export function parseIds(body: JsonObject): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!["values", "boost", "_name"].includes(key)) {
      throw xContentParseException(`[ids] unknown field [${key}]`).at(body, key, "key");
    }
  }
  const { values } = body;
  if (values === undefined) throw illegalArgument("Required [values]");
  const wanted = new Set(
    (Array.isArray(values) ? (values as readonly unknown[]) : [values]).map(String),
  );
  return constantScore((document) => wanted.has(document.id), boostOf("ids", body));
}

/** `exists`: a field, or anything inside an object, that has a value the index holds. */
export function parseExists(body: JsonObject, context: SearchContext): CompiledQuery {
  for (const [key, value] of Object.entries(body)) {
    if (key === "boost" || key === "_name") continue;
    if (key !== "field")
      throw parsingException(`[exists] query does not support [${key}]`).at(body, key);
    if (typeof value === "object") {
      throw parsingException(`[exists] unknown token [${tokenOf(value)}] after [field]`).at(
        body,
        key,
      );
    }
  }
  const name = body["field"];
  if (name === undefined || name === null)
    throw parsingException("[exists] must be provided with a [field]");
  const text = textOf(name);
  if (text.includes("*")) throw notSupported("[exists] on a field pattern");
  return constantScore(acceptsExisting(context, text), boostOf("exists", body));
}

/**
 * True for documents in which the field, or anything inside it, holds a value that its mapping
 * indexes.
 */
export function acceptsExisting(
  context: SearchContext,
  name: string,
): (document: SearchDocument) => boolean {
  const field = resolveField(context, name);
  if (field === undefined) return () => false;
  if (field.kind === "nested") return () => false;
  if (field.kind !== "object" && field.kind !== "unsupported") {
    const read = createReader(field);
    return (document) => read(document).length > 0;
  }
  return (document) => hasLeafUnder(document.source, "", name);
}

/**
 * True when a leaf of the value stands at the path `wanted` or below it; keys may hold dots
 * themselves.
 */
function hasLeafUnder(value: unknown, path: string, wanted: string): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value))
    return (value as readonly unknown[]).some((element) => hasLeafUnder(element, path, wanted));
  const isInside = path === wanted || path.startsWith(`${wanted}.`);
  if (typeof value !== "object") return isInside;
  return Object.entries(value).some(([name, inner]) => {
    const full = path === "" ? name : `${path}.${name}`;
    const mayHold =
      isInside || full === wanted || full.startsWith(`${wanted}.`) || wanted.startsWith(`${full}.`);
    return mayHold && hasLeafUnder(inner, full, wanted);
  });
}
