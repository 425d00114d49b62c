import type {
  EndpointReport,
  EndpointState,
  PoolReport,
  ProcessReport,
} from "../admin/process-report.ts";
import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import type { HttpListener } from "../http/http-listener.ts";
import { slot } from "../metrics/metric-slots.ts";
import type { ProcessMeter } from "../metrics/process-meter.ts";
import type { Registry } from "../metrics/registry.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import type { BuiltPool } from "./pools.ts";

/** The parts of a process that are measured. */
export interface ReportSources {
  readonly registry: Registry;
  readonly meter: ProcessMeter;
  readonly listeners: readonly HttpListener[];
  readonly pools: Iterable<BuiltPool>;
  readonly trail: AuditTrail | undefined;
}

/**
 * Brings the metrics up to date and gives the report of this process. Runs when a report is asked
 * for, never on the data path.
 */
export function collectReport({
  registry,
  meter,
  listeners,
  pools,
  trail,
}: ReportSources): ProcessReport {
  meter.collect();
  for (const listener of listeners) listener.collect();
  const poolReports = [...pools].map((built) => collectPool(registry, built));
  const audit = trail?.stats;
  if (audit !== undefined) {
    const { values } = registry.block("audit");
    values[slot.audit.records] = audit.records;
    values[slot.audit.bytes] = audit.bytes;
    values[slot.audit.gaps] = audit.gaps;
    values[slot.audit.dropped] = audit.dropped;
    values[slot.audit.bodyFailures] = audit.bodyFailures;
    values[slot.audit.incidents] = audit.incidents;
    values[slot.audit.openExchanges] = audit.openExchanges;
    values[slot.audit.failing] = audit.isFailing ? 1 : 0;
  }
  return {
    metrics: registry.snapshot(),
    listeners: listeners.map((listener) => ({
      name: listener.context.name,
      url: listener.url,
      connections: listener.connections.size,
      idle: listener.context.metrics.listener[slot.listener.idle] ?? 0,
    })),
    pools: poolReports,
    audit: audit && {
      records: audit.records,
      gaps: audit.gaps,
      dropped: audit.dropped,
      openExchanges: audit.openExchanges,
      incidents: audit.incidents,
      isFailing: audit.isFailing,
    },
  };
}

function collectPool(registry: Registry, { config, pool }: BuiltPool): PoolReport {
  registry.block("pool", config.name).values[slot.pool.pending] = pool.pendingCount;
  return {
    name: config.name,
    pending: pool.pendingCount,
    endpoints: pool.endpoints.map((endpoint) =>
      collectEndpoint(registry, config.name, endpoint, pool.idleCount(endpoint)),
    ),
  };
}

function collectEndpoint(
  registry: Registry,
  pool: string,
  endpoint: Endpoint,
  idle: number,
): EndpointReport {
  const { values } = registry.block("endpoint", pool, endpoint.address.url);
  const { totals } = endpoint;
  values[slot.endpoint.healthy] = endpoint.isHealthy ? 1 : 0;
  values[slot.endpoint.ejected] = endpoint.ejectedUntilMs === 0 ? 0 : 1;
  values[slot.endpoint.ejections] = totals.ejections;
  values[slot.endpoint.becameHealthy] = totals.becameHealthy;
  values[slot.endpoint.becameUnhealthy] = totals.becameUnhealthy;
  values[slot.endpoint.requests] = totals.requests;
  values[slot.endpoint.failures] = totals.failures;
  values[slot.endpoint.connectFailures] = totals.connectFailures;
  values[slot.endpoint.active] = endpoint.active;
  values[slot.endpoint.open] = endpoint.open;
  values[slot.endpoint.idle] = idle;
  values[slot.endpoint.parked] = endpoint.parked;
  return {
    url: endpoint.address.url,
    state: stateOf(endpoint),
    active: endpoint.active,
    connections: endpoint.open,
    idle,
    requests: totals.requests,
    failures: totals.failures,
  };
}

function stateOf(endpoint: Endpoint): EndpointState {
  if (!endpoint.isHealthy) return "unhealthy";
  return endpoint.ejectedUntilMs === 0 ? "healthy" : "ejected";
}
