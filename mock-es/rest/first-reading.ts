/** What is wrong with a request itself: a server tells it before it asks who may send it. */
import { EsError, isRefusal } from "../es-error.ts";
import type { Cluster } from "../store/cluster.ts";
import type { EsRequest } from "./es-request.ts";
import type { Route } from "./route.ts";

/** A handler has read its request, and looks at what the cluster holds. */
class Reached extends Error {}

/** What requests are read with: nothing that somebody has stored, but for settings. */
const legible: ReadonlySet<PropertyKey> = new Set<keyof Cluster>([
  "entropy",
  "nodeId",
  "nodes",
  "options",
  "profile",
  "setting",
  "startedMs",
]);

function unreached(cluster: Cluster): Cluster {
  return new Proxy(cluster, {
    get: (target, key) => {
      if (!legible.has(key)) throw new Reached();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/**
 * Reads a request as its handler does, up to where that would look at the cluster.
 *
 * @throws {EsError} what is wrong with it
 */
export function readFirst(route: Route, request: EsRequest, cluster: Cluster): void {
  // Columns of tables are looked for when there are rows.
  if (route.apiEndpoint.startsWith("cat.")) return;
  const { handler, check } = route;
  const without = unreached(cluster);
  for (const read of check === undefined ? [handler] : [handler, check]) {
    try {
      read(request, without);
    } catch (error) {
      if (error instanceof Reached || (error instanceof EsError && isLater(error))) continue;
      throw error;
    }
  }
}

/** True for what is no fault of the request's form. */
function isLater(error: EsError): boolean {
  const isLicensed = error.extra["license.expired.feature"] === undefined;
  return (error.status === 403 && isLicensed) || isRefusal(error) || isOfShards(error);
}

function isOfShards({ type }: EsError): boolean {
  return type === "search_phase_execution_exception";
}
