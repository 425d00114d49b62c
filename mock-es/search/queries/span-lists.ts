/** Spans of positions, combined as Lucene's span iterators combine them. */

/** A stretch of positions. */
export interface Span {
  readonly start: number;
  /** Behind the last position. */
  readonly end: number;
  /** What a match counts less for: `1 / (1 + width)`. */
  readonly width: number;
}

/** Spans in the order in which they are found: by start, then by end. */
export type Spans = readonly Span[];

/** A place in a list of spans; before the first one at -1, behind the last at `Infinity`. */
class Cursor {
  start = -1;
  end = -1;
  readonly #spans: Spans;
  #next = 0;

  constructor(spans: Spans) {
    this.#spans = spans;
  }

  next(): boolean {
    const found = this.#spans[this.#next++];
    this.start = found?.start ?? Infinity;
    this.end = found?.end ?? Infinity;
    return found !== undefined;
  }
}

/** A part of an ordered combination: spans, or so many positions that anything may stand at. */
export type NearPart = Spans | { readonly gap: number };

function isGap(part: NearPart): part is { readonly gap: number } {
  return !Array.isArray(part);
}

/** Every list once, in this order and without overlaps (NearSpansOrdered). */
export function orderedSpans(parts: readonly NearPart[], slop: number): Spans {
  const [first, ...others] = parts;
  if (first === undefined || isGap(first)) return [];
  const cursors = others.map((part) => (isGap(part) ? part : new Cursor(part)));
  const found: Span[] = [];
  for (const { start, end } of first) {
    let before = end;
    let width = 0;
    for (const cursor of cursors) {
      if (!(cursor instanceof Cursor)) {
        before += cursor.gap;
        continue;
      }
      while (cursor.start < before) if (!cursor.next()) return found;
      width += cursor.start - before;
      before = cursor.end;
    }
    if (width <= slop) found.push({ start, end: before, width });
  }
  return found;
}

/** Every list once, in any order (NearSpansUnordered). */
export function unorderedSpans(lists: readonly Spans[], slop: number): Spans {
  const cursors = lists.map((list) => new Cursor(list));
  const found: Span[] = [];
  if (!cursors.every((cursor) => cursor.next())) return found;
  const lengthOf = ({ start, end }: Cursor): number => end - start;
  let length = cursors.reduce((sum, cursor) => sum + lengthOf(cursor), 0);
  let end = Math.max(...cursors.map((cursor) => cursor.end));
  for (;;) {
    const top = cursors.reduce((best, cursor) => (isBefore(cursor, best) ? cursor : best));
    if (end - top.start - length <= slop)
      found.push({ start: top.start, end, width: end - top.start });
    length -= lengthOf(top);
    if (!top.next()) return found;
    length += lengthOf(top);
    end = Math.max(end, top.end);
  }
}

function isBefore(a: Cursor, b: Cursor): boolean {
  return a.start === b.start ? a.end < b.end : a.start < b.start;
}

/** All spans of all lists. */
export function anySpans(lists: readonly Spans[]): Spans {
  return lists.flat().sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Spans that no excluded one is near: so many positions before or after. */
export function withoutSpans(spans: Spans, excluded: Spans, before: number, after: number): Spans {
  const exclude = new Cursor(excluded);
  if (!exclude.next()) return spans;
  return spans.filter(({ start, end }) => {
    while (exclude.end <= start - before) if (!exclude.next()) break;
    return exclude.start - after >= end;
  });
}

/** Spans that end at a position, or before it. */
export function firstSpans(spans: Spans, end: number): Spans {
  return spans.filter((span) => span.end <= end);
}

/** Big spans that hold a little one. */
export function containingSpans(big: Spans, little: Spans): Spans {
  const inner = new Cursor(little);
  if (!inner.next()) return [];
  return big.filter(({ start, end }) => {
    while (inner.start < start) inner.next();
    return inner.end <= end;
  });
}

/** Little spans that a big one holds. */
export function withinSpans(little: Spans, big: Spans): Spans {
  const outer = new Cursor(big);
  if (!outer.next()) return [];
  return little.filter(({ start, end }) => {
    while (outer.end < end) outer.next();
    return outer.start <= start;
  });
}
