/** Which requests ask Elasticsearch for the HTTP addresses of its nodes. */
import type { ApiMatch } from "../api/api-endpoint.ts";
import { queryParameter } from "../api/query-parameter.ts";
import { decodePathPart } from "../names/path-part.ts";

/** Metrics of the nodes info API that hold no HTTP address (`NodesInfoMetrics.Metric`). */
const otherMetrics: ReadonlySet<string> = new Set([
  "settings",
  "os",
  "process",
  "jvm",
  "thread_pool",
  "transport",
  "remote_cluster_server",
  "plugins",
  "ingest",
  "aggregations",
  "indices",
  "_none",
]);

/**
 * True for a call of the nodes info API whose answer holds HTTP addresses, as clients that sniff
 * make it: `_nodes/http` (Go, Java, .NET, Ruby, Rust, Hadoop), `_nodes/_all/http` (JavaScript,
 * Python), `_nodes` (PHP), with any node filter, other metrics beside it and any parameters.
 */
export function asksForAddresses({ endpoint, path, query }: ApiMatch): boolean {
  if (endpoint.name !== "nodes.info") return false;
  const parts = path
    .slice(path.indexOf("_nodes"))
    .split("/")
    .filter((part) => part !== "");
  const metrics = decodePathPart(parts.at(-1) ?? "").split(",");
  // `_nodes/{x}` is a list of metrics where all its words are metrics, else one of nodes with every
  // metric (`RestNodesInfoAction.prepareRequest`).
  // `metrics` of the query counts where the path has none.
  const isAsked = queryParameter(query, "metrics") !== undefined;
  return isAsked || parts.length === 1 || !metrics.every((name) => otherMetrics.has(name));
}
