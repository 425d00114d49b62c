/** Options of aliases, as they are kept and as requests and templates give them. */
import { toText } from "../json/coerce.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";

/** Options of an alias on one index. */
export interface AliasMetadata {
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly index_routing?: string;
  readonly search_routing?: string;
  readonly is_write_index?: boolean;
  readonly is_hidden?: boolean;
}

/** Reads the options of one alias; `routing` stands for both kinds. */
export function toAliasMetadata(definition: unknown): AliasMetadata {
  if (!isObject(definition)) return {};
  const {
    filter,
    routing,
    index_routing: indexRouting,
    search_routing: searchRouting,
  } = definition;
  const forIndex = indexRouting ?? routing;
  const forSearch = searchRouting ?? routing;
  return {
    ...(isObject(filter) && Object.keys(filter).length > 0 ? { filter } : {}),
    ...(forIndex === undefined ? {} : { index_routing: toText(forIndex) }),
    ...(forSearch === undefined ? {} : { search_routing: toText(forSearch) }),
    ...flagOf(definition, "is_write_index"),
    ...flagOf(definition, "is_hidden"),
  };
}

/** What an alias of a data stream keeps of its options. */
export function ofStream({ filter, is_write_index: isWriter }: AliasMetadata): AliasMetadata {
  return {
    ...(isWriter === true ? { is_write_index: true } : {}),
    ...(filter === undefined ? {} : { filter }),
  };
}

/** A flag may be a text. */
function flagOf(definition: JsonObject, name: string): Record<string, boolean> {
  const value = definition[name];
  return value === undefined ? {} : { [name]: value === true || value === "true" };
}
