/** The data streams that a request names. */
import { notSupported } from "../es-error.ts";
import type { EsRequest } from "../rest/es-request.ts";
import type { Cluster } from "../store/cluster.ts";
import { excludedStream } from "../store/data-streams.ts";
import type { DataStream } from "../store/index-state.ts";
import { simplePattern } from "../text/simple-pattern.ts";

/**
 * The data streams of the path, by name.
 *
 * @throws {EsError} 404 for a name without `*` that no data stream has
 */
export function namedStreams(request: EsRequest, cluster: Cluster): DataStream[] {
  const wildcards = request.query.list("expand_wildcards");
  // Streams are open, and patterns lead to hidden ones, too.
  const isAll = wildcards?.includes("all") ?? true;
  if (!isAll && !(wildcards?.includes("open") === true && wildcards.includes("hidden")))
    throw notSupported(`[expand_wildcards] of data streams but [all]`);
  const names = (request.pathParameters["name"] ?? "*").split(",");
  for (const name of names)
    if (!name.includes("*") && !cluster.dataStreams.has(name)) throw excludedStream(name);
  const patterns = names.map(simplePattern);
  return [...cluster.dataStreams.values()]
    .filter(({ name }) => patterns.some((pattern) => pattern.test(name)))
    .filter(({ name }) => cluster.access?.allows(name) ?? true)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
