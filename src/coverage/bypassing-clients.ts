/** The clients that were seen to ask nodes directly. */
import type { BypassingClient } from "./coverage-status.ts";
import type { BypassingRequests } from "./interval.ts";

/** Clients that are remembered; the one that was seen longest ago makes room. */
const maxClients = 1000;
const maxShown = 50;
const maxNodes = 10;

/** Sums what bypassing clients asked for, by address and agent. */
export class BypassingClients {
  /** In the order in which they were seen last. */
  readonly #clients = new Map<string, BypassingClient>();

  /** @param nowMs milliseconds since the Unix epoch */
  add({ address, agent, opaqueId, node, requests }: BypassingRequests, nowMs: number): void {
    const key = `${address}\n${agent}`;
    const known = this.#clients.get(key);
    const client = known ?? {
      address,
      agent,
      opaqueId,
      requests: 0,
      nodes: [],
      firstSeenMs: nowMs,
      lastSeenMs: nowMs,
    };
    client.requests += requests;
    client.lastSeenMs = nowMs;
    client.opaqueId = opaqueId;
    if (!client.nodes.includes(node) && client.nodes.length < maxNodes) client.nodes.push(node);
    this.#clients.delete(key);
    this.#clients.set(key, client);
    const [oldest = key] = this.#clients.keys();
    if (this.#clients.size > maxClients) this.#clients.delete(oldest);
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Those with the most requests first. */
  list(): BypassingClient[] {
    return [...this.#clients.values()]
      .toSorted((a, b) => b.requests - a.requests)
      .slice(0, maxShown)
      .map((client) => ({ ...client, nodes: [...client.nodes] }));
  }
}
