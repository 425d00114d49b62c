/** How much of what the nodes serve is on record: the values that status and events show. */

/** Requests in a span of time, by who asked. */
export interface CoverageCounts {
  /** Length of the span. */
  readonly seconds: number;
  /** Served through this proxy, with a record. */
  readonly recorded: number;
  /** Served through this proxy without one: routes with `level: none`, records that were lost. */
  readonly unrecorded: number;
  /** Served past this proxy. */
  readonly bypassed: number;
  /** From addresses in `exempt`. */
  readonly exempt: number;
  /**
   * Connections to nodes that were opened and forgotten between two looks; what they asked for is
   * not known.
   */
  readonly lostConnections: number;
}

/** A client that asks nodes directly. */
export interface BypassingClient {
  readonly address: string;
  /** `User-Agent`; empty: none. */
  readonly agent: string;
  /** `X-Opaque-Id` of the last look; empty: none. */
  opaqueId: string;
  requests: number;
  /** Names of the nodes that it asked, ten at most. */
  readonly nodes: string[];
  /** Milliseconds since the Unix epoch of the first and of the last look that showed it. */
  readonly firstSeenMs: number;
  lastSeenMs: number;
}

/** The state of the comparison. */
export interface CoverageStatus {
  /** `waiting`: two looks are needed. `unavailable`: the last look failed, `problem` says why. */
  readonly state: "waiting" | "measured" | "unavailable";
  readonly problem: string | undefined;
  readonly everyMs: number;
  /** Milliseconds since the Unix epoch of the last look that could be compared; 0: none. */
  readonly measuredMs: number;
  /**
   * How the proxy's own connections are told from others: each by its `connection`, or, where
   * something translates addresses, all of an `address`, which then hides others from there.
   */
  readonly identifiedBy: "connection" | "address" | undefined;
  readonly nodes: number;
  readonly failedLooks: number;
  /** Between the last two looks. */
  readonly last: CoverageCounts;
  /** Since the first look. */
  readonly total: CoverageCounts;
  /** Those with the most requests first, 50 at most. */
  readonly clients: readonly BypassingClient[];
}

/** Counts of nothing. */
export function noCounts(): CoverageCounts {
  return { seconds: 0, recorded: 0, unrecorded: 0, bypassed: 0, exempt: 0, lostConnections: 0 };
}

/** The sum of two spans. */
export function addCounts(a: CoverageCounts, b: CoverageCounts): CoverageCounts {
  return {
    seconds: a.seconds + b.seconds,
    recorded: a.recorded + b.recorded,
    unrecorded: a.unrecorded + b.unrecorded,
    bypassed: a.bypassed + b.bypassed,
    exempt: a.exempt + b.exempt,
    lostConnections: a.lostConnections + b.lostConnections,
  };
}

/**
 * The part of the requests that is on record, from 0 to 1; `undefined` when there were none. What
 * needs no record is not counted.
 */
export function coverageRatio(counts: CoverageCounts): number | undefined {
  const { recorded, unrecorded, bypassed } = counts;
  const all = recorded + unrecorded + bypassed;
  return all === 0 ? undefined : recorded / all;
}

/** Per cent with two decimals, rounded down, so that 100 means all. */
export function coveragePercent(counts: CoverageCounts): number | undefined {
  const ratio = coverageRatio(counts);
  return ratio === undefined ? undefined : Math.floor(ratio * 10_000) / 100;
}
