/** What `new` makes. */
import { naturalOrder } from "../arithmetic.ts";
import { requireLength, RuntimeProblem } from "../problems.ts";
import { exceptionType } from "../types.ts";
import { HashedMap, ScriptSet, type ScriptObject, textOfValue } from "../values.ts";
import { itemsOf, objectOf, text } from "./method.ts";

/** An exception as a script sees it. */
export function exceptionOf(problem: RuntimeProblem): ScriptObject {
  const object = objectOf(
    "java.lang.Exception",
    { getMessage: () => problem.message, getLocalizedMessage: () => problem.message },
    () => problem.message,
  );
  return Object.assign(object, { problem });
}

/** The exception that a script throws. @throws {RuntimeProblem} for what is none */
export function thrown(value: unknown): RuntimeProblem {
  if (typeof value === "object" && value !== null && "problem" in value)
    return (value as { readonly problem: RuntimeProblem }).problem;
  return new RuntimeProblem("class_cast_exception", "only exceptions can be thrown");
}

function builder(start: string): ScriptObject {
  let built = start;
  const set = (to: string): ScriptObject => {
    requireLength(to.length);
    built = to;
    return object;
  };
  const object: ScriptObject = objectOf(
    "java.lang.StringBuilder",
    {
      append: (value) => set(built + textOfValue(value)),
      insert: (at, value) => {
        const place = Number(at);
        return set(built.slice(0, place) + textOfValue(value) + built.slice(place));
      },
      reverse: () => set(built.split("").toReversed().join("")),
      deleteCharAt: (at) => set(built.slice(0, Number(at)) + built.slice(Number(at) + 1)),
      delete: (from, to) => set(built.slice(0, Number(from)) + built.slice(Number(to))),
      setLength: (length) => {
        set(built.slice(0, Number(length)));
        return null;
      },
      charAt: (at) => built.charAt(Number(at)),
      indexOf: (part) => built.indexOf(text(part)),
      length: () => built.length,
      substring: (from, to) => built.slice(Number(from), to === undefined ? undefined : Number(to)),
    },
    () => built,
  );
  return object;
}

function joiner(separator: string, prefix = "", suffix = ""): ScriptObject {
  const parts: string[] = [];
  const object: ScriptObject = objectOf(
    "java.util.StringJoiner",
    {
      add: (part) => {
        requireLength(parts.length);
        parts.push(textOfValue(part));
        return object;
      },
    },
    () => `${prefix}${parts.join(separator)}${suffix}`,
  );
  return object;
}

/**
 * What `new` makes of a class; `undefined` for one that is not covered.
 */
export function created(type: string, from: readonly unknown[]): unknown {
  const [first, second, third] = from;
  const isCount = typeof first === "number" || first === undefined;
  switch (type) {
    case "ArrayList":
    case "LinkedList":
      return isCount ? [] : [...itemsOf(first)];
    case "HashMap":
      return new HashedMap(first instanceof Map ? (first as Map<unknown, unknown>) : []);
    case "LinkedHashMap":
      return new Map(first instanceof Map ? (first as Map<unknown, unknown>) : []);
    case "TreeMap":
      return first instanceof Map ? sortedMap(first as Map<unknown, unknown>) : new SortedMap();
    case "HashSet":
      return new ScriptSet(isCount ? [] : itemsOf(first));
    case "LinkedHashSet":
      return new ScriptSet(isCount ? [] : itemsOf(first), true);
    case "StringBuilder":
      return builder(typeof first === "string" ? first : "");
    case "StringJoiner":
      return joiner(
        text(first),
        second === undefined ? "" : text(second),
        third === undefined ? "" : text(third),
      );
    default: {
      const problem = exceptionType(type);
      if (problem === undefined) return undefined;
      return exceptionOf(new RuntimeProblem(problem, first === undefined ? "null" : text(first)));
    }
  }
}

/** `java.util.TreeMap`: lists its keys in their order. */
class SortedMap extends HashedMap {
  override *entries(): MapIterator<[unknown, unknown]> {
    for (const key of [...super.keys()].sort(naturalOrder)) yield [key, this.get(key)];
  }

  override *keys(): MapIterator<unknown> {
    for (const [key] of this.entries()) yield key;
  }
}

function sortedMap(from: ReadonlyMap<unknown, unknown>): SortedMap {
  const map = new SortedMap();
  for (const [key, value] of from) map.set(key, value);
  return map;
}
