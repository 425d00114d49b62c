import type { JsonObject } from "../json/json-value.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, indexNotFound } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { type AliasAction, readAliasActions } from "./alias-actions.ts";
import { isPlainName, isWanted, mustExist } from "./alias-names.ts";
import {
  type AliasRemoval,
  missingAliases,
  noSuchAliases,
  removalsOf,
  removeAliases,
} from "./alias-removals.ts";
import { checkAliasFilter } from "./alias-definitions.ts";
import {
  type AliasTargets,
  aliasTargets,
  checkAliasTargets,
  setStreamAlias,
} from "./alias-targets.ts";
import { checkAdditions, checkChange, checkChanges } from "./alias-access.ts";
import { type PutAliasBody, readPutAlias } from "./put-alias-body.ts";
import { type AliasMetadata, toAliasMetadata } from "../store/alias-metadata.ts";
import { takenAlias } from "../store/alias-table.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { Cluster } from "../store/cluster.ts";
import { grantedNames } from "../store/granted-names.ts";
import { namesIn, resolveIndices } from "../store/index-expression.ts";
import type { IndexOptions } from "../store/index-options.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { resolveDateMath } from "../store/date-math-name.ts";
import { checkAliasName } from "../store/index-name.ts";
import type { IndexState } from "../store/index-state.ts";
import { metadataOptions } from "./indices.ts";
import { partlyMissing } from "./mappings.ts";

/** Aliases of indices. */
export const aliasRoutes: readonly Route[] = [
  ...routesOf(
    "indices.put_alias",
    "optional",
    [
      "POST,PUT /{index}/_alias/{name}",
      "POST,PUT /{index}/_aliases/{name}",
      "POST,PUT /_alias/{name}",
      "POST,PUT /_aliases/{name}",
      "PUT /{index}/_alias",
      "PUT /{index}/_aliases",
      "PUT /_alias",
    ],
    putAlias,
  ).map((route) => ({ ...route, indicesIn: ({ body }: EsRequest) => bodyOf(body).index })),
  ...routesOf(
    "indices.get_alias",
    "none",
    [
      "GET /_alias",
      "GET /_aliases",
      "GET /_alias/{name}",
      "GET /{index}/_alias/{name}",
      "GET /{index}/_alias",
    ],
    getAlias,
  ),
  ...routesOf(
    "indices.exists_alias",
    "none",
    ["HEAD /_alias/{name}", "HEAD /{index}/_alias/{name}", "HEAD /{index}/_alias"],
    getAlias,
  ),
  ...routesOf(
    "indices.delete_alias",
    "none",
    ["DELETE /{index}/_alias/{name}", "DELETE /{index}/_aliases/{name}"],
    deleteAlias,
  ),
  ...routesOf(
    "indices.update_aliases",
    "required",
    ["POST /_aliases"],
    updateAliases,
    ({ body }) => {
      readAliasActions(body);
    },
  ),
];

const acknowledged: estypes.IndicesDeleteAliasResponse = { acknowledged: true, errors: false };

function bodyOf(body: Buffer): PutAliasBody {
  return readPutAlias(parseObjectBody(body) ?? {});
}

function putAlias(request: EsRequest, cluster: Cluster): EsReply {
  const { pathParameters } = request;
  const { definition, ...given } = bodyOf(request.body);
  const alias = given.alias ?? pathParameters["name"] ?? "";
  const names = namesIn(given.index ?? pathParameters["index"] ?? "");
  checkIndexNames(names);
  if (alias === "") throw illegalArgument("[alias] can't be empty string");
  cluster.beginAction();
  const name = resolveDateMath(cluster, alias);
  checkAliasName(name);
  const changed = checkChange(cluster, names.join(","), [alias]);
  checkAdditions(cluster, [{ indices: changed, names: [alias] }]);
  const targets = aliasTargets(cluster, names);
  checkAliasTargets(targets, definition, names);
  checkBlocks(targets.indices, "metadata_write");
  changeAliases(cluster, () => {
    setAll(cluster, targets, name, definition);
  });
  return jsonReply(acknowledged);
}

function checkIndexNames(names: readonly string[]): void {
  if (names.length === 0) throw illegalArgument("[indices] can't be empty");
  if (names.includes("")) throw illegalArgument("[indices] can't contain empty string");
}

function setAll(
  cluster: Cluster,
  { indices, streams }: AliasTargets,
  name: string,
  definition: JsonObject,
  removed: ReadonlySet<IndexState> = new Set(),
): void {
  checkAliasName(name);
  cluster.access?.checkAliases([name]);
  const namesake = cluster.indices.get(name);
  if ((namesake !== undefined && !removed.has(namesake)) || cluster.dataStreams.has(name))
    throw takenAlias(name);
  const metadata = toAliasMetadata(definition);
  const backing = streams.flatMap((stream) => stream.backing);
  for (const index of [...indices, ...backing]) checkAliasFilter(cluster, index, name, metadata);
  for (const index of indices) cluster.setAlias(index, name, metadata);
  for (const stream of streams) setStreamAlias(cluster, stream, name, definition);
}

/** @throws {EsError} 500 for an alias that is written to in several indices */
function checkWriteIndices(cluster: Cluster): void {
  for (const name of cluster.aliasNames()) {
    const writers = [...(cluster.indicesOfAlias(name) ?? [])]
      .filter((member) => member.aliases.get(name)?.is_write_index === true)
      .map((member) => member.name);
    if (writers.length < 2) continue;
    throw new EsError(
      500,
      "illegal_state_exception",
      `alias [${name}] has more than one write index [${writers.sort().join(",")}]`,
    );
  }
}

/** @throws {EsError} 500 for an alias that is hidden on some indices only */
function checkHidden(cluster: Cluster): void {
  for (const name of cluster.aliasNames()) {
    const members = [...(cluster.indicesOfAlias(name) ?? [])];
    const isHidden = (member: IndexState): boolean => member.aliases.get(name)?.is_hidden === true;
    const [hidden, shown] = [members.filter(isHidden), members.filter((m) => !isHidden(m))];
    if (hidden.length === 0 || shown.length === 0) continue;
    const [on, off] = [hidden, shown].map((list) => list.map((member) => member.name).join(","));
    throw new EsError(
      500,
      "illegal_state_exception",
      `alias [${name}] has is_hidden set to true on indices [${on}] but does not have is_hidden set to true on indices [${off}]; alias must have the same is_hidden setting on all indices`,
    );
  }
}

/**
 * Changes aliases; when it fails, or what comes of it cannot be, all of them are as they were.
 *
 * @throws {EsError} what `change` throws, 500 for several write indices of an alias
 */
function changeAliases(cluster: Cluster, change: () => void): void {
  const before = [...cluster.indices.values(), ...cluster.dataStreams.values()].map(
    (owner) => [owner, new Map(owner.aliases)] as const,
  );
  try {
    change();
    checkWriteIndices(cluster);
    checkHidden(cluster);
  } catch (error) {
    for (const [owner] of before)
      for (const name of owner.aliases.keys()) cluster.removeAlias(owner, name);
    for (const [owner, aliases] of before)
      for (const [name, metadata] of aliases) cluster.setAlias(owner, name, metadata);
    throw error;
  }
}

function getAlias(request: EsRequest, cluster: Cluster): EsReply {
  const { found, missing } = findAliases(request, cluster);
  if (missing.length > 0) {
    const names = missing.sort();
    return partlyMissing(
      names.length === 1
        ? `alias [${names[0] ?? ""}] missing`
        : `aliases [${names.join(",")}] missing`,
      found,
    );
  }
  return jsonReply(found);
}

interface FoundAliases {
  readonly found: Record<string, { aliases: Record<string, AliasMetadata> }>;
  /** Names without a pattern that no index has. */
  readonly missing: string[];
}

function findAliases(request: EsRequest, cluster: Cluster): FoundAliases {
  const { index: expression, name } = request.pathParameters;
  const names = name === undefined ? ["*"] : namesIn(name);
  const readOptions = readIndexOptions(request.query, everyIndex);
  checkReadAliases(cluster, expression, readOptions, names);
  const indices = resolveIndices(cluster, expression, readOptions);
  checkBlocks(indices, "metadata_read");
  const listsAll = name === undefined;
  const { access } = cluster;
  const found: FoundAliases["found"] = {};
  const missing = new Set(names.filter((_name, at) => mustExist(names, at)));
  const owners = new Set(indices.map((index) => index.dataStream ?? index));
  for (const owner of owners) {
    const aliases: Record<string, AliasMetadata> = {};
    for (const [alias, metadata] of owner.aliases) {
      if (!isWanted(alias, names) || access?.allows(alias) === false) continue;
      aliases[alias] = metadata;
      missing.delete(alias);
    }
    const isListed = listsAll && !("backing" in owner);
    if (isListed || Object.keys(aliases).length > 0) found[owner.name] = { aliases };
  }
  return { found, missing: [...missing] };
}

/**
 * Checks aliases that are read by their names; who may touch no index is not asked for them.
 *
 * @throws {EsError} 403
 */
export function checkReadAliases(
  cluster: Cluster,
  expression: string | undefined,
  options: IndexOptions,
  names: readonly string[],
): void {
  const { access } = cluster;
  if (access === undefined || grantedNames(cluster, access, expression, options).length === 0)
    return;
  access.checkAliases(names.filter(isPlainName));
}

/** Aliases of hidden and closed indices are seen, too. */
const everyIndex = { ...metadataOptions, expandHidden: true };

function deleteAlias(request: EsRequest, cluster: Cluster): EsReply {
  const { index: expression, name = "" } = request.pathParameters;
  const given = namesIn(expression ?? "");
  checkIndexNames(given);
  checkChange(cluster, expression, name.split(",").filter(isPlainName));
  const targets = aliasTargets(cluster, given);
  checkBlocks(targets.indices, "metadata_write");
  const names = name.split(",");
  cluster.access?.checkAliases(names.filter(isPlainName));
  const removals = removalsOf(cluster, targets, names, false);
  // Of aliases that were looked for on data streams alone the server does not tell the names.
  const isOfStreams = targets.indices.length === 0 && targets.streams.length > 0;
  if (removals.length === 0) throw noSuchAliases(isOfStreams ? [] : names);
  removeAliases(cluster, removals, false);
  return jsonReply(acknowledged);
}

/** Runs a list of alias actions; all of them are checked before the first one changes anything. */
function updateAliases(request: EsRequest, cluster: Cluster): EsReply {
  const read = readAliasActions(request.body);
  if (read.length === 0) throw illegalArgument("No action specified");
  checkChanges(cluster, read);
  const actions = read.map((action) => prepare(cluster, action));
  checkBlocks(new Set(actions.flatMap(({ indices }) => indices)), "metadata_write");
  // Indices are removed first, wherever that stands in the list.
  const removed = new Set<IndexState>();
  for (const { kind, indices } of actions)
    if (kind === "remove_index") for (const index of indices) removed.add(index);
  const failed = actions.filter(({ isMissing }) => isMissing);
  if (failed.length === actions.length)
    throw noSuchAliases(failed.flatMap((action) => (action.isOfStreams ? [] : action.names)));
  changeAliases(cluster, () => {
    for (const action of actions) if (!action.isMissing) runAction(cluster, action, removed);
  });
  for (const index of removed) cluster.deleteIndex(index);
  if (failed.length === 0) return jsonReply(acknowledged);
  return jsonReply({ acknowledged: true, errors: true, action_results: actions.map(resultOf) });
}

/** What came of one of several actions, of which some failed. */
function resultOf(prepared: PreparedAction): Record<string, unknown> {
  const { kind, indices, streams, names, isMissing } = prepared;
  const targets = [...streams, ...indices].map(({ name }) => name);
  const action = { type: kind, indices: targets, aliases: names };
  if (!isMissing) return { action, status: 200 };
  return { action, status: 404, error: missingAliases(names) };
}

/** One action of the list, with the indices and data streams that it is about. */
interface PreparedAction extends Omit<AliasAction, "indices">, AliasTargets {
  readonly isOfStreams: boolean;
  /** There is nothing to be removed. */
  readonly isMissing: boolean;
  readonly removals: readonly AliasRemoval[];
}

function runAction(
  cluster: Cluster,
  { kind, indices, streams, names, definition, removals, mustExist }: PreparedAction,
  removed: ReadonlySet<IndexState>,
): void {
  if (kind === "remove_index") return;
  const gone = indices.find((index) => removed.has(index));
  if (gone !== undefined) {
    throw new EsError(404, "index_not_found_exception", `no such index [${gone.name}]`, {
      index_uuid: "_na_",
      index: gone.name,
    });
  }
  const targets = { indices, streams };
  if (kind === "remove") removeAliases(cluster, removals, mustExist);
  else for (const name of names) setAll(cluster, targets, name, definition, removed);
}

function prepare(cluster: Cluster, action: AliasAction): PreparedAction {
  const { kind, mustExist } = action;
  const isAdd = kind === "add";
  const names = isAdd ? action.names.map((name) => resolveDateMath(cluster, name)) : action.names;
  // A name is looked up as it is: a comma is a part of it.
  const unknown = action.indices.find((name) => name.includes(","));
  if (unknown !== undefined) throw indexNotFound(unknown);
  const targets = aliasTargets(cluster, action.indices);
  const { indices, streams } = targets;
  const isOfStreams = indices.length === 0 && streams.length > 0;
  const prepared = { ...action, ...targets, names, isOfStreams, isMissing: false, removals: [] };
  if (kind === "remove_index" && streams.length > 0)
    throw illegalArgument("Unsupported action [REMOVE_INDEX]");
  if (isAdd) checkAliasTargets(targets, action.definition, action.indices);
  if (isAdd) for (const name of names) checkAliasName(name);
  if (kind !== "remove") return prepared;
  cluster.access?.checkAliases(names.filter(isPlainName));
  // What an action before it adds is removed only where its own name has to be there.
  const removals = removalsOf(cluster, targets, names, mustExist && !isOfStreams);
  return { ...prepared, removals, isMissing: removals.length === 0 };
}
