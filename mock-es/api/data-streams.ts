/** `_data_stream`. */
import { type EsError, notSupported } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { healthOf } from "../store/cluster-health.ts";
import { excludedStream } from "../store/data-streams.ts";
import type { DataStream } from "../store/index-state.ts";
import { simplePattern } from "../text/simple-pattern.ts";

/** Data streams. */
export const dataStreamRoutes: readonly Route[] = [
  ...routesOf("indices.create_data_stream", "none", ["PUT /_data_stream/{name}"], create),
  ...routesOf(
    "indices.get_data_stream",
    "none",
    ["GET /_data_stream", "GET /_data_stream/{name}"],
    get,
  ),
  ...routesOf("indices.delete_data_stream", "none", ["DELETE /_data_stream/{name}"], remove),
];

const acknowledged = { acknowledged: true };

function create(request: EsRequest, cluster: Cluster): EsReply {
  cluster.createDataStream(request.pathParameters["name"] ?? "");
  return jsonReply(acknowledged);
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const streams = named(request, cluster);
  return jsonReply({ data_streams: streams.map(render) });
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  for (const stream of named(request, cluster)) cluster.deleteDataStream(stream);
  return jsonReply(acknowledged);
}

/** @throws {EsError} 404 for a name without `*` that no data stream has */
function named(request: EsRequest, cluster: Cluster): DataStream[] {
  const wildcards = request.query.list("expand_wildcards");
  // Streams are open, and patterns lead to hidden ones, too.
  const isAll = wildcards?.includes("all") ?? true;
  if (!isAll && !(wildcards?.includes("open") === true && wildcards.includes("hidden")))
    throw notSupported(`[expand_wildcards] of data streams but [all]`);
  const names = (request.pathParameters["name"] ?? "*").split(",");
  for (const name of names)
    if (!name.includes("*") && !cluster.dataStreams.has(name)) throw missing(name);
  const patterns = names.map(simplePattern);
  return [...cluster.dataStreams.values()]
    .filter(({ name }) => patterns.some((pattern) => pattern.test(name)))
    .filter(({ name }) => cluster.access?.allows(name) ?? true)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function missing(name: string): EsError {
  return excludedStream(name);
}

function render(stream: DataStream): Record<string, unknown> {
  const statuses = stream.backing.map(healthOf);
  const status = ["red", "yellow"].find((wanted) => statuses.some((one) => one === wanted));
  return {
    name: stream.name,
    timestamp_field: { name: "@timestamp" },
    indices: stream.backing.map(({ name, uuid }) => ({ index_name: name, index_uuid: uuid })),
    generation: stream.generation,
    status: (status ?? "green").toUpperCase(),
    template: stream.template,
    hidden: stream.options.hidden,
    system: false,
    allow_custom_routing: stream.options.allow_custom_routing,
    replicated: false,
    rollover_on_write: false,
  };
}
