/** Aliases in the body that creates an index. */
import { EsError, illegalArgument, isRefusal } from "../es-error.ts";
import type { AliasMetadata } from "../store/alias-metadata.ts";
import type { Cluster } from "../store/cluster.ts";
import type { IndexState } from "../store/index-state.ts";
import { compileQuery } from "../search/queries/query.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";

const members: ReadonlySet<string> = new Set(
  "filter routing index_routing search_routing is_write_index is_hidden".split(" "),
);

/** Parts of a body that are objects. @throws {EsError} 400 `parse_exception` for others */
export function checkParts(body: JsonObject): void {
  for (const [name, value] of Object.entries(body))
    if (!isObject(value))
      throw new EsError(400, "parse_exception", `key [${name}] must be an object`);
}

/**
 * Checks the definitions of aliases.
 *
 * @throws {EsError} 400 in the words of the server's parser
 */
export function checkAliasDefinitions(aliases: JsonObject): void {
  for (const [alias, definition] of Object.entries(aliases)) {
    if (Array.isArray(definition)) throw unknownToken("END_ARRAY", alias);
    if (!isObject(definition)) throw illegalArgument("No alias is specified");
    for (const [name, value] of Object.entries(definition)) {
      if (!members.has(name)) throw illegalArgument(`Unknown field [${name}] in alias [${alias}]`);
      checkMember(alias, name, value);
    }
  }
}

function checkMember(alias: string, name: string, value: unknown): void {
  const isFlag = name.startsWith("is_");
  const isFit =
    name === "filter" ? isObject(value) : typeof value === (isFlag ? "boolean" : "string");
  if (isFit) return;
  if (typeof value !== "string") throw unknownToken(tokenOf(value), alias);
  throw illegalArgument(
    `Unsupported String type value [${textOf(value)}] for field [${name}] in alias [${alias}]`,
  );
}

function unknownToken(token: string, alias: string): EsError {
  return illegalArgument(`Unknown token [${token}] in alias [${alias}]`);
}

/**
 * Checks that an alias has one routing to write with, and a filter that its index understands.
 *
 * @throws {EsError} 400
 */
export function checkAliasFilter(
  cluster: Cluster,
  index: Pick<IndexState, "name" | "mappings">,
  alias: string,
  { filter, index_routing: routing }: AliasMetadata,
): void {
  if (routing?.includes(",") === true) {
    throw illegalArgument(`alias [${alias}] has several index routing values associated with it`);
  }
  if (filter === undefined) return;
  try {
    const surroundings = { index: index.name, nowMs: cluster.entropy.nowMs() };
    compileQuery(filter, index.mappings.searched(index.name), surroundings);
  } catch (error) {
    if (!(error instanceof EsError) || isRefusal(error)) throw error;
    throw illegalArgument(`failed to parse filter for alias [${alias}]`, {
      caused_by: error.toCause(),
    });
  }
}
