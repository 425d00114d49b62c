/** The body that makes one alias: its options, and what stands in for the names in the path. */
import { illegalArgument, parsingException } from "../es-error.ts";
import { toText } from "../json/coerce.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";

/** What a body says; names in it win over those of the path. */
export interface PutAliasBody {
  readonly index: string | undefined;
  readonly alias: string | undefined;
  readonly definition: JsonObject;
}

/** Fields by the names that the server's parser takes for them. */
const fields: ReadonlyMap<string, string> = new Map(
  Object.entries({
    index: "index",
    alias: "alias",
    routing: "routing",
    indexRouting: "index_routing",
    "index-routing": "index_routing",
    index_routing: "index_routing",
    searchRouting: "search_routing",
    "search-routing": "search_routing",
    search_routing: "search_routing",
    is_write_index: "is_write_index",
  }),
);

/** @throws {EsError} 400 in the words of the server's parser */
export function readPutAlias(body: JsonObject): PutAliasBody {
  const definition: Record<string, unknown> = {};
  const names: { index?: string; alias?: string } = {};
  for (const [key, value] of Object.entries(body)) {
    if (isObject(value)) {
      // The parser goes on within an object that it does not know.
      if (key !== "filter") {
        const [inner] = Object.keys(value);
        if (inner === undefined) continue;
        throw illegalArgument(`Unsupported field [${inner}]`);
      }
      definition["filter"] = value;
      continue;
    }
    if (value === null || Array.isArray(value))
      throw parsingException(`Unexpected token [${tokenOf(value)}]`).at(body, key);
    const field = fields.get(key);
    if (field === undefined) throw illegalArgument(`Unsupported field [${key}]`);
    if (field === "index" || field === "alias") names[field] = toText(value);
    else definition[field] = field === "is_write_index" ? flagOf(value) : toText(value);
  }
  return { index: names.index, alias: names.alias, definition };
}

function flagOf(value: unknown): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw illegalArgument(
    `Failed to parse value [${toText(value)}] as only [true] or [false] are allowed.`,
  );
}
