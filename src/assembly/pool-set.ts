import { isDeepStrictEqual } from "node:util";
import type { ProxyConfig } from "../config/config.ts";
import { ProxyError } from "../core/errors.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import { buildPool } from "./pools.ts";
import type { BuiltPool, PoolParts } from "./pools.ts";

/** What a reload has prepared: exactly one of the two methods is called. */
export interface PreparedPools {
  /** By name: those that stay as they are, and new ones for the others. */
  readonly pools: ReadonlyMap<string, BuiltPool>;
  /** Pools that changed or are no longer configured end when their exchanges are over. */
  commit(): void;
  /** The old pools stay; nothing new stays open. */
  abort(): void;
}

/** The pools of a process, by name; follows reloads. */
export class PoolSet {
  readonly #parts: PoolParts;
  #pools: ReadonlyMap<string, BuiltPool> = new Map();

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  get current(): ReadonlyMap<string, BuiltPool> {
    return this.#pools;
  }

  /**
   * Builds what is new or different beside what runs; unchanged pools keep connections and health.
   *
   * @throws {ProxyError} ESP_ERR_TLS_FILE; nothing new stays open.
   */
  prepare(config: ProxyConfig): PreparedPools {
    const pools = new Map<string, BuiltPool>();
    const isKept = (built: BuiltPool): boolean => this.#pools.get(built.config.name) === built;
    const abort = (): void => {
      for (const built of pools.values()) if (!isKept(built)) closePool(built);
    };
    try {
      for (const pool of Object.values(config.pools)) {
        const old = this.#pools.get(pool.name);
        const isSame = old !== undefined && isDeepStrictEqual(old.config, pool);
        pools.set(pool.name, isSame ? old : buildPool(pool, this.#parts, old?.pool));
      }
    } catch (error) {
      abort();
      throw error;
    }
    return { pools, abort, commit: () => this.#commit(pools) };
  }

  /**
   * Waits for the first health check of each pool.
   *
   * @throws {ProxyError} ESP_ERR_NO_ENDPOINT naming the pools whose probes all failed.
   */
  async checkHealth(): Promise<void> {
    const dead = await Promise.all(
      [...this.#pools.values()].map(async ({ config, health }) =>
        (await health?.firstRound) === false ? config.name : "",
      ),
    );
    const names = dead.filter((name) => name !== "");
    if (names.length > 0)
      throw new ProxyError(
        "ESP_ERR_NO_ENDPOINT",
        `no endpoint is healthy in: ${names.join(", ")} (fail_on_dead_pool)`,
      );
  }

  /** Another worker has ejected an endpoint, which is named by its URL. */
  followEjection(pool: string, url: string, forMs: number): void {
    const { built, endpoint } = this.#find(pool, url);
    if (endpoint !== undefined)
      built?.pool.verdicts.followEjection(endpoint, this.#parts.clock.now() + forMs);
  }

  /** The active health check of another worker has noted a change. */
  followHealth(pool: string, url: string, isHealthy: boolean): void {
    const { built, endpoint } = this.#find(pool, url);
    if (endpoint !== undefined) built?.health?.follow(endpoint, isHealthy);
  }

  close(): void {
    for (const built of this.#pools.values()) closePool(built);
  }

  #find(
    pool: string,
    url: string,
  ): { readonly built: BuiltPool | undefined; readonly endpoint: Endpoint | undefined } {
    const built = this.#pools.get(pool);
    const endpoint = built?.pool.endpoints.find(({ address }) => address.url === url);
    return { built, endpoint };
  }

  #commit(pools: ReadonlyMap<string, BuiltPool>): void {
    const retired = [...this.#pools.values()].filter(
      (built) => pools.get(built.config.name) !== built,
    );
    this.#pools = pools;
    for (const { pool, stop } of retired) {
      stop();
      pool.retire();
    }
  }
}

function closePool({ pool, stop }: BuiltPool): void {
  pool.close();
  stop();
}
