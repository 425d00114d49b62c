/** Fields as queries see them: looked up in a mapping once, when a search is compiled. */
import { builtInAnalysis } from "../../analysis/analysis.ts";
import { standardAnalyzer } from "../../analysis/built-in-analyzers.ts";
import type { Analyzer } from "../../analysis/token.ts";
import { notSupported } from "../../es-error.ts";
import { toTexts } from "../../json/coerce.ts";
import { textOf } from "../../json/json-value.ts";
import { DEFAULT_DATE_FORMAT, DEFAULT_NANOS_FORMAT } from "../../values/date-format.ts";
import type { FieldMappings, MappedField, SearchContext } from "./document.ts";
import { asYouTypePart, hasShingles, shingleAnalyzer } from "./as-you-type.ts";
import { joinedIds, joinFieldOf } from "./join-field.ts";

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

/** Where the values of a field stand in a source. */
export interface Place {
  readonly path: readonly string[];
  /** What a JSON null counts as; `undefined`: nothing. */
  readonly nullValue: unknown;
}

/** The analyzers of a text field. */
export interface TextAnalysis {
  readonly index: Analyzer;
  readonly search: Analyzer;
  readonly quote: Analyzer;
  readonly positionGap: number;
  /** False with `index_options` `docs` or `freqs`: phrases cannot be found. */
  readonly hasPositions: boolean;
  /** False with `index_options: docs`: a term counts once, however often it occurs. */
  readonly hasFrequencies: boolean;
  /** False with `norms: false`: the length of the text does not count. */
  readonly hasNorms: boolean;
}

/** A field, resolved. */
export interface Field {
  /** Its name in the mapping, also where an alias was asked for. */
  readonly name: string;
  /** Mapping type, for example `long`. */
  readonly type: string;
  readonly kind: FieldKind;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Its own place and those of the fields that are copied to it. */
  readonly places: readonly Place[];
  /** Key below a `flattened` field; `undefined` for the whole of it. */
  readonly flattenedKey?: string | undefined;
  readonly dateFormat: string;
  /** Longer keywords are not indexed, in UTF-16 units. */
  readonly ignoreAbove: number;
  readonly isIndexed: boolean;
  readonly hasDocValues: boolean;
  /** See {@link MappedField.sinceWrite}. */
  readonly sinceWrite: number;
  /** Of text fields, and of keywords with a normalizer. */
  readonly analysis: TextAnalysis | undefined;
  /** `scaling_factor` of a scaled_float. */
  readonly scale: number;
  /**
   * False for a field inside nested objects that the current scope does not reach: those are
   * documents of their own, so the document at hand has no value of it.
   */
  readonly isReachable: boolean;
  /** See {@link MappedField.compute}. */
  readonly compute?: MappedField["compute"] | undefined;
  readonly isRuntime: boolean;
  /** Type that a sort takes the values for, where that is not the field's own. */
  readonly numericType?: "long" | "date" | "date_nanos";
}

const kinds: Readonly<Record<string, FieldKind>> = {
  text: "text",
  match_only_text: "text",
  search_as_you_type: "text",
  keyword: "keyword",
  constant_keyword: "keyword",
  flattened: "keyword",
  wildcard: "keyword",
  join: "keyword",
  long: "long",
  integer: "long",
  short: "long",
  byte: "long",
  unsigned_long: "long",
  token_count: "long",
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

/** Fields that every document has, without a mapping. */
const metadata: Readonly<Record<string, FieldKind>> = {
  _id: "keyword",
  _index: "keyword",
  _routing: "keyword",
  _ignored: "keyword",
  _tier: "keyword",
  _seq_no: "long",
  _version: "long",
};

/** True for a field that every document has. */
export function isMetadata(name: string): boolean {
  return Object.hasOwn(metadata, name);
}

const unreadable: ReadonlySet<string> = new Set(
  "_data_stream_timestamp _doc_count _field_names _ignored_source _index_mode _nested_path _source".split(
    " ",
  ),
);

/** True for a field that the server has in every index, and of which the mock reads nothing. */
export function isUnreadable(name: string): boolean {
  return unreadable.has(name);
}

/**
 * Looks a field up; `undefined` when nothing maps it.
 *
 * @throws {EsError} 400 for a field of the server that is not there
 */
export function resolveField(context: SearchContext, name: string): Field | undefined {
  const { mappings, nestedPath } = context;
  if (isUnreadable(name)) throw notSupported(`the field [${name}]`);
  const kind = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
  if (kind !== undefined) return metadataField(name, kind);
  const mapped = mappings.find(name);
  if (mapped === undefined) {
    const part = joinPart(context, name) ?? shinglePart(context, name);
    return part ?? flattenedPart(context, name);
  }
  if (mapped.type === "alias") {
    return resolveField(context, textOf(mapped.parameters["path"]));
  }
  const { path, isReachable } = pathOf(mappings, name, nestedPath);
  return { ...fieldOf(mappings, name, mapped, path), isReachable };
}

function metadataField(name: string, kind: FieldKind): Field {
  return {
    name,
    type: kind === "long" ? "long" : name === "_index" || name === "_id" ? name : "keyword",
    kind,
    parameters: {},
    places: [{ path: [name], nullValue: undefined }],
    dateFormat: DEFAULT_DATE_FORMAT,
    ignoreAbove: Infinity,
    isIndexed: true,
    hasDocValues: name !== "_id" && name !== "_routing",
    sinceWrite: 0,
    analysis: undefined,
    scale: 1,
    isReachable: true,
    isRuntime: false,
  };
}

/** True for a field whose matches all score alike: of terms nothing is kept but where they are. */
export function scoresAlike({ type }: Field): boolean {
  return type === "match_only_text" || type === "wildcard";
}

/** Shingles of a `search_as_you_type`. @throws {EsError} 400 for the field of its beginnings */
function shinglePart(context: SearchContext, name: string): Field | undefined {
  const part = asYouTypePart(name);
  if (part === undefined) return undefined;
  const { owner, size } = part;
  const mapped = context.mappings.find(owner);
  if (mapped?.type !== "search_as_you_type") return undefined;
  if (size === undefined) throw notSupported(`the field [${name}]`);
  const field = resolveField(context, owner);
  if (field?.analysis === undefined || !hasShingles(mapped.parameters, size)) return undefined;
  const { index, search, quote, ...rest } = field.analysis;
  const joined = (analyzer: Analyzer): Analyzer => shingleAnalyzer(analyzer, size);
  const analysis = { ...rest, index: joined(index), search: joined(search), quote: joined(quote) };
  return { ...field, name, analysis };
}

/** `join#parent` holds ids of parents. */
function joinPart(context: SearchContext, name: string): Field | undefined {
  const at = name.lastIndexOf("#");
  if (at < 0 || context.mappings.find(name.slice(0, at))?.type !== "join") return undefined;
  const field = resolveField(context, name.slice(0, at));
  const join = joinFieldOf(context.mappings);
  if (field === undefined || join === undefined) return undefined;
  const compute = joinedIds(join, name.slice(at + 1));
  return { ...field, name, type: "keyword", compute, isRuntime: true };
}

/** A key below a `flattened` field has no mapping of its own. */
function flattenedPart(context: SearchContext, name: string): Field | undefined {
  for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
    const root = name.slice(0, dot);
    if (context.mappings.find(root)?.type !== "flattened") continue;
    const field = resolveField(context, root);
    // The server keeps the keys in a field of their own.
    const keyed = { name: `${field?.name}._keyed`, flattenedKey: name.slice(dot + 1) };
    return field === undefined ? undefined : { ...field, ...keyed };
  }
  return undefined;
}

/** Steps to the values in the source; of a multi-field those of its parent. */
function pathOf(
  mappings: FieldMappings,
  name: string,
  nestedPath: string | undefined,
): { readonly path: readonly string[]; readonly isReachable: boolean } {
  const segments = name.split(".");
  let isReachable = true;
  for (let length = 1; length < segments.length; length++) {
    const prefix = segments.slice(0, length).join(".");
    const type = mappings.find(prefix)?.type;
    if (type === "nested" && !isWithin(nestedPath, prefix) && !isIncluded(mappings, prefix))
      isReachable = false;
    if (type !== undefined && !isObjectType(type))
      return { path: segments.slice(0, length), isReachable };
  }
  return { path: segments, isReachable };
}

function isWithin(scope: string | undefined, path: string): boolean {
  return scope === path || (scope?.startsWith(`${path}.`) ?? false);
}

/** True for nested objects whose fields are indexed with the root document, too. */
function isIncluded(mappings: FieldMappings, path: string): boolean {
  const parameters = mappings.find(path)?.parameters ?? {};
  return isTrue(parameters["include_in_root"]) || isTrue(parameters["include_in_parent"]);
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

/** True for types that hold fields. */
export function isObjectType(type: string): boolean {
  return type === "object" || type === "nested" || type === "passthrough";
}

function fieldOf(
  mappings: FieldMappings,
  name: string,
  mapped: MappedField,
  path: readonly string[],
): Omit<Field, "isReachable"> {
  const { type, parameters } = mapped;
  const kind = (Object.hasOwn(kinds, type) ? kinds[type] : undefined) ?? "unsupported";
  const copied = mappings.copiedTo?.(name) ?? [];
  const { format } = parameters;
  return {
    name,
    type,
    kind,
    parameters,
    places: [
      { path, nullValue: parameters["null_value"] },
      ...copied.map((source) => ({
        path: source.split("."),
        nullValue: parameters["null_value"],
      })),
    ],
    dateFormat: typeof format === "string" ? format : defaultFormat(type),
    ignoreAbove: Number(
      parameters["ignore_above"] ??
        (limitedTypes.has(type) ? mappings.ignoresAbove : undefined) ??
        Infinity,
    ),
    isIndexed: !isFalse(parameters["index"]),
    hasDocValues:
      type === "binary"
        ? parameters["doc_values"] === true
        : kind !== "text" && !isFalse(parameters["doc_values"]),
    sinceWrite: mapped.sinceWrite ?? 0,
    analysis: analysisOf(mappings, kind, type, parameters),
    scale: Number(parameters["scaling_factor"] ?? 1),
    compute: mapped.compute,
    isRuntime: mapped.isRuntime === true,
  };
}

/** Types that know `ignore_above`. */
const limitedTypes: ReadonlySet<string> = new Set(["flattened", "keyword", "wildcard"]);

function isFalse(value: unknown): boolean {
  return value === false || value === "false";
}

function defaultFormat(type: string): string {
  return type === "date_nanos" ? DEFAULT_NANOS_FORMAT : DEFAULT_DATE_FORMAT;
}

function analysisOf(
  mappings: FieldMappings,
  kind: FieldKind,
  type: string,
  parameters: Readonly<Record<string, unknown>>,
): TextAnalysis | undefined {
  const own = mappings.analysis ?? builtInAnalysis;
  if (kind === "keyword") {
    const normalizer = parameters["normalizer"];
    const found = normalizer === undefined ? undefined : own.normalizer(textOf(normalizer));
    return found === undefined ? undefined : uniform(found);
  }
  if (kind !== "text" && type !== "token_count") return undefined;
  const named = (name: unknown): Analyzer | undefined =>
    name === undefined ? undefined : own.analyzer(textOf(name));
  const index = named(parameters["analyzer"]) ?? own.analyzer("default") ?? standardAnalyzer;
  const search =
    named(parameters["search_analyzer"]) ??
    (parameters["analyzer"] === undefined ? own.analyzer("default_search") : undefined) ??
    index;
  const options = textOf(parameters["index_options"] ?? "positions");
  return {
    index,
    search,
    quote: named(parameters["search_quote_analyzer"]) ?? search,
    positionGap: Number(parameters["position_increment_gap"] ?? index.positionGap ?? 100),
    hasPositions: options === "positions" || options === "offsets",
    hasFrequencies: options !== "docs" && type !== "match_only_text",
    hasNorms: !isFalse(parameters["norms"]) && type !== "match_only_text",
  };
}

function uniform(analyzer: Analyzer): TextAnalysis {
  return {
    index: analyzer,
    search: analyzer,
    quote: analyzer,
    positionGap: 0,
    hasPositions: false,
    hasFrequencies: false,
    hasNorms: false,
  };
}

/** As {@link resolveField}; an object, which holds no values itself, is no field. */
export function resolveLeaf(context: SearchContext, name: string): Field | undefined {
  const field = resolveField(context, name);
  return field?.kind === "object" || field?.kind === "nested" ? undefined : field;
}

/** Names of all fields that are mapped below an object. */
export function fieldsBelow(mappings: FieldMappings, name: string): string[] {
  return toTexts([...(mappings.fieldNames?.() ?? [])]).filter((field) =>
    field.startsWith(`${name}.`),
  );
}
