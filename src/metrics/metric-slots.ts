import { Layout } from "./layout.ts";
import type { MetricName } from "./catalogue.ts";
import { routeLayout } from "./route-metrics.ts";
import { tcpLayout } from "./tcp-metrics.ts";

/** A layout whose numbers are written by name. */
function named<const Names extends Readonly<Record<string, MetricName>>>(
  ownLabels: number,
  names: Names,
  extra: Readonly<Record<string, readonly string[]>> = {},
): { readonly layout: Layout; readonly at: Readonly<Record<keyof Names, number>> } {
  const layout = new Layout(ownLabels);
  const entries = Object.entries(names).map(
    ([key, metric]) => [key, layout.add(metric, extra[key] ?? [])] as const,
  );
  return { layout, at: Object.fromEntries(entries) as Record<keyof Names, number> };
}

const listener = named(
  1,
  {
    accepted: "es_proxy_listener_connections_total",
    open: "es_proxy_listener_connections_open",
    idle: "es_proxy_listener_connections_idle",
    refused: "es_proxy_listener_connections_refused_total",
    tlsFailures: "es_proxy_listener_tls_failures_total",
    sniffPassed: "es_proxy_sniff_answers_total",
    sniffBlocked: "es_proxy_sniff_answers_total",
    sniffRewritten: "es_proxy_sniff_answers_total",
  },
  { sniffPassed: ["passed"], sniffBlocked: ["blocked"], sniffRewritten: ["rewritten"] },
);
const pool = named(1, { pending: "es_proxy_pool_pending" });
const endpoint = named(
  2,
  {
    healthy: "es_proxy_endpoint_healthy",
    ejected: "es_proxy_endpoint_ejected",
    ejections: "es_proxy_endpoint_ejections_total",
    becameHealthy: "es_proxy_endpoint_health_transitions_total",
    becameUnhealthy: "es_proxy_endpoint_health_transitions_total",
    requests: "es_proxy_endpoint_requests_total",
    failures: "es_proxy_endpoint_failures_total",
    connectFailures: "es_proxy_endpoint_connect_failures_total",
    active: "es_proxy_endpoint_requests_active",
    open: "es_proxy_endpoint_connections_open",
    idle: "es_proxy_endpoint_connections_idle",
    parked: "es_proxy_endpoint_connections_parked",
  },
  { becameHealthy: ["healthy"], becameUnhealthy: ["unhealthy"] },
);
const audit = named(0, {
  records: "es_proxy_audit_records_total",
  bytes: "es_proxy_audit_bytes_total",
  gaps: "es_proxy_audit_gaps_total",
  dropped: "es_proxy_audit_dropped_total",
  bodyFailures: "es_proxy_audit_body_failures_total",
  incidents: "es_proxy_audit_foreign_appends_total",
  openExchanges: "es_proxy_audit_open_exchanges",
  failing: "es_proxy_audit_failing",
});
/** Filled in by the process that has the follower. */
const follower = named(0, {
  records: "es_proxy_audit_followed_total",
  behindRecords: "es_proxy_audit_follower_behind_records",
  behindSeconds: "es_proxy_audit_follower_behind_seconds",
  logSize: "es_proxy_audit_log_size",
  checkpointAge: "es_proxy_audit_checkpoint_age_seconds",
  incidents: "es_proxy_audit_incidents_total",
  brokenLogs: "es_proxy_audit_logs_broken",
});
/** Filled in by the process that ships. */
const shipping = named(0, {
  shipped: "es_proxy_audit_shipped_total",
  refused: "es_proxy_audit_ship_refused_total",
  failures: "es_proxy_audit_ship_failures_total",
  lost: "es_proxy_audit_ship_lost_total",
  behindSeconds: "es_proxy_audit_ship_behind_seconds",
});
/** Filled in by the process that looks at the nodes' counters. */
const coverage = named(
  0,
  {
    ratio: "es_proxy_coverage_ratio",
    recorded: "es_proxy_coverage_requests_total",
    unrecorded: "es_proxy_coverage_requests_total",
    bypassed: "es_proxy_coverage_requests_total",
    exempt: "es_proxy_coverage_requests_total",
    lostConnections: "es_proxy_coverage_lost_connections_total",
    clients: "es_proxy_coverage_clients",
    failedLooks: "es_proxy_coverage_failed_looks_total",
    age: "es_proxy_coverage_age_seconds",
  },
  {
    recorded: ["recorded"],
    unrecorded: ["unrecorded"],
    bypassed: ["bypassed"],
    exempt: ["exempt"],
  },
);
const process = named(0, {
  startTime: "es_proxy_start_time_seconds",
  delayMean: "es_proxy_event_loop_delay_mean_seconds",
  delayP99: "es_proxy_event_loop_delay_p99_seconds",
  delayMax: "es_proxy_event_loop_delay_max_seconds",
  cpu: "es_proxy_cpu_seconds_total",
  resident: "es_proxy_resident_memory_bytes",
  heap: "es_proxy_heap_bytes",
});
const build = named(2, { info: "es_proxy_build_info" });
/** Filled in by the one process that the operator signals. */
const service = named(
  0,
  {
    workers: "es_proxy_workers",
    restarts: "es_proxy_worker_restarts_total",
    reloadsOk: "es_proxy_reloads_total",
    reloadsFailed: "es_proxy_reloads_total",
    draining: "es_proxy_draining",
  },
  { reloadsOk: ["ok"], reloadsFailed: ["failed"] },
);

/**
 * Where the numbers of each kind of block stand; a route's are written through `RouteMetrics`, a
 * TCP listener's through `TcpListenerMetrics`, too.
 */
export const slot = {
  listener: listener.at,
  pool: pool.at,
  endpoint: endpoint.at,
  audit: audit.at,
  follower: follower.at,
  shipping: shipping.at,
  coverage: coverage.at,
  process: process.at,
  build: build.at,
  service: service.at,
};

/** What the numbers of each kind of block mean. */
export const layouts = {
  build: build.layout,
  service: service.layout,
  process: process.layout,
  route: routeLayout,
  listener: listener.layout,
  tcp: tcpLayout,
  pool: pool.layout,
  endpoint: endpoint.layout,
  audit: audit.layout,
  follower: follower.layout,
  shipping: shipping.layout,
  coverage: coverage.layout,
} as const satisfies Readonly<Record<string, Layout>>;

/** The kinds of things that are measured. */
export type BlockKind = keyof typeof layouts;
