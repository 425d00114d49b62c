import { DEFAULT_DATE_FORMAT } from "../../values/date-format.ts";
import type { FieldMappings, SearchContext, SearchDocument } from "./document.ts";
import { indexedValue, type IndexedValue } from "./value.ts";

/** How a mapping type is searched. */
export type FieldKind =
  | "text"
  | "keyword"
  | "long"
  | "double"
  | "date"
  | "boolean"
  | "ip"
  | "object"
  | "nested"
  | "unsupported";

/** A field as queries see it, resolved once when a search is compiled. */
export interface Field {
  readonly name: string;
  /** Mapping type, for example `long`. */
  readonly type: string;
  readonly kind: FieldKind;
  /** Where its values are in `_source`; for a multi-field this is its parent's place. */
  readonly path: readonly string[];
  readonly dateFormat: string;
  readonly ignoreAbove: number;
}

const KINDS: Readonly<Record<string, FieldKind>> = {
  text: "text",
  match_only_text: "text",
  keyword: "keyword",
  constant_keyword: "keyword",
  wildcard: "keyword",
  long: "long",
  integer: "long",
  short: "long",
  byte: "long",
  unsigned_long: "long",
  double: "double",
  float: "double",
  half_float: "double",
  scaled_float: "double",
  date: "date",
  date_nanos: "date",
  boolean: "boolean",
  ip: "ip",
  object: "object",
  nested: "nested",
};

const METADATA: Readonly<Record<string, FieldKind>> = {
  _id: "keyword",
  _index: "keyword",
  _seq_no: "long",
  _version: "long",
};

/**
 * Looks a field up. `undefined` when nothing maps it, and for a field inside nested objects that
 * the current scope does not reach: those are documents of their own in Elasticsearch.
 */
export function resolveField(context: SearchContext, name: string): Field | undefined {
  const metadata = Object.hasOwn(METADATA, name) ? METADATA[name] : undefined;
  if (metadata !== undefined)
    return fieldOf(context.mappings, name, metadata === "long" ? "long" : "keyword", [name]);
  const type = context.mappings.typeOf(name);
  if (type === undefined) return undefined;
  const segments = name.split(".");
  let pathLength = segments.length;
  for (let length = 1; length < segments.length; length++) {
    const prefix = segments.slice(0, length).join(".");
    const prefixType = context.mappings.typeOf(prefix);
    if (prefixType === "nested" && !isWithin(context.nestedPath, prefix)) return undefined;
    if (prefixType !== undefined && prefixType !== "object" && prefixType !== "nested") {
      pathLength = length;
      break;
    }
  }
  return fieldOf(context.mappings, name, type, segments.slice(0, pathLength));
}

function isWithin(scope: string | undefined, path: string): boolean {
  return scope === path || (scope?.startsWith(`${path}.`) ?? false);
}

function fieldOf(
  mappings: FieldMappings,
  name: string,
  type: string,
  path: readonly string[],
): Field {
  return {
    name,
    type,
    kind: (Object.hasOwn(KINDS, type) ? KINDS[type] : undefined) ?? "unsupported",
    path,
    dateFormat: mappings.formatOf?.(name) ?? DEFAULT_DATE_FORMAT,
    ignoreAbove: mappings.ignoreAboveOf?.(name) ?? Infinity,
  };
}

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

/**
 * Reads one field of documents. The array it returns is its own and is overwritten by the next
 * call.
 */
export type FieldReader = (document: SearchDocument) => readonly IndexedValue[];

/** Builds the reader of a field once, for use on many documents without further allocation. */
export function createReader(field: Field): FieldReader {
  const values: IndexedValue[] = [];
  const raw: unknown[] = [];
  const [first = ""] = field.path;
  if (field.path.length === 1 && Object.hasOwn(METADATA, first))
    return metadataReader(first, values);
  const look = createQuickLook(field.path);
  return (document) => {
    values.length = 0;
    const value = look(document.source);
    if (typeof value !== "object") {
      const indexed = indexedValue(field, value);
      if (indexed !== undefined) values.push(indexed);
      return values;
    }
    raw.length = 0;
    collectRaw(document.source, field.path, 0, raw);
    for (const element of raw) {
      const indexed = indexedValue(field, element);
      if (indexed !== undefined) values.push(indexed);
    }
    return values;
  };
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

function metadataReader(name: string, values: IndexedValue[]): FieldReader {
  return (document) => {
    values[0] =
      name === "_id"
        ? document.id
        : name === "_index"
          ? document.index
          : name === "_seq_no"
            ? document.seqNo
            : document.version;
    return values;
  };
}
