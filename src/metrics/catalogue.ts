/** How a metric behaves; the words of the Prometheus text format. */
export type MetricType = "counter" | "gauge" | "histogram";

/** One metric: its help, its labels, and how the values of several worker processes become one. */
export interface MetricSpec {
  readonly type: MetricType;
  /** One sentence without a full stop; the unit is in the name (base units: seconds, bytes). */
  readonly help: string;
  /**
   * Names of the labels, in order. Their values come from the configuration and from fixed tables
   * only, never from a request.
   */
  readonly labels: readonly string[];
  /** `sum` over workers, or the largest or smallest value of them. */
  readonly merge: "sum" | "max" | "min";
}

const counter = (help: string, ...labels: string[]): MetricSpec => ({
  type: "counter",
  help,
  labels,
  merge: "sum",
});
const gauge = (help: string, ...labels: string[]): MetricSpec => ({
  type: "gauge",
  help,
  labels,
  merge: "sum",
});
const largest = (help: string, ...labels: string[]): MetricSpec => ({
  type: "gauge",
  help,
  labels,
  merge: "max",
});
const smallest = (help: string, ...labels: string[]): MetricSpec => ({
  type: "gauge",
  help,
  labels,
  merge: "min",
});
const histogram = (help: string, ...labels: string[]): MetricSpec => ({
  type: "histogram",
  help,
  labels,
  merge: "sum",
});

/**
 * Every metric, in the order of the output. Exchanges that no route took (malformed requests, 404)
 * have the route `(none)`.
 */
export const catalogue = {
  es_proxy_build_info: largest("Version of es-proxy and of Node.js; always 1", "version", "node"),
  es_proxy_start_time_seconds: smallest(
    "When the oldest process that relays started, in seconds since the Unix epoch",
  ),
  es_proxy_workers: gauge("Processes that relay"),
  es_proxy_worker_restarts_total: counter("Worker processes that died and were replaced"),
  es_proxy_reloads_total: counter("Reloads of the configuration by result (ok, failed)", "result"),
  es_proxy_draining: largest("1 while the proxy is draining"),

  es_proxy_requests_total: counter(
    "Exchanges that ended, by class of the status sent to the client (none: no status) and " +
      "by outcome",
    "listener",
    "route",
    "status_class",
    "outcome",
  ),
  es_proxy_requests_active: gauge("Exchanges in progress", "listener", "route"),
  es_proxy_request_duration_seconds: histogram(
    "Time from the request's head to the end of the exchange",
    "listener",
    "route",
  ),
  es_proxy_request_bytes_total: counter(
    "Bytes of requests received, heads included",
    "listener",
    "route",
  ),
  es_proxy_response_bytes_total: counter(
    "Bytes of responses sent, heads included",
    "listener",
    "route",
  ),
  es_proxy_retries_total: counter("Second and later attempts", "listener", "route"),
  es_proxy_request_failures_total: counter(
    "Exchanges that were rejected or failed, by error code",
    "listener",
    "route",
    "code",
  ),
  es_proxy_client_aborts_total: counter("Exchanges whose client went away", "listener", "route"),
  es_proxy_upstream_aborts_total: counter(
    "Exchanges that an endpoint broke off",
    "listener",
    "route",
  ),
  es_proxy_slow_uploads_total: counter(
    "Requests whose head or body did not arrive in time",
    "listener",
    "route",
  ),
  es_proxy_slow_downloads_total: counter(
    "Exchanges ended because the client stopped reading",
    "listener",
    "route",
  ),

  es_proxy_listener_connections_total: counter(
    "Connections accepted, after the TLS handshake",
    "listener",
  ),
  es_proxy_listener_connections_open: gauge("Open client connections", "listener"),
  es_proxy_listener_connections_idle: gauge("Client connections between two exchanges", "listener"),
  es_proxy_listener_connections_refused_total: counter(
    "Connections closed at once because of max_connections",
    "listener",
  ),
  es_proxy_listener_tls_failures_total: counter(
    "TLS handshakes with clients that failed",
    "listener",
  ),
  es_proxy_sniff_answers_total: counter(
    "Requests for addresses of nodes, with which clients go past the proxy, by what was done " +
      "(passed, blocked, rewritten)",
    "listener",
    "action",
  ),

  es_proxy_tcp_decisions_total: counter(
    "Decisions of the router by kind (remote, pool, close)",
    "listener",
    "decision",
  ),
  es_proxy_tcp_sessions_total: counter(
    "TCP sessions that ended, by outcome",
    "listener",
    "outcome",
  ),
  es_proxy_tcp_failures_total: counter(
    "TCP sessions that did not get what they wanted, by reason",
    "listener",
    "reason",
  ),
  es_proxy_tcp_bytes_total: counter(
    "Bytes sent to servers (up) and to clients (down)",
    "listener",
    "direction",
  ),

  es_proxy_pool_pending: gauge("Exchanges that wait for a connection", "pool"),
  es_proxy_endpoint_healthy: smallest(
    "1 when the active health check finds the endpoint healthy, or there is none",
    "pool",
    "endpoint",
  ),
  es_proxy_endpoint_ejected: largest(
    "1 while outlier detection leaves the endpoint out",
    "pool",
    "endpoint",
  ),
  es_proxy_endpoint_ejections_total: counter("Ejections by outlier detection", "pool", "endpoint"),
  es_proxy_endpoint_health_transitions_total: counter(
    "Changes that the active health check noted, by new state (healthy, unhealthy)",
    "pool",
    "endpoint",
    "state",
  ),
  es_proxy_endpoint_requests_total: counter("Attempts at the endpoint", "pool", "endpoint"),
  es_proxy_endpoint_failures_total: counter(
    "Attempts that could not connect or were broken off",
    "pool",
    "endpoint",
  ),
  es_proxy_endpoint_connect_failures_total: counter(
    "Connections that could not be opened",
    "pool",
    "endpoint",
  ),
  es_proxy_endpoint_requests_active: gauge(
    "Exchanges that the endpoint is serving",
    "pool",
    "endpoint",
  ),
  es_proxy_endpoint_connections_open: gauge(
    "Connections to the endpoint: connecting, busy and idle",
    "pool",
    "endpoint",
  ),
  es_proxy_endpoint_connections_idle: gauge("Idle connections to the endpoint", "pool", "endpoint"),
  es_proxy_endpoint_connections_parked: gauge(
    "Connections to the endpoint that wait for slow clients and leave their places to others",
    "pool",
    "endpoint",
  ),

  es_proxy_audit_records_total: counter("Audit records stored"),
  es_proxy_audit_bytes_total: counter("Bytes of audit records stored"),
  es_proxy_audit_gaps_total: counter("Gap records among them"),
  es_proxy_audit_dropped_total: counter("Audit records lost"),
  es_proxy_audit_body_failures_total: counter("Bodies that should be in a body pack and are not"),
  es_proxy_audit_foreign_appends_total: counter("Times that others appended to an audit file"),
  es_proxy_audit_open_exchanges: gauge(
    "Exchanges with a request record and no terminal record yet",
  ),
  es_proxy_audit_failing: largest("1 while audit records cannot be stored"),

  es_proxy_audit_followed_total: counter("Audit records that the follower has read"),
  es_proxy_audit_follower_behind_records: gauge("Audit records that the follower has yet to read"),
  es_proxy_audit_follower_behind_seconds: largest("Time since the follower had read everything"),
  es_proxy_audit_log_size: gauge("Entries of the transparency logs"),
  es_proxy_audit_checkpoint_age_seconds: largest("Time since the newest signed checkpoint"),
  es_proxy_audit_incidents_total: counter("Changes of audit files behind the follower's back"),
  es_proxy_audit_logs_broken: gauge("Transparency logs that are not signed any more"),

  es_proxy_audit_shipped_total: counter("Documents that were shipped to data streams"),
  es_proxy_audit_ship_refused_total: counter("Documents that a data stream will never take"),
  es_proxy_audit_ship_failures_total: counter("Requests to data streams that failed"),
  es_proxy_audit_ship_lost_total: counter(
    "How often segments were found to be removed before they were shipped",
  ),
  es_proxy_audit_ship_behind_seconds: largest("Time since everything had been shipped"),
  es_proxy_coverage_ratio: smallest(
    "Part of the requests served by the nodes between the last two looks that is on record, from " +
      "0 to 1; 1 when there were none",
  ),
  es_proxy_coverage_requests_total: counter(
    "Requests that the nodes have served, by what is known of them (recorded, unrecorded, " +
      "bypassed, exempt)",
    "kind",
  ),
  es_proxy_coverage_lost_connections_total: counter(
    "Connections to nodes that were opened and forgotten between two looks",
  ),
  es_proxy_coverage_clients: gauge("Clients that were seen to go past the proxy"),
  es_proxy_coverage_failed_looks_total: counter("Looks at the nodes' counters that failed"),
  es_proxy_coverage_age_seconds: largest("Time since the last look that could be compared"),

  es_proxy_event_loop_delay_mean_seconds: largest(
    "Mean delay of the event loop since the last scrape; the slowest process",
  ),
  es_proxy_event_loop_delay_p99_seconds: largest(
    "99th percentile of that delay; the slowest process",
  ),
  es_proxy_event_loop_delay_max_seconds: largest("Longest such delay; the slowest process"),
  es_proxy_cpu_seconds_total: counter("CPU time of the processes that relay, user and system"),
  es_proxy_resident_memory_bytes: gauge("Resident memory of the processes that relay"),
  es_proxy_heap_bytes: gauge("JavaScript heap in use in the processes that relay"),
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** The name of a metric that exists. */
export type MetricName = keyof typeof catalogue;

/** Every name, in the order of the output. */
export const metricNames = Object.keys(catalogue) as readonly MetricName[];
