/**
 * Sequences of events. As in the server, an event of a stage goes on with the latest sequence of
 * the stage before that has its keys, and older ones of that stage are forgotten.
 */
import type { Constant } from "./syntax.ts";

/** Where an event stands in the order of all. */
export interface Ordinal {
  /** Nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** Value of the tiebreaker; null for none. */
  readonly tiebreaker: Constant;
  /** Place in the order of the indices. */
  readonly place: number;
}

/** An event with the keys that join it with others. */
export interface JoinedEvent<Event> {
  readonly event: Event;
  readonly ordinal: Ordinal;
  readonly keys: readonly Constant[];
}

/** Events that fit a term of a sequence, in their order. */
export interface Stage<Event> {
  readonly isMissing: boolean;
  readonly events: readonly JoinedEvent<Event>[];
}

/** A sequence; `undefined` stands for an event that must not be there. */
export interface FoundSequence<Event> {
  readonly keys: readonly Constant[];
  readonly events: readonly (Event | undefined)[];
}

/** Orders events. */
export function compareOrdinals(a: Ordinal, b: Ordinal): number {
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  return compareConstants(a.tiebreaker, b.tiebreaker) || a.place - b.place;
}

/** Orders values; null comes first. */
export function compareConstants(a: Constant, b: Constant): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}

/** A text that is the same for the same keys only. */
export function keyText(keys: readonly Constant[]): string {
  return JSON.stringify(keys);
}

/** A sequence that may go on. */
interface Begun<Event> {
  readonly keys: readonly Constant[];
  /** By stage. */
  readonly matches: (JoinedEvent<Event> | undefined)[];
  readonly first: Ordinal;
  last: Ordinal;
}

/**
 * Finds sequences, in the order of their last events.
 *
 * @param maxSpanNs nanoseconds from the first to the last event; `undefined`: any
 * @param until events that end what has begun
 */
export function findSequences<Event>(
  stages: readonly Stage<Event>[],
  maxSpanNs: bigint | undefined,
  until: readonly JoinedEvent<Event>[],
): FoundSequence<Event>[] {
  const positive = stages.flatMap(({ isMissing }, at) => (isMissing ? [] : [at]));
  const [first = 0, ...rest] = positive;
  let open = grouped(
    (stages[first]?.events ?? []).map((event): Begun<Event> => {
      const matches: Begun<Event>["matches"] = [];
      matches[first] = event;
      return { keys: event.keys, matches, first: event.ordinal, last: event.ordinal };
    }),
  );
  const ends = grouped(until);
  for (const at of rest) {
    const next: Begun<Event>[] = [];
    for (const event of stages[at]?.events ?? []) {
      const group = open.get(keyText(event.keys));
      const found = group === undefined ? undefined : takeBefore(group, event.ordinal);
      if (found === undefined || isTooLong(found, event.ordinal, maxSpanNs)) continue;
      if (isEnded(ends.get(keyText(event.keys)) ?? [], found.last, event.ordinal)) continue;
      found.matches[at] = event;
      found.last = event.ordinal;
      next.push(found);
    }
    open = grouped(next);
  }
  const missing = stages.map(({ isMissing, events }) => (isMissing ? grouped(events) : undefined));
  return [...open.values()]
    .flat()
    .filter((sequence) => isWithoutMissing(sequence, missing, positive, maxSpanNs))
    .sort((a, b) => compareOrdinals(a.last, b.last))
    .map(({ keys, matches }) => ({
      keys,
      events: stages.map((_, at) => matches[at]?.event),
    }));
}

function grouped<Item extends { readonly keys: readonly Constant[] }>(
  items: readonly Item[],
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyText(item.keys);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Takes the latest sequence that ends before an event, and all that end before it. */
function takeBefore<Event>(group: Begun<Event>[], ordinal: Ordinal): Begun<Event> | undefined {
  let count = 0;
  while (count < group.length) {
    const sequence = group[count];
    if (sequence === undefined || compareOrdinals(sequence.last, ordinal) >= 0) break;
    count++;
  }
  return group.splice(0, count).at(-1);
}

function isTooLong<Event>(
  { first }: Begun<Event>,
  { timestamp }: Ordinal,
  maxSpanNs: bigint | undefined,
): boolean {
  return maxSpanNs !== undefined && timestamp - first.timestamp > maxSpanNs;
}

/** True when the last of the ends before an event is not before what came in front of that. */
function isEnded<Event>(ends: readonly JoinedEvent<Event>[], from: Ordinal, to: Ordinal): boolean {
  const last = ends.findLast(({ ordinal }) => compareOrdinals(ordinal, to) < 0);
  return last !== undefined && compareOrdinals(last.ordinal, from) >= 0;
}

function isWithoutMissing<Event>(
  { keys, matches, first, last }: Begun<Event>,
  missing: readonly (Map<string, JoinedEvent<Event>[]> | undefined)[],
  positive: readonly number[],
  maxSpanNs: bigint = 0n,
): boolean {
  const key = keyText(keys);
  let latestBefore: Ordinal | undefined;
  let earliestBehind: Ordinal | undefined;
  let hasBefore = false;
  let hasBehind = false;
  for (const [at, groups] of missing.entries()) {
    if (groups === undefined) continue;
    const events = groups.get(key) ?? [];
    const before = positive.findLast((stage) => stage < at);
    const behind = positive.find((stage) => stage > at);
    const from = before === undefined ? undefined : matches[before]?.ordinal;
    const to = behind === undefined ? undefined : matches[behind]?.ordinal;
    if (from === undefined) {
      hasBefore = true;
      const found = events.findLast(({ ordinal }) => compareOrdinals(ordinal, first) < 0)?.ordinal;
      if (
        found !== undefined &&
        (latestBefore === undefined || compareOrdinals(found, latestBefore) > 0)
      )
        latestBefore = found;
    } else if (to === undefined) {
      hasBehind = true;
      const found = events.find(({ ordinal }) => compareOrdinals(ordinal, last) > 0)?.ordinal;
      if (
        found !== undefined &&
        (earliestBehind === undefined || compareOrdinals(found, earliestBehind) < 0)
      )
        earliestBehind = found;
    } else {
      const isBetween = ({ ordinal }: JoinedEvent<Event>): boolean =>
        compareOrdinals(ordinal, from) > 0 && compareOrdinals(ordinal, to) < 0;
      if (events.some(isBetween)) return false;
    }
  }
  // A span of the greatest length has to be free of what must not be there.
  const begin = hasBefore ? latestBefore?.timestamp : first.timestamp - 1n;
  const end = hasBehind ? earliestBehind?.timestamp : last.timestamp + 1n;
  if (hasBefore && hasBehind)
    return begin === undefined || end === undefined || end - begin > maxSpanNs;
  if (hasBefore) return begin === undefined || begin < last.timestamp - maxSpanNs;
  return !hasBehind || end === undefined || end > first.timestamp + maxSpanNs;
}
