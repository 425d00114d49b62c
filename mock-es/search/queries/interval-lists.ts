/** Minimal intervals of positions, combined as Lucene's interval iterators combine them. */

/** A stretch of positions, both ends included. */
export interface Interval {
  readonly start: number;
  readonly end: number;
  /** Positions within that no part of it stands on. */
  readonly gaps: number;
  /** Positions that count as its own when others are put around it. Absent: all of them. */
  readonly width?: number;
}

/** Intervals by their ends; none holds another one, except those that filters refer to. */
export type Intervals = readonly Interval[];

/** Goes through a list; -1 before its first interval and `Infinity` after its last. */
class Cursor {
  start = -1;
  end = -1;
  width = 0;
  readonly #list: Intervals;
  #next = 0;

  constructor(list: Intervals) {
    this.#list = list;
  }

  next(): boolean {
    const found = this.#list[this.#next++];
    this.start = found?.start ?? Infinity;
    this.end = found?.end ?? Infinity;
    this.width = found?.width ?? this.end - this.start + 1;
    return found !== undefined;
  }
}

function joined(cursors: readonly Cursor[], start: number, end: number): Interval {
  let gaps = end - start + 1;
  for (const cursor of cursors) gaps -= cursor.width;
  return { start, end, gaps };
}

/** Every list once, each directly behind the one before. */
export function blocks(lists: readonly Intervals[]): Intervals {
  const cursors = lists.map((list) => new Cursor(list));
  const [first, ...others] = cursors;
  const found: Interval[] = [];
  while (first?.next() === true) {
    let before: Cursor = first;
    let isBlock = true;
    for (const cursor of others) {
      while (cursor.start <= before.end) if (!cursor.next()) return found;
      isBlock = cursor.start === before.end + 1;
      if (!isBlock) break;
      before = cursor;
    }
    if (isBlock) found.push({ start: first.start, end: before.end, gaps: 0 });
  }
  return found;
}

/** Every list once, in this order and without overlaps. */
export function ordered(lists: readonly Intervals[]): Intervals {
  const cursors = lists.map((list) => new Cursor(list));
  const [first] = cursors;
  const last = cursors.at(-1);
  const found: Interval[] = [];
  if (first === undefined || last === undefined || !first.next()) return found;
  // Cursors before this one are in order; behind it they are as they were when last all were.
  let at = 1;
  let best: Interval | undefined;
  let bound = Infinity;
  // Brings the cursors in order; false where no interval ends before the best one's last part.
  const align = (): boolean => {
    let before = cursors[at - 1] ?? last;
    for (;;) {
      if (before.end >= bound) return false;
      const cursor = cursors[at];
      if (cursor === undefined || cursor.start > before.end) return true;
      do {
        if (cursor.end >= bound || !cursor.next()) return false;
      } while (cursor.start <= before.end);
      before = cursor;
      at++;
    }
  };
  for (;;) {
    // The best interval is made shorter by moving its start on, while that is possible.
    while (align()) {
      best = joined(cursors, first.start, last.end);
      bound = last.start;
      at = 1;
      if (!first.next()) break;
    }
    if (best === undefined) return found;
    found.push(best);
    best = undefined;
    bound = Infinity;
    if (cursors.some((cursor) => cursor.end === Infinity)) return found;
  }
}

/** Every list once, in any order; overlaps are allowed. */
export function unordered(lists: readonly Intervals[]): Intervals {
  const cursors = lists.map((list) => new Cursor(list));
  const found: Interval[] = [];
  if (!cursors.every((cursor) => cursor.next())) return found;
  let right = Math.max(...cursors.map((cursor) => cursor.end));
  let start = -1;
  for (;;) {
    let top = leftmost(cursors);
    while (top !== undefined && top.start === start) {
      if (!top.next()) return found;
      right = Math.max(right, top.end);
      top = leftmost(cursors);
    }
    if (top === undefined) return found;
    for (;;) {
      start = top.start;
      const next = joined(cursors, start, right);
      const isWhole: boolean = top.end === next.end;
      const isLast: boolean = !isWhole && !top.next();
      if (!isWhole && !isLast) {
        right = Math.max(right, top.end);
        if (right === next.end) {
          top = leftmost(cursors) ?? top;
          continue;
        }
      }
      found.push(next);
      if (isLast) return found;
      break;
    }
  }
}

function leftmost(cursors: readonly Cursor[]): Cursor | undefined {
  let best: Cursor | undefined;
  for (const cursor of cursors) {
    const isBefore =
      best === undefined ||
      cursor.start < best.start ||
      (cursor.start === best.start && cursor.end > best.end);
    if (isBefore) best = cursor;
  }
  return best;
}

/** The same list several times in a row. */
export function repeated(list: Intervals, count: number): Intervals {
  const found: Interval[] = [];
  for (let at = 0; at + count <= list.length; at++) {
    const window = list.slice(at, at + count);
    const start = window[0]?.start ?? 0;
    const end = window.at(-1)?.end ?? 0;
    const width = window.reduce((sum, part) => sum + part.end - part.start + 1, 0);
    found.push({ start, end, gaps: end - start + 1 - width, width });
  }
  return found;
}

/** Any of the lists; an interval that holds one of another list is left out. */
export function union(lists: readonly Intervals[]): Intervals {
  const all = lists.flat().sort((a, b) => a.end - b.end || b.start - a.start);
  const found: Interval[] = [];
  for (const interval of all) {
    const last = found.at(-1);
    if (last === undefined || interval.start > last.start) found.push(interval);
  }
  return found;
}

/** How the intervals that a filter keeps stand to those that it names. */
export type Relation =
  | "containing"
  | "contained_by"
  | "overlapping"
  | "not_containing"
  | "not_contained_by"
  | "not_overlapping";

/** The intervals of a list that stand in a relation to any, or to none, of another list. */
export function related(list: Intervals, relation: Relation, others: Intervals): Intervals {
  const other = new Cursor(others);
  other.next();
  return list.filter(({ start, end }) => {
    switch (relation) {
      case "containing":
        while (other.start < start) other.next();
        return other.end <= end;
      case "not_containing":
        // Lucene leaves out what overlaps the other's start, too (NotContainingIntervalsSource).
        while (other.start < start && other.end < end) other.next();
        return other.start > end;
      case "contained_by":
      case "not_contained_by":
        while (other.end < end) other.next();
        return other.start <= start === (relation === "contained_by");
      default:
        while (other.end < start) other.next();
        return other.start <= end === (relation === "overlapping");
    }
  });
}
