import type { RouteFacts } from "../audit/record.ts";
import type { ResponseTimeouts } from "../upstream/upstream-connection.ts";
import type { Pool } from "../upstream/pool.ts";
import type { StatusSet } from "../core/status-set.ts";

/** A condition and what happens to the requests that match it; built once from the configuration. */
export interface Route extends RouteMatch {
  readonly facts: RouteFacts;
  readonly pool: Pool;
  readonly timeouts: ResponseTimeouts;
  /** Whole exchange in milliseconds; 0: no limit. */
  readonly totalMs: number;
  readonly retry: RetryPolicy;
  /** Protocols that may be switched to, lower case. */
  readonly upgrade: readonly string[];
  /** Response body in octets; 0: unlimited. */
  readonly responseBodyBytes: number;
  /** Largest request kept for another attempt. */
  readonly replayBodyBytes: number;
  /** `Host` sent upstream; `undefined`: as received. */
  readonly hostHeader: string | undefined;
}

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
  readonly headers: readonly { readonly name: string; readonly present: boolean; readonly value: string | undefined }[];
}

/** The parts of a request that routes look at. */
export interface RoutedRequest {
  readonly method: string;
  /** As received, one char per octet. */
  readonly target: string;
  readonly host: string | undefined;
  /** Values of all lines of the field, by lower-case name. */
  fieldValues(name: string): readonly string[];
}

/**
 * Finds the route of a request: longest path prefix first, in the order of the configuration among equals.
 *
 * One reading of the path decides (RFC 3986 §6.2.2): it is split at `/` as received, each segment is decoded once, empty and `.` segments are left out
 * and `..` takes one away. What is forwarded is the target as received, so a route that must not be slipped past may not depend on
 * another reading: a segment that decodes to something with `/` or `\` in it, or to `.` or `..`, is compared decoded.
 */
export class Router<R extends RouteMatch> {
  readonly #routes: readonly R[];
  readonly #catchAll: R | undefined;

  constructor(routes: readonly R[]) {
    this.#routes = [...routes].sort((a, b) => b.segments.length - a.segments.length);
    const [first] = this.#routes;
    const isUnconditional = first !== undefined && this.#routes.length === 1 && first.segments.length === 0;
    this.#catchAll =
      isUnconditional && first.hosts.length + first.methods.length + first.headers.length === 0 ? first : undefined;
  }

  match(request: RoutedRequest): R | undefined {
    if (this.#catchAll !== undefined) return this.#catchAll;
    const segments = pathSegments(request.target);
    return this.#routes.find((route) => matches(route, request, segments));
  }
}

function matches(route: RouteMatch, request: RoutedRequest, segments: readonly string[]): boolean {
  if (!startsWith(segments, route.segments)) return false;
  if (route.methods.length > 0 && !route.methods.includes(request.method)) return false;
  if (route.hosts.length > 0 && !matchesHost(route.hosts, request.host)) return false;
  return route.headers.every(({ name, present, value }) => {
    const values = request.fieldValues(name);
    if (!present) return values.length === 0;
    return value === undefined ? values.length > 0 : values.includes(value);
  });
}

function startsWith(segments: readonly string[], prefix: readonly string[]): boolean {
  if (segments.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i += 1) if (segments[i] !== prefix[i]) return false;
  return true;
}

function matchesHost(hosts: readonly string[], host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return hosts.some((pattern) => (pattern.startsWith("*.") ? name.endsWith(pattern.slice(1)) : name === pattern));
}

/** The path of a target as the router reads it. */
export function pathSegments(target: string): string[] {
  const queryAt = target.indexOf("?");
  const path = queryAt === -1 ? target : target.slice(0, queryAt);
  const segments: string[] = [];
  for (const raw of path.split("/")) {
    const segment = decode(raw);
    // A decoded slash or backslash makes segments for some readers behind us: read it their way, the strict one.
    for (const part of segment.split(/[/\\]/)) {
      const name = part.replace(/;.*$/s, "");
      if (name === "" || name === ".") continue;
      if (name === "..") segments.pop();
      else segments.push(name);
    }
  }
  return segments;
}

function decode(raw: string): string {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
