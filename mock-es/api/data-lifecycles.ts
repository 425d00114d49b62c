/** Lifecycles of data streams: kept and shown. Nothing grows old in this mock. */
import { xContentParseException } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { type JsonObject, textOf } from "../json/json-value.ts";
import { type EsReply, type EsRequest, jsonReply } from "../rest/es-request.ts";
import { humanTime } from "../rest/human-units.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { type Route, routesOf } from "../rest/route.ts";
import { warningHeader } from "../rest/warning.ts";
import { suggestion } from "../search/problem.ts";
import type { Cluster } from "../store/cluster.ts";
import { writeIndexOf } from "../store/data-streams.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexSettings } from "../store/index-settings.ts";
import type { DataStream, IndexState } from "../store/index-state.ts";
import { parseDuration } from "../values/duration.ts";
import { globalRetention, retentionOf, retentionWarning, shownRollover } from "./data-retention.ts";
import { namedStreams } from "./named-streams.ts";

const path = "/_data_stream/{name}/_lifecycle";

/** Lifecycles of data streams, and what they mean for indices. */
export const dataLifecycleRoutes: readonly Route[] = [
  ...routesOf("indices.get_data_lifecycle", "none", [`GET ${path}`], get),
  ...routesOf("indices.put_data_lifecycle", "optional", [`PUT ${path}`], put),
  ...routesOf("indices.delete_data_lifecycle", "none", [`DELETE ${path}`], remove),
  ...routesOf(
    "indices.explain_data_lifecycle",
    "none",
    ["GET /{index}/_lifecycle/explain"],
    explain,
  ),
];

const members = ["data_retention", "downsampling", "downsampling_method", "enabled"];

function get(request: EsRequest, cluster: Cluster): EsReply {
  const hasDefaults = request.query.flag("include_defaults", false);
  const shown = namedStreams(request, cluster).map((stream) => ({
    name: stream.name,
    ...shownLifecycle(cluster, stream, hasDefaults),
  }));
  return jsonReply({ data_streams: shown, global_retention: globalRetention(cluster) });
}

function put(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  for (const key of Object.keys(body)) {
    if (members.includes(key)) continue;
    const reason = `[data_stream_lifecycle] unknown field [${key}]${suggestion(key, members)}`;
    throw xContentParseException(reason).at(body, key, "key");
  }
  const retention = body["data_retention"];
  if (retention !== undefined) parseDuration(textOf(retention), "data_retention");
  const streams = namedStreams(request, cluster);
  const lifecycle = { enabled: true, ...body };
  for (const stream of streams) stream.lifecycle = lifecycle;
  const isInternal = streams.every(({ name }) => name.startsWith("."));
  const warning = isInternal ? undefined : retentionWarning(cluster, lifecycle);
  const headers = warning === undefined ? undefined : warningHeader(cluster, warning);
  return jsonReply({ acknowledged: true }, 200, headers);
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  for (const stream of namedStreams(request, cluster)) stream.lifecycle = undefined;
  return jsonReply({ acknowledged: true });
}

function explain(request: EsRequest, cluster: Cluster): EsReply {
  const hasDefaults = request.query.flag("include_defaults", false);
  const isHuman = request.query.flag("human", false);
  const options = readIndexOptions(request.query, searchIndexOptions);
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  const shown = indices.map((index) => [
    index.name,
    explained(cluster, index, hasDefaults, isHuman),
  ]);
  return jsonReply({ indices: Object.fromEntries(shown) as JsonObject });
}

function explained(
  cluster: Cluster,
  index: IndexState,
  hasDefaults: boolean,
  isHuman: boolean,
): JsonObject {
  const { name, dataStream, createdMs, rolledOverMs } = index;
  const manager = dataStream === undefined ? undefined : managerOf(dataStream, index);
  if (dataStream === undefined || manager?.["managed_by"] !== byLifecycle)
    return { index: name, managed_by_lifecycle: false };
  const since = (ms: number): string => humanTime(cluster.entropy.nowMs() - ms);
  const date = (key: string, ms: number): JsonObject => ({
    ...(isHuman ? { [key]: new Date(ms).toISOString() } : {}),
    [`${key}_millis`]: ms,
  });
  const isWritten = writeIndexOf(dataStream) === index;
  return {
    index: name,
    managed_by_lifecycle: true,
    ...date("index_creation_date", createdMs),
    time_since_index_creation: since(createdMs),
    ...(rolledOverMs === undefined
      ? {}
      : { ...date("rollover_date", rolledOverMs), time_since_rollover: since(rolledOverMs) }),
    ...(isWritten ? {} : { generation_time: since(rolledOverMs ?? createdMs) }),
    ...shownLifecycle(cluster, dataStream, hasDefaults),
  };
}

/**
 * The member `lifecycle` of a data stream.
 *
 * @param hasDefaults with when its indices would be rolled over
 */
export function shownLifecycle(
  cluster: Cluster,
  { name, lifecycle }: DataStream,
  hasDefaults = false,
): JsonObject {
  if (lifecycle === undefined) return {};
  const { retention, source } = retentionOf(cluster, lifecycle, name.startsWith(".")) ?? {};
  const effective =
    retention === undefined
      ? {}
      : { effective_retention: retention, retention_determined_by: source };
  const rollover = hasDefaults ? { rollover: shownRollover(cluster, retention) } : {};
  return { lifecycle: { ...lifecycle, ...effective, ...rollover } };
}

const byLifecycle = "Data stream lifecycle";

/** Who sees to an index of a data stream, where anybody did. */
export function managerOf(stream: DataStream, index: IndexState): JsonObject {
  return managerBy(stream, index.settings);
}

/** As {@link managerOf}, for an index of these settings. */
export function managerBy({ lifecycle }: DataStream, settings: IndexSettings): JsonObject {
  const policy = settings.text("index.lifecycle.name");
  const prefersPolicy = settings.text("index.lifecycle.prefer_ilm") !== "false";
  const isManaged = lifecycle !== undefined && lifecycle["enabled"] !== false;
  const unlessPolicy = isManaged ? byLifecycle : "Unmanaged";
  const isByPolicy = policy !== undefined && (prefersPolicy || !isManaged);
  return {
    prefer_ilm: prefersPolicy,
    ...(policy === undefined ? {} : { ilm_policy: policy }),
    managed_by: isByPolicy ? "Index Lifecycle Management" : unlessPolicy,
  };
}
