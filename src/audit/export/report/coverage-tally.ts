/** How much of what the cluster served is on record, out of the events of a trail. */
import type { TrailEntry } from "../../read/trail-entry.ts";

/**
 * Sums the `audit.coverage` events of a trail: what the nodes' own counters say of the time that
 * they span.
 */
export class CoverageTally {
  #events = 0;
  #recorded = 0;
  #unrecorded = 0;
  #bypassed = 0;
  #lost = 0;

  offer(entry: TrailEntry): void {
    if (entry.kind !== "event" || entry.text("event.action") !== "audit.coverage") return;
    const count = (name: string): number => entry.number(`es_proxy.event.${name}`) ?? 0;
    this.#events += 1;
    this.#recorded += count("recorded");
    this.#unrecorded += count("unrecorded");
    this.#bypassed += count("bypassed");
    this.#lost += count("lost_connections");
  }

  /** One line for the facts of a report. */
  get text(): string {
    if (this.#events === 0)
      return "not known: nobody compared the records with the nodes' own counters (audit.coverage)";
    const all = this.#recorded + this.#unrecorded + this.#bypassed;
    // Rounded down, so that 100 means all.
    const percent = all === 0 ? "–" : `${Math.floor((this.#recorded / all) * 10_000) / 100} %`;
    const missing = [
      `${this.#bypassed} past the proxy`,
      `${this.#unrecorded} through it without a record`,
      ...(this.#lost === 0 ? [] : [`and ${this.#lost} connections of which no more is known`]),
    ].join(", ");
    return `${percent} of ${all} requests that the nodes counted while they were asked: ${missing}`;
  }
}
