/** Methods of maps. */
import { requireLength } from "../problems.ts";
import { HashedMap, isEqual, type ScriptObject, textOfValue } from "../values.ts";
import { viewOf } from "./collections.ts";
import { callable, holds, type Methods, objectOf } from "./method.ts";
import { grouped } from "./streams.ts";

type ScriptMap = Map<unknown, unknown>;

/** An entry of a map. */
function entryOf(target: ScriptMap, key: unknown): ScriptObject {
  const value = (): unknown => target.get(key) ?? null;
  const kept = value();
  return objectOf(
    "java.util.Map$Entry",
    {
      getKey: () => key,
      getValue: () => (target.has(key) ? value() : kept),
      setValue: (to) => {
        const before = value();
        target.set(key, to);
        return before;
      },
    },
    () => `${textOfValue(key)}=${textOfValue(value())}`,
  );
}

function entriesOf(target: ScriptMap): ScriptObject[] {
  return [...target.keys()].map((key) => entryOf(target, key));
}

/** Sets a value, or takes the key out for null. */
function setOrRemove(target: ScriptMap, key: unknown, value: unknown): unknown {
  if (value === null || value === undefined) target.delete(key);
  else target.set(key, value);
  return value ?? null;
}

/** Methods of maps. */
export const ofMap: Methods = {
  size: (target: ScriptMap) => target.size,
  isEmpty: (target: ScriptMap) => target.size === 0,
  get: (target: ScriptMap, key) => target.get(key) ?? null,
  getOrDefault: (target: ScriptMap, key, other) => (target.has(key) ? target.get(key) : other),
  put: (target: ScriptMap, key, value) => {
    requireLength(target.size);
    const before = target.get(key) ?? null;
    target.set(key, value);
    return before;
  },
  putIfAbsent: (target: ScriptMap, key, value) => {
    const before = target.get(key) ?? null;
    if (before === null) target.set(key, value);
    return before;
  },
  putAll: (target: ScriptMap, values) => {
    if (values instanceof Map)
      for (const [key, value] of values as ScriptMap) target.set(key, value);
    return null;
  },
  remove: (target: ScriptMap, key) => {
    const before = target.get(key) ?? null;
    target.delete(key);
    return before;
  },
  replace: (target: ScriptMap, key, value) => {
    const before = target.get(key) ?? null;
    if (target.has(key)) target.set(key, value);
    return before;
  },
  containsKey: (target: ScriptMap, key) => target.has(key),
  containsValue: (target: ScriptMap, value) =>
    [...target.values()].some((item) => isEqual(item, value)),
  computeIfAbsent: (target: ScriptMap, key, run) => {
    const before = target.get(key);
    if (before !== null && before !== undefined) return before;
    requireLength(target.size);
    return setOrRemove(target, key, callable(run)(key));
  },
  computeIfPresent: (target: ScriptMap, key, run) => {
    const before = target.get(key);
    if (before === null || before === undefined) return null;
    return setOrRemove(target, key, callable(run)(key, before));
  },
  compute: (target: ScriptMap, key, run) => {
    requireLength(target.size);
    return setOrRemove(target, key, callable(run)(key, target.get(key) ?? null));
  },
  merge: (target: ScriptMap, key, value, run) => {
    requireLength(target.size);
    const before = target.get(key) ?? null;
    return setOrRemove(target, key, before === null ? value : callable(run)(before, value));
  },
  replaceAll: (target: ScriptMap, run) => {
    for (const [key, value] of Array.from(target)) target.set(key, callable(run)(key, value));
    return null;
  },
  forEach: (target: ScriptMap, run) => {
    for (const [key, value] of Array.from(target)) callable(run)(key, value);
    return null;
  },
  entrySet: (target: ScriptMap) =>
    viewOf(entriesOf(target), (entry) => void target.delete((entry as ScriptObject).member("key"))),
  keySet: (target: ScriptMap) => viewOf([...target.keys()], (key) => void target.delete(key)),
  values: (target: ScriptMap) =>
    viewOf([...target.values()], (value) => {
      const [key] = [...target].find(([, own]) => own === value) ?? [];
      target.delete(key);
    }),
  any: (target: ScriptMap, predicate) =>
    [...target].some(([key, value]) => holds(predicate)(key, value)),
  every: (target: ScriptMap, predicate) =>
    [...target].every(([key, value]) => holds(predicate)(key, value)),
  count: (target: ScriptMap, predicate) =>
    [...target].filter(([key, value]) => holds(predicate)(key, value)).length,
  each: (target: ScriptMap, run) => {
    for (const [key, value] of Array.from(target)) callable(run)(key, value);
    return target;
  },
  collect: (target: ScriptMap, run) => [...target].map(([key, value]) => callable(run)(key, value)),
  find: (target: ScriptMap, predicate) => {
    const [key] = [...target].find(([own, value]) => holds(predicate)(own, value)) ?? [];
    return key === undefined ? null : entryOf(target, key);
  },
  findAll: (target: ScriptMap, predicate) => {
    const found = new HashedMap();
    for (const [key, value] of target) if (holds(predicate)(key, value)) found.set(key, value);
    return found;
  },
  groupBy: (target: ScriptMap, run) => {
    const groups = new Map<unknown, unknown>();
    const parts = grouped(entriesOf(target), (entry) => {
      const own = entry as ScriptObject;
      return callable(run)(own.member("key"), own.member("value"));
    });
    for (const [key, entries] of parts) {
      const own = (entries as ScriptObject[]).map((entry) => [
        entry.member("key"),
        entry.member("value"),
      ]);
      groups.set(key, new HashedMap(own as [unknown, unknown][]));
    }
    return groups;
  },
  clear: (target: ScriptMap) => {
    target.clear();
    return null;
  },
  equals: (target: ScriptMap, other) => isEqual(target, other),
  toString: (target: ScriptMap) => textOfValue(target),
};
