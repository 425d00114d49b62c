import type { ProxyConfig } from "../config/config.ts";
import type { Block, Registry } from "../metrics/registry.ts";

/** Forgets the metrics of listeners, routes, pools and endpoints that `config` no longer names. */
export function forgetMetrics(registry: Registry, config: ProxyConfig): void {
  const kept = new Set<Block>();
  const keep = (kind: Block["kind"], ...labels: string[]): void =>
    void kept.add(registry.block(kind, ...labels));
  for (const listener of config.listeners) {
    keep("listener", listener.name);
    if (listener.protocol === "tcp") {
      keep("tcp", listener.name);
      continue;
    }
    keep("route", listener.name, "(none)");
    for (const route of listener.routes) keep("route", listener.name, route.name);
  }
  for (const pool of Object.values(config.pools)) {
    keep("pool", pool.name);
    for (const endpoint of pool.endpoints) keep("endpoint", pool.name, endpoint.url);
  }
  for (const kind of ["listener", "route", "tcp", "pool", "endpoint"] as const)
    registry.keep(kind, kept);
}
