import type { estypes } from "@elastic/elasticsearch";
import { illegalArgument, indexNotFound } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import {
  namesIn,
  namesToResolve,
  searchIndexOptions,
  sortedIndices,
} from "../store/index-expression.ts";
import type { IndexOptions } from "../store/index-options.ts";
import type { IndexState } from "../store/index-state.ts";
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
  const wanted = wantedNames(cluster, request.pathParameters["name"] ?? "", options);
  const modes = request.query.list("mode");
  const unknown = modes?.find((mode) => !indexModes.includes(mode));
  if (unknown !== undefined) {
    const reason = `[${unknown}] is an invalid index mode, valid modes are: [${indexModes.join(",")}]`;
    throw illegalArgument(reason);
  }
  const isOfMode = (index: IndexState): boolean =>
    modes === undefined || modes.includes(modeOf(index));
  const indices = sortedIndices(cluster).filter(
    (index) => wanted.has(index.name) && isOfMode(index),
  );
  const aliases = [...cluster.aliasNames()]
    .filter((name) => wanted.has(name) && [...(cluster.indicesOfAlias(name) ?? [])].some(isOfMode))
    .sort();
  const value: estypes.IndicesResolveIndexResponse = {
    indices: indices.map((index) => ({
      name: index.name,
      ...(index.aliases.size > 0 ? { aliases: [...index.aliases.keys()].sort() } : {}),
      attributes: [
        ...(index.settings.isHidden ? ["hidden"] : []),
        index.isClosed ? "closed" : "open",
      ].sort(),
      ...(index.dataStream === undefined ? {} : { data_stream: index.dataStream.name }),
      mode: modeOf(index),
    })),
    aliases: aliases.map((name) => ({
      name,
      indices: [...(cluster.indicesOfAlias(name) ?? [])].map((index) => index.name).sort(),
    })),
    data_streams: [...cluster.dataStreams.values()]
      .filter(({ name, backing }) => wanted.has(name) && backing.some(isOfMode))
      .map(({ name, backing }) => ({
        name,
        backing_indices: backing.map((index) => index.name),
        timestamp_field: "@timestamp",
      })),
  };
  return jsonReply(value);
}

const indexModes = [
  "standard",
  "time_series",
  "logsdb",
  "lookup",
  "columnar",
  "logsdb_columnar",
  "vectordb_document",
];

function modeOf({ settings }: IndexState): "lookup" | "standard" {
  return settings.text("index.mode") === "lookup" ? "lookup" : "standard";
}

/** The names of indices, aliases and data streams that an expression leads to. */
function wantedNames(
  cluster: Cluster,
  expression: string,
  options: IndexOptions,
): ReadonlySet<string> {
  const wanted = new Set<string>();
  const isExpanded = options.expandOpen || options.expandClosed;
  const aliases = [...cluster.aliasNames()];
  // Commas alone are no names here, but are every index for security.
  const isNothing = cluster.access === undefined && namesIn(expression).length === 0;
  const names = isNothing ? [] : namesToResolve(cluster, expression, options);
  for (const entry of names) {
    const name = entry === "_all" ? "*" : entry;
    const fits = simplePattern(name.startsWith("-") ? name.slice(1) : name);
    if (name.startsWith("-") && name.length > 1) {
      for (const one of wanted) if (fits.test(one)) wanted.delete(one);
    } else if (name.includes("*") && isExpanded) {
      const indices = sortedIndices(cluster).filter((index) => isShown(index, options));
      for (const one of [...indices, ...cluster.dataStreams.values()])
        if (fits.test(one.name)) wanted.add(one.name);
      for (const alias of aliases) if (fits.test(alias)) wanted.add(alias);
    } else if (
      cluster.indices.has(name) ||
      cluster.dataStreams.has(name) ||
      aliases.includes(name)
    ) {
      wanted.add(name);
    } else if (!options.ignoreUnavailable) throw indexNotFound(name);
  }
  return wanted;
}

function isShown({ isClosed, settings }: IndexState, options: IndexOptions): boolean {
  if (isClosed ? !options.expandClosed : !options.expandOpen) return false;
  return !settings.isHidden || options.expandHidden;
}
