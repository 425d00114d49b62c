/** Methods of values, by the value's type. */
import { naturalOrder, toLong, whole } from "../arithmetic.ts";
import { Double, isEqual, numberIn, ScriptSet, textOfValue } from "../values.ts";
import { collectionMethod } from "./collections.ts";
import { ofMap } from "./maps.ts";
import { callable, type Method, type Methods, ownMethod } from "./method.ts";
import { callNames, ofFunction, ofOptional, ofStream, Optional, Stream } from "./streams.ts";
import { ofText } from "./texts.ts";

const ofNumber: Methods = {
  intValue: whole,
  longValue: (target: unknown) =>
    typeof target === "bigint" ? target : toLong(numberIn(target) ?? 0),
  doubleValue: (target: unknown) => new Double(numberIn(target) ?? 0),
  floatValue: (target: unknown) => new Double(Math.fround(numberIn(target) ?? 0), true),
  isNaN: (target: unknown) => Number.isNaN(numberIn(target)),
  isInfinite: (target: unknown) => Math.abs(numberIn(target) ?? 0) === Infinity,
  compareTo: (target: unknown, other) => naturalOrder(target, other),
  hashCode: whole,
  toString: (target: unknown) => textOfValue(target),
  equals: (target: unknown, other) => isEqual(target, other),
};

const ofBoolean: Methods = {
  booleanValue: (target: unknown) => target,
  toString: (target: unknown) => textOfValue(target),
  equals: (target: unknown, other) => target === other,
};

/** The method of a value; `undefined` for one that is not covered. */
export function methodOf(target: unknown, name: string): Method | undefined {
  if (typeof target === "string") return ownMethod(ofText, name);
  if (Array.isArray(target) || target instanceof ScriptSet)
    return collectionMethod(target as unknown[] | ScriptSet, name);
  if (target instanceof Map) return ownMethod(ofMap, name);
  if (target instanceof Stream) return ownMethod(ofStream, name);
  if (target instanceof Optional) return ownMethod(ofOptional, name);
  if (typeof target === "boolean") return ownMethod(ofBoolean, name);
  if (typeof target === "function") {
    if (callNames.has(name)) return (given: unknown, ...from) => callable(given)(...from);
    return ownMethod(ofFunction, name);
  }
  return numberIn(target) === undefined ? undefined : ownMethod(ofNumber, name);
}
