/** The state of the proxy in the words of its status page. */
import type { FollowerStatus } from "../audit/follow/follower.ts";
import { coveragePercent } from "../coverage/coverage-status.ts";
import type { CoverageCounts, CoverageStatus } from "../coverage/coverage-status.ts";
import type { AdminSource } from "./admin-source.ts";
import { healthOf } from "./health.ts";
import type { ProcessReport } from "./process-report.ts";

/** What `/` of the admin listener shows: pools as numbers. */
export function statusFields(source: AdminSource, report: ProcessReport): Record<string, unknown> {
  const { version, node, pid, startedAt, reloads, workers, explorer } = source.facts();
  return {
    name: "es-proxy",
    version,
    node,
    pid,
    state: source.state,
    started_at: startedAt,
    uptime_seconds: Math.round((Date.now() - Date.parse(startedAt)) / 1000),
    health: healthOf(report).status,
    reloads: { ok: reloads.ok, failed: reloads.failed, last_problems: reloads.lastProblems },
    explorer,
    workers,
    listeners: report.listeners,
    pools: report.pools.map(({ name, pending, endpoints }) => ({
      name,
      pending,
      endpoints: endpoints.length,
      available: endpoints.filter(({ state }) => state === "healthy").length,
    })),
    audit: report.audit && {
      records: report.audit.records,
      gaps: report.audit.gaps,
      dropped: report.audit.dropped,
      open_exchanges: report.audit.openExchanges,
      incidents: report.audit.incidents,
      failing: report.audit.isFailing,
    },
    follower: report.follower && followerFields(report.follower),
    shipping: report.shipping?.map(
      ({ target, shipped, refused, failures, lost, secondsBehind }) => ({
        target,
        shipped,
        refused,
        failures,
        lost,
        seconds_behind: secondsBehind,
      }),
    ),
    coverage: report.coverage && coverageFields(report.coverage),
  };
}

/** The same with each endpoint of each pool, and how well every part does. */
export async function wholeStatus(source: AdminSource): Promise<Record<string, unknown>> {
  const report = await source.report();
  return { ...statusFields(source, report), health: healthOf(report), pools: report.pools };
}

function coverageFields(status: CoverageStatus): object {
  const { state, problem, measuredMs } = status;
  return {
    state,
    problem,
    every_seconds: status.everyMs / 1000,
    measured_at: measuredMs === 0 ? undefined : new Date(measuredMs).toISOString(),
    identified_by: status.identifiedBy,
    nodes: status.nodes,
    failed_looks: status.failedLooks,
    last: countFields(status.last),
    total: countFields(status.total),
    clients: status.clients.map((client) => ({
      address: client.address,
      agent: client.agent,
      opaque_id: client.opaqueId,
      requests: client.requests,
      nodes: client.nodes,
      first_seen: new Date(client.firstSeenMs).toISOString(),
      last_seen: new Date(client.lastSeenMs).toISOString(),
    })),
  };
}

/** `percent` is absent where there were no requests. */
function countFields(counts: CoverageCounts): object {
  const { lostConnections, seconds, ...requests } = counts;
  return {
    percent: coveragePercent(counts),
    ...requests,
    lost_connections: lostConnections,
    seconds: Math.round(seconds),
  };
}

function followerFields(status: FollowerStatus): object {
  return {
    running: status.isRunning,
    records: status.records,
    records_behind: status.recordsBehind,
    seconds_behind: status.secondsBehind,
    log_size: status.treeSize,
    facts: status.facts,
    checkpoint_age_seconds: status.checkpointAgeSeconds,
    incidents: status.incidents,
    broken_logs: status.brokenLogs,
  };
}
