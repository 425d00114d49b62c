/** How many requests were forwarded without a record, from the metrics of the service. */
import { layouts, slot } from "../metrics/metric-slots.ts";
import type { Snapshot } from "../metrics/registry.ts";

/** Outcomes of exchanges that reached no endpoint. */
const notForwarded: ReadonlySet<string> = new Set(["rejected", "malformed"]);

/**
 * Slots of a route's block that count requests to endpoints: those in progress, too, so that no
 * node has counted one before it is counted here.
 */
const forwarded = layouts.route.slots.flatMap(({ metric, labels }, at) =>
  metric === "es_proxy_retries_total" ||
  metric === "es_proxy_requests_active" ||
  (metric === "es_proxy_requests_total" && !notForwarded.has(labels[1] ?? ""))
    ? [at]
    : [],
);

/**
 * Requests of routes without records, and records that were lost: each may have been an exchange's
 * only one, so that the sum is too high rather than too low.
 *
 * @param routes `listener` and `route` of those without records, joined by {@link routeKey}
 */
export function unrecordedRequests(metrics: Snapshot, routes: ReadonlySet<string>): number {
  let sum = 0;
  for (const { kind, labels, values } of metrics) {
    if (kind === "audit") sum += values[slot.audit.dropped] ?? 0;
    const [listener = "", route = ""] = labels;
    if (kind !== "route" || !routes.has(routeKey(listener, route))) continue;
    // What an ended process had in progress is no number.
    for (const at of forwarded) sum += (values[at] ?? 0) || 0;
  }
  return sum;
}

/** Names a route among those of all listeners. */
export function routeKey(listener: string, route: string): string {
  return JSON.stringify([listener, route]);
}
