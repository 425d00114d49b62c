/** Methods and functions that scripts may call. */
import type { ScriptObject } from "./interpreter.ts";
import { isEqual, Double, numberIn, textOfValue } from "./values.ts";

type Method = (target: never, ...from: readonly unknown[]) => unknown;

/** Longest list or text that a script may make. */
const maxLength = 1_000_000;

/** What a script runs into while it runs: the Java exception's type and words. */
export class RuntimeProblem extends Error {
  override readonly name = "RuntimeProblem";
  readonly type: string;
  /** Where the script was, in UTF-16 units. */
  at = 0;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Refuses texts and lists without end. @throws {RuntimeProblem} */
export function requireLength(length: number): void {
  if (length > maxLength)
    throw new RuntimeProblem("illegal_argument_exception", `more than ${maxLength} elements`);
}

function whole(value: unknown): number {
  return Math.trunc(numberIn(value) ?? 0);
}

function text(value: unknown): string {
  if (value === null || value === undefined)
    throw new RuntimeProblem("null_pointer_exception", "a text is null");
  return textOfValue(value);
}

function inList(list: readonly unknown[], index: unknown): number {
  const at = whole(index);
  if (at >= 0 && at < list.length) return at;
  throw new RuntimeProblem(
    "index_out_of_bounds_exception",
    `Index ${at} out of bounds for length ${list.length}`,
  );
}

/** Java's order of texts: the distance of the first characters that differ, or of the lengths. */
function compared(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const distance = a.charCodeAt(at) - b.charCodeAt(at);
    if (distance !== 0) return distance;
  }
  return a.length - b.length;
}

const ofText: Readonly<Record<string, Method>> = {
  length: (target: string) => target.length,
  isEmpty: (target: string) => target === "",
  substring: (target: string, from, to) => {
    const [begin, end] = [whole(from), to === undefined ? target.length : whole(to)];
    if (begin >= 0 && begin <= end && end <= target.length) return target.slice(begin, end);
    const reason = `begin ${begin}, end ${end}, length ${target.length}`;
    throw new RuntimeProblem("string_index_out_of_bounds_exception", reason);
  },
  toLowerCase: (target: string) => target.toLowerCase(),
  toUpperCase: (target: string) => target.toUpperCase(),
  contains: (target: string, part) => target.includes(text(part)),
  startsWith: (target: string, part) => target.startsWith(text(part)),
  endsWith: (target: string, part) => target.endsWith(text(part)),
  indexOf: (target: string, part) => target.indexOf(text(part)),
  lastIndexOf: (target: string, part) => target.lastIndexOf(text(part)),
  replace: (target: string, part, by) => {
    const replaced = target.replaceAll(text(part), () => text(by));
    requireLength(replaced.length);
    return replaced;
  },
  trim: (target: string) => target.trim(),
  concat: (target: string, other) => target + text(other),
  equals: (target: string, other) => target === other,
  equalsIgnoreCase: (target: string, other) => target.toLowerCase() === text(other).toLowerCase(),
  compareTo: (target: string, other) => compared(target, text(other)),
  splitOnToken: (target: string, part) => target.split(text(part)),
  toString: (target: string) => target,
};

const ofList: Readonly<Record<string, Method>> = {
  size: (target: unknown[]) => target.length,
  isEmpty: (target: unknown[]) => target.length === 0,
  get: (target: unknown[], index) => target[inList(target, index)],
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
  addAll: (target: unknown[], values) => {
    const list = Array.isArray(values) ? (values as readonly unknown[]) : [];
    requireLength(target.length + list.length);
    target.push(...list);
    return list.length > 0;
  },
  remove: (target: unknown[], index) => target.splice(inList(target, index), 1)[0],
  contains: (target: unknown[], value) => target.some((item) => isEqual(item, value)),
  indexOf: (target: unknown[], value) => target.findIndex((item) => isEqual(item, value)),
  clear: (target: unknown[]) => void target.splice(0),
  equals: (target: unknown[], other) => isEqual(target, other),
};

type ScriptMap = Map<unknown, unknown>;

/** A member of a map, with its name and value. */
function entryOf(key: unknown, value: unknown): ScriptObject {
  const own = (name: string): unknown => {
    if (name === "key" || name === "getKey") return key;
    if (name === "value" || name === "getValue") return value;
    throw new RuntimeProblem("illegal_argument_exception", `no [${name}] of a map entry`);
  };
  return { isScriptObject: true, member: own, call: own };
}

const ofMap: Readonly<Record<string, Method>> = {
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
  containsKey: (target: ScriptMap, key) => target.has(key),
  containsValue: (target: ScriptMap, value) =>
    [...target.values()].some((item) => isEqual(item, value)),
  entrySet: (target: ScriptMap) => [...target].map(([key, value]) => entryOf(key, value)),
  keySet: (target: ScriptMap) => [...target.keys()],
  values: (target: ScriptMap) => [...target.values()],
  clear: (target: ScriptMap) => {
    target.clear();
    return null;
  },
  equals: (target: ScriptMap, other) => isEqual(target, other),
};

const ofNumber: Readonly<Record<string, Method>> = {
  intValue: whole,
  longValue: whole,
  doubleValue: (target: unknown) => new Double(numberIn(target) ?? 0),
  toString: (target: unknown) => textOfValue(target),
  equals: (target: unknown, other) => isEqual(target, other),
};

/** The method of a value; `undefined` for one that is not covered. */
export function methodOf(target: unknown, name: string): Method | undefined {
  const table =
    typeof target === "string"
      ? ofText
      : Array.isArray(target)
        ? ofList
        : target instanceof Map
          ? ofMap
          : numberIn(target) === undefined
            ? {}
            : ofNumber;
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function real(compute: (...from: number[]) => number): Method {
  return (_: unknown, ...from) => new Double(compute(...from.map((value) => numberIn(value) ?? 0)));
}

/** Keeps whole numbers whole. */
function either(compute: (...from: number[]) => number): Method {
  return (_: unknown, ...from) => {
    const result = compute(...from.map((value) => numberIn(value) ?? 0));
    return from.some((value) => value instanceof Double) ? new Double(result) : result;
  };
}

function parsed(value: unknown, isWhole: boolean): number {
  const given = text(value);
  const fits = isWhole
    ? /^[+-]?\d+$/.test(given)
    : given.trim() !== "" && !Number.isNaN(Number(given));
  if (fits) return Number(given);
  throw new RuntimeProblem("number_format_exception", `For input string: "${given}"`);
}

const ofClasses: Readonly<Record<string, Method>> = {
  "Math.abs": either(Math.abs),
  "Math.max": either(Math.max),
  "Math.min": either(Math.min),
  "Math.floor": real(Math.floor),
  "Math.ceil": real(Math.ceil),
  "Math.round": (_: unknown, value) => Math.round(numberIn(value) ?? 0),
  "Math.pow": real((base, power) => base ** power),
  "Math.sqrt": real(Math.sqrt),
  "Math.log": real(Math.log),
  "Math.log10": real(Math.log10),
  "Math.exp": real(Math.exp),
  "Integer.parseInt": (_: unknown, value) => parsed(value, true),
  "Long.parseLong": (_: unknown, value) => parsed(value, true),
  "Double.parseDouble": (_: unknown, value) => new Double(parsed(value, false)),
  "Float.parseFloat": (_: unknown, value) => new Double(Math.fround(parsed(value, false))),
  "String.valueOf": (_: unknown, value) => textOfValue(value),
  "Integer.toString": (_: unknown, value) => textOfValue(value),
  "Long.toString": (_: unknown, value) => textOfValue(value),
  "Objects.equals": (_: unknown, a, b) => isEqual(a, b),
};

/** Names of classes that have static methods here. */
export const classNames: ReadonlySet<string> = new Set(
  Object.keys(ofClasses).map((name) => name.slice(0, name.indexOf("."))),
);

/** A static method; `undefined` for one that is not covered. */
export function staticMethod(type: string, name: string): Method | undefined {
  const key = `${type}.${name}`;
  return Object.hasOwn(ofClasses, key) ? ofClasses[key] : undefined;
}
