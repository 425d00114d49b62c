/** Samples: events of all terms that have the same keys, in any order of time. */
import { compareConstants, type FoundSequence, type JoinedEvent, keyText } from "./sequences.ts";
import type { Constant } from "./syntax.ts";

/**
 * Finds samples in the order of their keys; no event stands in one twice.
 *
 * @param perKey samples of the same keys at most
 */
export function findSamples<Event>(
  terms: readonly (readonly JoinedEvent<Event>[])[],
  perKey: number,
): FoundSequence<Event>[] {
  const [first = new Map<string, JoinedEvent<Event>[]>(), ...rest] = terms.map(byKey);
  const keys = [...first]
    .filter(([key]) => rest.every((groups) => groups.has(key)))
    .map(([key, [event]]) => ({ key, values: event?.keys ?? [] }))
    .sort((a, b) => compareKeys(a.values, b.values));
  return keys.flatMap(({ key, values }) => {
    const lists = [first, ...rest].map((groups) => groups.get(key) ?? []);
    return combinations(lists, perKey).map((events) => ({ keys: values, events }));
  });
}

function byKey<Event>(events: readonly JoinedEvent<Event>[]): Map<string, JoinedEvent<Event>[]> {
  const groups = new Map<string, JoinedEvent<Event>[]>();
  for (const event of events) {
    const key = keyText(event.keys);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return groups;
}

function compareKeys(a: readonly Constant[], b: readonly Constant[]): number {
  for (const [at, value] of a.entries()) {
    const order = compareConstants(value, b[at] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

/** One event of each list, no event twice. */
function combinations<Event>(
  lists: readonly (readonly JoinedEvent<Event>[])[],
  most: number,
): Event[][] {
  const found: Event[][] = [];
  const chosen: Event[] = [];
  const from = (at: number): void => {
    const list = lists[at];
    if (list === undefined) {
      found.push([...chosen]);
      return;
    }
    // Of more events than there are terms and samples, the first ones are enough.
    for (const { event } of list.slice(0, lists.length + most - 1)) {
      if (chosen.includes(event)) continue;
      chosen.push(event);
      from(at + 1);
      chosen.pop();
      if (found.length >= most) return;
    }
  };
  from(0);
  return found;
}
