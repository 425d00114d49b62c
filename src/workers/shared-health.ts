/**
 * Keeps the health and ejections of endpoints that workers have reported, for workers that start
 * later.
 */
import type { HealthUpdate } from "./health-update.ts";

interface Known {
  ejectedUntilMs: number;
  isHealthy: boolean | undefined;
}

/**
 * The health and ejections of endpoints that workers have reported, for workers that start later.
 */
export class SharedHealth {
  readonly #endpoints = new Map<string, Map<string, Known>>();

  /** @param nowMs monotonic milliseconds, like those of {@link current} */
  note({ pool, endpoint, ejectedForMs, isHealthy }: HealthUpdate, nowMs: number): void {
    const endpoints = this.#endpoints.get(pool) ?? new Map<string, Known>();
    this.#endpoints.set(pool, endpoints);
    const known = endpoints.get(endpoint) ?? { ejectedUntilMs: 0, isHealthy: undefined };
    endpoints.set(endpoint, known);
    if (ejectedForMs !== undefined) known.ejectedUntilMs = nowMs + ejectedForMs;
    if (isHealthy !== undefined) known.isHealthy = isHealthy;
  }

  /** Everything that still holds. */
  current(nowMs: number): HealthUpdate[] {
    const news: HealthUpdate[] = [];
    for (const [pool, endpoints] of this.#endpoints)
      for (const [endpoint, { ejectedUntilMs, isHealthy }] of endpoints) {
        if (ejectedUntilMs > nowMs)
          news.push({ pool, endpoint, ejectedForMs: ejectedUntilMs - nowMs });
        if (isHealthy !== undefined) news.push({ pool, endpoint, isHealthy });
      }
    return news;
  }

  /** Forgets pools that are not among `pools`. */
  keep(pools: ReadonlySet<string>): void {
    for (const pool of this.#endpoints.keys()) if (!pools.has(pool)) this.#endpoints.delete(pool);
  }
}
