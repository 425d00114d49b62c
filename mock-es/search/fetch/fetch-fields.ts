/** `fields` of a hit: values as the mapping reads them, nested objects as objects of their own. */
import { type EsError, notSupported } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { asJavaJson } from "../../json/java-json.ts";
import { isObject } from "../../json/json-value.ts";
import { toJavaText } from "../../values/java-text.ts";
import { parseMoment, printDate } from "../../values/date.ts";
import { toDouble } from "../../values/number.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { expandFields } from "../fields/field-names.ts";
import { type Field, isMetadata, isObjectType, resolveField } from "../fields/field.ts";
import { createGivenPoints, pointJson } from "../fields/geo-point.ts";
import { nestedDocuments } from "../fields/nested-documents.ts";
import { createShownRanges, isRangeField, isUnshown } from "../fields/range-values.ts";
import { createReader, hasIgnored, rootOf } from "../fields/reader.ts";
import { showFieldValue } from "../fields/show-value.ts";
import { vectorJson } from "../fields/dense-vector.ts";
import { createSparseReader, sparseJson } from "../fields/sparse-vector.ts";
import { checkedValue, type IndexedValue, indexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { extracted, extractedValues } from "./extracted-values.ts";
import { wantedFields, type WantedField } from "./field-values.ts";
import { shortLeaves } from "./short-leaves.ts";
import { createPathMatcher } from "./source-filter.ts";

/** What a hit shows for `fields`. */
export interface FetchedFields {
  readonly fields: Readonly<Record<string, readonly unknown[]>>;
  /** Values that the index left out: too long, or malformed. */
  readonly ignored: Readonly<Record<string, readonly unknown[]>>;
}

/** Gives the values of one field of a document. */
type ReadField = (document: SearchDocument) => readonly unknown[];

/** Fields of one level of nesting. */
interface Level {
  readonly fields: Map<string, ReadField>;
  /** Names of the fields, relative to the level, with what was left out of the index. */
  readonly ignored: Map<string, ReadField>;
  readonly nested: Map<string, Level>;
}

/** Compiles `fields`; `undefined` when none is asked for. */
export function compileFetchFields(
  wanted: unknown,
  given: SearchContext,
): ((document: SearchDocument) => FetchedFields) | undefined {
  const { fetched: mappings = given.mappings } = given.mappings;
  const context = { ...given, mappings };
  const list = wantedFields("fields", wanted);
  if (list.length === 0) return undefined;
  const internal = list.find(({ pattern }) => internals.has(pattern));
  if (internal !== undefined) return () => refuseInternal(internal.pattern, context);
  const root = newLevel();
  for (const entry of list) {
    for (const name of namesOf(entry.pattern, context)) addField(root, name, entry, context);
  }
  const unmapped = list.filter((entry) => entry.includeUnmapped).map((entry) => entry.pattern);
  const isUnmapped = unmapped.length === 0 ? undefined : createPathMatcher(unmapped);
  return (document) => {
    const fields = readLevel(root, document, context);
    if (isUnmapped !== undefined) addUnmapped(document.source, "", context, isUnmapped, fields);
    return { fields, ignored: readIgnored(root, document) };
  };
}

/** Fields of the server that nobody reads; they are found by the first hit. */
const internals: ReadonlySet<string> = new Set(
  "_field_names _nested_path _seq_no _source".split(" "),
);

/** @throws {EsError} a shard's refusal to show such a field */
function refuseInternal(name: string, context: SearchContext): never {
  throw fetchProblem(name, `Cannot fetch values for internal field [${name}].`, context);
}

function fetchProblem(name: string, reason: string, { index }: SearchContext): EsError {
  return shardFailure(index, "illegal_argument_exception", `error fetching [${name}]: ${reason}`, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}

function newLevel(): Level {
  return { fields: new Map(), ignored: new Map(), nested: new Map() };
}

function namesOf(pattern: string, context: SearchContext): string[] {
  return pattern.includes("*") ? expandFields(pattern, context) : [pattern];
}

function addField(root: Level, name: string, entry: WantedField, context: SearchContext): void {
  let level = root;
  let scope: string | undefined;
  for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
    const path = name.slice(0, dot);
    if (context.mappings.find(path)?.type !== "nested") continue;
    let inner = level.nested.get(path);
    if (inner === undefined) level.nested.set(path, (inner = newLevel()));
    level = inner;
    scope = path;
  }
  const field = resolveField({ ...context, nestedPath: scope }, name);
  if (field === undefined || isObjectType(field.type) || name === "_routing") return;
  const relative = scope === undefined ? name : name.slice(scope.length + 1);
  level.fields.set(relative, readerOf(field, entry.format, context));
  if (mayIgnore(field)) level.ignored.set(relative, ignoredReader(field));
}

/** Types whose values are shown as the source has them. */
const shownAsWritten: ReadonlySet<string> = new Set(["binary"]);

function readerOf(field: Field, format: string | undefined, context: SearchContext): ReadField {
  if (field.type === "flattened")
    return field.flattenedKey === undefined ? flattenedReader(field) : keyReader(field);
  if (isRangeField(field)) return createShownRanges(field, format);
  if (field.type === "geo_point") return pointReader(field, format);
  if (field.type === "sparse_vector") {
    const vectorOf = createSparseReader(field);
    return (document) => {
      const vector = vectorOf(document);
      return vector === undefined ? [] : [sparseJson(vector)];
    };
  }
  if (field.kind === "unsupported" && shownAsWritten.has(field.type)) return rawReader(field);
  if (field.type === "dense_vector" && format === undefined) return denseReader(field);
  if (field.kind === "unsupported" && field.type !== "dense_vector")
    throw notSupported(`[fields] of the field [${field.name}] of type [${field.type}]`);
  if (field.type === "join" && format === undefined) return rawReader(field);
  if (field.isRuntime) {
    const read = createReader(field);
    const show = (value: IndexedValue): unknown => showFieldValue(field, value, format);
    return (document) =>
      read(document)
        .toSorted((a, b) => (a < b ? -1 : 1))
        .map(show);
  }
  if (format !== undefined && field.kind === "date") return dateReader(field, format);
  if (format !== undefined) {
    const reason = `Field [${field.name}] of type [${field.type}] doesn't support formats.`;
    throw fetchProblem(field.name, reason, context);
  }
  if (field.kind === "date") return dateReader(field, field.dateFormat);
  if (field.kind === "keyword" && field.type !== "constant_keyword") return textReader(field);
  if (field.kind === "text") return textReader(field);
  if (isMetadata(field.name) || field.type === "constant_keyword") {
    const read = createReader(field);
    return (document) => read(document).map((value) => showFieldValue(field, value));
  }
  const raw = rawReader(field);
  return (document) =>
    raw(document).flatMap((given) => {
      const value = fetchedValue(field, document, given);
      return value === undefined ? [] : [showFieldValue(field, value)];
    });
}

/** A value as `fields` reads it; `undefined` for one that it does not show. */
function fetchedValue(
  field: Field,
  document: SearchDocument,
  given: unknown,
): IndexedValue | undefined {
  if (!hasIgnored(document)) return indexedValue(field, given);
  const isLong = field.type === "long" || field.type === "unsigned_long";
  if (isLong && typeof given === "string" && !/^\S*\d$/.test(given)) return undefined;
  // Whether texts may be numbers is asked when a document is indexed only.
  const number = isNumeric(field) && typeof given === "string" ? toDouble(given) : undefined;
  const isWhole = number === undefined || field.kind === "double" || Number.isInteger(number);
  return checkedValue(field, isWhole ? (number ?? given) : given);
}

/** The numbers of a vector: as the index keeps it, or without an index as it was written. */
function denseReader(field: Field): ReadField {
  const raw = rawReader(field);
  return (document) => {
    const values = raw(document);
    if (values.length === 0 || field.parameters["index"] === false) return values.map(asJavaJson);
    return vectorJson(typeof values[0] === "string" ? values[0] : values, field);
  };
}

/** Objects with leaves that are short enough, as Java writes them. */
function flattenedReader(field: Field): ReadField {
  const raw = rawReader(field);
  return (document) =>
    raw(document).flatMap((value) => {
      const kept = shortLeaves(value, field.ignoreAbove);
      return kept === undefined ? [] : [asJavaJson(kept)];
    });
}

/** What stands at a key of flattened objects, whatever the index makes of it. */
function keyReader(field: Field): ReadField {
  const key = field.flattenedKey?.split(".") ?? [];
  const raw = rawReader({
    ...field,
    places: field.places.map(({ path, nullValue }) => ({ path: [...path, ...key], nullValue })),
  });
  return (document) => {
    const values = raw(document);
    return values.filter((value) => value !== null).map(asJavaJson);
  };
}

function pointReader(field: Field, format: string | undefined): ReadField {
  if (format !== undefined && format !== "geojson")
    throw notSupported(`the format [${format}] of a geo_point`);
  if (!field.isReachable) return () => [];
  // What is copied from other fields, or stands for null, is not shown.
  const places = field.places.slice(0, 1).map(({ path }) => ({ path, nullValue: undefined }));
  const read = createGivenPoints({ ...field, places }, (source, path) => [
    extracted(source, path, 0),
  ]);
  return (document) => read(document).map(pointJson);
}

/** Texts of values: numbers are written as Java reads them from the source. */
function textReader(field: Field): ReadField {
  if (isMetadata(field.name)) return createReader(field);
  const raw = rawReader(field);
  return (document) =>
    raw(document).flatMap((value) => {
      if (isObject(value)) return [];
      return indexedValue(field, toJavaText(value)) ?? [];
    });
}

/** Dates are written in the field's format with all the precision that the source has. */
function dateReader(field: Field, format: string): ReadField {
  const raw = rawReader(field);
  return (document) =>
    raw(document).flatMap((value) => {
      if (hasIgnored(document) && checkedValue(field, value) === undefined) return [];
      const text = isRawNumber(value) ? value.rawJSON : value;
      const moment = parseMoment(text, field.dateFormat);
      if (moment === undefined) return [];
      const nanos = field.type === "date_nanos" ? moment.nanos : 0;
      return [printDate(moment.ms, format, undefined, nanos)];
    });
}

function rawReader(field: Field): ReadField {
  if (isMetadata(field.name)) return createReader(field);
  return (document) => {
    const raw: unknown[] = [];
    if (!field.isReachable || (rootOf(document).write ?? 0) < field.sinceWrite) return raw;
    for (const { path, nullValue } of field.places) {
      const isKept = nullValue === undefined || field.type === "flattened";
      for (const value of extractedValues(document.source, path))
        raw.push(!isKept && isNull(field, value) ? nullValue : value);
    }
    return raw.filter((value) => value !== null);
  };
}

/** An empty text is no number. */
function isNull(field: Field, value: unknown): boolean {
  return value === null || (value === "" && isNumeric(field));
}

function isNumeric({ kind }: Field): boolean {
  return kind === "long" || kind === "double";
}

function mayIgnore(field: Field): boolean {
  if (isNumeric(field) || isUnread(field)) return true;
  if (field.type === "geo_point") return false;
  if (isRangeField(field)) return true;
  if (field.type === "flattened") return field.flattenedKey === undefined;
  const { ignore_malformed: malformed } = field.parameters;
  return field.ignoreAbove !== Infinity || malformed === true || malformed === "true";
}

/** A boolean of which the index keeps nothing is not looked at before it is shown. */
function isUnread({ type, isIndexed, hasDocValues, parameters }: Field): boolean {
  const isStored = String(parameters["store"]) === "true";
  return type === "boolean" && !isIndexed && !hasDocValues && !isStored;
}

function ignoredReader(field: Field): ReadField {
  const read = rawReader(field);
  if (field.type === "flattened")
    return (document) =>
      read(document)
        .filter((value) => shortLeaves(value, field.ignoreAbove) === undefined)
        .map(asJavaJson);
  if (isRangeField(field)) return (document) => read(document).filter(isUnshown).map(asJavaJson);
  if (field.kind === "keyword") {
    // Fetched texts are those of Java, which may be longer than those of the document.
    return (document) =>
      read(document)
        .filter((value) => !isObject(value) && toJavaText(value).length > field.ignoreAbove)
        .map(asJavaJson);
  }
  return (document) => {
    if (hasIgnored(document) || isUnread(field))
      return read(document)
        .filter((value) => fetchedValue(field, document, value) === undefined)
        .map(asJavaJson);
    return isNumeric(field) ? read(document).filter((value) => value === "") : [];
  };
}

function readLevel(
  level: Level,
  document: SearchDocument,
  context: SearchContext,
  scope?: string,
): Record<string, readonly unknown[]> {
  const fields: Record<string, readonly unknown[]> = {};
  for (const [name, read] of level.fields) {
    const values = read(document);
    if (values.length > 0) fields[name] = [...values];
  }
  for (const [path, inner] of level.nested) {
    const objects = nestedDocuments(context.mappings, document, path, scope)
      .filter(({ isDotted }) => !isDotted)
      .map((object) => readLevel(inner, object, context, path))
      .filter((object) => Object.keys(object).length > 0);
    const relative = scope === undefined ? path : path.slice(scope.length + 1);
    if (objects.length > 0) fields[relative] = objects;
  }
  return fields;
}

function readIgnored(level: Level, document: SearchDocument): Record<string, readonly unknown[]> {
  const ignored: Record<string, readonly unknown[]> = {};
  for (const [name, read] of level.ignored) {
    const values = read(document);
    if (values.length > 0) ignored[name] = [...values];
  }
  return ignored;
}

/** Values of the source that no mapping knows. */
function addUnmapped(
  value: unknown,
  path: string,
  context: SearchContext,
  isWanted: (path: string) => boolean,
  into: Record<string, readonly unknown[]>,
): void {
  if (Array.isArray(value)) {
    // Plain values stand behind those of lists and objects.
    const plain = (value as readonly unknown[]).filter((element) => typeof element !== "object");
    const others = (value as readonly unknown[]).filter((element) => typeof element === "object");
    for (const element of [...others, ...plain])
      addUnmapped(element, path, context, isWanted, into);
  } else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      const full = path === "" ? name : `${path}.${name}`;
      const type = context.mappings.find(full)?.type;
      if (type === undefined || type === "object")
        addUnmapped(inner, full, context, isWanted, into);
    }
  } else if (value !== null && isWanted(path) && isUnmappedValue(path, context)) {
    into[path] = [...(into[path] ?? []), value];
  }
}

/** True for a value that no mapping knows: of no field, or in place of an object. */
function isUnmappedValue(path: string, { mappings }: SearchContext): boolean {
  const type = mappings.find(path)?.type;
  return type === undefined || type === "object";
}
