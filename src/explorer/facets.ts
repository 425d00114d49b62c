/** The values that the entries of an answer have, by the fields that people narrow it down with. */
import { columnOf } from "../audit/read/entry-columns.ts";
import { byName, Grouping } from "../audit/read/grouping.ts";
import type { SegmentOverview } from "../audit/index/segment-overview.ts";
import type { TrailEntry } from "../audit/read/trail-entry.ts";

/** By which columns, and what a filter calls them; reads are known where the filter asks. */
const facetNames = ["user", "action", "index", "source", "status", "outcome", "read"] as const;
/** Values of each. */
const shown = 12;
/** Values that are proposed while a filter is typed. */
const proposed = 2000;

/** One value and how many entries have it. */
export interface FacetValue {
  /** `null`: those beyond a bound of memory, together. */
  readonly value: string | null;
  readonly count: number;
}

/** The most frequent values of a column. */
export interface Facet {
  readonly name: string;
  readonly values: readonly FacetValue[];
}

/** Counts values. */
export class Facets {
  readonly #groupings = facetNames.flatMap((name) => {
    const column = columnOf(name);
    return column === undefined
      ? []
      : [{ name, grouping: new Grouping(column, () => ({ count: 0 })) }];
  });

  add(entry: TrailEntry): void {
    for (const { grouping } of this.#groupings)
      for (const group of grouping.groupsOf(entry)) group.count += 1;
  }

  /** Adds what was counted of a whole segment. */
  merge({ values }: SegmentOverview): void {
    for (const { name, grouping } of this.#groupings)
      for (const [value, count] of values[name] ?? []) grouping.group(value).count += count;
  }

  /** The most frequent values; entries without a value do not count. */
  first(): Facet[] {
    return this.#groupings.map(({ name, grouping }) => ({
      name,
      values: ranked(grouping).slice(0, shown),
    }));
  }

  /** Values of one column that begin so, the most frequent first. */
  proposals(name: string, prefix: string): string[] {
    const found = this.#groupings.find((facet) => facet.name === name);
    if (found === undefined) return [];
    return ranked(found.grouping)
      .slice(0, proposed)
      .flatMap(({ value }) => (value?.startsWith(prefix) === true ? [value] : []));
  }
}

function ranked(grouping: Grouping<{ count: number }>): FacetValue[] {
  return [...grouping.groups()]
    .filter(([value]) => value !== "")
    .sort(([name, one], [otherName, other]) => other.count - one.count || byName(name, otherName))
    .map(([value, { count }]) => ({ value: value ?? null, count }));
}
