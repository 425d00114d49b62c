/** The order of hits. */
import { illegalArgument, parsingException, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { shardFailure } from "../problem.ts";
import type { Compile } from "../queries/compiled-query.ts";
import type { SearchContext } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
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
  const list = Array.isArray(sort) ? (sort as readonly unknown[]) : [sort];
  const isRead = (element: unknown): boolean => typeof element === "string" || isObject(element);
  if (Array.isArray(sort) && !list.every(isRead))
    throw illegalArgument(
      "malformed sort format, within the sort array, an object, or an actual string are allowed",
    );
  const keys = list.flatMap((element) => compileElement(element, context, compile));
  const [first] = keys;
  if (
    first === undefined ||
    (keys.length === 1 && first.kind === "score" && first.compare(2, 1) < 0)
  )
    return byRelevance;
  return { keys, isExplicit: true };
}

function compileElement(element: unknown, context: SearchContext, compile: Compile): SortKey[] {
  if (typeof element === "string") return [compileKey(element, {}, context, compile)];
  if (!isObject(element)) {
    throw illegalArgument(
      "malformed sort format, within the sort array, an object, or an actual string are allowed",
    );
  }
  return Object.entries(element).map(([name, settings]) => {
    if (typeof settings === "string")
      return compileKey(name, { order: settings }, context, compile);
    if (isObject(settings)) return compileKey(name, settings, context, compile);
    throw parsingException(`[${name}] malformed sort, expected an order or an object`);
  });
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
  if (name !== "_score" && name !== "_doc" && name !== "_shard_doc") checkSettings(settings);
  const order = textOf(settings["order"] ?? (name === "_score" ? "desc" : "asc")).toLowerCase();
  if (order !== "asc" && order !== "desc") {
    throw illegalArgument(
      `No enum constant org.elasticsearch.search.sort.SortOrder.${order.toUpperCase()}`,
    );
  }
  const isDescending = order === "desc";
  if (name === "_score") return scoreKey(isDescending);
  if (name === "_doc" || name === "_shard_doc") return docKey(isDescending);
  const field = resolveField(context, name);
  if (field !== undefined && field.kind !== "object" && field.kind !== "nested")
    return fieldKey(field, settings, isDescending, context, compile);
  const type = settings["unmapped_type"];
  if (type !== undefined)
    return unmappedKey(textOf(type), (settings["missing"] === "_first") !== isDescending);
  const reason = `No mapping found for [${name}] in order to sort on`;
  throw shardFailure(context.index, "query_shard_exception", reason, {
    index_uuid: "_na_",
    index: context.index,
  });
}

function checkSettings(settings: JsonObject): void {
  for (const setting of Object.keys(settings)) {
    if (!settingNames.includes(setting)) {
      throw xContentParseException(`[field_sort] unknown field [${setting}]`).at(
        settings,
        setting,
        "key",
      );
    }
    const value = settings[setting];
    const isFit = setting === "nested" ? isObject(value) : typeof value === "string";
    if (setting !== "missing" && !isFit) {
      const reason = `[field_sort] ${setting} doesn't support values of type: ${tokenOf(value)}`;
      throw xContentParseException(reason).at(settings, setting);
    }
  }
}

function scoreKey(isDescending: boolean): SortKey {
  return {
    kind: "score",
    valueType: "score",
    compare: isDescending ? (a, b) => Number(b) - Number(a) : (a, b) => Number(a) - Number(b),
    read: (_, score) => score,
    show: (value) => (value === undefined ? null : value),
    parse: Number,
  };
}

function docKey(isDescending: boolean): SortKey {
  const key = scoreKey(isDescending);
  return { ...key, kind: "doc", valueType: "doc", read: (_, __, ordinal) => ordinal };
}
