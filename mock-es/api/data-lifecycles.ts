/** Lifecycles of data streams: kept and shown. Nothing grows old in this mock. */
import { xContentParseException } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { type JsonObject, textOf } from "../json/json-value.ts";
import { type EsReply, type EsRequest, jsonReply } from "../rest/es-request.ts";
import { type Route, routesOf } from "../rest/route.ts";
import { suggestion } from "../search/problem.ts";
import type { Cluster } from "../store/cluster.ts";
import type { DataStream, IndexState } from "../store/index-state.ts";
import { parseDuration } from "../values/duration.ts";
import { namedStreams } from "./named-streams.ts";

const path = "/_data_stream/{name}/_lifecycle";

/** `_data_stream/NAME/_lifecycle`. */
export const dataLifecycleRoutes: readonly Route[] = [
  ...routesOf("indices.get_data_lifecycle", "none", [`GET ${path}`], get),
  ...routesOf("indices.put_data_lifecycle", "optional", [`PUT ${path}`], put),
  ...routesOf("indices.delete_data_lifecycle", "none", [`DELETE ${path}`], remove),
];

const members = ["data_retention", "downsampling", "downsampling_method", "enabled"];

function get(request: EsRequest, cluster: Cluster): EsReply {
  request.query.flag("include_defaults", false);
  const streams = namedStreams(request, cluster);
  const shown = streams.map((stream) => ({ name: stream.name, ...shownLifecycle(stream) }));
  return jsonReply({ data_streams: shown, global_retention: {} });
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
  for (const stream of namedStreams(request, cluster))
    stream.lifecycle = { enabled: true, ...body };
  return jsonReply({ acknowledged: true });
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  for (const stream of namedStreams(request, cluster)) stream.lifecycle = undefined;
  return jsonReply({ acknowledged: true });
}

/** The member `lifecycle` of a data stream. */
export function shownLifecycle({ lifecycle }: DataStream): JsonObject {
  if (lifecycle === undefined) return {};
  const retention = lifecycle["data_retention"];
  const effective =
    retention === undefined
      ? {}
      : {
          effective_retention: retention,
          retention_determined_by: "data_stream_configuration",
        };
  return { lifecycle: { ...lifecycle, ...effective } };
}

/** Who sees to an index of a data stream, where anybody did. */
export function managerOf(stream: DataStream, index: IndexState | undefined): JsonObject {
  const policy = index?.settings.text("index.lifecycle.name");
  if (policy !== undefined) return { ilm_policy: policy, managed_by: "Index Lifecycle Management" };
  const isManaged = stream.lifecycle !== undefined && stream.lifecycle["enabled"] !== false;
  return { managed_by: isManaged ? "Data stream lifecycle" : "Unmanaged" };
}
