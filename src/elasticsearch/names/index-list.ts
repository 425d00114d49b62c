/** Splitting of comma-separated lists of index expressions. */

/** Items of a list, of which only the first are kept. */
export interface IndexList {
  /** The first items, in order, not empty, as written. */
  readonly items: readonly string[];
  /** How many items the list has; empty ones do not count. */
  readonly total: number;
}

/** A request may name a million indices; nobody reads more than these, the rest is counted. */
export const maxListItems = 1000;

/**
 * Splits a list at its commas, as Elasticsearch does: also at those within `<…>` and quotes, of
 * which it knows nothing here. No index has one in its name, so date math can have none.
 *
 * @param limit items to keep
 */
export function splitIndexList(text: string, limit: number = maxListItems): IndexList {
  const items: string[] = [];
  let total = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (at < text.length && text.charCodeAt(at) !== comma) continue;
    if (at > start) {
      if (total < limit) items.push(text.slice(start, at));
      total += 1;
    }
    start = at + 1;
  }
  return { items, total };
}

const comma = 0x2c;
const emptyItem = /^,|,,|,$/;

/**
 * Whether none of the items of a list is empty: `split(",")` gives them then, and whoever needs the
 * list as a whole need not split it.
 */
export function isSimpleList(text: string): boolean {
  return !emptyItem.test(text);
}
