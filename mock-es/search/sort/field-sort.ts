/** Sorting by the values of a field. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { isRawNumber, rawNumber } from "../../json/exact-numbers.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { longJson } from "../../json/java-number.ts";
import { toJavaText } from "../../values/java-text.ts";
import { nanosOf } from "../../values/date.ts";
import { ipKey, ipText } from "../../values/ip-address.ts";
import { toDouble, toWhole } from "../../values/number.ts";
import { createDocValues } from "../fields/doc-values.ts";
import { compareZeros } from "../fields/zeros.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { nestedDocuments } from "../fields/nested-documents.ts";
import type { FieldReader } from "../fields/reader.ts";
import { dateText, numberJson } from "../fields/show-value.ts";
import type { IndexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { type Compile, NO_MATCH, type Scorer } from "../queries/compiled-query.ts";
import { evaluateFieldDate, inShard, queryShardRefusal } from "../queries/shard-problem.ts";
import { doubleProblem } from "../queries/query-values.ts";
import { termRange } from "../queries/term-query.ts";
import { combinedDoubles, combinedIntegers, combinedLongs } from "./sort-modes.ts";
import type { SortKey, SortValue, SortValueType } from "./sort-key.ts";

/** The key of a field. @throws {EsError} for fields without doc values, and for bad settings */
export function fieldKey(
  given: Field,
  settings: JsonObject,
  isDescending: boolean,
  context: SearchContext,
  compile: Compile,
): SortKey {
  const field = withNumericType(given, settings["numeric_type"]);
  const isPoint = field.type === "geo_point" && field.hasDocValues;
  const reader = isPoint ? () => [] : readerOf(field, settings["nested"], context, compile);
  const pick = picker(context, field, settings["mode"], isDescending);
  if (isPoint) throw pointSort(context);
  const missing = settings["missing"] ?? "_last";
  const isMissingFirst = missing === "_first";
  const isMissingLowest = isMissingFirst !== isDescending;
  const substitute =
    missing === "_first" || missing === "_last" ? undefined : missingOf(context, field, missing);
  const format = settings["format"] === undefined ? undefined : textOf(settings["format"]);
  if (format !== undefined && field.kind !== "date")
    throw notSupported(`[format] in a sort by [${field.name}]`);
  return {
    kind: "field",
    valueType: valueTypeOf(field),
    integerEnd: !isInteger(field) ? undefined : isMissingLowest ? -integerBound - 1 : integerBound,
    compare: comparer(isDescending, isMissingFirst),
    read: (document) => pick(reader(document)) ?? substitute,
    show: (value) =>
      value === undefined
        ? formattedMissing(field, isMissingLowest, format)
        : shown(field, value, format),
    parse: (raw, at) => {
      const value = parseShown(field, raw, context, format, at);
      if (value !== Infinity && value !== -Infinity) return value;
      // The ends of a type are where documents without a value stand, unless they are elsewhere.
      const end = isMissingFirst === isDescending ? Infinity : -Infinity;
      return substitute === undefined && value === end ? undefined : value;
    },
  };
}

function pointSort({ index }: SearchContext): Error {
  const reason =
    "can't sort on geo_point or point field without using specific sorting feature, like geo_distance";
  return shardFailure(index, "illegal_argument_exception", reason);
}

/** The value of `missing`: a text for texts, a number for everything else, dates too. */
function missingOf(
  context: SearchContext,
  field: Field,
  missing: unknown,
): IndexedValue | undefined {
  if (typeof missing === "object") throw notSupported("[missing] that is an object in a sort");
  if (field.kind === "ip") throw notSupported("[missing] in a sort by addresses");
  if (field.kind === "keyword" || field.kind === "text")
    return termRange(context, { ...field, isIndexed: true }, missing)?.from;
  const number = toDouble(textOf(missing));
  if (number === undefined) {
    const isDouble = field.kind === "double";
    const reason = isDouble
      ? doubleProblem(textOf(missing))
      : `For input string: "${textOf(missing)}"`;
    throw shardFailure(context.index, "number_format_exception", reason);
  }
  return field.kind === "double" ? number : toWhole(missing);
}

function comparer(
  isDescending: boolean,
  isMissingFirst: boolean,
): (a: SortValue, b: SortValue) => number {
  const sign = isDescending ? -1 : 1;
  return (a, b) => {
    if (a === b) return a === 0 ? sign * compareZeros(a, b) : 0;
    if (a === undefined) return isMissingFirst ? -1 : 1;
    if (b === undefined) return isMissingFirst ? 1 : -1;
    return a < b ? -sign : a > b ? sign : 0;
  };
}

/** `numeric_type` lets fields of several types be sorted as one. */
function withNumericType(field: Field, type: unknown): Field {
  if (type === undefined) return field;
  const name = textOf(type);
  if (!["long", "double", "date", "date_nanos"].includes(name)) {
    throw illegalArgument(
      `invalid value for [numeric_type], must be [long, double, date, date_nanos], got ${name}`,
    );
  }
  const isNumber = field.kind === "long" || field.kind === "double" || field.kind === "date";
  if (!isNumber) {
    throw illegalArgument(
      `[numeric_type] option cannot be set on a non-numeric field, got ${field.type}`,
    );
  }
  if (name === field.type) return field;
  if (field.kind === "date") {
    if (name === "date_nanos" && field.type === "date") return { ...field, numericType: name };
    if (name === "date" && field.type === "date_nanos") return { ...field, numericType: name };
    if (name === "long") return field;
  }
  if (name === "double" && (field.kind === "long" || field.kind === "double"))
    return { ...field, kind: "double", type: "double" };
  if (name === "long" && field.kind === "long") return field;
  if (name === "long" && field.kind === "double") return { ...field, numericType: "long" };
  throw notSupported(`[numeric_type] [${name}] of a field of type [${field.type}]`);
}

/** Values of a document, or of its nested objects. */
function readerOf(
  field: Field,
  nested: unknown,
  context: SearchContext,
  compile: Compile,
): FieldReader {
  if (nested === undefined) {
    if (field.isReachable) return converted(field, createDocValues(field, context));
    throw shardRefusal(
      context,
      `it is mandatory to set the [nested] context on the nested sort field: [${field.name}].`,
    );
  }
  if (!isObject(nested) || nested["path"] === undefined)
    throw notSupported("[nested] of a sort without [path]");
  const { path: given, filter, max_children: limit, nested: inner, ...rest } = nested;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw parsingException(`[nestedSort] unknown field [${unknown}]`).at(nested, unknown, "key");
  if (inner !== undefined) throw notSupported("[nested] within [nested] in [sort]");
  const path = textOf(given);
  if (context.mappings.find(path)?.type !== "nested") {
    throw shardRefusal(context, `[nested] failed to find nested object under path [${path}]`);
  }
  const scope = { ...context, nestedPath: path, isScored: false };
  const resolved = resolveField(scope, field.name) ?? field;
  const read = converted(field, createDocValues({ ...field, ...resolved }, scope));
  const accepts: Scorer | undefined =
    filter === undefined ? undefined : compile(filter, scope).score;
  const most = limit === undefined ? Infinity : Number(limit);
  return (document: SearchDocument) =>
    nestedDocuments(context.mappings, document, path)
      .slice(0, most)
      .filter((object) => accepts === undefined || accepts(object) !== NO_MATCH)
      .flatMap((object) => [...read(object)]);
}

function shardRefusal({ index }: SearchContext, reason: string): Error {
  return shardFailure(index, "query_shard_exception", reason, { index_uuid: "_na_", index });
}

/** Applies a `numeric_type` that changes values. */
function converted(field: Field, read: FieldReader): FieldReader {
  switch (field.numericType) {
    case "date_nanos":
      return (document) => read(document).map((ms) => nanosOf({ ms: Number(ms), nanos: 0 }));
    case "date":
      return (document) => read(document).map((nanos) => Number(BigInt(nanos) / 1_000_000n));
    case "long":
      return (document) => read(document).map((value) => Math.trunc(Number(value)));
    default:
      return read;
  }
}

function valueTypeOf(field: Field): SortValueType {
  if (field.kind === "double") return field.numericType === "long" ? "long" : "double";
  const isText = field.kind === "keyword" || field.kind === "ip" || field.kind === "text";
  return isText ? "string" : "long";
}

/** The key of a field that nothing maps, for which a type is given. */
export function unmappedKey(type: string, isLowest: boolean): SortKey {
  const isDouble = /^(?:double|float|half_float|scaled_float)$/.test(type);
  const isText = /^(?:keyword|text|ip|wildcard|version)$/.test(type);
  const shows = isText
    ? null
    : shownMissing({ kind: isDouble ? "double" : "long", type }, isLowest);
  return {
    kind: "field",
    valueType: isText ? "string" : isDouble ? "double" : "long",
    compare: () => 0,
    read: () => undefined,
    show: () => shows,
    parse: () => undefined,
  };
}

/** Chooses the one value of several that a document is sorted by. */
function picker(
  context: SearchContext,
  field: Field,
  setting: unknown,
  isDescending: boolean,
): (values: readonly IndexedValue[]) => SortValue {
  const mode = textOf(setting ?? (isDescending ? "max" : "min")).toLowerCase();
  const isText =
    field.kind === "keyword" ||
    field.kind === "ip" ||
    field.kind === "text" ||
    field.kind === "unsupported";
  if (mode === "min" || mode === "max") {
    const wantsMax = mode === "max";
    return (values) => {
      let [best] = values;
      if (best === undefined) return undefined;
      for (const value of values) {
        const order = value > best ? 1 : value < best ? -1 : compareZeros(value, best);
        if (wantsMax ? order > 0 : order < 0) best = value;
      }
      return best;
    };
  }
  if (!["sum", "avg", "median"].includes(mode)) throw illegalArgument(`Unknown SortMode [${mode}]`);
  if (isText) {
    const reason = "we only support AVG, MEDIAN and SUM on number based fields";
    throw queryShardRefusal(context, reason);
  }
  const combine =
    field.kind === "double" ? combinedDoubles : isInteger(field) ? combinedIntegers : combinedLongs;
  return (values) => (values.length < 2 ? values[0] : combine(mode, values));
}

function shown(field: Field, value: IndexedValue, format: string | undefined): unknown {
  if (field.kind === "ip") return ipText(String(value));
  if (field.kind === "date" && format !== undefined) {
    const type = field.numericType ?? field.type;
    return dateText({ ...field, type }, value, format);
  }
  if (typeof value === "string") return value;
  if (field.kind === "double" && field.numericType === undefined)
    return numberJson(field, Number(value));
  return longJson(value);
}

/**
 * What a hit shows for a document without a value: the bounds of a long, infinities as text, null
 * for keywords.
 */
function shownMissing(field: SortType, isLowest: boolean): unknown {
  if (field.kind === "keyword" || field.kind === "ip" || field.kind === "text") return null;
  if (field.kind === "double") return isLowest ? "-Infinity" : "Infinity";
  if (isInteger(field)) return isLowest ? -2_147_483_648 : 2_147_483_647;
  return rawNumber(isLowest ? "-9223372036854775808" : "9223372036854775807");
}

/** With a format a date that is missing is null, but the least one with nanoseconds is a date. */
function formattedMissing(field: Field, isLowest: boolean, format: string | undefined): unknown {
  const isNanos = (field.numericType ?? field.type) === "date_nanos";
  if (isNanos && isLowest) return format === undefined ? 0 : shown(field, 0, format);
  return format === undefined ? shownMissing(field, isLowest) : null;
}

type SortType = Pick<Field, "kind" | "type" | "numericType">;

/** True for types that are sorted as numbers of 32 bits. */
function isInteger({ type, numericType }: SortType): boolean {
  return numericType === undefined && ["integer", "short", "byte"].includes(type);
}

/** Values of `search_after` beyond these are the ends of a long, or of an integer. */
const longBound = 2n ** 63n - 1n;
const unsignedBound = 18_446_744_073_709_551_615n;
const integerBound = 2 ** 31 - 1;

/** Type of a sort field as Lucene names it. */
function luceneType(field: Field): string {
  if (field.kind === "double" && field.numericType === undefined)
    return field.type === "double" ? "DOUBLE" : "FLOAT";
  return isInteger(field) ? "INT" : "LONG";
}

function parseShown(
  field: Field,
  raw: unknown,
  context: SearchContext,
  format: string | undefined,
  at: number,
): SortValue {
  if (typeof raw === "object" && raw !== null && !isRawNumber(raw))
    throw parsingException(`Expecting a [string, number, boolean, null], but got [START_OBJECT]`);
  if (field.kind === "ip") {
    if (raw === null || raw === undefined) return undefined;
    const key = ipKey(textOf(raw));
    if (key !== undefined) return key;
    return inShard(context, () => {
      throw illegalArgument(`'${textOf(raw)}' is not an IP string literal.`);
    });
  }
  if (raw === null || raw === undefined) {
    if (field.kind === "keyword" || field.kind === "text") return undefined;
    const type = luceneType(field);
    const reason = `[search_after] value at position ${at} cannot be null for sort field [${field.name}] of type [${type}].`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  if (field.kind === "keyword" || field.kind === "text") return toJavaText(raw);
  if (field.kind === "date" && typeof raw === "string") {
    const type = field.numericType ?? field.type;
    return evaluateFieldDate(context, { ...field, type }, raw, {
      format: format ?? field.dateFormat,
    });
  }
  const isTruth = field.kind === "boolean" && (raw === "true" || raw === "false");
  const isFlag = typeof raw === "boolean" && field.kind === "boolean";
  const value =
    isFlag || isTruth
      ? Number(String(raw) === "true")
      : field.kind === "double"
        ? toDouble(raw)
        : toWhole(raw);
  if (field.kind === "boolean" && typeof raw === "string" && !isTruth) {
    const reason = `Cannot parse boolean [${textOf(raw)}], expected either [true] or [false]`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  const isInt =
    /^[+-]?\d+$/.test(textOf(raw)) &&
    Number(value) <= integerBound &&
    Number(value) >= -integerBound - 1;
  const isUnfit = typeof raw === "string" && isInteger(field) && !isInt;
  if (value === undefined || Number.isNaN(value) || isUnfit) {
    const reason = `Failed to parse search_after value for field [${field.name}].`;
    throw shardFailure(context.index, "illegal_argument_exception", reason, {
      caused_by: {
        type: "number_format_exception",
        reason: `For input string: "${textOf(raw)}"`,
      },
    });
  }
  if (field.kind === "double" && field.numericType === undefined) {
    // The server reads a float, for half floats, too.
    return luceneType(field) === "FLOAT" ? Math.fround(Number(value)) : value;
  }
  const isUnsigned = field.type === "unsigned_long";
  const bound = isInteger(field) ? integerBound : isUnsigned ? unsignedBound : longBound;
  if (value < bound && value > -bound) return value;
  return value > 0 ? Infinity : -Infinity;
}
