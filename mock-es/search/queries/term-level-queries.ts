/** Queries for exact values: `term`, `terms`, `ids`, `exists`. */
import {
  emptyIndexName,
  EsError,
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { createTermReader } from "../fields/document-terms.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { createPointReader } from "../fields/geo-point.ts";
import { expandFields } from "../fields/field-names.ts";
import { type Field, fieldsBelow, resolveField } from "../fields/field.ts";
import { isRangeField } from "../fields/range-values.ts";
import { collectRaw, createReader, rootOf } from "../fields/reader.ts";
import type { IndexedValue } from "../fields/value.ts";
import { anyText } from "./any-text.ts";
import { booleanSetting, parseFieldClause } from "./clause.ts";
import {
  boostOf,
  constantScore,
  rewrittenToNone,
  type CompiledQuery,
  counted,
} from "./compiled-query.ts";
import { inShard, queryShardFailure, queryShardRefusal } from "./shard-problem.ts";
import { settingChecks } from "./setting-checks.ts";
import { javaText } from "./query-values.ts";
import { hasAnyToken } from "./token-query.ts";
import {
  acceptsRange,
  exactQuery,
  indexQuery,
  requireSearchable,
  termRange,
  type ValueRange,
} from "./term-query.ts";
import { tellsZerosApart } from "../fields/zeros.ts";

/** `term`: one exact value. */
export function parseTerm(body: JsonObject, context: SearchContext): CompiledQuery {
  const shape = {
    name: "term",
    shortFor: "value",
    settings: ["value", "case_insensitive"],
    checks: settingChecks,
  };
  const { field: name, settings } = parseFieldClause(body, shape);
  const value = settings["value"];
  if (value === null || value === undefined) throw illegalArgument("value cannot be null");
  const boost = boostOf("term", settings);
  const field = resolveField(context, name);
  if (!booleanSetting(settings, "case_insensitive", false))
    return field === undefined ? rewrittenToNone : exactQuery(context, field, value, boost);
  if (field === undefined) return rewrittenToNone;
  if (field.kind !== "keyword" && field.kind !== "text") {
    const reason = `[${field.name}] field which is of type [${field.type}], does not support case insensitive term queries`;
    throw queryShardRefusal(context, reason);
  }
  requireSearchable(context, field, true);
  const wanted = textOf(value).toLowerCase();
  return anyText(field, (text) => text.toLowerCase() === wanted, boost);
}

/** `terms`: any of several exact values, given or looked up in another document. */
export function parseTerms(body: JsonObject, context: SearchContext): CompiledQuery {
  let name: string | undefined;
  for (const [key, value] of Object.entries(body)) {
    if (key === "boost" || key === "_name") continue;
    if (name !== undefined) {
      throw parsingException("[terms] query does not support multiple fields").at(body, key);
    }
    if (value === null)
      throw parsingException(`[terms] unknown token [VALUE_NULL] after [${key}]`).at(body, key);
    if (!Array.isArray(value) && !isObject(value)) {
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
  if (name === "") throw illegalArgument("field name cannot be null.");
  const boost = boostOf("terms", body);
  const given = body[name];
  if (Array.isArray(given)) refuseLists(name, given);
  const values = isObject(given)
    ? lookedUp(given, context)
    : Array.isArray(given)
      ? (given as readonly unknown[])
      : [];
  const none = values.indexOf(null);
  if (none >= 0)
    throw parsingException("No value specified for terms query").at(values, String(none));
  checkCount(values.length, context);
  const field = resolveField(context, name);
  if (field === undefined || values.length === 0) return rewrittenToNone;
  if (field.name === "_index") return indexQuery(context, values, boost);
  if (isRangeField(field)) {
    const each = values.map((value) => exactQuery(context, field, value, 1).score);
    return constantScore((document) => each.some((score) => score(document) >= 0), boost);
  }
  if (field.type === "sparse_vector")
    return constantScore(hasAnyToken(field, values.map(javaText)), boost);
  const ranges = values
    .map((value) => termRange(context, field, value, true))
    .filter((range) => range !== undefined);
  return constantScore(
    field.kind === "text" ? anyTerm(field, ranges) : anyRange(field, ranges),
    boost,
    field.kind === "keyword" && field.name !== "_id" ? () => termsText(field, ranges) : undefined,
  );
}

/** @throws {EsError} for a list among the values: the server's parser ends at its end */
function refuseLists(name: string, values: readonly unknown[]): void {
  const list = values.find((value) => Array.isArray(value));
  if (!Array.isArray(list)) return;
  if (list.includes(null)) throw notSupported("[terms] of lists with null in them");
  const reason = `[terms] unknown token [END_ARRAY] after [${name}]`;
  throw parsingException(reason).at(values, undefined, "end");
}

/** A query for any of several keywords, as Lucene writes it. */
function termsText({ name }: Field, ranges: readonly ValueRange[]): string {
  const terms = new Set(ranges.map(({ from }) => String(from)));
  return `${name}:(${[...terms].sort().join(" ")})`;
}

function checkCount(count: number, context: SearchContext): void {
  const { maxTermsCount } = context.limits;
  if (count <= maxTermsCount) return;
  const reason = `The number of terms [${count}] used in the Terms Query request has exceeded the allowed maximum of [${maxTermsCount}]. This maximum can be set by changing the [index.max_terms_count] index level setting.`;
  throw inShard(context, () => {
    throw illegalArgument(reason);
  });
}

/** The values at a path of a stored document; none when there is no such document. */
function lookedUp(lookup: JsonObject, context: SearchContext): unknown[] {
  for (const key of Object.keys(lookup)) {
    if (!["index", "id", "path", "routing"].includes(key))
      throw xContentParseException(`[terms_lookup] unknown field [${key}]`).at(lookup, key, "key");
    if (key === "index" && typeof lookup[key] !== "string") {
      const reason = `[terms_lookup] index doesn't support values of type: ${tokenOf(lookup[key])}`;
      throw xContentParseException(reason).at(lookup, key);
    }
  }
  const { index, id, path, routing } = lookup;
  const missing = Object.entries({ index, id, path }).filter(([, value]) => value === undefined);
  if (missing.length > 0)
    throw illegalArgument(`Required [${missing.map(([name]) => name).join(", ")}]`);
  if (context.fetchSource === undefined) throw notSupported("[terms] lookup here");
  if (index === "") throw emptyIndexName();
  const route = routing === undefined ? undefined : textOf(routing);
  const source = context.fetchSource(textOf(index), textOf(id), route);
  const found: unknown[] = [];
  collectRaw(source, textOf(path).split("."), 0, found);
  // A path that ends at an object leads to nothing.
  return found.filter((value) => value !== null && !isObject(value));
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
  const isZeroOfTwo = tellsZerosApart(field);
  for (const range of ranges) {
    if (range.from === range.to && !(range.from === 0 && isZeroOfTwo)) wanted.add(range.from);
    else wide.push(acceptsRange(field, range));
  }
  const read = createReader(field);
  return (document) => {
    for (const value of read(document)) if (wanted.has(value)) return true;
    return wide.some((accepts) => accepts(document));
  };
}

/** `ids`: documents by `_id`. */
export function parseIds(body: JsonObject, context: SearchContext): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!["values", "boost", "_name"].includes(key)) {
      const reason = `[ids] unknown field [${key}]`;
      const inner = xContentParseException(reason).at(body, key, "key");
      throw new EsError(400, "parsing_exception", reason).at(body, key).around(inner);
    }
  }
  const { values = [] } = body;
  if (Array.isArray(values) && values.some((value) => value === null || typeof value === "object"))
    throw notSupported("[values] of [ids] that are no texts");
  if (!Array.isArray(values) && typeof values !== "string") {
    const reason = `[ids] values doesn't support values of type: ${tokenOf(values)}`;
    const inner = xContentParseException(reason).at(body, "values");
    throw new EsError(400, "parsing_exception", reason).around(inner);
  }
  if (values === "") throw notSupported("an empty text as [values] of [ids]");
  if (values.length === 0) return rewrittenToNone;
  if (values.includes("") && Array.isArray(values))
    throw queryShardFailure(context, "illegal_argument_exception", "Ids can't be empty");
  const wanted = new Set(
    (Array.isArray(values) ? (values as readonly unknown[]) : [values]).map(textOf),
  );
  const most = context.limits.maxResultWindow;
  if (wanted.size > most) {
    const reason = `Too many ids specified, allowed max result window is [${most}]`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  return constantScore((document) => wanted.has(rootOf(document).id), boostOf("ids", body));
}

/** `exists`: a field, or anything inside an object, that has a value the index holds. */
export function parseExists(body: JsonObject, context: SearchContext): CompiledQuery {
  for (const [key, value] of Object.entries(body)) {
    if (typeof value === "object") {
      const reason = `[exists] unknown token [${tokenOf(value)}] after [${key}]`;
      throw parsingException(reason).at(body, key);
    }
    if (!["boost", "_name", "field"].includes(key))
      throw parsingException(`[exists] query does not support [${key}]`).at(body, key);
  }
  const name = body["field"];
  if (name === "") throw illegalArgument("field name is null or empty");
  if (name === undefined || name === null)
    throw parsingException("[exists] must be provided with a [field]");
  if (textOf(name) === "*") throw notSupported("[exists] of all fields");
  const accepts = acceptsExisting(context, textOf(name));
  const isUnmapped =
    !textOf(name).includes("*") && resolveField(context, textOf(name)) === undefined;
  if (isUnmapped || isEmptyObject(context, textOf(name))) return rewrittenToNone;
  return counted(constantScore(accepts, boostOf("exists", body)), "presence");
}

/** True for an object without any field, as the mapping has it. */
function isEmptyObject(context: SearchContext, name: string): boolean {
  if (name.includes("*") || context.mappings.fieldNames === undefined) return false;
  const kind = resolveField(context, name)?.kind;
  if (kind !== "object" && kind !== "nested") return false;
  return !fieldsBelow(context.mappings, name).some(
    (inner) => resolveField(context, inner)?.kind !== "object",
  );
}

/**
 * True for documents in which the field, or any field inside it, holds a value that its mapping
 * indexes.
 */
export function acceptsExisting(
  context: SearchContext,
  name: string,
): (document: SearchDocument) => boolean {
  if (name.includes("*")) {
    return anyOf(expandFields(name, context).map((field) => acceptsExisting(context, field)));
  }
  if (name === "_source") throw queryShardRefusal(context, "The _source field is not searchable");
  const field = resolveField(context, name);
  if (field === undefined) return () => false;
  if (field.kind === "object") {
    if (context.mappings.fieldNames === undefined)
      return (document) => hasLeafUnder(document.source, "", name);
    return anyOf(
      fieldsBelow(context.mappings, name)
        .filter((inner) => resolveField(context, inner)?.kind !== "object")
        .map((inner) => acceptsExisting(context, inner)),
    );
  }
  if (field.kind === "nested") return () => false;
  if (field.type === "binary" && !field.hasDocValues && field.parameters["store"] !== true)
    return () => false;
  if (field.type === "geo_point") {
    const points = createPointReader(field);
    return (document) => field.isReachable && points(document).length > 0;
  }
  if (isRangeField(field) && !field.isIndexed && !field.hasDocValues)
    return field.parameters["store"] === true ? hasRawValue(field) : () => false;
  if (field.kind === "unsupported") return hasRawValue(field);
  const isWhole = field.type === "flattened" && field.flattenedKey === undefined;
  // Its name is noted for an object without keys, too.
  if (isWhole && field.isIndexed && !field.hasDocValues) return hasRawValue(field);
  // What the index keeps nothing of is not listed among the names of fields either.
  if (field.flattenedKey !== undefined && !field.isIndexed) return () => false;
  // Norms of what is not indexed are looked for, and there are none.
  const hasNorms = field.kind === "keyword" && String(field.parameters["norms"]) === "true";
  if (hasNorms && !field.isIndexed && !field.hasDocValues) return () => false;
  const isKept = field.isIndexed || (field.hasDocValues && field.kind !== "text");
  if (!isKept && String(field.parameters["store"]) !== "true") return () => false;
  const read = createReader(field);
  return (document) => read(document).length > 0;
}

function anyOf(
  tests: readonly ((document: SearchDocument) => boolean)[],
): (document: SearchDocument) => boolean {
  return (document) => tests.some((test) => test(document));
}

/** Whether a field whose values the engine does not read has one. */
function hasRawValue(field: Field): (document: SearchDocument) => boolean {
  const raw: unknown[] = [];
  return (document) => {
    if (!field.isReachable) return false;
    raw.length = 0;
    for (const { path } of field.places) collectRaw(document.source, path, 0, raw);
    return raw.some((value) => value !== null);
  };
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
