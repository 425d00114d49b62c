/** Ejects endpoints that fail in real traffic, for a while, as Envoy's outlier detection does. */
import type { Endpoint } from "./endpoint.ts";

export interface OutlierOptions {
  /** Consecutive failures that eject. */
  readonly failures: number;
  /** First ejection in milliseconds; the n-th in a row lasts n times as long. */
  readonly ejectForMs: number;
  readonly maxEjectedPercent: number;
}

/**
 * Longest ejection, in multiples of the first: five minutes with the default of 30 s, after which
 * the endpoint is tried again anyway.
 */
const maxFactor = 10;

interface Streak {
  failures: number;
  ejections: number;
}

/**
 * Outlier detection from real traffic: an endpoint that fails several exchanges in a row is left
 * out for a while that grows with each ejection. Never more than a share of the pool, and never the
 * last available endpoint.
 */
export class OutlierDetection {
  readonly #options: OutlierOptions;
  readonly #endpoints: readonly Endpoint[];
  readonly #streaks = new Map<Endpoint, Streak>();
  readonly #onChange: (endpoint: Endpoint, isEjected: boolean) => void;

  constructor(
    options: OutlierOptions,
    endpoints: readonly Endpoint[],
    onChange: (endpoint: Endpoint, isEjected: boolean) => void,
  ) {
    this.#options = options;
    this.#endpoints = endpoints;
    this.#onChange = onChange;
  }

  succeeded(endpoint: Endpoint): void {
    const streak = this.#streaks.get(endpoint);
    if (streak === undefined || streak.failures === 0) return;
    streak.failures = 0;
  }

  failed(endpoint: Endpoint, nowMs: number): void {
    const streak = this.#streaks.get(endpoint) ?? { failures: 0, ejections: 0 };
    this.#streaks.set(endpoint, streak);
    streak.failures += 1;
    if (
      streak.failures < this.#options.failures ||
      endpoint.ejectedUntilMs !== 0 ||
      !this.#mayEject(endpoint)
    )
      return;
    streak.failures = 0;
    streak.ejections = Math.min(streak.ejections + 1, maxFactor);
    endpoint.ejectedUntilMs = nowMs + this.#options.ejectForMs * streak.ejections;
    this.#onChange(endpoint, true);
  }

  /** Another process that shares the endpoints has ejected one. */
  follow(endpoint: Endpoint, untilMs: number): void {
    const streak = this.#streaks.get(endpoint) ?? { failures: 0, ejections: 0 };
    this.#streaks.set(endpoint, streak);
    streak.failures = 0;
    streak.ejections = Math.min(streak.ejections + 1, maxFactor);
    endpoint.ejectedUntilMs = untilMs;
  }

  /**
   * Lets endpoints return whose time is over; a long good time afterwards forgives earlier
   * ejections.
   */
  tick(nowMs: number): void {
    for (const endpoint of this.#endpoints) {
      const streak = this.#streaks.get(endpoint);
      if (streak === undefined) continue;
      if (endpoint.ejectedUntilMs !== 0 && endpoint.ejectedUntilMs <= nowMs) {
        endpoint.ejectedUntilMs = 0;
        endpoint.returnedAtMs = nowMs;
        // One failure more and it is out again: what returns is on trial.
        streak.failures = this.#options.failures - 1;
        this.#onChange(endpoint, false);
      } else if (
        endpoint.ejectedUntilMs === 0 &&
        streak.ejections > 0 &&
        nowMs - endpoint.returnedAtMs > this.#options.ejectForMs * maxFactor
      )
        streak.ejections = 0;
    }
  }

  #mayEject(endpoint: Endpoint): boolean {
    const others = this.#endpoints.filter((other) => other !== endpoint);
    if (!others.some((other) => other.isAvailable)) return false;
    const ejected = others.filter((other) => other.ejectedUntilMs !== 0).length + 1;
    return ejected * 100 <= this.#endpoints.length * this.#options.maxEjectedPercent;
  }
}
