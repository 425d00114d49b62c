import { comparableHost } from "../core/host-name.ts";
import type { RouteFacts } from "../audit/record/exchange-record.ts";
import type { ResponseTimeouts } from "../upstream/response-handler.ts";
import type { RouteMetrics } from "../metrics/route-metrics.ts";
import type { Pool } from "../upstream/pool.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { StatusSet } from "../core/status-set.ts";
import { pathReadings, plainPathEnd } from "./path-readings.ts";

/**
 * A condition and what happens to the requests that match it; built once from the configuration.
 */
export interface Route extends RouteMatch {
  readonly facts: RouteFacts;
  /**
   * Facts of calls that may act on other indices than the one that the path begins with, which the
   * route does not speak for; `undefined`: the same.
   */
  readonly factsOfOthers: RouteFacts | undefined;
  readonly metrics: RouteMetrics;
  readonly pool: Pool;
  readonly timeouts: ResponseTimeouts;
  /** Whole exchange in milliseconds; 0: no limit. */
  readonly totalMs: number;
  readonly retry: RetryPolicy;
  /** Protocols that may be switched to, lower case. */
  readonly upgrade: readonly string[];
  /** Response body in bytes; 0: unlimited. */
  readonly responseBodyBytes: number;
  /** Bytes of an answer that wait for a client that does not read; 0: none. */
  readonly responseBufferBytes: number;
  /** Largest request kept for another attempt. */
  readonly replayBodyBytes: number;
  /** `Host` sent upstream; `undefined`: as received. */
  readonly hostHeader: string | undefined;
  /** `undefined`: the pool does not hash. */
  readonly hashKey: HashKey | undefined;
  readonly rateLimit: RateLimit | undefined;
}

/** What consistent hashing hashes. */
export type HashKey =
  | { readonly by: "header" | "cookie"; readonly name: string }
  | { readonly by: "client_address" | "path" };

export interface RetryPolicy {
  /** Tries of one exchange, the first included. */
  readonly attempts: number;
  readonly totalTimeoutMs: number;
  readonly backoffMs: number;
  readonly statuses: StatusSet;
  readonly budgetPercent: number;
}

export interface RouteMatch {
  /** Segments of the path prefix, as `path` of the configuration has them; empty: everything. */
  readonly segments: readonly string[];
  /** Lower case; `*.example.com` for one or more labels in front; empty: any. */
  readonly hosts: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly {
    readonly name: string;
    readonly present: boolean;
    readonly value: string | undefined;
  }[];
}

/** The parts of a request that routes look at. */
export interface RoutedRequest {
  readonly method: string;
  /** As received, one char per byte. */
  readonly target: string;
  readonly host: string | undefined;
  /** Values of all lines of the field, by lower-case name. */
  fieldValues(name: string): readonly string[];
}

/**
 * Makes one route of those that the readings of an ambiguous path choose: in each respect the
 * strictest of them. `undefined`: the request must be refused.
 *
 * @param routes at least two; the first one is chosen by Elasticsearch's reading
 */
export type Combine<R> = (routes: readonly R[]) => R | undefined;

/** Combinations that are kept; there are as many as clients find, so they are bounded. */
const maxCombinations = 256;

/**
 * Finds the route of a request: longest path prefix first, in the order of the configuration among
 * equals. Where the path can be read in several ways ({@link pathReadings}) and these choose
 * different routes, the strictest of them in each respect applies. What is forwarded is the target
 * as received.
 */
export class Router<R extends RouteMatch> {
  readonly #candidates: readonly Candidate<R>[];
  readonly #catchAll: R | undefined;
  readonly #combine: Combine<R>;
  readonly #combinations = new Map<string, R | undefined>();

  constructor(routes: readonly R[], combine: Combine<R>) {
    this.#combine = combine;
    this.#candidates = routes
      .map(candidateOf)
      .sort((a, b) => b.route.segments.length - a.route.segments.length);
    const [first] = routes;
    const isOnly = routes.length === 1 && first !== undefined && first.segments.length === 0;
    this.#catchAll = isOnly && isUnconditional(first) ? first : undefined;
  }

  /**
   * The route of a request; `none`: no route takes it; `ambiguous`: servers may read its path in
   * ways that must not be treated alike.
   */
  match(request: RoutedRequest): R | "none" | "ambiguous" {
    if (this.#catchAll !== undefined) return this.#catchAll;
    const { target } = request;
    const plainEnd = plainPathEnd(target);
    if (plainEnd === -1) return this.#matchReadings(request);
    for (const { route, prefix, isUnconditional } of this.#candidates)
      if (hasPrefix(target, plainEnd, prefix) && (isUnconditional || holds(route, request)))
        return route;
    return "none";
  }

  #matchReadings(request: RoutedRequest): R | "none" | "ambiguous" {
    const held = this.#candidates.map(
      ({ route, isUnconditional }) => isUnconditional || holds(route, request),
    );
    const indexes = new Set<number>();
    const readings = pathReadings(request.target);
    if (readings === undefined) {
      for (const [index, isHeld] of held.entries()) if (isHeld) indexes.add(index);
    } else
      for (const segments of readings)
        indexes.add(
          this.#candidates.findIndex(
            ({ route }, index) => held[index] === true && startsWith(segments, route.segments),
          ),
        );
    const [only = -1] = indexes;
    if (indexes.size === 1) return this.#candidates[only]?.route ?? "none";
    return this.#combined([...indexes]) ?? "ambiguous";
  }

  #combined(indexes: readonly number[]): R | undefined {
    const key = indexes.join();
    if (this.#combinations.has(key)) return this.#combinations.get(key);
    const routes = indexes.flatMap((index) => this.#candidates[index]?.route ?? []);
    // A reading that no route takes is one that must not be forwarded.
    const route = routes.length < indexes.length ? undefined : this.#combine(routes);
    if (this.#combinations.size < maxCombinations) this.#combinations.set(key, route);
    return route;
  }
}

interface Candidate<R extends RouteMatch> {
  readonly route: R;
  /** `/a/b`, or empty for the root: the spelling that plain paths begin with. */
  readonly prefix: string;
  readonly isUnconditional: boolean;
}

function candidateOf<R extends RouteMatch>(route: R): Candidate<R> {
  return {
    route,
    prefix: route.segments.map((segment) => `/${segment}`).join(""),
    isUnconditional: isUnconditional(route),
  };
}

function isUnconditional(route: RouteMatch): boolean {
  return route.hosts.length + route.methods.length + route.headers.length === 0;
}

function holds(route: RouteMatch, request: RoutedRequest): boolean {
  if (route.methods.length > 0 && !route.methods.includes(request.method)) return false;
  if (route.hosts.length > 0 && !matchesHost(route.hosts, request.host)) return false;
  for (const { name, present, value } of route.headers) {
    const values = request.fieldValues(name);
    if (
      !present
        ? values.length > 0
        : value === undefined
          ? values.length === 0
          : !values.includes(value)
    )
      return false;
  }
  return true;
}

function startsWith(segments: readonly string[], prefix: readonly string[]): boolean {
  if (segments.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i += 1) if (segments[i] !== prefix[i]) return false;
  return true;
}

function hasPrefix(target: string, pathEnd: number, prefix: string): boolean {
  if (prefix === "") return true;
  if (pathEnd < prefix.length || !target.startsWith(prefix)) return false;
  return pathEnd === prefix.length || target.charCodeAt(prefix.length) === slash;
}

/** The port does not decide which host is meant. */
function matchesHost(hosts: readonly string[], host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = comparableHost(host.replace(/:\d*$/, ""));
  return hosts.some((pattern) =>
    pattern.startsWith("*.")
      ? name.length >= pattern.length && name.endsWith(pattern.slice(1))
      : name === pattern,
  );
}

const slash = 0x2f;
