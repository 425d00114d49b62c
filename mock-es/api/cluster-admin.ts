/** The cluster as a whole. */
import type { estypes } from "@elastic/elasticsearch";
import { illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";

/** Pending tasks; licence and X-Pack information. */
export const clusterAdminRoutes: readonly Route[] = [
  ...routesOf("cluster.pending_tasks", "none", ["GET /_cluster/pending_tasks"], pendingTasks),
  ...routesOf("license.get", "none", ["GET /_license"], license),
  ...routesOf("xpack.info", "none", ["GET /_xpack"], xpack),
];

function pendingTasks(): EsReply {
  const value: estypes.ClusterPendingTasksResponse = { tasks: [] };
  return jsonReply(value);
}

/** Milliseconds since the mock was started. */
export function uptimeMs(cluster: Cluster): number {
  return Math.max(0, cluster.entropy.nowMs() - cluster.startedMs);
}

function license(_request: EsRequest, cluster: Cluster): EsReply {
  const value: estypes.LicenseGetResponse = {
    license: {
      status: "active",
      uid: cluster.uuid,
      type: "basic",
      issue_date: new Date(cluster.startedMs).toISOString(),
      issue_date_in_millis: cluster.startedMs,
      max_nodes: 1000,
      max_resource_units: null,
      issued_to: cluster.profile.clusterName,
      issuer: "elasticsearch",
      start_date_in_millis: -1,
    },
  };
  return jsonReply(value);
}

/** Features that are there; security is, where it is switched on. */
const available: ReadonlySet<string> = new Set("data_streams enrich esql ilm slm".split(" "));

/** Features that clients ask for. */
const features =
  "aggregate_metric analytics ccr data_streams enrich eql esql frozen_indices graph ilm logstash ml monitoring rollup searchable_snapshots security slm spatial sql transform voting_only watcher".split(
    " ",
  );

function xpack(request: EsRequest, cluster: Cluster): EsReply {
  const categories = request.query.list("categories") ?? ["build", "license", "features"];
  for (const name of categories) {
    if (!["build", "license", "features", "_all", "_none"].includes(name)) {
      throw illegalArgument(
        `No enum constant org.elasticsearch.protocol.xpack.XPackInfoRequest.Category.${name.toUpperCase()}`,
      );
    }
  }
  const has = (name: string): boolean => categories.includes(name) || categories.includes("_all");
  return jsonReply({
    ...(has("build")
      ? { build: { hash: cluster.profile.buildHash, date: cluster.profile.buildDate } }
      : {}),
    ...(has("license")
      ? { license: { uid: cluster.uuid, type: "basic", mode: "basic", status: "active" } }
      : {}),
    ...(has("features")
      ? {
          features: Object.fromEntries(
            features.map((name) => {
              const isThere =
                available.has(name) || (name === "security" && cluster.security !== undefined);
              return [name, { available: isThere, enabled: isThere }];
            }),
          ),
        }
      : {}),
    ...(request.query.flag("human", true) ? { tagline: "You know, for X" } : {}),
  });
}
