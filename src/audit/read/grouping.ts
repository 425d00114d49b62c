/** Counts entries by the values of one column. */
import type { EntryColumn } from "./entry-columns.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** More groups are counted together: memory is bounded whatever clients send. */
const maxGroups = 100_000;

/** Counts by value; an entry without a value counts for the empty one. */
export class Grouping<T> {
  readonly #column: EntryColumn;
  readonly #make: () => T;
  readonly #groups = new Map<string, T>();
  #others: T | undefined = undefined;
  /** Entries so far. */
  count = 0;

  /** @param make the state of a group */
  constructor(column: EntryColumn, make: () => T) {
    this.#column = column;
    this.#make = make;
  }

  /** The states of all groups that the entry belongs to: one for each of its values. */
  groupsOf(entry: TrailEntry): T[] {
    this.count += 1;
    const values = new Set(this.#column.values(entry).map(String));
    if (values.size === 0) values.add("");
    return Array.from(values, (value) => this.group(value));
  }

  /** All groups, those that were counted together as `undefined`. */
  *groups(): IterableIterator<readonly [value: string | undefined, state: T]> {
    yield* this.#groups;
    if (this.#others !== undefined) yield [undefined, this.#others];
  }

  /** The state of the group with this value. */
  group(value: string): T {
    const known = this.#groups.get(value);
    if (known !== undefined) return known;
    if (this.#groups.size >= maxGroups) return (this.#others ??= this.#make());
    const fresh = this.#make();
    this.#groups.set(value, fresh);
    return fresh;
  }
}

/** Orders groups that are alike otherwise; those that were counted together come last. */
export function byName(one: string | undefined, other: string | undefined): number {
  if (one === other) return 0;
  if (one === undefined || other === undefined) return one === undefined ? 1 : -1;
  return one < other ? -1 : 1;
}
