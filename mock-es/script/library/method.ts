/** What methods are made of. */
import { naturalOrder } from "../arithmetic.ts";
import { RuntimeProblem } from "../problems.ts";
import { isScriptObject, numberIn, ScriptSet, type ScriptObject, textOfValue } from "../values.ts";

/** A method of a value. */
export type Method = (target: never, ...from: readonly unknown[]) => unknown;

/** Methods by their names. */
export type Methods = Readonly<Record<string, Method>>;

/** A lambda, as it is called. */
export type Callable = (...from: readonly unknown[]) => unknown;

/** The method of that name. */
export function ownMethod(table: Methods, name: string): Method | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The text of an argument. @throws {RuntimeProblem} for null */
export function text(value: unknown): string {
  if (value === null || value === undefined)
    throw new RuntimeProblem("null_pointer_exception", "a text is null");
  return textOfValue(value);
}

/** The lambda of an argument. @throws {RuntimeProblem} for what is none */
export function callable(value: unknown): Callable {
  if (typeof value === "function") return value as Callable;
  throw new RuntimeProblem("class_cast_exception", "a lambda is wanted");
}

/** What a predicate says. */
export function holds(predicate: unknown): (...from: readonly unknown[]) => boolean {
  const run = callable(predicate);
  return (...from) => run(...from) === true;
}

/** An order as JavaScript sorts by; null is the natural order. */
export function orderBy(comparator: unknown): (a: unknown, b: unknown) => number {
  if (comparator === null || comparator === undefined) return naturalOrder;
  const run = callable(comparator);
  return (a, b) => numberIn(run(a, b)) ?? 0;
}

/** The items of a list, a set or an array. @throws {RuntimeProblem} for what has none */
export function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (value instanceof ScriptSet) return value.items;
  if (isScriptObject(value) && value.items !== undefined) return value.items;
  throw new RuntimeProblem("illegal_argument_exception", "Cannot iterate over a value");
}

/** An object whose getters can be read as members. */
export function objectOf(
  javaType: string,
  methods: Readonly<Record<string, Callable>>,
  show?: () => string,
): ScriptObject {
  const find = (name: string): Callable | undefined =>
    Object.hasOwn(methods, name) ? methods[name] : undefined;
  const unknown = (name: string): RuntimeProblem =>
    new RuntimeProblem(
      "illegal_argument_exception",
      `[${name}] of [${javaType}] in a script is not supported by mock-es`,
    );
  return {
    isScriptObject: true,
    javaType,
    ...(show && { text: show }),
    member(name) {
      const capital = name.charAt(0).toUpperCase() + name.slice(1);
      const getter = find(`get${capital}`) ?? find(`is${capital}`) ?? find(name);
      if (getter === undefined) throw unknown(name);
      return getter();
    },
    call(name, from) {
      if (name === "toString" && show !== undefined) return show();
      const method = find(name);
      if (method === undefined) throw unknown(name);
      return method(...from);
    },
  };
}
