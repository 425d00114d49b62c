/** `_rollover`: writes to an alias or a data stream go to a new index from here on. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { Cluster } from "../store/cluster.ts";
import { isOfStreams, writeIndexOf } from "../store/data-streams.ts";
import { resolveDateMath } from "../store/date-math-name.ts";
import type { IndexState } from "../store/index-state.ts";
import { type Condition, readRolloverBody } from "./rollover-body.ts";
import { checkTimeouts, readActiveShards } from "./write-parameters.ts";

/** `_rollover`. */
export const rolloverRoutes: readonly Route[] = routesOf(
  "indices.rollover",
  "optional",
  ["POST /{alias}/_rollover", "POST /{alias}/_rollover/{new_index}"],
  rollover,
);

function rollover(request: EsRequest, cluster: Cluster): EsReply {
  const { query, pathParameters } = request;
  checkTimeouts(query);
  const target = pathParameters["alias"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  const { conditions, definition } = readRolloverBody(cluster, body);
  const named = cluster.indices.get(target);
  const touched = named === undefined ? (cluster.indicesOfAlias(target) ?? []) : [named];
  checkBlocks(touched, "metadata_write");
  const isDry = query.flag("dry_run", false);
  const stream = cluster.dataStreams.get(target);
  if (query.flag("lazy", false)) {
    if (stream === undefined && !cluster.indices.has(target)) sourceOf(cluster, target);
    if (stream === undefined)
      throw illegalArgument(
        "Lazy rollover can be applied only on a data stream. Please remove the query parameter 'lazy'.",
      );
    throw notSupported("rollover with [lazy]");
  }
  if (stream !== undefined && (pathParameters["new_index"] !== undefined || isDry))
    throw notSupported("rollover of a data stream with a name or [dry_run]");
  if (stream !== undefined && Object.keys(definition).length > 0)
    throw notSupported("rollover of a data stream with other than [conditions]");
  const old = stream === undefined ? sourceOf(cluster, target) : writeIndexOf(stream);
  // The conditions are looked at in the statistics of what is rolled over.
  checkStatistics(cluster, target);
  const met = conditions.map((condition) => [condition, condition.isMet(old)] as const);
  const rolls = isSatisfied(met);
  const results = Object.fromEntries(met.map(([{ name }, isMet]) => [`[${name}]`, isMet]));
  const answer = (name: string, isDone: boolean, active: boolean): EsReply =>
    jsonReply({
      acknowledged: isDone,
      shards_acknowledged: isDone && active,
      old_index: old.name,
      new_index: name,
      rolled_over: isDone,
      dry_run: isDry,
      lazy: false,
      conditions: results,
    });
  if (stream !== undefined) {
    if (!rolls) throw notSupported("rollover of a data stream whose conditions are not met");
    const [, young] = cluster.rollOver(stream);
    return answer(young.name, true, true);
  }
  const given = pathParameters["new_index"];
  const name = given === undefined ? nextName(old.name) : resolveDateMath(cluster, given);
  cluster.checkFree(name);
  checkTemplate(cluster, name, pathParameters["alias"] ?? "");
  if (isDry || !rolls) return answer(name, false, false);
  const young = cluster.createIndex(name, definition);
  moveAlias(cluster, target, old, young);
  const wanted = readActiveShards(query.text("wait_for_active_shards"), young) ?? 1;
  return answer(name, true, wanted <= 1);
}

/**
 * Who may ask some index for its statistics, but not this one, does not see it.
 *
 * @throws {EsError} 403 or 404
 */
function checkStatistics({ access }: Cluster, target: string): void {
  const action = "indices:monitor/stats";
  if (access === undefined || access.allows(target, action)) return;
  if (!access.caller.permission.allowsSomeIndex(action)) access.check([target], action);
  const name = `[${target}]`;
  throw new EsError(404, "index_not_found_exception", `no such index [${name}]`, {
    index_uuid: "_na_",
    index: name,
  });
}

/** The index that the alias is written to. @throws {EsError} for a target that has none */
function sourceOf(cluster: Cluster, target: string): IndexState {
  const indices = [...(cluster.indicesOfAlias(target) ?? [])];
  if (isOfStreams(indices)) {
    const reason =
      "Aliases to data streams cannot be rolled over. Please rollover the data stream itself.";
    throw new EsError(500, "illegal_state_exception", reason);
  }
  if (indices.length === 0 && cluster.indices.has(target))
    throw illegalArgument(
      "rollover target is a [concrete index] but one of [alias,data_stream] was expected",
    );
  if (indices.length === 0)
    throw new EsError(
      404,
      "resource_not_found_exception",
      `rollover target [${target}] does not exist`,
    );
  const [only] = indices;
  const writer =
    indices.find((index) => index.aliases.get(target)?.is_write_index === true) ??
    (indices.length === 1 && only?.aliases.get(target)?.is_write_index === undefined
      ? only
      : undefined);
  if (writer === undefined)
    throw illegalArgument(`rollover target [${target}] does not point to a write index`);
  return writer;
}

/** The name with its number raised by one, in six digits. @throws {EsError} 400 without a number */
function nextName(name: string): string {
  const found = /^(.*-)(\d+)$/s.exec(name);
  if (found === null)
    throw illegalArgument(`index name [${name}] does not match pattern '^.*-\\d+$'`);
  const [, base = "", number = ""] = found;
  return base + String(Number(number) + 1).padStart(6, "0");
}

/** An alias with a write index keeps the old ones; another one moves to the new index. */
function moveAlias(cluster: Cluster, alias: string, old: IndexState, young: IndexState): void {
  const { is_write_index: isWriter, is_hidden: isHidden } = old.aliases.get(alias) ?? {};
  const hidden = isHidden === undefined ? {} : { is_hidden: isHidden };
  if (isWriter === undefined) {
    cluster.removeAlias(old, alias);
    cluster.setAlias(young, alias, hidden);
    return;
  }
  cluster.setAlias(old, alias, { ...hidden, is_write_index: false });
  cluster.setAlias(young, alias, { ...hidden, is_write_index: true });
}

/** All of `min_*` and one of `max_*`, or no condition at all. */
function isSatisfied(met: readonly (readonly [Condition, boolean])[]): boolean {
  if (met.length === 0) return true;
  const least = met.filter(([{ name }]) => name.startsWith("min_"));
  const most = met.filter(([{ name }]) => name.startsWith("max_"));
  return least.every(([, isMet]) => isMet) && most.some(([, isMet]) => isMet);
}

/** @throws {EsError} 400 where the template of the new index has the alias, too */
function checkTemplate(cluster: Cluster, name: string, alias: string): void {
  const winner = cluster.templates.winnerFor(name);
  if (winner === undefined) return;
  const layers = cluster.templates.layersOf(winner.template);
  const aliases = layers.flatMap(({ aliases: own }) => Object.keys(own ?? {}));
  if (!aliases.includes(alias)) return;
  throw illegalArgument(
    `Rollover alias [${alias}] can point to multiple indices, found duplicated alias [[${aliases.join(", ")}]] in index template [${winner.name}]`,
  );
}
