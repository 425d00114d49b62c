import { isDeepStrictEqual } from "node:util";
import { routeFacts, type RouteFacts } from "../audit/record/exchange-record.ts";
import type { HttpListenerConfig, RouteConfig } from "../config/config.ts";
import { StatusSet } from "../core/status-set.ts";
import { RateLimit } from "../http/rate-limit.ts";
import { Router, type Route } from "../http/router.ts";
import { strictestFacts, strictestRoute } from "../http/strictest-route.ts";
import type { Registry } from "../metrics/registry.ts";
import { RouteMetrics } from "../metrics/route-metrics.ts";
import type { BuiltPool } from "./pools.ts";

/**
 * Builds the routes of listeners; a reload uses the same builder, so that buckets of rate limits
 * that did not change stay as full as they are.
 */
export class RouteBuilder {
  readonly #registry: Registry;
  readonly #rateLimits = new Map<string, RateLimit>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /**
   * @throws {Error} when a route names a pool that is not among `pools`; a loaded configuration
   *   never does.
   */
  router(listener: HttpListenerConfig, pools: ReadonlyMap<string, BuiltPool>): Router<Route> {
    const routes = listener.routes.map((route) => this.#route(listener.name, route, pools));
    const all = routes.map(({ facts }) => facts);
    return new Router(
      routes.map((route) => ({ ...route, factsOfOthers: factsOfOthers(route, all) })),
      strictestRoute,
    );
  }

  #route(listener: string, config: RouteConfig, pools: ReadonlyMap<string, BuiltPool>): Route {
    const built = pools.get(config.pool);
    if (built === undefined) throw new Error(`pool ${config.pool} does not exist`);
    const { limits, hostHeader, hash } = built.config;
    return {
      facts: routeFacts({
        name: config.name,
        pool: config.pool,
        level: config.audit.level,
        onFailure: config.audit.onFailure,
      }),
      factsOfOthers: undefined,
      metrics: new RouteMetrics(this.#registry.block("route", listener, config.name).values),
      pool: built.pool,
      segments: config.path.split("/").filter((segment) => segment !== ""),
      hosts: config.hosts,
      methods: config.methods,
      headers: config.headers,
      timeouts: {
        responseMs: config.timeouts.responseMs || Infinity,
        responseLongMs: config.timeouts.responseLongMs || Infinity,
        bodyIdleMs: config.timeouts.bodyIdleMs,
      },
      totalMs: config.timeouts.totalMs,
      retry: { ...config.retry, statuses: new StatusSet(config.retry.statuses) },
      upgrade: config.upgrade,
      responseBodyBytes: limits.responseBodyBytes,
      responseBufferBytes: limits.responseBufferBytes,
      replayBodyBytes: limits.replayBodyBytes,
      hostHeader,
      hashKey: hash,
      rateLimit: this.#rateLimit(`${listener}\n${config.name}`, config.rateLimit),
    };
  }

  #rateLimit(key: string, config: RouteConfig["rateLimit"]): RateLimit | undefined {
    const known = this.#rateLimits.get(key);
    if (config === undefined) {
      this.#rateLimits.delete(key);
      return undefined;
    }
    if (known !== undefined && isDeepStrictEqual(known.options, config)) return known;
    const limit = new RateLimit(config);
    this.#rateLimits.set(key, limit);
    return limit;
  }
}

/** Where the path is that of an index: nobody says with it how other indices are recorded. */
function factsOfOthers(
  { segments: [first = "_"], facts }: Route,
  all: readonly RouteFacts[],
): RouteFacts | undefined {
  if (first.startsWith("_")) return undefined;
  const strictest = strictestFacts(facts, all);
  const isSame = strictest.level === facts.level && strictest.onFailure === facts.onFailure;
  return isSame ? undefined : strictest;
}
