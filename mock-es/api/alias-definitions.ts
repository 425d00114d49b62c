/** Aliases in the body that creates an index. */
import { EsError, illegalArgument, isRefusal, notSupported } from "../es-error.ts";
import type { AliasMetadata } from "../store/alias-metadata.ts";
import type { Cluster } from "../store/cluster.ts";
import type { IndexState } from "../store/index-state.ts";
import { inHashOrder } from "../text/hash-order.ts";
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
 * Checks the definitions of aliases. The server reads a definition that is no object on into what
 * stands behind it.
 *
 * @throws {EsError} 400 in the words of the server's parser
 */
export function checkAliasDefinitions(aliases: JsonObject): void {
  const names = inHashOrder(Object.keys(aliases));
  for (const [at, alias] of names.entries()) {
    const definition = aliases[alias];
    if (isObject(definition)) checkDefinition(alias, definition);
    else if (Array.isArray(definition)) throw listProblem(alias, definition[0]);
    else {
      const next = names[at + 1];
      throw next === undefined || members.has(next)
        ? illegalArgument("No alias is specified")
        : illegalArgument(`Unknown field [${next}] in alias [${alias}]`);
    }
  }
}

function listProblem(alias: string, first: unknown): EsError {
  if (typeof first === "string" || typeof first === "boolean" || isObject(first))
    return new EsError(500, "null_pointer_exception", "fieldName cannot be null");
  return unknownToken(first === undefined ? "END_ARRAY" : tokenOf(first), alias);
}

function checkDefinition(alias: string, definition: JsonObject): void {
  for (const [name, value] of Object.entries(definition)) {
    if (!members.has(name)) throw illegalArgument(`Unknown field [${name}] in alias [${alias}]`);
    checkMember(alias, name, value);
  }
}

function checkMember(alias: string, name: string, value: unknown): void {
  const isFlag = name.startsWith("is_");
  const isFit =
    name === "filter" ? isObject(value) : typeof value === (isFlag ? "boolean" : "string");
  if (isFit) return;
  // What stands in it is read as if it stood around it.
  if (isObject(value)) {
    const unknown = Object.keys(value).find((key) => !members.has(key));
    if (unknown !== undefined)
      throw illegalArgument(`Unknown field [${unknown}] in alias [${alias}]`);
    throw notSupported(`an object as [${name}] of the alias [${alias}]`);
  }
  if (typeof value !== "string" && typeof value !== "boolean")
    throw unknownToken(tokenOf(value), alias);
  const kind = typeof value === "string" ? "String" : "boolean";
  throw illegalArgument(
    `Unsupported ${kind} type value [${textOf(value)}] for field [${name}] in alias [${alias}]`,
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
