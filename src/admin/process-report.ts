import type { FollowerStatus } from "../audit/follow/follower.ts";
import type { ShipStatus } from "../audit/ship/ship-host.ts";
import type { CoverageStatus } from "../coverage/coverage-status.ts";
import type { Snapshot } from "../metrics/registry.ts";
import { mergeSnapshots } from "../metrics/merge.ts";

/** The state of one process at one moment: plain data, so that a worker can send it. */
export interface ProcessReport {
  readonly metrics: Snapshot;
  readonly listeners: readonly ListenerReport[];
  readonly pools: readonly PoolReport[];
  /** `undefined`: nothing is recorded. */
  readonly audit: AuditReport | undefined;
  /** `undefined`: no follower runs in this process. */
  readonly follower?: FollowerStatus | undefined;
  /** Of the process that ships. */
  readonly shipping?: readonly ShipStatus[];
  /** `undefined`: the nodes' counters are not looked at, or by another process. */
  readonly coverage?: CoverageStatus | undefined;
}

export interface ListenerReport {
  readonly name: string;
  readonly url: string;
  /** Open now, and how many of them wait for a request. */
  readonly connections: number;
  readonly idle: number;
}

export interface PoolReport {
  readonly name: string;
  /** Exchanges that wait for a connection. */
  readonly pending: number;
  readonly endpoints: readonly EndpointReport[];
}

/** From the best to the worst. */
export const endpointStates = ["healthy", "ejected", "unhealthy"] as const;
export type EndpointState = (typeof endpointStates)[number];

export interface EndpointReport {
  readonly url: string;
  readonly state: EndpointState;
  /** Exchanges being served. */
  readonly active: number;
  readonly connections: number;
  readonly idle: number;
  /** Attempts, and those that could not connect or were broken off, since the start. */
  readonly requests: number;
  readonly failures: number;
}

export interface AuditReport {
  readonly records: number;
  readonly gaps: number;
  readonly dropped: number;
  readonly openExchanges: number;
  /** How often others had appended to the files. */
  readonly incidents: number;
  readonly isFailing: boolean;
}

/**
 * One report for processes that serve the same configuration: numbers are summed, the worst state
 * counts.
 */
export function mergeReports(reports: readonly ProcessReport[]): ProcessReport {
  const audits = reports.flatMap(({ audit }) => (audit === undefined ? [] : [audit]));
  return {
    metrics: mergeSnapshots(reports.map(({ metrics }) => metrics)),
    listeners: grouped(
      reports.flatMap(({ listeners }) => listeners),
      ({ name }) => name,
    ).map((same) => ({
      ...same[0],
      connections: sum(same, "connections"),
      idle: sum(same, "idle"),
    })),
    pools: grouped(
      reports.flatMap(({ pools }) => pools),
      ({ name }) => name,
    ).map((same) => ({
      name: same[0].name,
      pending: sum(same, "pending"),
      endpoints: mergeEndpoints(same.flatMap(({ endpoints }) => endpoints)),
    })),
    audit: audits.length === 0 ? undefined : mergeAudits(audits),
    shipping: reports.flatMap(({ shipping = [] }) => shipping),
    follower: reports.find(({ follower }) => follower !== undefined)?.follower,
    coverage: reports.find(({ coverage }) => coverage !== undefined)?.coverage,
  };
}

function mergeEndpoints(endpoints: readonly EndpointReport[]): EndpointReport[] {
  return grouped(endpoints, ({ url }) => url).map((same) => ({
    url: same[0].url,
    state: same
      .map(({ state }) => state)
      .reduce((worst, state) => (rank(state) > rank(worst) ? state : worst)),
    active: sum(same, "active"),
    connections: sum(same, "connections"),
    idle: sum(same, "idle"),
    requests: sum(same, "requests"),
    failures: sum(same, "failures"),
  }));
}

function mergeAudits(audits: readonly AuditReport[]): AuditReport {
  return {
    records: sum(audits, "records"),
    gaps: sum(audits, "gaps"),
    dropped: sum(audits, "dropped"),
    openExchanges: sum(audits, "openExchanges"),
    incidents: sum(audits, "incidents"),
    isFailing: audits.some(({ isFailing }) => isFailing),
  };
}

function rank(state: EndpointState): number {
  return endpointStates.indexOf(state);
}

/** In the order of first appearance; no group is empty. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function sum<K extends string>(items: readonly Readonly<Record<K, number>>[], key: K): number {
  return items.reduce((total, item) => total + item[key], 0);
}
