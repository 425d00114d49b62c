import type { Endpoint } from "./endpoint.ts";

/** Picks among available endpoints; at least one is given. `key` is what consistent hashing hashes. */
export interface Balancer {
  pick(available: readonly Endpoint[], key: string, nowMs: number): Endpoint | undefined;
}

/** One after the other. */
export class RoundRobin implements Balancer {
  #next = 0;

  pick(available: readonly Endpoint[]): Endpoint | undefined {
    this.#next = (this.#next + 1) % Math.max(1, available.length);
    return available[this.#next];
  }
}
