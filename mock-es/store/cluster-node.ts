/** The nodes of a mock cluster. */
import { HttpClients } from "./http-clients.ts";
import type { Entropy, Identifiers } from "./identifiers.ts";

/**
 * A node. The first one is the master and holds all shards; the others coordinate only: they answer
 * everything, and no replica finds a place on them.
 */
export interface ClusterNode {
  readonly id: string;
  readonly name: string;
  /** True for the first one. */
  readonly holdsData: boolean;
  /** `node.attr.*`: names that allocation and requests may choose nodes by. */
  readonly attributes: Readonly<Record<string, string>>;
  /** `host:port` of its HTTP listener; filled in once it listens. */
  httpAddress: string;
  readonly http: HttpClients;
}

/**
 * @param name of the first one; the others are numbered from 2
 * @param attributes of each of them
 */
export function makeNodes(
  count: number,
  name: string,
  entropy: Entropy,
  identifiers: Identifiers,
  attributes: Readonly<Record<string, string>>,
): [ClusterNode, ...ClusterNode[]] {
  const make = (index: number): ClusterNode => ({
    id: identifiers.uuid(),
    name: index === 0 ? name : `${name}-${index + 1}`,
    holdsData: index === 0,
    attributes,
    httpAddress: "127.0.0.1:9200",
    http: new HttpClients(
      () => entropy.nowMs(),
      () => Math.floor(entropy.random() * 2 ** 31),
    ),
  });
  return [make(0), ...Array.from({ length: count - 1 }, (_, index) => make(index + 1))];
}
