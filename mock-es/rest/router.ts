import { decodeComponent } from "./query-parameters.ts";
import type { Route } from "./route.ts";

/**
 * Outcome of routing: a route with its placeholders, methods that would have been right, or nothing
 * at that path.
 */
export type RouteMatch =
  | {
      readonly kind: "matched";
      readonly route: Route;
      readonly pathParameters: Readonly<Record<string, string>>;
    }
  | { readonly kind: "wrong-method"; readonly allowed: readonly string[] }
  | { readonly kind: "unknown" };

/**
 * Finds the route of a raw path. The path is split first and each segment decoded afterwards, so
 * `%2F` stays inside its segment.
 */
export interface Router {
  match(method: string, path: string): RouteMatch;
}

interface Node {
  readonly literals: Map<string, Node>;
  wildcard: Node | undefined;
  readonly routes: Map<string, BoundRoute>;
}

interface BoundRoute {
  readonly route: Route;
  /** Position of each placeholder among the segments, with its name. */
  readonly placeholders: readonly { readonly at: number; readonly name: string }[];
}

const unknown: RouteMatch = { kind: "unknown" };
const noPathParameters: Readonly<Record<string, string>> = Object.freeze({});
/** Order in which the server lists allowed methods. */
const methodOrder = ["GET", "POST", "PUT", "DELETE", "HEAD"];

/**
 * Builds a router. A literal segment wins over a placeholder; where the literal leads nowhere, the
 * placeholder is tried.
 *
 * @throws {Error} when two routes claim the same method and path
 */
export function createRouter(routes: readonly Route[]): Router {
  const root = newNode();
  for (const route of routes) addRoute(root, route);
  return { match: (method, path) => matchPath(root, method, path) };
}

function newNode(): Node {
  return { literals: new Map(), wildcard: undefined, routes: new Map() };
}

function addRoute(root: Node, route: Route): void {
  let node = root;
  const placeholders: { at: number; name: string }[] = [];
  for (const [at, segment] of route.path.split("/").slice(1).entries()) {
    if (segment === "") continue;
    if (segment.startsWith("{")) {
      placeholders.push({ at, name: segment.slice(1, -1) });
      node.wildcard ??= newNode();
      node = node.wildcard;
    } else {
      const next = node.literals.get(segment) ?? newNode();
      node.literals.set(segment, next);
      node = next;
    }
  }
  for (const method of route.methods) {
    if (node.routes.has(method)) throw new Error(`two routes for ${method} ${route.path}`);
    node.routes.set(method, { route, placeholders });
  }
}

function matchPath(root: Node, method: string, path: string): RouteMatch {
  const segments = path.split("/");
  segments.shift();
  while (segments.length > 0 && segments.at(-1) === "") segments.pop();
  const bound = findRoute(root, method, segments, 0);
  if (bound !== undefined) {
    return {
      kind: "matched",
      route: bound.route,
      pathParameters: readPlaceholders(bound, segments),
    };
  }
  const allowed = new Set<string>();
  collectMethods(root, segments, 0, allowed);
  if (allowed.size === 0) return unknown;
  return { kind: "wrong-method", allowed: methodOrder.filter((name) => allowed.has(name)) };
}

function findRoute(
  node: Node,
  method: string,
  segments: readonly string[],
  at: number,
): BoundRoute | undefined {
  const segment = segments[at];
  if (segment === undefined) return node.routes.get(method);
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = findRoute(literal, method, segments, at + 1);
    if (found !== undefined || decides(literal, segments, at)) return found;
  }
  // An empty segment is a name, too: `//_search` searches the index of no name, which is all.
  return node.wildcard === undefined
    ? undefined
    : findRoute(node.wildcard, method, segments, at + 1);
}

/**
 * True where the path that goes on with a literal segment is one of the API, with whichever method:
 * `PUT /_search` is a wrong method, not an index named `_search`.
 */
function decides(literal: Node, segments: readonly string[], at: number): boolean {
  if (segments[0]?.startsWith("_") !== true) return false;
  const methods = new Set<string>();
  collectMethods(literal, segments, at + 1, methods);
  return methods.size > 0;
}

function collectMethods(
  node: Node,
  segments: readonly string[],
  at: number,
  into: Set<string>,
): void {
  const segment = segments[at];
  if (segment === undefined) {
    for (const method of node.routes.keys()) into.add(method);
    return;
  }
  const literal = node.literals.get(segment);
  if (literal !== undefined) collectMethods(literal, segments, at + 1, into);
  if (literal !== undefined && into.size > 0 && decides(literal, segments, at)) return;
  if (node.wildcard !== undefined) collectMethods(node.wildcard, segments, at + 1, into);
}

function readPlaceholders(
  bound: BoundRoute,
  segments: readonly string[],
): Readonly<Record<string, string>> {
  if (bound.placeholders.length === 0) return noPathParameters;
  const values: Record<string, string> = {};
  for (const { at, name } of bound.placeholders)
    values[name] = decodeComponent(segments[at] ?? "", false);
  return values;
}
