import type { estypes } from "@elastic/elasticsearch";
import { indexNotFound } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { namesIn, searchIndexOptions, sortedIndices } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";

/** `_resolve/index`. */
export const resolveRoutes: readonly Route[] = routesOf(
  "indices.resolve_index",
  "none",
  ["GET,POST /_resolve/index/{name}"],
  resolve,
);

function resolve(request: EsRequest, cluster: Cluster): EsReply {
  const options = readIndexOptions(request.query, searchIndexOptions);
  const names = namesIn(request.pathParameters["name"] ?? "").map((name) =>
    name === "_all" ? "*" : name,
  );
  const patterns = names.map(simplePattern);
  for (const name of names) {
    if (options.ignoreUnavailable) continue;
    const isExpanded = options.expandOpen || options.expandClosed;
    if (name.includes("*") && isExpanded) continue;
    if (
      !cluster.indices.has(name) &&
      !cluster.dataStreams.has(name) &&
      cluster.indicesOfAlias(name) === undefined
    )
      throw indexNotFound(name);
  }
  const isWanted = (name: string): boolean =>
    patterns.some((pattern) => pattern.test(name)) && (cluster.access?.allows(name) ?? true);
  const indices = sortedIndices(cluster).filter((index) => {
    if (!isWanted(index.name)) return false;
    if (names.includes(index.name)) return true;
    if (index.isClosed ? !options.expandClosed : !options.expandOpen) return false;
    return !index.settings.isHidden || options.expandHidden;
  });
  const aliases = [...cluster.aliasNames()].filter(isWanted).sort();
  const value: estypes.IndicesResolveIndexResponse = {
    indices: indices.map((index) => ({
      name: index.name,
      ...(index.aliases.size > 0 ? { aliases: [...index.aliases.keys()].sort() } : {}),
      attributes: [
        index.isClosed ? "closed" : "open",
        ...(index.settings.isHidden ? ["hidden"] : []),
      ],
      mode: "standard",
    })),
    aliases: aliases.map((name) => ({
      name,
      indices: [...(cluster.indicesOfAlias(name) ?? [])].map((index) => index.name).sort(),
    })),
    data_streams: [...cluster.dataStreams.values()]
      .filter(({ name }) => isWanted(name))
      .map(({ name, backing }) => ({
        name,
        backing_indices: backing.map((index) => index.name),
        timestamp_field: "@timestamp",
      })),
  };
  return jsonReply(value);
}
