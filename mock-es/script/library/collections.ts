/** Methods of lists, arrays and sets. */
import { whole } from "../arithmetic.ts";
import { requireLength, RuntimeProblem } from "../problems.ts";
import { Double, isEqual, numberIn, ScriptSet, textOfValue } from "../values.ts";
import {
  callable,
  holds,
  itemsOf,
  type Method,
  type Methods,
  objectOf,
  orderBy,
  text,
} from "./method.ts";
import { grouped, streamOf } from "./streams.ts";

function inList(list: readonly unknown[], index: unknown): number {
  const at = whole(index);
  if (at >= 0 && at < list.length) return at;
  throw new RuntimeProblem(
    "index_out_of_bounds_exception",
    `Index ${at} out of bounds for length ${list.length}`,
  );
}

/** Where the items of a view of a map are taken out of: see {@link viewOf}. */
const owners = new WeakMap<object, (item: unknown) => void>();

/** A list whose items, when they are removed, are removed from what it shows, too. */
export function viewOf(items: unknown[], remove: (item: unknown) => void): unknown[] {
  owners.set(items, remove);
  return items;
}

/** Removes the items that a predicate wants away, and tells whether there were any. */
function removeWhere(target: unknown[], isAway: (item: unknown) => boolean): boolean {
  const kept = target.filter((item) => {
    if (!isAway(item)) return true;
    owners.get(target)?.(item);
    return false;
  });
  const isChanged = kept.length < target.length;
  target.splice(0, target.length, ...kept);
  return isChanged;
}

/** An iterator over items. */
export function iteratorOf(items: readonly unknown[], remove?: (item: unknown) => void): unknown {
  let at = 0;
  return objectOf("java.util.Iterator", {
    hasNext: () => at < items.length,
    next: () => {
      if (at >= items.length) throw new RuntimeProblem("no_such_element_exception", "no more");
      return items[at++];
    },
    remove: () => {
      remove?.(items[at - 1]);
      return null;
    },
  });
}

/** What lists and sets have in common; the first argument is the items. */
const ofItems: Readonly<
  Record<string, (items: readonly unknown[], ...from: readonly unknown[]) => unknown>
> = {
  size: (items) => items.length,
  isEmpty: (items) => items.length === 0,
  contains: (items, value) => items.some((item) => isEqual(item, value)),
  containsAll: (items, others) =>
    itemsOf(others).every((other) => items.some((item) => isEqual(item, other))),
  stream: (items) => streamOf(items),
  forEach: (items, run) => {
    for (const item of items) callable(run)(item);
    return null;
  },
  toArray: (items) => [...items],
  any: (items, predicate) => items.some((item) => holds(predicate)(item)),
  every: (items, predicate) => items.every((item) => holds(predicate)(item)),
  find: (items, predicate) => items.find((item) => holds(predicate)(item)) ?? null,
  findAll: (items, predicate) => items.filter((item) => holds(predicate)(item)),
  count: (items, predicate) => items.filter((item) => holds(predicate)(item)).length,
  collect: (items, run) => items.map((item) => callable(run)(item)),
  each: (items, run) => {
    for (const item of items) callable(run)(item);
    return items;
  },
  eachWithIndex: (items, run) => {
    for (const [at, item] of items.entries()) callable(run)(item, at);
    return items;
  },
  findResult: (items, run) => {
    for (const item of items) {
      const found = callable(run)(item);
      if (found !== null && found !== undefined) return found;
    }
    return null;
  },
  findResults: (items, run) =>
    items.map((item) => callable(run)(item)).filter((item) => item !== null && item !== undefined),
  groupBy: (items, run) => grouped(items, callable(run)),
  split: (items, predicate) => [
    items.filter((item) => holds(predicate)(item)),
    items.filter((item) => !holds(predicate)(item)),
  ],
  join: (items, separator) => items.map(textOfValue).join(text(separator)),
  sum: (items, run) =>
    items
      .map((item) => (run === undefined ? item : callable(run)(item)))
      .reduce(
        (sum, item) => new Double((numberIn(sum) ?? 0) + (numberIn(item) ?? 0)),
        new Double(0),
      ),
  asList: (items) => items,
  asCollection: (items) => items,
};

/** Methods of lists and arrays. */
const ofList: Methods = {
  get: (target: unknown[], index) => target[inList(target, index)],
  getAt: (target: unknown[], index) => target[inList(target, index)],
  getLength: (target: unknown[]) => target.length,
  set: (target: unknown[], index, value) => {
    const at = inList(target, index);
    const before = target[at];
    target[at] = value;
    return before;
  },
  add: (target: unknown[], ...from) => {
    requireLength(target.length);
    if (from.length < 2) return target.push(from[0]) > 0;
    target.splice(whole(from[0]), 0, from[1]);
    return null;
  },
  addAll: (target: unknown[], ...from) => {
    const items = itemsOf(from.at(-1));
    requireLength(target.length + items.length);
    target.splice(from.length > 1 ? whole(from[0]) : target.length, 0, ...items);
    return items.length > 0;
  },
  remove: (target: unknown[], index) => {
    if (owners.has(target)) return removeWhere(target, (item) => isEqual(item, index));
    return target.splice(inList(target, index), 1)[0];
  },
  removeIf: (target: unknown[], predicate) => removeWhere(target, holds(predicate)),
  removeAll: (target: unknown[], others) =>
    removeWhere(target, (item) => itemsOf(others).some((other) => isEqual(item, other))),
  retainAll: (target: unknown[], others) =>
    removeWhere(target, (item) => !itemsOf(others).some((other) => isEqual(item, other))),
  replaceAll: (target: unknown[], run) => {
    for (const [at, item] of target.entries()) target[at] = callable(run)(item);
    return null;
  },
  indexOf: (target: unknown[], value) => target.findIndex((item) => isEqual(item, value)),
  lastIndexOf: (target: unknown[], value) => target.findLastIndex((item) => isEqual(item, value)),
  subList: (target: unknown[], from, to) => {
    const [begin, end] = [whole(from), whole(to)];
    if (begin >= 0 && begin <= end && end <= target.length) return target.slice(begin, end);
    throw new RuntimeProblem("index_out_of_bounds_exception", `toIndex = ${end}`);
  },
  sort: (target: unknown[], comparator) => {
    target.sort(orderBy(comparator));
    return null;
  },
  clear: (target: unknown[]) => {
    removeWhere(target, () => true);
    return null;
  },
  iterator: (target: unknown[]) =>
    iteratorOf([...target], (item) => {
      const at = target.indexOf(item);
      if (at !== -1) target.splice(at, 1);
      owners.get(target)?.(item);
    }),
  equals: (target: unknown[], other) => isEqual(target, other),
  toString: (target: unknown[]) => textOfValue(target),
};

const ofSet: Methods = {
  add: (target: ScriptSet, item) => {
    requireLength(target.size);
    return target.add(item);
  },
  addAll: (target: ScriptSet, items) =>
    itemsOf(items).filter((item) => target.add(item)).length > 0,
  remove: (target: ScriptSet, item) => target.delete(item),
  removeIf: (target: ScriptSet, predicate) => removeItems(target, holds(predicate)),
  removeAll: (target: ScriptSet, others) =>
    itemsOf(others).filter((item) => target.delete(item)).length > 0,
  retainAll: (target: ScriptSet, others) =>
    removeItems(target, (item) => !itemsOf(others).some((other) => isEqual(item, other))),
  contains: (target: ScriptSet, item) => target.has(item),
  clear: (target: ScriptSet) => {
    target.map.clear();
    return null;
  },
  iterator: (target: ScriptSet) => iteratorOf(target.items, (item) => void target.delete(item)),
  equals: (target: ScriptSet, other) => isEqual(target, other),
  toString: (target: ScriptSet) => textOfValue(target),
};

function removeItems(target: ScriptSet, isAway: (item: unknown) => boolean): boolean {
  return target.items.filter((item) => isAway(item) && target.delete(item)).length > 0;
}

/** The method of a list, an array or a set; `undefined` for one that is not covered. */
export function collectionMethod(target: unknown[] | ScriptSet, name: string): Method | undefined {
  const own = Array.isArray(target) ? ofList : ofSet;
  if (Object.hasOwn(own, name)) return own[name];
  const shared = Object.hasOwn(ofItems, name) ? ofItems[name] : undefined;
  return shared && ((given: unknown, ...from) => shared(itemsOf(given), ...from));
}
