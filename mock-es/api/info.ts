import type { estypes } from "@elastic/elasticsearch";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";

/** `GET /` and `HEAD /`. */
export const infoRoutes: readonly Route[] = [
  ...routesOf("info", "none", ["GET /"], info),
  ...routesOf("ping", "none", ["HEAD /"], info),
];

function info(_request: EsRequest, cluster: Cluster): EsReply {
  const { profile } = cluster;
  const value: estypes.InfoResponse = {
    name: profile.nodeName,
    cluster_name: profile.clusterName,
    cluster_uuid: cluster.uuid,
    version: {
      number: profile.version,
      build_flavor: "default",
      build_type: "tar",
      build_hash: profile.buildHash,
      build_date: profile.buildDate,
      build_snapshot: false,
      lucene_version: profile.luceneVersion,
      minimum_wire_compatibility_version: profile.minimumWire,
      minimum_index_compatibility_version: profile.minimumIndex,
    },
    tagline: "You Know, for Search",
  };
  return jsonReply(value);
}
