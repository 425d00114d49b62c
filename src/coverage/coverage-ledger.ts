/** What the trail records of the comparison with the nodes' counters. */
import { addCounts, coveragePercent, noCounts } from "./coverage-status.ts";
import type { CoverageCounts, CoverageStatus } from "./coverage-status.ts";
import type { BypassingRequests } from "./interval.ts";

/** Details of an `audit.coverage` event. */
export interface CoverageEvent {
  readonly outcome: "success" | "failure";
  readonly fields: Readonly<Record<string, string | number | readonly string[]>>;
}

/** Milliseconds between two events, while all requests are on record. */
const quietMs = 3_600_000;
const maxClients = 10;
const maxText = 200;

/**
 * Sums what is measured into events: one at once when something is missing, else one an hour, so
 * that the events of a trail together hold every request.
 */
export class CoverageLedger {
  #counts = noCounts();
  readonly #clients = new Map<string, number>();
  #fromMs = 0;
  #toMs = 0;
  #status: CoverageStatus | undefined = undefined;

  /** @returns the event that is due; `undefined`: none is */
  add(status: CoverageStatus, bypassing: readonly BypassingRequests[]): CoverageEvent | undefined {
    const { last, measuredMs } = status;
    if (this.#fromMs === 0) this.#fromMs = Math.round(measuredMs - last.seconds * 1000);
    this.#toMs = measuredMs;
    this.#status = status;
    this.#counts = addCounts(this.#counts, last);
    for (const { address, agent, requests } of bypassing) {
      const name = agent === "" ? address : `${address} ${agent.slice(0, maxText)}`;
      this.#clients.set(name, (this.#clients.get(name) ?? 0) + requests);
    }
    const isDue = !isWhole(this.#counts) || this.#toMs - this.#fromMs >= quietMs;
    return isDue ? this.take() : undefined;
  }

  /** What has been summed since the last event; `undefined`: nothing. */
  take(): CoverageEvent | undefined {
    const status = this.#status;
    if (status === undefined) return undefined;
    const counts = this.#counts;
    const percent = coveragePercent(counts);
    const clients = [...this.#clients]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, maxClients)
      .map(([name, requests]) => `${name} (${requests} requests)`);
    const event: CoverageEvent = {
      outcome: isWhole(counts) ? "success" : "failure",
      fields: {
        from: new Date(this.#fromMs).toISOString(),
        to: new Date(this.#toMs).toISOString(),
        nodes: status.nodes,
        recorded: counts.recorded,
        unrecorded: counts.unrecorded,
        bypassed: counts.bypassed,
        exempt: counts.exempt,
        lost_connections: counts.lostConnections,
        ...(percent === undefined ? {} : { percent }),
        ...(status.identifiedBy === undefined ? {} : { identified_by: status.identifiedBy }),
        ...(clients.length === 0 ? {} : { clients }),
      },
    };
    this.#counts = noCounts();
    this.#clients.clear();
    this.#fromMs = this.#toMs;
    this.#status = undefined;
    return event;
  }
}

function isWhole({ unrecorded, bypassed, lostConnections }: CoverageCounts): boolean {
  return unrecorded + bypassed + lostConnections === 0;
}
