/** `_restore`: indices out of a snapshot. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { snapshotIndices } from "./snapshot-indices.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { checkIndexName } from "../store/index-name.ts";
import { checkIndexSettings, flattenSettings } from "../store/index-settings.ts";
import type { IndexState } from "../store/index-state.ts";
import { chooseIndices } from "../store/snapshot-selection.ts";
import { restoreGlobalState } from "../store/global-state.ts";
import type { Repository, Snapshot } from "../store/snapshots.ts";
import { javaPattern } from "../text/java-pattern.ts";
import { replaceAsJava } from "../text/java-replacement.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { repositoryOf } from "./repositories.ts";
import { nodeBoolean } from "../values/node-boolean.ts";

/** `_restore`. */
export const snapshotRestoreRoutes: readonly Route[] = routesOf(
  "snapshot.restore",
  "optional",
  ["POST /_snapshot/{repository}/{snapshot}/_restore"],
  restore,
);

const members = [
  "indices",
  "ignore_unavailable",
  "allow_no_indices",
  "expand_wildcards",
  "include_global_state",
  "include_aliases",
  "partial",
  "rename_pattern",
  "rename_replacement",
  "index_settings",
  "ignore_index_settings",
  "feature_states",
  "quiet",
];

function restore(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["snapshot"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  for (const key of Object.keys(body))
    if (!members.includes(key)) throw illegalArgument(`Unknown parameter ${key}`);
  for (const key of ["expand_wildcards", "quiet"])
    if (body[key] !== undefined) throw notSupported(`[${key}] of a restore`);
  if (toTexts(body["feature_states"]).some((feature) => feature !== "none"))
    throw notSupported("[feature_states] of a restore");
  const waits = request.query.flag("wait_for_completion", false);
  const repository = repositoryOf(request, cluster);
  const snapshot = repository.contents.snapshots.get(name);
  if (snapshot === undefined)
    throw new EsError(
      500,
      "snapshot_restore_exception",
      `[${repository.name}:${name}] snapshot does not exist`,
    );
  const flags = readFlags(body);
  const wanted = snapshotIndices(body["indices"]);
  const chosen = chooseIndices(snapshot, wanted, flags.ignoresMissing);
  const { hasGlobal } = flags;
  if (hasGlobal && !snapshot.hasGlobalState)
    throw restoreProblem(
      repository,
      snapshot,
      "cannot restore global state since the snapshot was created without global state",
    );
  if (chosen.some((index) => index.dataStream !== undefined))
    throw notSupported("data streams in a restore");
  const plans = planRestore(cluster, repository, snapshot, chosen, body);
  const restored = plans.map(({ copy, target, aliases, settings, without }) => {
    const index = cluster.restoreIndex(copy, target, { aliases, settings, without });
    index.restoredFrom = { repository: repository.name, snapshot: name, index: copy.name };
    return index;
  });
  if (hasGlobal) restoreGlobalState(cluster, snapshot.global);
  if (!waits) return jsonReply({ accepted: true });
  const shards = restored.reduce((sum, index) => sum + index.shards.length, 0);
  return jsonReply({
    snapshot: {
      snapshot: name,
      indices: restored.map((index) => index.name),
      shards: { total: shards, failed: 0, successful: shards },
    },
  });
}

interface RestoreFlags {
  readonly ignoresMissing: boolean;
  readonly hasGlobal: boolean;
}

/** @throws {EsError} 400 for what is no boolean, and for settings that are no object */
function readFlags(body: JsonObject): RestoreFlags {
  const flag = (name: string): boolean => nodeBoolean(body[name], name, false);
  for (const name of ["partial", "include_aliases", "allow_no_indices"]) flag(name);
  const { index_settings: settings } = body;
  if (settings !== undefined && !isObject(settings))
    throw illegalArgument("malformed index_settings section");
  const { ignore_index_settings: ignored } = body;
  if (ignored !== undefined && typeof ignored !== "string" && !Array.isArray(ignored))
    throw illegalArgument("malformed ignore_index_settings section, should be an array of strings");
  for (const name of ["rename_pattern", "rename_replacement"])
    if (body[name] !== undefined && typeof body[name] !== "string")
      throw illegalArgument(`malformed ${name}`);
  if ([body["indices"]].flat().includes("")) throw notSupported("an empty name in a restore");
  return { ignoresMissing: flag("ignore_unavailable"), hasGlobal: flag("include_global_state") };
}

/** @throws {EsError} 400 for settings that the server would keep as archived ones */
function refuseArchived(settings: ReadonlyMap<string, string | readonly string[] | null>): void {
  try {
    checkIndexSettings(settings);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    throw notSupported(`[index_settings] of a restore with what is no setting (${error.reason})`);
  }
}

function restoreProblem(repository: Repository, snapshot: Snapshot, reason: string): EsError {
  const place = `default:${repository.name}:${snapshot.name}/${snapshot.uuid}`;
  return new EsError(500, "snapshot_restore_exception", `[${place}] ${reason}`);
}

/** What is restored, and as what. */
interface RestorePlan {
  readonly copy: IndexState;
  readonly target: string;
  /** Those that come with it. */
  readonly aliases: readonly string[];
  readonly settings: ReadonlyMap<string, string | readonly string[] | null>;
  readonly without: (setting: string) => boolean;
}

function planRestore(
  cluster: Cluster,
  repository: Repository,
  snapshot: Snapshot,
  chosen: readonly IndexState[],
  body: JsonObject,
): RestorePlan[] {
  const rename = renamer(body);
  const settings = flattenSettings(body["index_settings"] ?? {});
  const ignored = toTexts(body["ignore_index_settings"]);
  checkSettings(repository, snapshot, settings.keys(), ignored);
  refuseArchived(settings);
  const patterns = ignored.map(simplePattern);
  const without = (setting: string): boolean => patterns.some((pattern) => pattern.test(setting));
  const targets = new Map<string, string>();
  const plans: RestorePlan[] = [];
  for (const copy of chosen) {
    const target = rename(copy.name);
    const other = targets.get(target);
    if (other !== undefined)
      throw new EsError(
        500,
        "snapshot_restore_exception",
        `[${repository.name}:${snapshot.name}] indices [${copy.name}] and [${other}] are renamed into the same index [${target}]`,
      );
    targets.set(target, copy.name);
    checkTarget(cluster, repository, snapshot, copy, target);
    const withAliases = nodeBoolean(body["include_aliases"], "include_aliases", true);
    const aliases = withAliases ? [...copy.aliases.keys()] : [];
    plans.push({ copy, target, aliases, settings, without });
  }
  return plans;
}

/** How names change, as Java's `replaceAll` changes them. */
function renamer(body: JsonObject): (name: string) => string {
  const pattern = body["rename_pattern"];
  const replacement = body["rename_replacement"];
  if (pattern === undefined || replacement === undefined) return (name) => name;
  const expression = javaPattern(textOf(pattern), "g");
  const text = textOf(replacement);
  return (name) => replaceAsJava(name, expression, text);
}

const unchangeable = [
  "index.number_of_shards",
  "index.version.created",
  "index.uuid",
  "index.creation_date",
  "index.history.uuid",
];
const unremovable = [...unchangeable, "index.number_of_replicas", "index.auto_expand_replicas"];

function checkSettings(
  repository: Repository,
  snapshot: Snapshot,
  changed: Iterable<string>,
  ignored: readonly string[],
): void {
  for (const key of ignored)
    if (unremovable.includes(key))
      throw restoreProblem(repository, snapshot, `cannot remove setting [${key}] on restore`);
  for (const key of changed)
    if (unchangeable.includes(key))
      throw restoreProblem(repository, snapshot, `cannot modify setting [${key}] on restore`);
}

function checkTarget(
  cluster: Cluster,
  repository: Repository,
  snapshot: Snapshot,
  copy: IndexState,
  target: string,
): void {
  const there = cluster.indices.get(target);
  if (there === undefined) {
    checkIndexName(target);
    cluster.checkFree(target);
    return;
  }
  if (!there.isClosed)
    throw restoreProblem(
      repository,
      snapshot,
      `cannot restore index [${target}] because an open index with same name already exists in the cluster. Either close or delete the existing index or restore the index under a different name by providing a rename pattern and replacement name`,
    );
  if (there.shards.length !== copy.shards.length)
    throw restoreProblem(
      repository,
      snapshot,
      `cannot restore index [${target}] with [${there.shards.length}] shards from a snapshot of index [${copy.name}] with [${copy.shards.length}] shards`,
    );
}
