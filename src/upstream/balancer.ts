import { createHash } from "node:crypto";
import type { Endpoint } from "./endpoint.ts";

/** Picks among the endpoints that may be used now; built once for each pool. */
export interface Balancer {
  /**
   * @param available not empty, in the order of the configuration
   * @param key what consistent hashing hashes; other balancers ignore it
   */
  pick(available: readonly Endpoint[], key: string, nowMs: number): Endpoint | undefined;
}

export type BalancerName = "round_robin" | "first_healthy" | "least_requests" | "consistent_hash";

/**
 * @param slowStartMs an endpoint that has come back gets a share that grows to its full weight over
 *   this time; 0: at once.
 * @param random in [0, 1)
 */
export function createBalancer(
  name: BalancerName,
  slowStartMs: number,
  random: () => number = Math.random,
): Balancer {
  switch (name) {
    case "round_robin":
      return new RoundRobin(slowStartMs);
    case "first_healthy":
      return new FirstHealthy();
    case "least_requests":
      return new LeastRequests(slowStartMs, random);
    case "consistent_hash":
      return new ConsistentHash();
  }
}

/**
 * The weight in force: at least a twentieth, so that a returning endpoint gets something to prove
 * itself with.
 */
export function weightAt(endpoint: Endpoint, slowStartMs: number, nowMs: number): number {
  const { weight } = endpoint.address;
  if (slowStartMs === 0 || endpoint.returnedAtMs === 0) return weight;
  const grown = (nowMs - endpoint.returnedAtMs) / slowStartMs;
  return grown >= 1 ? weight : weight * Math.max(0.05, grown);
}

/**
 * One after the other by weight, spread evenly: each turn every endpoint gains its weight, the
 * richest is picked and pays the sum.
 */
class RoundRobin implements Balancer {
  readonly #slowStartMs: number;
  readonly #credit = new Map<Endpoint, number>();

  constructor(slowStartMs: number) {
    this.#slowStartMs = slowStartMs;
  }

  pick(available: readonly Endpoint[], _key: string, nowMs: number): Endpoint | undefined {
    let sum = 0;
    let best: Endpoint | undefined;
    let bestCredit = -Infinity;
    for (const endpoint of available) {
      const weight = weightAt(endpoint, this.#slowStartMs, nowMs);
      const credit = (this.#credit.get(endpoint) ?? 0) + weight;
      this.#credit.set(endpoint, credit);
      sum += weight;
      if (credit > bestCredit) {
        best = endpoint;
        bestCredit = credit;
      }
    }
    if (best !== undefined) this.#credit.set(best, bestCredit - sum);
    return best;
  }
}

/** The first of the configuration that can be used: the others are stand-bys. */
class FirstHealthy implements Balancer {
  pick(available: readonly Endpoint[]): Endpoint | undefined {
    return available[0];
  }
}

/**
 * Two at random, the one with fewer exchanges for its weight: nearly as good as the least loaded of
 * all, and no herd runs to it.
 */
class LeastRequests implements Balancer {
  readonly #slowStartMs: number;
  readonly #random: () => number;

  constructor(slowStartMs: number, random: () => number) {
    this.#slowStartMs = slowStartMs;
    this.#random = random;
  }

  pick(available: readonly Endpoint[], _key: string, nowMs: number): Endpoint | undefined {
    const first = Math.floor(this.#random() * available.length);
    const one = available[first];
    if (available.length === 1 || one === undefined) return one;
    const step = 1 + Math.floor(this.#random() * (available.length - 1));
    const other = available[(first + step) % available.length];
    if (other === undefined) return one;
    return this.#load(other, nowMs) < this.#load(one, nowMs) ? other : one;
  }

  #load(endpoint: Endpoint, nowMs: number): number {
    return (endpoint.active + 1) / weightAt(endpoint, this.#slowStartMs, nowMs);
  }
}

/**
 * The same key goes to the same endpoint, and when one goes away only its keys move (rendezvous
 * hashing: every endpoint scores the key, the highest score wins, and a weight raises the chance in
 * proportion). Requests without a key go round.
 */
class ConsistentHash implements Balancer {
  readonly #seeds = new Map<Endpoint, number>();
  readonly #keyless = new RoundRobin(0);

  pick(available: readonly Endpoint[], key: string, nowMs: number): Endpoint | undefined {
    if (key === "") return this.#keyless.pick(available, key, nowMs);
    const hash = hashOf(key);
    let best: Endpoint | undefined;
    let bestScore = -Infinity;
    for (const endpoint of available) {
      const unit = (mix(hash ^ this.#seed(endpoint)) + 0.5) / 2 ** 32;
      const score = endpoint.address.weight / -Math.log(unit);
      if (score > bestScore) {
        best = endpoint;
        bestScore = score;
      }
    }
    return best;
  }

  /** From the address, so that every process and every start agrees. */
  #seed(endpoint: Endpoint): number {
    const known = this.#seeds.get(endpoint);
    if (known !== undefined) return known;
    const seed = createHash("sha256").update(endpoint.address.url).digest().readUInt32BE(0);
    this.#seeds.set(endpoint, seed);
    return seed;
  }
}

/** FNV-1a over the chars, then mixed: its low bits alone are too regular. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: every bit of the input turns about half of the output's. */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
