/** Denials of requests for several documents, which are asked of their shards. */
import { EsError } from "../es-error.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveDateMath } from "../store/date-math-name.ts";

/** Where a document is asked for. */
export interface DocumentPlace {
  readonly index: string;
  readonly id: string;
  readonly routing: string | undefined;
}

/** The denial of each document: where one name is denied, the whole request to the shard is. */
export function denialsByShard(
  cluster: Cluster,
  wanted: readonly DocumentPlace[],
): readonly (EsError | undefined)[] {
  const { access } = cluster;
  if (access === undefined) return [];
  const shards = wanted.map((place) => shardOf(cluster, place));
  const denials = new Map<string, EsError>();
  for (const shard of new Set(shards)) {
    const names = wanted.filter((_, at) => shards[at] === shard).map(({ index }) => index);
    try {
      if (shard !== "") access.check(names);
    } catch (error) {
      if (error instanceof EsError) denials.set(shard, error);
    }
  }
  return shards.map((shard) => denials.get(shard));
}

/** Index and number of the shard that has a document; empty for what is in no one index. */
function shardOf(cluster: Cluster, { index: given, id, routing }: DocumentPlace): string {
  const name = nameOf(cluster, given);
  const members = [...(cluster.indicesOfAlias(name) ?? [])];
  const index = cluster.indices.get(name) ?? (members.length === 1 ? members[0] : undefined);
  // What is closed has no shards to be asked.
  return index === undefined || index.isClosed
    ? ""
    : `${index.name}/${index.shardNumber(id, routing)}`;
}

/** The name that a refusal is told of: what a shard refuses names its index. */
export function refusedName(cluster: Cluster, name: string, { type }: EsError): string {
  if (type !== "security_exception") return name;
  const [member] = cluster.indicesOfAlias(name) ?? [];
  return member?.name ?? nameOf(cluster, name);
}

/** The name that a date in it makes; one that cannot be read is that of no index. */
function nameOf(cluster: Cluster, given: string): string {
  try {
    return resolveDateMath(cluster, given);
  } catch (error) {
    if (error instanceof EsError) return given;
    throw error;
  }
}
