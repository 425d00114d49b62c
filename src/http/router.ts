import type { RouteFacts } from "../audit/record/exchange-record.ts";
import type { ResponseTimeouts } from "../upstream/upstream-connection.ts";
import type { RouteMetrics } from "../metrics/route-metrics.ts";
import type { Pool } from "../upstream/pool.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { StatusSet } from "../core/status-set.ts";

/**
 * A condition and what happens to the requests that match it; built once from the configuration.
 */
export interface Route extends RouteMatch {
  readonly facts: RouteFacts;
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
  /** Segments of the path prefix, decoded; empty matches everything. */
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
 * Finds the route of a request: longest path prefix first, in the order of the configuration among
 * equals.
 *
 * One reading of the path decides, {@link pathSegments}; what is forwarded is the target as
 * received.
 */
export class Router<R extends RouteMatch> {
  readonly #candidates: readonly Candidate<R>[];
  readonly #catchAll: R | undefined;

  constructor(routes: readonly R[]) {
    this.#candidates = routes
      .map(candidateOf)
      .sort((a, b) => b.route.segments.length - a.route.segments.length);
    const [first] = routes;
    const isOnly = routes.length === 1 && first !== undefined && first.segments.length === 0;
    this.#catchAll = isOnly && isUnconditional(first) ? first : undefined;
  }

  match(request: RoutedRequest): R | undefined {
    if (this.#catchAll !== undefined) return this.#catchAll;
    const { target } = request;
    const plainEnd = plainPathEnd(target);
    const segments = plainEnd === -1 ? pathSegments(target) : undefined;
    for (const candidate of this.#candidates) {
      const isBelow =
        segments === undefined
          ? hasPrefix(target, plainEnd, candidate.prefix)
          : startsWith(segments, candidate.route.segments);
      if (isBelow && (candidate.isUnconditional || holds(candidate.route, request)))
        return candidate.route;
    }
    return undefined;
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

/**
 * The port and the dot of an absolute name (RFC 1034 §3.1) say nothing about which host is meant.
 */
function matchesHost(hosts: readonly string[], host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  return hosts.some((pattern) =>
    pattern.startsWith("*.")
      ? name.length >= pattern.length && name.endsWith(pattern.slice(1))
      : name === pattern,
  );
}

const slash = 0x2f;
const dot = 0x2e;
const question = 0x3f;

/**
 * Where the path of a target ends that can be read in one way only; -1: {@link pathSegments} must
 * read it.
 */
function plainPathEnd(target: string): number {
  let previous = 0;
  for (let i = 0; i < target.length; i += 1) {
    const code = target.charCodeAt(i);
    if (code === question) return i;
    // %, ;, backslash; an empty segment, or one that begins with a dot.
    if (
      code === 0x25 ||
      code === 0x3b ||
      code === 0x5c ||
      (previous === slash && (code === slash || code === dot))
    )
      return -1;
    previous = code;
  }
  return target.length;
}

/**
 * The path of a target as the router reads it (RFC 3986 §6.2.2): split at `/`, each segment decoded
 * once, byte by byte; empty and `.` segments are left out, `..` takes one away, and what follows a
 * `;` is a parameter. Some servers take a decoded slash or a backslash for a separator: so does
 * this, because a request that one reader behind us puts under a prefix must not be routed as if it
 * were elsewhere. Escapes that are none stay as they are.
 */
export function pathSegments(target: string): string[] {
  const queryAt = target.indexOf("?");
  const path = queryAt === -1 ? target : target.slice(0, queryAt);
  const segments: string[] = [];
  for (const part of decode(path).split(/[/\\]/)) {
    const paramAt = part.indexOf(";");
    const name = paramAt === -1 ? part : part.slice(0, paramAt);
    if (name === "" || name === ".") continue;
    if (name === "..") segments.pop();
    else segments.push(name);
  }
  return segments;
}

/**
 * One char per byte, as the target itself: no sequence of bytes can make the whole segment
 * unreadable.
 */
function decode(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
