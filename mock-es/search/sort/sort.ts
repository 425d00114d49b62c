/** The order of hits. */
import { illegalArgument, notSupported, xContentParseException, ownPlace } from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { Faults } from "../faults.ts";
import { shardFailure } from "../problem.ts";
import type { Compile } from "../queries/compiled-query.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { nestedCounter } from "../fields/nested-documents.ts";
import { inMember } from "../queries/object-members.ts";
import { fieldKey, unmappedKey } from "./field-sort.ts";
import { geoDistanceKey } from "./geo-sort.ts";
import { scriptKey } from "./script-sort.ts";
import type { Sort, SortKey } from "./sort-key.ts";

/** Relevance first, then index order: what a search without `sort` does. */
export const byRelevance: Sort = { keys: [scoreKey(true)], isExplicit: false };

/**
 * Compiles `sort` in each of its forms: `"f"`, `"_score"`, `{"f": "desc"}`, `{"f": {"order": …}}`
 * or a list of them.
 *
 * @throws {EsError} for fields without mapping, text fields and settings that do not exist
 */
export function compileSort(sort: unknown, context: SearchContext, compile: Compile): Sort {
  if (typeof sort === "number" || typeof sort === "boolean")
    return compileSort(textOf(sort), context, compile);
  const list = Array.isArray(sort) ? (sort as readonly unknown[]) : [sort];
  const isRead = (element: unknown): boolean => typeof element === "string" || isObject(element);
  if (Array.isArray(sort) && !list.every(isRead))
    throw illegalArgument(
      "malformed sort format, within the sort array, an object, or an actual string are allowed",
    );
  const faults = new Faults();
  const keys = list.flatMap(
    (element) => faults.attempt("", () => compileElement(element, context, compile, faults)) ?? [],
  );
  faults.throwAny();
  const [first] = keys;
  if (
    first === undefined ||
    (keys.length === 1 && first.kind === "score" && first.compare(2, 1) < 0)
  )
    return byRelevance;
  return { keys, isExplicit: true };
}

function compileElement(
  element: unknown,
  context: SearchContext,
  compile: Compile,
  faults: Faults,
): SortKey[] {
  if (typeof element === "string") return [compileKey(element, {}, context, compile)];
  if (!isObject(element)) {
    throw illegalArgument(
      "malformed sort format, within the sort array, an object, or an actual string are allowed",
    );
  }
  const compileMember = (name: string, settings: unknown): SortKey => {
    if (typeof settings === "string") {
      checkChoice("order", settings);
      return compileKey(name, { order: settings }, context, compile);
    }
    if (isObject(settings)) return compileKey(name, settings, context, compile);
    throw malformed(name, element);
  };
  return Object.entries(element).flatMap(
    ([name, settings]) => faults.attempt("", () => compileMember(name, settings)) ?? [],
  );
}

/** The refusal of what is neither an order nor an object; the parser stands behind it. */
function malformed(name: string, element: JsonObject): Error {
  const settings = element[name];
  const type = name === "_score" ? "_score" : "field_sort";
  if (Object.keys(element).at(-1) !== name || (Array.isArray(settings) && settings.length > 0))
    return notSupported(`[${name}] of [sort] that is no order and no object`);
  const isList = Array.isArray(settings);
  const reason = `[${type}] Expected START_OBJECT but was: ${isList ? "END_ARRAY" : "END_OBJECT"}`;
  return xContentParseException(reason).at(isList ? settings : element, undefined, "end");
}

const settingNames = [
  "order",
  "missing",
  "mode",
  "unmapped_type",
  "format",
  "numeric_type",
  "nested",
];

function compileKey(
  name: string,
  settings: JsonObject,
  context: SearchContext,
  compile: Compile,
): SortKey {
  if (name === "_geo_distance") return geoDistanceKey(settings, context);
  if (name === "_script") return scriptKey(settings, context);
  if (name === "_score") checkSettings("_score", settings, ["order"]);
  else checkSettings("field_sort", settings, settingNames);
  const order = textOf(settings["order"] ?? (name === "_score" ? "desc" : "asc")).toLowerCase();
  const isDescending = order === "desc";
  if (name === "_score") return scoreKey(isDescending);
  if (name === "_doc" || name === "_shard_doc") return docKey(isDescending, context);
  const field = resolveField(context, name);
  if (field !== undefined && field.kind !== "object" && field.kind !== "nested")
    return fieldKey(field, settings, isDescending, context, compile);
  const type = settings["unmapped_type"];
  if (type !== undefined) checkType(textOf(type), context);
  if (type !== undefined)
    return unmappedKey(textOf(type), (settings["missing"] === "_first") !== isDescending);
  const reason = `No mapping found for [${name}] in order to sort on`;
  throw shardFailure(context.index, "query_shard_exception", reason, {
    index_uuid: "_na_",
    index: context.index,
  });
}

/** Refuses a type that fields cannot have, or whose sorts are not known. @throws {EsError} */
function checkType(type: string, { index }: SearchContext): void {
  if (sortedTypes.has(type)) return;
  if (unsortedTypes.test(type)) throw notSupported(`[unmapped_type] [${type}] in a sort`);
  const reason = `No mapper found for type [${type}]`;
  throw shardFailure(index, "illegal_argument_exception", reason);
}

const sortedTypes: ReadonlySet<string> = new Set(
  "boolean byte date date_nanos double float half_float integer ip keyword long scaled_float short unsigned_long version wildcard".split(
    " ",
  ),
);

/** Types by whose fields a search is not sorted, or in a way that is not known here. */
const unsortedTypes =
  /^(?:aggregate_metric_double|binary|completion|constant_keyword|dense_vector|flattened|geo_.*|histogram|join|match_only_text|nested|object|passthrough|percolator|point|rank_features?|search_as_you_type|semantic_text|shape|sparse_vector|text|token_count|.*_range|alias|counted_keyword|murmur3|annotated_text)$/;

function checkSettings(type: string, settings: JsonObject, known: readonly string[]): void {
  for (const setting of Object.keys(settings)) {
    if (!known.includes(setting)) {
      throw xContentParseException(`[${type}] unknown field [${setting}]`).at(
        settings,
        setting,
        "key",
      );
    }
    const value = settings[setting];
    const isFit =
      setting === "nested"
        ? isObject(value)
        : setting === "missing"
          ? !isObject(value) && !Array.isArray(value)
          : typeof value === "string";
    if (!isFit) {
      const reason = `[${type}] ${setting} doesn't support values of type: ${tokenOf(value)}`;
      throw xContentParseException(reason).at(settings, setting);
    }
    inMember(type, settings, setting, () => checkChoice(setting, value));
    if (setting === "nested" && isObject(value))
      inMember(type, settings, setting, () => checkPath(value));
  }
}

/** @throws {EsError} for a path that is no text */
function checkPath(nested: JsonObject): void {
  const { path } = nested;
  if (path === undefined || (path !== null && typeof path !== "object")) return;
  const reason = `Expected text at ${ownPlace} but found ${tokenOf(path)}`;
  throw illegalArgument(reason).standingAt(nested, "path");
}

const choices: Readonly<Record<string, readonly string[]>> = {
  mode: ["min", "max", "sum", "avg", "median"],
  numeric_type: ["long", "double", "date", "date_nanos"],
  order: ["asc", "desc"],
};

/** Refuses a name that a setting does not have. @throws {EsError} */
function checkChoice(setting: string, value: unknown): void {
  const known = Object.hasOwn(choices, setting) ? choices[setting] : undefined;
  const name = textOf(value);
  if (known === undefined || known.includes(name.toLowerCase())) return;
  if (setting === "mode") throw illegalArgument(`Unknown SortMode [${name}]`);
  throw illegalArgument(
    setting === "order"
      ? `No enum constant org.elasticsearch.search.sort.SortOrder.${name.toUpperCase()}`
      : `invalid value for [numeric_type], must be [${known.join(", ")}], got ${name}`,
  );
}

function scoreKey(isDescending: boolean): SortKey {
  return {
    kind: "score",
    valueType: "score",
    compare: isDescending ? (a, b) => Number(b) - Number(a) : (a, b) => Number(a) - Number(b),
    read: (_, score) => score,
    show: (value) => (value === undefined ? null : value),
    parse(given) {
      if (typeof given === "number") return given;
      const number = typeof given === "string" && given.trim() !== "" ? Number(given) : NaN;
      if (Number.isNaN(number)) throw notSupported("[search_after] of a score that is no number");
      return number;
    },
  };
}

function docKey(isDescending: boolean, context: SearchContext): SortKey {
  const key = scoreKey(isDescending);
  const placeOf = placesAmongNested(context);
  const read: SortKey["read"] = (document, _, ordinal) => placeOf?.(document) ?? ordinal;
  return { ...key, kind: "doc", valueType: "doc", read };
}

/** Places in a shard whose nested objects are documents, too; `undefined` where it has none. */
function placesAmongNested({
  documents,
  mappings,
}: SearchContext): ((document: SearchDocument) => number | undefined) | undefined {
  const isNested = [...(mappings.fieldNames?.() ?? [])].some(
    (name) => mappings.find(name)?.type === "nested",
  );
  if (!isNested || documents === undefined) return undefined;
  let places: Map<SearchDocument, number> | undefined;
  return (document) => {
    if (places === undefined) {
      places = new Map();
      const nested = nestedCounter(mappings);
      let place = 0;
      for (const other of documents) {
        place += nested(other);
        places.set(other, place++);
      }
    }
    return places.get(document);
  };
}
