/** Which index a write or a read of one document goes to. */
import { EsError, illegalArgument, indexNotFound } from "../es-error.ts";
import type { Cluster } from "./cluster.ts";
import { excludedStream, isOfStreams, onlyCreates, writeIndexOf } from "./data-streams.ts";
import type { DataStream } from "./index-state.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { resolveDateMath } from "./date-math-name.ts";
import { checkClusterBlocks } from "./block-checks.ts";
import { checkIndexName, invalidIndexName } from "./index-name.ts";
import type { IndexState } from "./index-state.ts";
import type { WriteOperation } from "./request-access.ts";

/**
 * The index that a write to a name goes to; a missing one is created.
 *
 * @throws {EsError} 404 when `require_alias` is not met or creation is off, 400 for an alias
 *   without write index or a closed index
 */
export function writeTarget(
  cluster: Cluster,
  name: string,
  {
    requireAlias = false,
    requireDataStream = false,
    isCreation = false,
    operation = isCreation ? "create" : "index",
    isConditional = false,
    together,
  }: WriteTargetOptions,
): IndexState {
  if (cluster.hasBlocks) checkClusterBlocks(cluster, "write");
  const index = cluster.indices.get(name);
  if (requireAlias) checkIsAlias(cluster, resolveDateMath(cluster, name));
  if (cluster.access !== undefined) checkAccess(cluster, name, operation, together);
  const isPlain = index !== undefined && !index.isClosed && index.dataStream === undefined;
  if (isPlain && !requireAlias && !requireDataStream) return index;
  const resolved = resolveDateMath(cluster, name);
  const stream = streamFor(cluster, resolved);
  if (!isCreation && (stream !== undefined || isStreamAlias(cluster, resolved)))
    throw onlyCreates(resolved);
  if (stream !== undefined) {
    return writeIndexOf(typeof stream === "string" ? cluster.createDataStream(stream) : stream);
  }
  if (index?.dataStream !== undefined && (isCreation || (operation === "index" && !isConditional)))
    throw illegalArgument(
      `index request with op_type=${isCreation ? "create" : "index and no if_primary_term and if_seq_no set"} targeting backing indices is disallowed, target corresponding data stream [${index.dataStream.name}] instead`,
    );
  if (requireDataStream && !isStreamAlias(cluster, resolved)) throw noDataStream(cluster, resolved);
  return resolveWriteTarget(cluster, resolved);
}

/** What a write demands of the name that it goes to. */
interface WriteTargetOptions {
  readonly requireAlias?: boolean;
  readonly requireDataStream?: boolean;
  /** A new document is wanted: the only writes that data streams take. */
  readonly isCreation?: boolean;
  /** The document has to be as it was read before. */
  readonly isConditional?: boolean;
  /** What is done there. @default `create` or `index`, as `isCreation` says */
  readonly operation?: WriteOperation;
  /** Names of what goes to the same shard in one request. @default this one */
  readonly together?: readonly string[] | undefined;
}

function checkAccess(
  cluster: Cluster,
  given: string,
  operation: WriteOperation,
  together: readonly string[] | undefined,
): void {
  const name = resolveDateMath(cluster, given);
  const isUpdateAlone = cluster.access?.action === "indices:data/write/update";
  // What data streams do not take is refused before anything is asked.
  const isOfStream = cluster.dataStreams.has(name) || isStreamAlias(cluster, name);
  if (operation !== "create" && !isUpdateAlone && isOfStream) throw onlyCreates(name);
  const target = isUpdateAlone
    ? undefined
    : (writeIndexOfAlias(cluster, name) ?? cluster.indices.get(name));
  if (target !== undefined) checkOpen(target);
  cluster.access?.checkWrite(given, operation, isNamed(cluster, name), together);
}

/** True for the name of an index, alias or data stream. */
function isNamed(cluster: Cluster, name: string): boolean {
  return (
    cluster.indices.has(name) ||
    cluster.dataStreams.has(name) ||
    cluster.indicesOfAlias(name) !== undefined
  );
}

/** True for an alias of data streams. */
function isStreamAlias(cluster: Cluster, name: string): boolean {
  return isOfStreams(cluster.indicesOfAlias(name) ?? []);
}

/** True for an expression that stands for many indices, be they there or not. */
function isSeveral(name: string): boolean {
  return name === "_all" || (name.startsWith("-") && name.length > 1);
}

/**
 * The index that is written to by the name of an alias; `undefined`: it is none.
 *
 * @throws {EsError} 400 for an alias without a write index
 */
function writeIndexOfAlias(cluster: Cluster, name: string): IndexState | undefined {
  const members = cluster.indicesOfAlias(name);
  return members === undefined ? undefined : aliasWriteIndex(name, [...members]);
}

/**
 * The index that a delete of one document means; none is made for it.
 *
 * @param together names of what goes to the same shard in one request; absent: this one
 * @throws {EsError} 404 when there is none, 400 for an alias without a write index
 */
export function deletionTarget(
  cluster: Cluster,
  given: string,
  together?: readonly string[],
): IndexState {
  const name = resolveDateMath(cluster, given);
  if (isSeveral(name))
    throw illegalArgument(
      "unable to return a single target as the provided expression and options got resolved to multiple targets",
    );
  const isOfStream = cluster.dataStreams.has(name) || isStreamAlias(cluster, name);
  const written = isOfStream ? undefined : writeIndexOfAlias(cluster, name);
  const target = written ?? cluster.indices.get(name);
  if (target !== undefined) checkOpen(target);
  if (isNamed(cluster, name)) cluster.access?.checkWrite(given, "delete", true, together);
  if (isOfStream) throw onlyCreates(name);
  return written ?? readTarget(cluster, given);
}

/** The open index that a write of a document goes to; `undefined`: none that is there. */
export function openTarget(cluster: Cluster, given: string): IndexState | undefined {
  const name = resolveDateMath(cluster, given);
  const members = cluster.indicesOfAlias(name);
  const index =
    members === undefined
      ? cluster.indices.get(name)
      : [...members].find(
          (one) => members.size === 1 || one.aliases.get(name)?.is_write_index === true,
        );
  return index?.isClosed === true ? undefined : index;
}

/** The data stream of a name, or the name when one would be made of it; `undefined`: neither. */
function streamFor(cluster: Cluster, name: string): DataStream | string | undefined {
  const stream = cluster.dataStreams.get(name);
  if (stream !== undefined) return stream;
  if (cluster.indices.has(name) || cluster.indicesOfAlias(name) !== undefined) return undefined;
  return cluster.templates.winnerFor(name)?.template.data_stream === undefined ? undefined : name;
}

function noDataStream(cluster: Cluster, name: string): EsError {
  if (cluster.indices.has(name) || cluster.indicesOfAlias(name) !== undefined)
    return new EsError(
      404,
      "resource_not_found_exception",
      `[require_data_stream] request flag is [true] and [${name}] is not a data stream`,
    );
  return new EsError(
    404,
    "index_not_found_exception",
    `no such index [${name}] and the index creation request requires a data stream, but no matching index template with data stream template was found for it`,
    { index_uuid: "_na_", index: name },
  );
}

function checkIsAlias(cluster: Cluster, name: string): void {
  if (cluster.indicesOfAlias(name) !== undefined) return;
  throw new EsError(
    404,
    "index_not_found_exception",
    `no such index [${name}] and [require_alias] request flag is [true] and [${name}] is not an alias`,
    { index_uuid: "_na_", index: name },
  );
}

function resolveWriteTarget(cluster: Cluster, name: string): IndexState {
  const members = cluster.indicesOfAlias(name);
  if (members !== undefined) return checkOpen(aliasWriteIndex(name, [...members]));
  const index = cluster.indices.get(name);
  if (index !== undefined) return checkOpen(index);
  if (name.startsWith("_")) checkIndexName(name);
  checkAutoCreation(cluster, name);
  return cluster.createIndex(name);
}

/** @throws {EsError} 404 when `action.auto_create_index` does not let an index be created */
function checkAutoCreation(cluster: Cluster, name: string): void {
  const rules = cluster.autoCreation;
  if (rules === "true") return;
  const refuse = (why: string): EsError =>
    new EsError(404, "index_not_found_exception", `no such index [${name}] and ${why}`, {
      index_uuid: "_na_",
      index: name,
    });
  if (rules === "false") throw refuse("[action.auto_create_index] is [false]");
  for (const rule of rules.split(",").map((part) => part.trim())) {
    const pattern = rule.replace(/^[+-]/, "");
    if (!simplePattern(pattern).test(name)) continue;
    if (!rule.startsWith("-")) return;
    throw refuse(
      `[action.auto_create_index] contains [${rule}] which forbids automatic creation of the index`,
    );
  }
  throw refuse(`[action.auto_create_index] ([${rules}]) doesn't match`);
}

/**
 * The routing of a write: the one that is given, or that of the alias in the name.
 *
 * @throws {EsError} 400 when the two differ
 */
export function writeRouting(
  index: IndexState,
  name: string,
  routing: string | undefined,
): string | undefined {
  if (index.name === name) return routing;
  const { dataStream } = index;
  if (dataStream?.name === name) {
    if (routing !== undefined && !dataStream.options.allow_custom_routing)
      throw illegalArgument(
        `index request targeting data stream [${name}] specifies a custom routing but the [allow_custom_routing] setting was not enabled in the data stream's template.`,
      );
    return routing;
  }
  const own = index.aliases.get(name)?.index_routing;
  if (own === undefined) return routing;
  if (routing !== undefined && routing !== own) {
    throw illegalArgument(
      `Alias [${name}] has index routing associated with it [${own}], and was provided with routing value [${routing}], rejecting operation`,
    );
  }
  return own;
}

function aliasWriteIndex(alias: string, members: readonly IndexState[]): IndexState {
  const chosen = members.find((member) => member.reachedBy.get(alias)?.is_write_index === true);
  const [only] = members;
  if (chosen?.dataStream !== undefined) return writeIndexOf(chosen.dataStream);
  if (chosen !== undefined) return chosen;
  if (
    members.length === 1 &&
    only !== undefined &&
    only.dataStream === undefined &&
    only.aliases.get(alias)?.is_write_index !== false
  )
    return only;
  throw illegalArgument(
    `no write index is defined for alias [${alias}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index`,
  );
}

function checkOpen(index: IndexState): IndexState {
  if (!index.isClosed) return index;
  throw new EsError(400, "index_closed_exception", "closed", {
    index_uuid: index.uuid,
    index: index.name,
  });
}

/**
 * The index that a read of one document by its name means.
 *
 * @param action what it is read for; `undefined`: what the request is
 * @throws {EsError} 404 when there is none, 400 for an alias of several indices
 */
export function readTarget(cluster: Cluster, given: string, action?: string): IndexState {
  const name = resolveDateMath(cluster, given);
  const index = cluster.indices.get(name);
  const members = [...(cluster.indicesOfAlias(name) ?? [])];
  const [only] = members;
  if (index === undefined && isOfStreams(members)) throw excludedStream(name);
  const found = index ?? (members.length === 1 ? only : undefined);
  if (found !== undefined) {
    checkOpen(found);
    cluster.access?.check([name], action);
    return found;
  }
  if (only === undefined) {
    if (isSeveral(name)) {
      throw illegalArgument(
        "unable to return a single index as the index and options provided got resolved to multiple indices",
      );
    }
    if (name.startsWith("_")) throw invalidIndexName(name, "must not start with '_'.");
    throw cluster.dataStreams.has(name) ? excludedStream(name) : indexNotFound(name);
  }
  throw illegalArgument(
    `alias [${name}] has more than one index associated with it [${members.map((member) => member.name).join(", ")}], can't execute a single index op`,
  );
}
