/** What groups of entries cost: how many, how slow, how large. */
import { columnOf, type EntryColumn } from "./entry-columns.ts";
import { byName, Grouping } from "./grouping.ts";
import { Quantiles } from "./quantiles.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** Sums over the entries of one group. */
export interface GroupTotals {
  count: number;
  /** Those whose client did not get what it asked for. */
  failures: number;
  /** Of bodies of requests. */
  bytesIn: number;
  /** Of bodies of answers. */
  bytesOut: number;
  documents: number;
  /** From the request's head to the answer's end, in milliseconds. */
  readonly wall: Quantiles;
  /** As Elasticsearch says, in milliseconds. */
  readonly took: Quantiles;
  /** The slowest entry: an example. */
  example: string;
}

/** What groups can be ordered by, the most of it first. */
export const groupOrders = ["count", "failed", "out", "in", "docs", "time", "p99", "max"] as const;
export type GroupOrder = (typeof groupOrders)[number];

/** A group and what it is called; `undefined`: all those beyond a bound of memory. */
export type NamedGroup = readonly [value: string | undefined, totals: GroupTotals];

/** Collects the totals of groups. */
export class TopGroups {
  readonly #grouping: Grouping<GroupTotals>;

  constructor(column: EntryColumn) {
    this.#grouping = new Grouping(column, emptyTotals);
  }

  add(entry: TrailEntry): void {
    const wall = numberOf(wallColumn, entry);
    const took = numberOf(tookColumn, entry);
    const isFailed = isFailure(entry);
    for (const totals of this.#grouping.groupsOf(entry)) {
      totals.count += 1;
      if (isFailed) totals.failures += 1;
      totals.bytesIn += numberOf(inColumn, entry) ?? 0;
      totals.bytesOut += numberOf(outColumn, entry) ?? 0;
      totals.documents += numberOf(docsColumn, entry) ?? 0;
      if (took !== undefined) totals.took.add(took);
      if (wall === undefined) continue;
      const { max } = totals.wall;
      // Of several the youngest, in whatever order they come.
      if (wall > max || totals.example === "" || (wall === max && entry.id > totals.example))
        totals.example = entry.id;
      totals.wall.add(wall);
    }
  }

  /** The first groups in an order. */
  first(order: GroupOrder, limit: number): NamedGroup[] {
    const all = Array.from(
      this.#grouping.groups(),
      (group) => [weight(group[1], order), group] as const,
    );
    return all
      .sort(([one, [name]], [other, [otherName]]) => other - one || byName(name, otherName))
      .slice(0, limit)
      .map(([, group]) => group);
  }
}

/** The client did not get what it asked for. */
export function isFailure(entry: TrailEntry): boolean {
  const status = entry.number("http.response.status_code");
  if (status !== undefined) return status >= 400;
  const outcome = entry.closing === undefined ? undefined : entry.text("event.outcome");
  return outcome === "failure" || outcome === "unknown";
}

const [wallColumn, tookColumn, inColumn, outColumn, docsColumn] = [
  "ms",
  "took",
  "in",
  "out",
  "docs",
].map(columnOf);

function numberOf(column: EntryColumn | undefined, entry: TrailEntry): number | undefined {
  const [value] = column?.values(entry) ?? [];
  return typeof value === "number" ? value : undefined;
}

function emptyTotals(): GroupTotals {
  return {
    count: 0,
    failures: 0,
    bytesIn: 0,
    bytesOut: 0,
    documents: 0,
    wall: new Quantiles(),
    took: new Quantiles(),
    example: "",
  };
}

function weight(totals: GroupTotals, order: GroupOrder): number {
  switch (order) {
    case "count":
      return totals.count;
    case "failed":
      return totals.failures;
    case "out":
      return totals.bytesOut;
    case "in":
      return totals.bytesIn;
    case "docs":
      return totals.documents;
    case "time":
      return totals.wall.sum;
    case "p99":
      return totals.wall.at(0.99) ?? 0;
    case "max":
      return totals.wall.max;
  }
}
