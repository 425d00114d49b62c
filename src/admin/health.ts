import type { PoolReport, ProcessReport } from "./process-report.ts";

/**
 * `degraded`: everything is served, but with less than configured. `failing`: something is not
 * served or not recorded.
 */
export type HealthLevel = "ok" | "degraded" | "failing";

/** How well the proxy can do its work, as `/health` shows it. */
export interface Health {
  readonly status: HealthLevel;
  readonly pools: Readonly<Record<string, HealthLevel>>;
  /** `none`: nothing is recorded. */
  readonly audit: HealthLevel | "none";
}

/**
 * Judges a report. A pool without any available endpoint fails; so does an audit that cannot store.
 */
export function healthOf({ pools, audit, follower }: ProcessReport): Health {
  const levels = pools.map((pool) => [pool.name, poolLevel(pool)] as const);
  const auditLevel =
    audit === undefined
      ? "none"
      : audit.isFailing
        ? "failing"
        : audit.incidents > 0 || (follower?.incidents ?? 0) > 0 || (follower?.brokenLogs ?? 0) > 0
          ? "degraded"
          : "ok";
  const all = [...levels.map(([, level]) => level), auditLevel];
  const status = all.includes("failing") ? "failing" : all.includes("degraded") ? "degraded" : "ok";
  return { status, pools: Object.fromEntries(levels), audit: auditLevel };
}

function poolLevel({ endpoints }: PoolReport): HealthLevel {
  const available = endpoints.filter(({ state }) => state === "healthy").length;
  if (available === 0) return "failing";
  return available < endpoints.length ? "degraded" : "ok";
}
