import type { Clock } from "../core/clock.ts";
import type { Balancer } from "./balancer.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Picks the endpoint of a pool that a request goes to: one that is available, has not failed the
 * request yet and has room, in the order of the pool's balancer.
 */
export class EndpointPicker {
  readonly #endpoints: readonly Endpoint[];
  readonly #balancer: Balancer;
  readonly #clock: Clock;
  readonly #hasRoom: (endpoint: Endpoint) => boolean;

  /** @param hasRoom whether the endpoint can serve one more request now. */
  constructor(
    endpoints: readonly Endpoint[],
    balancer: Balancer,
    clock: Clock,
    hasRoom: (endpoint: Endpoint) => boolean,
  ) {
    this.#endpoints = endpoints;
    this.#balancer = balancer;
    this.#clock = clock;
    this.#hasRoom = hasRoom;
  }

  /**
   * An endpoint with room where there is one, else one that is full; `undefined`: there is none at
   * all.
   *
   * @param key what consistent hashing hashes.
   * @param avoid endpoints that have failed the request: others are preferred.
   */
  pick(key: string, avoid: readonly Endpoint[]): Endpoint | undefined {
    const endpoints = this.#endpoints;
    const [only] = endpoints;
    if (endpoints.length === 1) return only;
    const now = this.#clock.now();
    const candidates =
      avoid.length === 0 && this.#areAllAvailable() ? endpoints : this.#candidates(avoid);
    const first = this.#balancer.pick(candidates, key, now);
    if (first === undefined || this.#hasRoom(first)) return first;
    const roomy = candidates.filter((endpoint) => this.#hasRoom(endpoint));
    return roomy.length === 0 ? first : this.#balancer.pick(roomy, key, now);
  }

  #areAllAvailable(): boolean {
    for (const endpoint of this.#endpoints) if (!endpoint.isAvailable) return false;
    return true;
  }

  #candidates(avoid: readonly Endpoint[]): readonly Endpoint[] {
    const available = this.#endpoints.filter((endpoint) => endpoint.isAvailable);
    // Panic rule: with nothing available, all are tried; an exchange that may fail beats one that
    // is refused.
    const allowed = available.length > 0 ? available : this.#endpoints;
    const others = allowed.filter((endpoint) => !avoid.includes(endpoint));
    return others.length > 0 ? others : allowed;
  }
}
