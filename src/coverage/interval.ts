/** What nodes have served between two looks at their counters, by who asked. */
import { shownText } from "../audit/redact/shown-text.ts";
import type { HttpClientStats, NodeHttpStats } from "../elasticsearch/stats/http-stats-reader.ts";
import { placesOf } from "../elasticsearch/sniff/publish-address.ts";
import type { ConnectionPurpose } from "../upstream/own-connections.ts";

/** Requests of a client that went past this proxy, on one connection. */
export interface BypassingRequests {
  readonly address: string;
  readonly agent: string;
  readonly opaqueId: string;
  readonly node: string;
  readonly requests: number;
}

/** Requests by who asked. */
export interface Interval {
  /** Through connections of this proxy. */
  readonly relayed: number;
  /** Of this proxy itself: health checks, and these looks. */
  readonly own: number;
  /** From addresses that need no record here. */
  readonly exempt: number;
  readonly bypassed: number;
  readonly bypassing: readonly BypassingRequests[];
  /** Connections that were opened and forgotten between the two looks: nothing is known of them. */
  readonly lostConnections: number;
}

/** How this proxy's connections are told from others. */
export interface OwnEnds {
  /** By `ip:port`; for endpoints that see the addresses as they are here. */
  readonly places: ReadonlyMap<string, ConnectionPurpose>;
  /**
   * Addresses that belong to this proxy alone, where something between translates them; empty:
   * nothing does.
   */
  readonly addresses: ReadonlySet<string>;
  /** Addresses whose requests need no record here. */
  readonly exempt: { has(address: string): boolean };
}

interface KnownNode {
  readonly totalOpened: number;
  /** Requests by connection. */
  readonly requests: ReadonlyMap<string, number>;
}

/** Nodes that are remembered when they are gone for a while. */
const maxNodes = 1000;

/** Compares each look at the counters with the one before. */
export class RequestCounts {
  readonly #known = new Map<string, KnownNode>();

  /**
   * What a node tells for the first time has nothing to be compared with.
   *
   * @returns `undefined` when this is so of all nodes
   */
  next(nodes: readonly NodeHttpStats[], own: OwnEnds): Interval | undefined {
    const known = this.#known;
    const tally = new Tally(own);
    let isCompared = false;
    if (nodes.every(({ clients }) => clients === undefined)) return undefined;
    for (const node of nodes) {
      // `filter_path` leaves empty lists out: a node without clients tells of none.
      const { clients = [] } = node;
      const old = known.get(node.id);
      const totalOpened = node.totalOpened ?? 0;
      const requests = new Map(clients.map((client) => [keyOf(client), client.requests]));
      // The nodes that were seen last stand last.
      known.delete(node.id);
      known.set(node.id, { totalOpened, requests });
      if (old === undefined) continue;
      isCompared = true;
      compare(node, clients, totalOpened, old, tally);
    }
    for (const id of known.keys()) if (known.size > maxNodes) known.delete(id);
    return isCompared ? tally.interval() : undefined;
  }
}

function compare(
  node: NodeHttpStats,
  clients: readonly HttpClientStats[],
  totalOpened: number,
  old: KnownNode,
  tally: Tally,
): void {
  // Counters that have become smaller are those of a node that was started again.
  const isSame = old.totalOpened <= totalOpened;
  let fresh = 0;
  for (const client of clients) {
    const earlier = isSame ? old.requests.get(keyOf(client)) : undefined;
    if (earlier === undefined) fresh += 1;
    const requests = client.requests - (earlier ?? 0);
    if (requests > 0) tally.add(node, client, requests);
  }
  tally.lostConnections += Math.max(0, totalOpened - (isSame ? old.totalOpened : 0) - fresh);
}

/**
 * Ids are identity hashes of 31 bits: of 10,000 connections, two have the same one on every
 * fiftieth node.
 */
function keyOf({ id, remoteAddress }: HttpClientStats): string {
  return `${id} ${remoteAddress}`;
}

class Tally {
  lostConnections = 0;
  readonly #own: OwnEnds;
  readonly #bypassing: BypassingRequests[] = [];
  #relayed = 0;
  #ownRequests = 0;
  #exempt = 0;
  #bypassed = 0;

  constructor(own: OwnEnds) {
    this.#own = own;
  }

  add(node: NodeHttpStats, client: HttpClientStats, requests: number): void {
    const { places, addresses, exempt } = this.#own;
    const purpose = places.get(client.remoteAddress);
    const address = placesOf(client.remoteAddress)[0]?.host ?? client.remoteAddress;
    if (purpose === "own") this.#ownRequests += requests;
    else if (purpose === "relay" || addresses.has(address)) this.#relayed += requests;
    else if (exempt.has(address)) this.#exempt += requests;
    else {
      this.#bypassed += requests;
      const agent = shownText(client.agent);
      const opaqueId = shownText(client.opaqueId);
      this.#bypassing.push({ address, agent, opaqueId, node: node.name, requests });
    }
  }

  interval(): Interval {
    return {
      relayed: this.#relayed,
      own: this.#ownRequests,
      exempt: this.#exempt,
      bypassed: this.#bypassed,
      bypassing: this.#bypassing,
      lostConnections: this.lostConnections,
    };
  }
}
