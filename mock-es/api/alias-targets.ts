/** What requests about aliases name: indices, data streams or both. */
import { illegalArgument } from "../es-error.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import type { Cluster } from "../store/cluster.ts";
import { namesToResolve, resolveIndices } from "../store/index-expression.ts";
import type { DataStream, IndexState } from "../store/index-state.ts";
import { metadataOptions } from "./indices.ts";
import { streamsNamed } from "./named-streams.ts";

/** Indices that belong to no data stream, and data streams. */
export interface AliasTargets {
  readonly indices: readonly IndexState[];
  readonly streams: readonly DataStream[];
}

const targetOptions = {
  ...metadataOptions,
  expandClosed: false,
  allowAliases: false,
  allowNoIndices: false,
};

/**
 * What names and patterns lead to.
 *
 * @throws {EsError} 404 for what is not there, 400 for an alias or an index of a data stream
 */
export function aliasTargets(cluster: Cluster, names: readonly string[]): AliasTargets {
  const expression = names.join(",");
  const all = resolveIndices(cluster, expression, targetOptions);
  const indices = all.filter(({ dataStream }) => dataStream === undefined);
  const streams = streamsNamed(cluster, namesToResolve(cluster, expression, targetOptions), false);
  const inner = all.find(({ dataStream }) => dataStream !== undefined)?.dataStream;
  if (inner !== undefined && streams.length === 0)
    throw illegalArgument(
      `The provided expressions [${expression}] match a backing index belonging to data stream [${inner.name}]. Data stream backing indices don't support aliases.`,
    );
  return { indices, streams };
}

const unsupported = ["routing", "index_routing", "search_routing", "is_hidden"] as const;

/**
 * Checks that an alias can be given to all of the targets.
 *
 * @param given how they were named
 * @throws {EsError} 400
 */
export function checkAliasTargets(
  { indices, streams }: AliasTargets,
  definition: JsonObject,
  given: readonly string[],
): void {
  if (streams.length === 0) return;
  const wrong = unsupported.find((member) => (definition[member] ?? null) !== null);
  if (wrong !== undefined)
    throw illegalArgument(`aliases that point to data streams don't support ${wrong}`);
  if (indices.length > 0)
    throw illegalArgument(
      `expressions [${given.join(", ")}] that match with both data streams and regular indices are disallowed`,
    );
}

/** Gives an alias to a data stream; what is not said stays as it was. */
export function setStreamAlias(
  cluster: Cluster,
  stream: DataStream,
  alias: string,
  definition: JsonObject,
): void {
  const { filter, is_write_index: given } = definition;
  const earlier = stream.aliases.get(alias);
  const isWriter =
    given === undefined ? earlier?.is_write_index : given === true || given === "true";
  // Of several data streams the last one that is named is written to.
  if (isWriter === true)
    for (const other of cluster.dataStreams.values()) {
      const { is_write_index: wasWriter, ...rest } = other.aliases.get(alias) ?? {};
      if (wasWriter === true) cluster.setAlias(other, alias, rest);
    }
  const kept = isObject(filter) && Object.keys(filter).length > 0 ? filter : earlier?.filter;
  cluster.setAlias(stream, alias, {
    ...(isWriter === true ? { is_write_index: true } : {}),
    ...(kept === undefined ? {} : { filter: kept }),
  });
}
