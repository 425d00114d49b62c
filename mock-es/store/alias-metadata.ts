/** Options of aliases, as they are kept and as requests and templates give them. */
import { toText } from "../json/coerce.ts";
import { isObject } from "../json/json-value.ts";

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
    ...(isObject(filter) ? { filter } : {}),
    ...(forIndex === undefined ? {} : { index_routing: toText(forIndex) }),
    ...(forSearch === undefined ? {} : { search_routing: toText(forSearch) }),
    ...(typeof definition["is_write_index"] === "boolean"
      ? { is_write_index: definition["is_write_index"] }
      : {}),
    ...(typeof definition["is_hidden"] === "boolean" ? { is_hidden: definition["is_hidden"] } : {}),
  };
}
