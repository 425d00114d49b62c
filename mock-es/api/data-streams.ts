/** `_data_stream`. */
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { healthOf } from "../store/cluster-health.ts";
import { settingsOfLayers } from "../store/index-builder.ts";
import type { DataStream } from "../store/index-state.ts";
import { managerBy, managerOf, shownLifecycle } from "./data-lifecycles.ts";
import { namedStreams } from "./named-streams.ts";
import { dataStreamStats } from "./data-stream-stats.ts";

/** Data streams. */
export const dataStreamRoutes: readonly Route[] = [
  ...routesOf("indices.create_data_stream", "none", ["PUT /_data_stream/{name}"], create),
  ...routesOf(
    "indices.get_data_stream",
    "none",
    ["GET /_data_stream", "GET /_data_stream/{name}"],
    get,
  ),
  ...routesOf(
    "indices.data_streams_stats",
    "none",
    ["GET /_data_stream/_stats", "GET /_data_stream/{name}/_stats"],
    stats,
  ),
  ...routesOf("indices.delete_data_stream", "none", ["DELETE /_data_stream/{name}"], remove),
];

function stats(request: EsRequest, cluster: Cluster): EsReply {
  return jsonReply(dataStreamStats(namedStreams(request, cluster), request.query));
}

const acknowledged = { acknowledged: true };

function create(request: EsRequest, cluster: Cluster): EsReply {
  cluster.createDataStream(request.pathParameters["name"] ?? "");
  return jsonReply(acknowledged);
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const streams = namedStreams(request, cluster);
  const hasDefaults = request.query.flag("include_defaults", false);
  const shown = streams.map((stream) => render(cluster, stream, hasDefaults));
  return jsonReply({ data_streams: shown });
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  for (const stream of namedStreams(request, cluster)) cluster.deleteDataStream(stream);
  return jsonReply(acknowledged);
}

function render(
  cluster: Cluster,
  stream: DataStream,
  hasDefaults: boolean,
): Record<string, unknown> {
  const statuses = stream.backing.map(healthOf);
  const status = ["red", "yellow"].find((wanted) => statuses.some((one) => one === wanted));
  const winner = cluster.templates.winnerFor(stream.name);
  const layers = winner === undefined ? [] : cluster.templates.layersOf(winner.template);
  const {
    managed_by: manager,
    ilm_policy: policy,
    prefer_ilm: prefersPolicy,
  } = managerBy(stream, settingsOfLayers(layers));
  return {
    name: stream.name,
    timestamp_field: { name: "@timestamp" },
    indices: stream.backing.map((index) => ({
      index_name: index.name,
      index_uuid: index.uuid,
      ...managerOf(stream, index),
      index_mode: index.settings.text("index.mode") ?? "standard",
    })),
    generation: stream.generation,
    ...(stream.meta === undefined ? {} : { _meta: stream.meta }),
    status: (status ?? "green").toUpperCase(),
    ...(winner === undefined ? {} : { template: winner.name }),
    ...shownLifecycle(cluster, stream, hasDefaults),
    ...(policy === undefined ? {} : { ilm_policy: policy }),
    next_generation_managed_by: manager,
    prefer_ilm: prefersPolicy,
    hidden: stream.options.hidden,
    system: false,
    allow_custom_routing: stream.options.allow_custom_routing,
    replicated: false,
    rollover_on_write: false,
    settings: {},
    failure_store: { enabled: false, rollover_on_write: true, indices: [] },
  };
}
