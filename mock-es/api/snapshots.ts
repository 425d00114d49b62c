/** Snapshots: made, shown, cloned and deleted. */
import { emptyIndexName, EsError, illegalArgument, notSupported } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { globalStateOf } from "../store/global-state.ts";
import { resolveIndices } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { chooseIndices } from "../store/snapshot-selection.ts";
import { noGlobalState, type Repository, type Snapshot } from "../store/snapshots.ts";
import { metadataOptions } from "./indices.ts";
import { repositoryOf } from "./repositories.ts";
import { clonedIndices, snapshotIndices } from "./snapshot-indices.ts";
import { findSnapshots, renderSnapshot, snapshotMissing } from "./snapshot-answers.ts";
import { nodeBoolean } from "../values/node-boolean.ts";

/** `_snapshot/{repository}/{snapshot}`. */
export const snapshotRoutes: readonly Route[] = [
  ...routesOf(
    "snapshot.create",
    "optional",
    ["PUT,POST /_snapshot/{repository}/{snapshot}"],
    create,
  ),
  ...routesOf(
    "snapshot.clone",
    "required",
    ["PUT /_snapshot/{repository}/{snapshot}/_clone/{target_snapshot}"],
    clone,
  ),
  ...routesOf("snapshot.delete", "none", ["DELETE /_snapshot/{repository}/{snapshot}"], remove),
];

function create(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["snapshot"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  const waits = request.query.flag("wait_for_completion", false);
  const repository = repositoryOf(request, cluster);
  const snapshot = takeSnapshot(cluster, repository, name, body);
  return waits
    ? jsonReply({ snapshot: renderSnapshot(cluster, repository, snapshot) })
    : jsonReply({ accepted: true });
}

/**
 * Takes a snapshot as a body says.
 *
 * @throws {EsError} 400 for a name that cannot be, a repository that is only read, and what is not
 *   honoured; 404 for indices that are not there; 429 when it does not fit
 */
export function takeSnapshot(
  cluster: Cluster,
  repository: Repository,
  name: string,
  body: JsonObject,
): Snapshot {
  if (body["expand_wildcards"] !== undefined)
    throw notSupported("[expand_wildcards] of a snapshot");
  const features = toTexts(body["feature_states"]).filter((feature) => feature !== "none");
  if (features.length > 0) throw notSupported("[feature_states] of a snapshot");
  for (const name of ["include_global_state", "partial"])
    if (body[name] === null) throw notSupported(`null as [${name}] of a snapshot`);
  const { metadata } = body;
  if (metadata !== undefined && metadata !== null && !isObject(metadata))
    throw illegalArgument("malformed metadata, should be an object");
  if (Array.isArray(body["indices"]) && body["indices"].includes("")) throw emptyIndexName();
  checkWritable(repository, "cannot create snapshot in a readonly repository");
  checkNewName(repository, name);
  const indices = resolveIndices(cluster, snapshotIndices(body["indices"]), {
    ...metadataOptions,
    expandHidden: true,
    allowNoIndices: nodeBoolean(body["allow_no_indices"], "allow_no_indices", true),
    ignoreUnavailable: nodeBoolean(body["ignore_unavailable"], "ignore_unavailable", false),
  });
  const hasGlobal = nodeBoolean(body["include_global_state"], "include_global_state", true);
  nodeBoolean(body["partial"], "partial", false);
  const snapshot: Snapshot = {
    name,
    uuid: cluster.identifiers.uuid(),
    indices: copies(cluster, indices),
    dataStreams: [...new Set(indices.flatMap((index) => index.dataStream?.name ?? []))],
    hasGlobalState: hasGlobal,
    global: hasGlobal ? globalStateOf(cluster) : noGlobalState,
    metadata: isObject(metadata) ? metadata : undefined,
    startedMs: cluster.snapshots.startOf(cluster.entropy.nowMs()),
  };
  repository.contents.snapshots.set(name, snapshot);
  repository.contents.isUsed = true;
  return snapshot;
}

function copies(cluster: Cluster, indices: readonly IndexState[]): Map<string, IndexState> {
  const { usage } = cluster.snapshots;
  const done = new Map<string, IndexState>();
  try {
    for (const index of indices) done.set(index.name, cluster.builder.copyOf(index, usage));
  } catch (error) {
    for (const copy of done.values()) copy.drop();
    throw error;
  }
  return done;
}

function checkWritable({ name, settings }: Repository, reason: string): void {
  if (settings["readonly"] === "true") throw illegalArgument(`[${name}] ${reason}`);
}

/** @throws {EsError} 400 for a name that a snapshot cannot have, or that is taken */
function checkNewName(repository: Repository, name: string): void {
  const rule = brokenRule(name);
  const isTaken = repository.contents.snapshots.has(name);
  if (rule === undefined && !isTaken) return;
  throw new EsError(
    400,
    rule === undefined
      ? "snapshot_name_already_in_use_exception"
      : "invalid_snapshot_name_exception",
    `[${repository.name}:${name}] Invalid snapshot name [${name}], ${rule ?? "snapshot with the same name already exists"}`,
  );
}

function brokenRule(name: string): string | undefined {
  if (name === "") return "cannot be empty";
  if (name.includes(" ")) return "must not contain whitespace";
  if (name.includes(",")) return "must not contain ','";
  if (name.includes("#")) return "must not contain '#'";
  if (name.startsWith("_")) return "must not start with '_'";
  if (name !== name.toLowerCase()) return "must be lowercase";
  return /["*,/<>?\\|]/.test(name)
    ? String.raw`must not contain the following characters [' ','"','*',',','/','<','>','?','\','|']`
    : undefined;
}

function clone(request: EsRequest, cluster: Cluster): EsReply {
  const { snapshot: name = "", target_snapshot: target = "" } = request.pathParameters;
  const body: JsonObject = parseObjectBody(request.body) ?? {};
  const wanted = clonedIndices(body["indices"]);
  const repository = repositoryOf(request, cluster);
  checkNewName(repository, target);
  const source = repository.contents.snapshots.get(name);
  if (source === undefined) throw snapshotMissing(repository, name);
  const chosen = chooseIndices(source, wanted, false);
  repository.contents.snapshots.set(target, {
    ...source,
    name: target,
    uuid: cluster.identifiers.uuid(),
    indices: copies(cluster, chosen),
    hasGlobalState: true,
    metadata: {},
    startedMs: cluster.snapshots.startOf(cluster.entropy.nowMs()),
  });
  return jsonReply({ acknowledged: true });
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  request.query.flag("wait_for_completion", true);
  const repository = repositoryOf(request, cluster);
  checkWritable(repository, "repository is readonly");
  const list = request.pathParameters["snapshot"] ?? "";
  for (const snapshot of findSnapshots(repository, list, false))
    cluster.snapshots.delete(repository.contents, snapshot);
  return jsonReply({ acknowledged: true });
}
