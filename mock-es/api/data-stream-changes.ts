/** `_modify` and `_migrate`: indices that become those of a data stream, and cease to be. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { type Route, routesOf } from "../rest/route.ts";
import { checkKnown } from "../search/known-members.ts";
import type { Cluster } from "../store/cluster.ts";
import { checkTimestampField, isOfStreams, timestampMark } from "../store/data-streams.ts";
import type { DataStream, IndexState } from "../store/index-state.ts";
import { streamTemplate } from "../store/new-data-stream.ts";

/** What changes the indices of data streams. */
export const dataStreamChangeRoutes: readonly Route[] = [
  ...routesOf("indices.modify_data_stream", "required", ["POST /_data_stream/_modify"], modify),
  ...routesOf(
    "indices.migrate_to_data_stream",
    "none",
    ["POST /_data_stream/_migrate/{name}"],
    migrate,
  ),
];

const kinds = ["add_backing_index", "remove_backing_index"];

/** The indices that a data stream will have. */
interface Planned {
  readonly backing: readonly IndexState[];
  readonly generation: number;
}

/** Nothing is changed before all of it is known. */
type Plan = Map<DataStream, Planned>;

function modify(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  checkKnown("data_stream_actions", body, ["actions"]);
  const { actions } = body;
  const list = Array.isArray(actions) ? (actions as readonly unknown[]) : [];
  if (list.length === 0)
    throw illegalArgument("no data stream actions specified, at least one must be specified");
  const plan: Plan = new Map();
  for (const action of list) planAction(cluster, plan, isObject(action) ? action : {});
  const changed = [...plan.keys()].flatMap((stream) => stream.backing);
  for (const [stream, { backing, generation }] of plan) {
    for (const index of backing) hide(index);
    cluster.setBacking(stream, backing);
    stream.generation = generation;
  }
  for (const index of changed)
    if (index.dataStream === undefined) index.settings.set("index.hidden", "false");
  return jsonReply({ acknowledged: true });
}

function planAction(cluster: Cluster, plan: Plan, action: JsonObject): void {
  checkKnown("data_stream_action", action, kinds);
  const [kind, ...others] = Object.keys(action);
  if (others.length > 0)
    throw illegalArgument("too many data stream operations declared on operation entry");
  const given = kind === undefined ? undefined : action[kind];
  const definition = isObject(given) ? given : {};
  checkKnown(kind ?? "", definition, ["data_stream", "index", "failure_store"]);
  if (definition["failure_store"] === true) throw notSupported("failure stores");
  const streamName = textOf(definition["data_stream"] ?? null);
  const indexName = textOf(definition["index"] ?? null);
  const stream = cluster.dataStreams.get(streamName);
  if (stream === undefined) throw illegalArgument(`data stream [${streamName}] not found`);
  const index = cluster.indices.get(indexName);
  if (index === undefined) throw illegalArgument(`index [${indexName}] not found`);
  if (kind === "add_backing_index") planAddition(plan, stream, index);
  else planRemoval(plan, stream, index);
}

function planned(plan: Plan, stream: DataStream): Planned {
  return plan.get(stream) ?? stream;
}

function planAddition(plan: Plan, stream: DataStream, index: IndexState): void {
  checkBecomesBacking(index);
  const now = planned(plan, stream);
  if (now.backing.includes(index)) return;
  const shown = `cannot add index [${index.name}] to data stream [${stream.name}]`;
  const parent = [...plan].find(([, { backing }]) => backing.includes(index))?.[0];
  const owner =
    parent ??
    (index.dataStream === undefined || plan.has(index.dataStream) ? undefined : index.dataStream);
  if (owner !== undefined)
    throw illegalArgument(
      `${shown} because it is already a backing index on data stream [${owner.name}]`,
    );
  const aliases = [...index.aliases.keys()].sort();
  if (aliases.length > 0)
    throw illegalArgument(
      aliases.length === 1
        ? `${shown} until its alias [${aliases.join(",")}] is removed`
        : `${shown} until its aliases [${aliases.join(",")}] are removed`,
    );
  plan.set(stream, { backing: [index, ...now.backing], generation: now.generation + 1 });
}

function planRemoval(plan: Plan, stream: DataStream, index: IndexState): void {
  const { backing, generation } = planned(plan, stream);
  if (!backing.includes(index)) throw illegalArgument(`index [${index.name}] not found`);
  if (backing.at(-1) === index)
    throw illegalArgument(
      `cannot remove backing index [${index.name}] of data stream [${stream.name}] because it is the write index`,
    );
  const rest = backing.filter((each) => each !== index);
  plan.set(stream, { backing: rest, generation: generation + 1 });
}

/** @throws {EsError} 400 for an index that cannot be one of a data stream */
function checkBecomesBacking({ name, mappings }: IndexState): void {
  if (mappings.properties.size === 0)
    throw illegalArgument(`backing index [${name}] must have mappings for a timestamp field`);
  checkTimestampField(mappings);
}

function hide(index: IndexState): void {
  index.settings.set("index.hidden", "true");
  index.mappings.merge(timestampMark, index.nextWrite);
}

function migrate(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["name"] ?? "";
  const members = [...(cluster.indicesOfAlias(name) ?? [])];
  checkMigrates(name, members);
  const writer = writerOf(name, members);
  if (writer === undefined) throw illegalArgument(`alias [${name}] must specify a write index`);
  const isPlain = Object.keys(members[0]?.aliases.get(name) ?? {}).every((key) =>
    key.startsWith("is_"),
  );
  if (!isPlain) throw illegalArgument(`alias [${name}] may not have custom filtering or routing`);
  const shared = members.filter(({ aliases }) => aliases.size > 1);
  if (shared.length > 0)
    throw illegalArgument(
      `other aliases referencing indices [${shared.map((index) => index.name).join(",")}] must be removed before migrating to a data stream`,
    );
  for (const index of members) checkBecomesBacking(index);
  streamTemplate(cluster, name);
  for (const index of members) {
    cluster.removeAlias(index, name);
    hide(index);
  }
  const others = members.filter((index) => index !== writer);
  others.sort((one, other) => (one.name < other.name ? -1 : 1));
  cluster.createDataStream(name, [...others, writer]);
  return jsonReply({ acknowledged: true });
}

function checkMigrates(name: string, members: readonly IndexState[]): void {
  if (members.length === 0 || isOfStreams(members))
    throw illegalArgument(`alias [${name}] does not exist`);
}

function writerOf(alias: string, members: readonly IndexState[]): IndexState | undefined {
  const isWriter = ({ aliases }: IndexState): boolean | undefined =>
    aliases.get(alias)?.is_write_index;
  const [only] = members;
  const isOnly = only !== undefined && members.length === 1 && isWriter(only) === undefined;
  return members.find((index) => isWriter(index) === true) ?? (isOnly ? only : undefined);
}
