/** `_data_stream`. */
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { healthOf } from "../store/cluster-health.ts";
import type { DataStream } from "../store/index-state.ts";
import { managerOf, shownLifecycle } from "./data-lifecycles.ts";
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
  return jsonReply({ data_streams: streams.map(render) });
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  for (const stream of namedStreams(request, cluster)) cluster.deleteDataStream(stream);
  return jsonReply(acknowledged);
}

function render(stream: DataStream): Record<string, unknown> {
  const statuses = stream.backing.map(healthOf);
  const status = ["red", "yellow"].find((wanted) => statuses.some((one) => one === wanted));
  const youngest = managerOf(stream, stream.backing.at(-1));
  const { managed_by: manager, ilm_policy: policy } = youngest;
  return {
    name: stream.name,
    timestamp_field: { name: "@timestamp" },
    indices: stream.backing.map((index) => ({
      index_name: index.name,
      index_uuid: index.uuid,
      prefer_ilm: true,
      ...managerOf(stream, index),
      index_mode: index.settings.text("index.mode") ?? "standard",
    })),
    generation: stream.generation,
    status: (status ?? "green").toUpperCase(),
    template: stream.template,
    ...shownLifecycle(stream),
    ...(policy === undefined ? {} : { ilm_policy: policy }),
    next_generation_managed_by: manager,
    prefer_ilm: true,
    hidden: stream.options.hidden,
    system: false,
    allow_custom_routing: stream.options.allow_custom_routing,
    replicated: false,
    rollover_on_write: false,
  };
}
