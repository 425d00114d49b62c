/**
 * Texts of the numbers of a body. Where a number stands in the place of a text, the server takes
 * its digits as they came (`1.0`, `1e7`), or as Java writes the number (`1.0`, `1.0E7`).
 */
import { isRawNumber, type RawNumber, rawNumber } from "./exact-numbers.ts";
import { asJavaJson } from "./java-json.ts";
import { doubleText } from "./java-number.ts";
import { textOf } from "./json-value.ts";

/** By what holds it and by its name: numbers that JavaScript would write otherwise. */
const texts = new WeakMap<object, Map<string, string>>();
const originals = new WeakMap<object, object>();

/** Finds texts that may hold such a number; those that only look so cost some time. */
const oddNumber = /\d(?:\.\d*0(?!\d)|[eE][+-]?\d)|-0(?!\.)|0\.000|\d{8}\./;

/** True for a text in which {@link keepNumberText} may find something to keep. */
export function hasOddNumbers(text: string): boolean {
  return oddNumber.test(text);
}

/** Keeps the digits of a number that JavaScript or Java would write otherwise. */
export function keepNumberText(holder: object, key: string, value: number, source: string): void {
  if (String(value) === source && javaText(source) === source) return;
  const known = texts.get(holder) ?? new Map<string, string>();
  texts.set(holder, known.set(key, source));
}

/** A value as a text: a number has the digits that it was sent with. */
export function sentText(holder: object, key: string | number): string {
  const value = (holder as Readonly<Record<string, unknown>>)[String(key)];
  return texts.get(holder)?.get(String(key)) ?? textOf(value);
}

/** An odd number as Java writes it: a number still, for fields that hold numbers. */
export function readNumber(holder: object, key: string): RawNumber {
  return rawNumber(javaText(sentText(holder, key)));
}

function javaText(source: string): string {
  if (source === "-0") return "0";
  return /^-?\d[\d.]*(?:[eE.]|$)/.test(source) && /[.eE]/.test(source)
    ? doubleText(Number(source))
    : source;
}

/**
 * An object or list with something else in the place of its odd numbers; the same one where it has
 * none.
 *
 * @param only names of the members that are looked at; absent: all
 */
export function withRead<T extends object>(
  holder: T,
  read: (holder: object, key: string) => unknown,
  only?: readonly string[],
): T {
  const known = texts.get(holder);
  if (known === undefined) return holder;
  const copy = (Array.isArray(holder) ? [...(holder as readonly unknown[])] : { ...holder }) as T;
  for (const key of known.keys())
    if (only?.includes(key) ?? true) (copy as Record<string, unknown>)[key] = read(holder, key);
  originals.set(copy, holder);
  return copy;
}

/** A value as Java writes it that has read it: `1.0` and `1.0E40` are doubles. */
export function asReadByJava(value: unknown): unknown {
  if (value === null || typeof value !== "object") return asJavaJson(value);
  const read = withRead(value, readNumber);
  if (isRawNumber(read)) return asJavaJson(read);
  if (Array.isArray(read)) return (read as readonly unknown[]).map(asReadByJava);
  return Object.fromEntries(
    Object.entries(read).map(([name, inner]) => [name, asReadByJava(inner)]),
  );
}

/** A copy of an object whose members have changed; it stands where that one does. */
export function inPlaceOf<T extends object>(holder: object, copy: T): T {
  originals.set(copy, holder);
  return copy;
}

/** What an object is a copy of, or itself. */
export function originalOf(holder: object): object {
  return originals.get(holder) ?? holder;
}
