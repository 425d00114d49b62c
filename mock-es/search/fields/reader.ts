/** Reading the values of fields out of the sources of documents. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "./document.ts";
import { type Field, isMetadata } from "./field.ts";
import { checkedValue, type IndexedValue, indexedValue } from "./value.ts";

/**
 * Appends every JSON value found at a path: through objects, arrays and keys that contain dots
 * themselves.
 */
export function collectRaw(
  source: unknown,
  path: readonly string[],
  from: number,
  out: unknown[],
): void {
  if (Array.isArray(source)) {
    for (const element of source as readonly unknown[]) collectRaw(element, path, from, out);
    return;
  }
  if (from === path.length) {
    if (source !== undefined) out.push(source);
    return;
  }
  if (typeof source !== "object" || source === null) return;
  const object = source as Readonly<Record<string, unknown>>;
  const name = path[from] ?? "";
  if (Object.hasOwn(object, name)) collectRaw(object[name], path, from + 1, out);
  if (from + 1 === path.length) return;
  let joined = name;
  for (let next = from + 1; next < path.length; next++) {
    joined += `.${path[next] ?? ""}`;
    if (Object.hasOwn(object, joined)) collectRaw(object[joined], path, next + 1, out);
  }
}

/** As {@link collectRaw}, but a list at the end of the path stays one value. */
export function collectGiven(
  source: unknown,
  path: readonly string[],
  from: number,
  out: unknown[],
): void {
  if (from === path.length) {
    if (source !== undefined) out.push(source);
  } else if (Array.isArray(source)) {
    for (const element of source as readonly unknown[]) collectGiven(element, path, from, out);
  } else if (isObject(source)) {
    let name = "";
    for (let next = from; next < path.length; next++) {
      name += `${next === from ? "" : "."}${path[next] ?? ""}`;
      if (Object.hasOwn(source, name)) collectGiven(source[name], path, next + 1, out);
    }
  }
}

/**
 * Reads one field of documents. The array it returns is its own and is overwritten by the next
 * call.
 */
export type FieldReader = (document: SearchDocument) => readonly IndexedValue[];

/** Builds the reader of a field once, for use on many documents without further allocation. */
export function createReader(field: Field): FieldReader {
  if (!field.isReachable) return () => none;
  const read = createValueReader(field);
  const { sinceWrite } = field;
  if (sinceWrite === 0) return read;
  return (document) => ((rootOf(document).write ?? 0) < sinceWrite ? none : read(document));
}

const none: readonly IndexedValue[] = [];

/** The document that a nested object is part of; a document that is none, itself. */
export function rootOf(document: SearchDocument): SearchDocument {
  let root = document;
  while (root.parent !== undefined) root = root.parent;
  return root;
}

function createValueReader(field: Field): FieldReader {
  const [first] = field.places;
  if (first?.path.length === 1 && isMetadata(first.path[0] ?? ""))
    return metadataReader(first.path[0] ?? "");
  if (field.type === "constant_keyword") return constantReader(field);
  if (field.type === "flattened") return flattenedReader(field);
  if (field.compute !== undefined) return computedReader(field, field.compute);
  if (field.type === "join") return joinReader(field);
  const values: IndexedValue[] = [];
  const raw: unknown[] = [];
  const readAll = (document: SearchDocument, read = indexedValue): readonly IndexedValue[] => {
    for (const { path, nullValue } of field.places) {
      raw.length = 0;
      collectRaw(document.source, path, 0, raw);
      for (const element of raw) {
        // An empty text is no number.
        const isNull = element === null || (element === "" && isNumeric);
        const indexed = read(field, isNull ? nullValue : element);
        if (indexed !== undefined) values.push(indexed);
      }
    }
    return values;
  };
  const isNumeric = field.kind === "long" || field.kind === "double";
  const isChecked = checkedKinds.has(field.kind);
  if (first === undefined || field.places.length > 1 || first.nullValue !== undefined) {
    return (document) => {
      values.length = 0;
      return readAll(document, isChecked && hasIgnored(document) ? checkedValue : indexedValue);
    };
  }
  const look = createQuickLook(first.path);
  return (document) => {
    values.length = 0;
    if (isChecked && hasIgnored(document)) return readAll(document, checkedValue);
    const value = look(document.source);
    if (typeof value === "object") return readAll(document);
    const indexed = indexedValue(field, value);
    if (indexed !== undefined) values.push(indexed);
    return values;
  };
}

/** Kinds of fields that leave out values which they cannot take, where the mapping says so. */
const checkedKinds: ReadonlySet<string> = new Set(["long", "double", "date", "boolean", "ip"]);

/** True when values of the document are not in the index. */
export function hasIgnored(document: SearchDocument): boolean {
  return rootOf(document).ignored !== undefined;
}

/**
 * Looks at a path of one or two steps in the usual documents. A result that is an object, `null`
 * included, says that only {@link collectRaw} knows: arrays, inner objects, keys with dots.
 */
function createQuickLook(path: readonly string[]): (source: unknown) => unknown {
  const [outer = "", inner = ""] = path;
  // `__proto__` is the one name that every object answers with an object of its own.
  if (path.length > 2 || path.includes("__proto__")) return () => null;
  if (path.length === 1) return (source) => plainMember(source, outer);
  const dotted = `${outer}.${inner}`;
  return (source) => {
    if (plainMember(source, dotted) !== undefined) return null;
    const object = plainMember(source, outer);
    return object === undefined ? undefined : plainMember(object, inner);
  };
}

/**
 * A member without the check for own members, which costs more than the look-up: inherited ones are
 * all functions.
 */
function plainMember(object: unknown, name: string): unknown {
  if (typeof object !== "object" || object === null) return undefined;
  if (Array.isArray(object)) return null;
  const value = (object as Readonly<Record<string, unknown>>)[name];
  return typeof value === "function" ? undefined : value;
}

function metadataReader(name: string): FieldReader {
  const values: IndexedValue[] = [];
  const one = (read: (document: SearchDocument) => IndexedValue): FieldReader => {
    return (document) => {
      values[0] = read(rootOf(document));
      return values;
    };
  };
  switch (name) {
    case "_id":
      return one((document) => document.id);
    case "_index":
      return one((document) => document.index);
    case "_seq_no":
      return one((document) => document.seqNo);
    case "_version":
      return one((document) => document.version);
    case "_tier":
      return one(() => "data_content");
    case "_ignored":
      return (document) => rootOf(document).ignored ?? none;
    default:
      return (document) => {
        const { routing } = rootOf(document);
        return routing === undefined ? none : [routing];
      };
  }
}

/** What a script emits; dates are milliseconds. */
function computedReader(
  field: Field,
  compute: (document: SearchDocument) => readonly unknown[],
): FieldReader {
  return (document) =>
    compute(rootOf(document))
      .map((value) =>
        field.kind === "date" && typeof value === "number" ? value : indexedValue(field, value),
      )
      .filter((value) => value !== undefined)
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The names of relations. */
function joinReader({ places }: Field): FieldReader {
  const raw: unknown[] = [];
  return (document) => {
    raw.length = 0;
    for (const { path } of places) collectRaw(document.source, path, 0, raw);
    return raw
      .map((value) => (isObject(value) ? value["name"] : value))
      .filter((value) => value !== undefined && value !== null)
      .map(textOf);
  };
}

function constantReader(field: Field): FieldReader {
  const { value } = field.parameters;
  const values = value === undefined || value === null ? none : [textOf(value)];
  return () => values;
}

/** The leaves of a `flattened` object as keywords: all of them, or those at one key. */
function flattenedReader(field: Field): FieldReader {
  const values: string[] = [];
  const raw: unknown[] = [];
  const keyPath = field.flattenedKey?.split(".");
  return (document) => {
    values.length = 0;
    for (const { path } of field.places) {
      raw.length = 0;
      collectRaw(document.source, path, 0, raw);
      collectDotted(document.source, path, raw);
      for (const object of raw) {
        if (!isObject(object)) continue;
        if (keyPath === undefined) collectLeaves(object, field, values);
        else {
          const found: unknown[] = [];
          collectRaw(object, keyPath, 0, found);
          for (const value of found) if (!isObject(value)) addLeaf(value, field, values);
        }
      }
    }
    return values;
  };
}

/** `{"a.b": 1}` is `{"b": 1}` in a field `a` at the top. */
function collectDotted(source: unknown, path: readonly string[], out: unknown[]): void {
  if (path.length !== 1 || !isObject(source)) return;
  const prefix = `${path[0] ?? ""}.`;
  for (const name of Object.keys(source))
    if (name.startsWith(prefix)) out.push({ [name.slice(prefix.length)]: source[name] });
}

function collectLeaves(value: unknown, field: Field, out: string[]): void {
  if (Array.isArray(value)) {
    for (const element of value as readonly unknown[]) collectLeaves(element, field, out);
  } else if (isObject(value)) {
    for (const inner of Object.values(value)) collectLeaves(inner, field, out);
  } else addLeaf(value, field, out);
}

function addLeaf(raw: unknown, field: Field, out: string[]): void {
  const value = raw === null ? field.places[0]?.nullValue : raw;
  if (value === null || value === undefined) return;
  const text =
    typeof value === "string" ? value : isRawNumber(value) ? value.rawJSON : textOf(value);
  if (text.length <= field.ignoreAbove) out.push(text);
}
