/** Sources of intervals: what a rule of an `intervals` query looks for in a document. */
import { notSupported } from "../../es-error.ts";
import type { SearchDocument } from "../fields/document.ts";
import { createTermReader } from "../fields/document-terms.ts";
import type { Field } from "../fields/field.ts";
import {
  blocks,
  type Interval,
  type Intervals,
  ordered,
  related,
  type Relation,
  repeated,
  union,
  unordered,
} from "./interval-lists.ts";

/** Finds intervals in documents. */
export interface IntervalSource {
  /** Sources that find the same have the same key. */
  readonly key: string;
  /** Positions that its shortest interval has. */
  readonly minExtent: number;
  readonly find: (document: SearchDocument) => Intervals;
  /** What it can be split into, so that no alternative hides a longer one. Absent: itself. */
  readonly alternatives?: () => readonly IntervalSource[];
  /** Of a conjunction: what it is made of, to be taken into one of the same kind around it. */
  readonly parts?: { readonly kind: Kind; readonly sources: readonly IntervalSource[] };
}

/** How the parts of a conjunction stand to each other. */
type Kind = "block" | "ordered" | "unordered";

/** Finds nothing, and has no alternatives: a filter that names it keeps nothing, as in Lucene. */
const noIntervals: IntervalSource = {
  key: "none",
  minExtent: 0,
  find: () => [],
  alternatives: () => [],
};

/** Combinations of alternatives that a rule may expand to; the server's bound is its memory's. */
const MAX_COMBINATIONS = 1024;

/** Terms of a field, one by one. */
export function termSource(
  field: Field,
  key: string,
  accepts: (term: string) => boolean,
): IntervalSource {
  const read = createTermReader(field);
  return {
    key: `${field.name}:${key}`,
    minExtent: 1,
    find(document) {
      const { terms, positions } = read(document);
      const found: Interval[] = [];
      for (let at = 0; at < terms.length; at++) {
        if (!accepts(terms[at] ?? "")) continue;
        const position = positions === undefined ? at : (positions[at] ?? 0);
        if (found.at(-1)?.start !== position)
          found.push({ start: position, end: position, gaps: 0 });
      }
      return found;
    },
  };
}

/** Any of several sources. */
export function anySource(
  sources: readonly IntervalSource[],
  canSplit: boolean = true,
): IntervalSource {
  const flat = sources.flatMap((source) =>
    source.key.startsWith("any(") ? (source.alternatives?.() ?? [source]) : [source],
  );
  const all = [...new Map(flat.map((source) => [source.key, source])).values()];
  const [only, second] = all;
  // Without alternatives it counts for nothing among others.
  if (only === undefined) return { ...noIntervals, key: "any()", minExtent: Infinity };
  if (second === undefined) return only;
  return {
    key: `any(${keysOf(all)})`,
    minExtent: Math.min(...all.map((source) => source.minExtent)),
    find: (document) => union(all.map((source) => source.find(document))),
    ...(canSplit ? { alternatives: () => all } : {}),
  };
}

/** All of several sources, with at most so many gaps between them; -1 for any number. */
export function allSource(
  sources: readonly IntervalSource[],
  isOrdered: boolean,
  maxGaps: number,
): IntervalSource {
  const [only, second] = sources;
  if (only === undefined) return noIntervals;
  if (second === undefined) return only;
  if (isOrdered && maxGaps === 0)
    return anySource(combinations(sources, (each) => conjunction("block", each)));
  const all = conjunction(isOrdered ? "ordered" : "unordered", sources);
  if (maxGaps === -1) return all;
  return splitting(all, (source) => ({
    key: `gaps(${maxGaps},${source.key})`,
    minExtent: source.minExtent,
    find: (document) => plain(source.find(document).filter(({ gaps }) => gaps <= maxGaps)),
  }));
}

function conjunction(kind: Kind, sources: readonly IntervalSource[]): IntervalSource {
  const flat = sources.flatMap((source) =>
    kind !== "unordered" && source.parts?.kind === kind ? source.parts.sources : [source],
  );
  const parts = kind === "block" ? flat : repetitions(flat, kind);
  const [only, second] = parts;
  return only !== undefined && second === undefined ? only : combined(kind, parts);
}

function combined(kind: Kind, parts: readonly IntervalSource[]): IntervalSource {
  const combine = { block: blocks, ordered, unordered }[kind];
  return {
    key: `${kind}(${keysOf(parts)})`,
    minExtent: parts.reduce((sum, source) => sum + source.minExtent, 0),
    find(document) {
      const lists: Intervals[] = [];
      for (const source of parts) {
        const list = source.find(document);
        if (list.length === 0) return [];
        lists.push(list);
      }
      return combine(lists);
    },
    parts: { kind, sources: parts },
    alternatives: () => combinations(parts, (each) => combined(kind, each)),
  };
}

/** Equal sources, of ordered ones only neighbours, are looked for as one that occurs repeatedly. */
function repetitions(sources: readonly IntervalSource[], kind: Kind): IntervalSource[] {
  const groups: { readonly source: IntervalSource; count: number }[] = [];
  for (const source of sources) {
    const last = groups.at(-1);
    const same =
      kind === "unordered"
        ? groups.find((group) => group.source.key === source.key)
        : last?.source.key === source.key
          ? last
          : undefined;
    if (same === undefined) groups.push({ source, count: 1 });
    else same.count++;
  }
  return groups.map(({ source, count }) =>
    count === 1
      ? source
      : {
          key: `repeated(${count},${source.key})`,
          minExtent: source.minExtent,
          find: (document) => repeated(source.find(document), count),
        },
  );
}

/** The intervals of a source that stand in a relation to those of another. */
export function relatedSource(
  source: IntervalSource,
  relation: Relation,
  other: IntervalSource,
): IntervalSource {
  const relate = (a: IntervalSource, b: IntervalSource): IntervalSource => ({
    key: `${relation}(${keysOf([a, b])})`,
    minExtent: a.minExtent,
    find: (document) => plain(related(a.find(document), relation, b.find(document))),
  });
  switch (relation) {
    case "contained_by":
    case "not_contained_by":
    case "overlapping":
      return splitting(other, (each) => relate(source, each));
    case "not_overlapping":
      return relate(source, other);
    default:
      return splitting(source, (each) => relate(each, other));
  }
}

/** The intervals of a source before, or after, those of another. */
export function besideSource(
  source: IntervalSource,
  side: "before" | "after",
  other: IntervalSource,
): IntervalSource {
  return relatedSource(source, "contained_by", {
    key: `${side}(${other.key})`,
    minExtent: Infinity,
    find: (document) =>
      other
        .find(document)
        .map(({ start, end }) =>
          side === "before"
            ? { start: 0, end: Math.max(0, start - 1), gaps: 0 }
            : { start: end + 1, end: Number.MAX_SAFE_INTEGER, gaps: 0 },
        ),
  });
}

/** A source whose intervals begin so many positions earlier: where a query has a stop word. */
export function extendedSource(source: IntervalSource, before: number): IntervalSource {
  if (before === 0) return source;
  return {
    key: `extended(${before},${source.key})`,
    minExtent: source.minExtent + before,
    find: (document) =>
      source
        .find(document)
        .map(({ start, end, gaps }) => ({ start: Math.max(0, start - before), end, gaps })),
  };
}

/** What filters have kept counts as whole when others are put around it. */
function plain(list: Intervals): Intervals {
  return list.map(({ start, end, gaps }) => ({ start, end, gaps }));
}

function splitting(
  source: IntervalSource,
  change: (source: IntervalSource) => IntervalSource,
): IntervalSource {
  return anySource(splitOf(source).map(change));
}

/** Alternatives of one position stay together, because none of them can hide another. */
function splitOf(source: IntervalSource): readonly IntervalSource[] {
  const all = source.alternatives?.() ?? [source];
  const singles = all.filter((each) => each.minExtent === 1);
  const others = all.filter((each) => each.minExtent !== 1);
  return singles.length === 0 ? others : [anySource(singles, false), ...others];
}

/** Lucene's way (Disjunctions.pullUp): one conjunction for each choice among the alternatives. */
function combinations(
  sources: readonly IntervalSource[],
  combine: (sources: readonly IntervalSource[]) => IntervalSource,
): IntervalSource[] {
  let choices: IntervalSource[][] = [[]];
  for (const source of sources) {
    const split = splitOf(source);
    if (choices.length * split.length > MAX_COMBINATIONS)
      throw notSupported(`[intervals] with more than ${MAX_COMBINATIONS} combinations`);
    choices = choices.flatMap((choice) => split.map((each) => [...choice, each]));
  }
  return choices.map(combine);
}

function keysOf(sources: readonly IntervalSource[]): string {
  // With lengths, so that no key can look like two.
  return sources.map(({ key }) => `${key.length}:${key}`).join();
}
