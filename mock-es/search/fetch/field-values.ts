/** `docvalue_fields` and `stored_fields` of a hit. */
import {
  type EsError,
  illegalArgument,
  notSupported,
  xContentParseException,
} from "../../es-error.ts";
import { doubleJson } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { type NumberFormat, numberFormat } from "../../values/decimal-format.ts";
import { createVectorReader, vectorBytes, vectorOfBytes } from "../fields/dense-vector.ts";
import { createDocValues, refuseFielddata } from "../fields/doc-values.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { expandFields } from "../fields/field-names.ts";
import { type Field, isMetadata, resolveField } from "../fields/field.ts";
import { parentIdFields } from "../fields/join-field.ts";
import { createPathMatcher } from "./source-filter.ts";
import { createGivenPoints, createPointReader, pointText } from "../fields/geo-point.ts";
import { isRangeField } from "../fields/range-values.ts";
import { collectRaw, createReader, type FieldReader, rootOf } from "../fields/reader.ts";
import { dateText, showFieldValue } from "../fields/show-value.ts";
import type { IndexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { inShard } from "../queries/shard-problem.ts";

/** Values by field name, as a hit shows them under `fields`. */
export type FieldValues = Record<string, readonly unknown[]>;

/** A field that is asked for, and how its values are to be written. */
export interface WantedField {
  readonly pattern: string;
  readonly format: string | undefined;
  readonly includeUnmapped: boolean;
}

/** Reads the list of an option that names fields. @throws {EsError} for elements that do not */
export function wantedFields(option: string, list: unknown): WantedField[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly unknown[]).map((element) => {
    if (typeof element === "string" || typeof element === "number")
      return { pattern: String(element), format: undefined, includeUnmapped: false };
    if (Array.isArray(element)) throw noObject(element);
    if (
      !isObject(element) ||
      (element["field"] !== undefined && typeof element["field"] !== "string")
    )
      throw notSupported(`such an entry of [${option}]`);
    if (element["field"] === undefined) throw illegalArgument("Required [field]");
    const { field, format, include_unmapped: unmapped } = element;
    if (format !== undefined && format !== null && typeof format !== "string") {
      const reason = `[fetch_field_and_format] format doesn't support values of type: ${tokenOf(format)}`;
      throw xContentParseException(reason).at(element, "format");
    }
    if (format === "") throw notSupported(`an empty [format] in [${option}]`);
    return {
      pattern: textOf(field),
      format: format === undefined || format === null ? undefined : textOf(format),
      includeUnmapped: unmapped === true || unmapped === "true",
    };
  });
}

/** In a list the server's parser looks for an object once more. */
function noObject(list: readonly unknown[]): EsError {
  const [first] = list;
  if (isObject(first)) return notSupported("a list of objects as a field that is shown");
  const token = list.length === 0 ? "END_ARRAY" : tokenOf(first);
  const reason = `[fetch_field_and_format] Expected START_OBJECT but was: ${token}`;
  const refusal = xContentParseException(reason);
  return list.length === 0 ? refusal.at(list, undefined, "end") : refusal.at(list, "0");
}

/** Adds values to those that a hit shows. */
export type AddFieldValues = (document: SearchDocument, into: FieldValues) => void;

/**
 * Compiles `docvalue_fields`.
 *
 * @throws {EsError} for too many fields; what is returned throws for fields without doc values
 */
export function compileDocvalueFields(
  body: JsonObject,
  context: SearchContext,
): AddFieldValues | undefined {
  const wanted = wantedFields("docvalue_fields", body["docvalue_fields"]).flatMap(
    ({ pattern, format }) => namesOf(pattern, context).map((name) => ({ name, format })),
  );
  if (wanted.length === 0) return undefined;
  const most = context.limits.maxDocvalueFields;
  if (wanted.length > most) {
    const reason = `Trying to retrieve too many docvalue_fields. Must be less than or equal to: [${most}] but was [${wanted.length}]. This limit can be set by changing the [index.max_docvalue_fields_search] index level setting.`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  // Fields without doc values are found by the first hit: without one nothing is fetched.
  let columns: readonly Column[] | undefined;
  return (document, into) => {
    columns ??= wanted.flatMap(({ name, format }) => docvalueColumn(name, format, context));
    for (const { name, read, show, isOrdered } of columns) {
      const values = read(document);
      if (values.length === 0) continue;
      const shown = (isOrdered === true ? values : values.toSorted(compareValues)).map(show);
      // Values that are stored, too, stand before them.
      into[name] = into[name] === undefined ? shown : [...into[name], ...shown];
    }
  };
}

function namesOf(pattern: string, context: SearchContext): string[] {
  if (!pattern.includes("*")) return [pattern];
  const matches = createPathMatcher([pattern]);
  return [...expandFields(pattern, context), ...parentIdFields(context.mappings).filter(matches)];
}

interface Column {
  readonly name: string;
  readonly read: FieldReader;
  readonly show: (value: IndexedValue) => unknown;
  /** The reader gives the values in their order. @default false */
  readonly isOrdered?: boolean;
}

/** Points as texts, in the order of these. */
function pointColumn(
  name: string,
  field: Field,
  format: string | undefined,
  context: SearchContext,
): Column {
  if (format !== undefined) throw customFormat(field, context);
  const points = createPointReader(field);
  const read: FieldReader = (document) => {
    if (!field.isReachable || (rootOf(document).write ?? 0) < field.sinceWrite) return [];
    return points(document).map(pointText).toSorted();
  };
  return { name, read, show: (value) => value, isOrdered: true };
}

/** Bytes in base64, each value once. */
function binaryColumn(name: string, field: Field): Column {
  const texts = createTexts(field);
  const read: FieldReader = (document) => {
    const bytes = [...new Set(texts(document))].map((text) => Buffer.from(text, "base64"));
    return bytes.sort((a, b) => a.compare(b)).map((value) => value.toString("base64"));
  };
  return { name, read, show: (value) => value, isOrdered: true };
}

/** Vectors as lists of numbers, or as their bytes in base64. */
function vectorColumn(
  name: string,
  field: Field,
  format: string | undefined,
  context: SearchContext,
): Column {
  if (format !== undefined && format !== "array" && format !== "binary") {
    const reason = `Field [${name}] of type [dense_vector] doesn't support format [${format}]. Supported formats are [array, binary].`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  const vectorOf = createVectorReader(field);
  const read: FieldReader = (document) => {
    const vector = field.isReachable ? vectorOf(document) : undefined;
    return vector === undefined ? [] : [vectorBytes(vector, field)];
  };
  const show = (bytes: IndexedValue): unknown =>
    format === "binary" ? bytes : vectorOfBytes(String(bytes), field);
  return { name, read, show, isOrdered: true };
}

/** Reads the texts of a field as the source has them. */
function createTexts(field: Field): (document: SearchDocument) => string[] {
  const raw: unknown[] = [];
  return (document) => {
    raw.length = 0;
    if (!field.isReachable || (rootOf(document).write ?? 0) < field.sinceWrite) return [];
    for (const { path } of field.places) collectRaw(document.source, path, 0, raw);
    return raw.filter((value) => typeof value === "string");
  };
}

function docvalueColumn(
  name: string,
  format: string | undefined,
  context: SearchContext,
): Column[] {
  refuseFielddata(name, context);
  const field = resolveField(context, name);
  if (field === undefined || field.kind === "object" || field.kind === "nested") return [];
  if (field.type === "geo_point" && field.hasDocValues)
    return [pointColumn(name, field, format, context)];
  if (field.type === "binary" && field.hasDocValues) return [binaryColumn(name, field)];
  if (field.type === "dense_vector") return [vectorColumn(name, field, format, context)];
  const read = createDocValues(field, context);
  return [{ name, read, show: docvalueWriter(field, format, context) }];
}

function docvalueWriter(
  field: Field,
  format: string | undefined,
  context: SearchContext,
): (value: IndexedValue) => unknown {
  // Doc values hold floats, which are written with the digits that a double needs for them.
  if (field.kind === "double" && format === undefined) return (value) => doubleJson(Number(value));
  if (format === undefined) return (value) => showFieldValue(field, value);
  if (field.kind === "date")
    return (value) => inShard(context, () => dateText(field, value, format));
  if (field.kind === "long" || field.kind === "double") {
    const write: NumberFormat = numberFormat(format);
    return (value) => write(Number(value));
  }
  throw customFormat(field, context);
}

function customFormat({ name, type }: Field, { index }: SearchContext): Error {
  const reason = `Field [${name}] of type [${type}] does not support custom formats`;
  return shardFailure(index, "illegal_argument_exception", reason);
}

function compareValues(a: IndexedValue, b: IndexedValue): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compiles `stored_fields`: fields that the mapping stores beside the source. */
export function compileStoredFields(
  names: readonly string[] | undefined,
  context: SearchContext,
): AddFieldValues | undefined {
  if (names === undefined || names.length === 0) return undefined;
  // Objects are found by the first hit: without one nothing is fetched.
  let columns: readonly Column[] | undefined;
  return (document, into) => {
    columns ??= names.flatMap((pattern) =>
      namesOf(pattern, context).flatMap((name) => storedColumn(name, context)),
    );
    for (const { name, read, show } of columns) {
      const values = read(document);
      if (values.length > 0) into[name] = values.map(show);
    }
  };
}

function storedColumn(name: string, context: SearchContext): Column[] {
  if (name === "_source" || name === "_none_" || isMetadata(name)) return [];
  const field = resolveField(context, name);
  if (field === undefined) return [];
  if (field.kind === "object" || field.kind === "nested") return [];
  const { store } = field.parameters;
  if (store !== true && store !== "true") return [];
  if (field.type === "binary") return [{ name, read: createTexts(field), show: (value) => value }];
  if (isRangeField(field)) throw notSupported(`[stored_fields] of the field [${name}]`);
  if (field.type === "geo_point") {
    const points = createGivenPoints(field);
    return [{ name, read: (document) => points(document).map(pointText), show: (value) => value }];
  }
  if (field.type === "half_float") {
    // The number is stored before it is rounded for the index.
    const read = createReader({ ...field, type: "float" });
    return [{ name, read, show: (value) => showFieldValue(field, value) }];
  }
  if (field.type === "unsigned_long") return [{ name, read: createReader(field), show: String }];
  return [{ name, read: createReader(field), show: (value) => showFieldValue(field, value) }];
}
