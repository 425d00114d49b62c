/** Arithmetic of scripts: Integers, Longs and Doubles, as in Java. */
import { requireLength, RuntimeProblem } from "./problems.ts";
import { Double, isScriptObject, javaTypeOf, numberIn, textOfValue } from "./values.ts";

/** True for what a script calls null. */
export function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** The failure of an access to null. */
export function nullPointer(name: string): RuntimeProblem {
  return new RuntimeProblem(
    "null_pointer_exception",
    `cannot access method/field [${name}] from a null def reference`,
  );
}

/** The value of an operator. @throws {RuntimeProblem} for values that it does not take */
export function arithmetic(operator: string, a: unknown, b: unknown): unknown {
  if (operator === "+" && (typeof a === "string" || typeof b === "string")) {
    const joined = textOfValue(a) + textOfValue(b);
    requireLength(joined.length);
    return joined;
  }
  if (typeof a === "boolean" && typeof b === "boolean") {
    if (operator === "&") return a && b;
    if (operator === "|") return a || b;
    if (operator === "^") return a !== b;
  }
  if (numberIn(a) === undefined || numberIn(b) === undefined) throw inapplicable(operator, a, b);
  if (["<<", ">>", ">>>"].includes(operator)) return shifted(operator, a, b);
  if (a instanceof Double || b instanceof Double) {
    if (["&", "|", "^"].includes(operator)) throw inapplicable(operator, a, b);
    const result = ofDoubles(operator, numberIn(a) ?? NaN, numberIn(b) ?? NaN);
    const isFloat = [a, b].every((value) => !(value instanceof Double) || value.isFloat);
    return new Double(isFloat ? Math.fround(result) : result, isFloat);
  }
  if (typeof a === "bigint" || typeof b === "bigint")
    return BigInt.asIntN(64, ofLongs(operator, BigInt(a as number), BigInt(b as number)));
  return ofInts(operator, a as number, b as number);
}

function inapplicable(operator: string, a: unknown, b: unknown): RuntimeProblem {
  if (isNull(a) || isNull(b)) return nullPointer(operator);
  return new RuntimeProblem(
    "class_cast_exception",
    `Cannot apply [${operator}] operation to types [${javaTypeOf(a)}] and [${javaTypeOf(b)}].`,
  );
}

function byZero(): RuntimeProblem {
  return new RuntimeProblem("arithmetic_exception", "/ by zero");
}

function ofDoubles(operator: string, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    default:
      return a % b;
  }
}

function ofInts(operator: string, a: number, b: number): number {
  switch (operator) {
    case "+":
      return (a + b) | 0;
    case "-":
      return (a - b) | 0;
    case "*":
      return Math.imul(a, b);
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    default:
      if (b === 0) throw byZero();
      return (operator === "/" ? a / b : a % b) | 0;
  }
}

function ofLongs(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    default:
      if (b === 0n) throw byZero();
      return operator === "/" ? a / b : a % b;
  }
}

function shifted(operator: string, a: unknown, b: unknown): unknown {
  const distance = Number(BigInt(Math.trunc(numberIn(b) ?? 0)) & 63n);
  if (typeof a === "bigint") {
    const by = BigInt(distance);
    if (operator === "<<") return BigInt.asIntN(64, a << by);
    if (operator === ">>") return a >> by;
    return BigInt.asIntN(64, BigInt.asUintN(64, a) >> by);
  }
  if (typeof a !== "number") throw inapplicable(operator, a, b);
  if (operator === "<<") return a << distance;
  return operator === ">>" ? a >> distance : (a >>> distance) | 0;
}

/** `-x`, `+x` and `~x`. */
export function unary(operator: string, value: unknown): unknown {
  if (numberIn(value) === undefined) {
    if (isNull(value)) throw nullPointer(operator);
    throw new RuntimeProblem(
      "class_cast_exception",
      `Cannot apply [${operator}] operation to type [${javaTypeOf(value)}].`,
    );
  }
  if (operator === "+") return value;
  if (value instanceof Double) return new Double(-value.value, value.isFloat);
  if (typeof value === "bigint") return BigInt.asIntN(64, operator === "-" ? -value : ~value);
  return operator === "-" ? -(value as number) | 0 : ~(value as number);
}

/** The value of a comparison. @throws {RuntimeProblem} for what is no number */
export function compared(operator: string, a: unknown, b: unknown): boolean {
  const left = numberIn(a);
  const right = numberIn(b);
  if (left === undefined || right === undefined) throw inapplicable(operator, a, b);
  const order = typeof a === "bigint" && typeof b === "bigint" ? order64(a, b) : left - right;
  if (operator === "<") return order < 0;
  if (operator === ">") return order > 0;
  return operator === "<=" ? order <= 0 : order >= 0;
}

function order64(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Java's order of texts: the distance of the first characters that differ, or of the lengths. */
export function textOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const distance = a.charCodeAt(at) - b.charCodeAt(at);
    if (distance !== 0) return distance;
  }
  return a.length - b.length;
}

/** `compareTo`. @throws {RuntimeProblem} for values that have no order */
export function naturalOrder(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return textOrder(a, b);
  if (typeof a === "bigint" && typeof b === "bigint") return order64(a, b);
  const left = numberIn(a);
  const right = numberIn(b);
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (isScriptObject(a) && a.call !== undefined) return numberIn(a.call("compareTo", [b])) ?? 0;
  if (isNull(a) || isNull(b)) throw nullPointer("compareTo");
  const reason = `class ${javaTypeOf(a)} cannot be cast to class ${javaTypeOf(b)}`;
  throw new RuntimeProblem("class_cast_exception", reason);
}

const ranks = ["byte", "short", "char", "int", "long", "float", "double"];
const boxes: Readonly<Record<string, string>> = {
  Byte: "byte",
  Short: "short",
  Integer: "int",
  Long: "long",
  Float: "float",
  Double: "double",
};

/**
 * A value as a variable of a type holds it.
 *
 * @param isForced true for `(int) x`, which may lose a part of the value
 * @throws {RuntimeProblem} for a value that the type does not take
 */
export function converted(type: string, value: unknown, isForced = false): unknown {
  const primitive = boxes[type] ?? type;
  const rank = ranks.indexOf(primitive);
  if (rank === -1) return plainly(type, value);
  if (isNull(value)) {
    if (primitive !== type) return null;
    throw new RuntimeProblem("null_pointer_exception", `cannot convert null to ${type}`);
  }
  const given = isForced || primitive === "char" ? charCode(value, primitive) : value;
  const number = numberIn(given);
  if (number === undefined) throw uncastable(type, value, isForced);
  const own = given instanceof Double ? 6 : typeof given === "bigint" ? 4 : 3;
  const isNarrowing = own > Math.max(rank, 3);
  if (isNarrowing && !isForced && primitive !== "float") throw uncastable(type, value, isForced);
  return asPrimitive(primitive, given, number);
}

function plainly(type: string, value: unknown): unknown {
  if (isNull(value)) return value ?? null;
  const isWrong =
    (type === "String" && typeof value !== "string") ||
    ((type === "boolean" || type === "Boolean") && typeof value !== "boolean") ||
    ((type === "List" || type === "ArrayList") && !Array.isArray(value)) ||
    ((type === "Map" || type === "HashMap") && !(value instanceof Map) && !isScriptObject(value));
  if (isWrong) throw uncastable(type, value, false);
  return value;
}

function uncastable(type: string, value: unknown, isForced: boolean): RuntimeProblem {
  const how = isForced ? "explicitly" : "implicitly";
  const wanted = type === "String" ? "java.lang.String" : type;
  const reason = `cannot ${how} cast def [${javaTypeOf(value)}] to ${wanted}`;
  return new RuntimeProblem("class_cast_exception", reason);
}

function charCode(value: unknown, primitive: string): unknown {
  const isCharacter = typeof value === "string" && value.length === 1;
  return isCharacter && (primitive === "int" || primitive === "char") ? value.charCodeAt(0) : value;
}

function asPrimitive(primitive: string, given: unknown, number: number): unknown {
  switch (primitive) {
    case "double":
      return new Double(number);
    case "float":
      return new Double(Math.fround(number), true);
    case "long":
      return typeof given === "bigint" ? given : toLong(number);
    case "char":
      return String.fromCharCode(number & 0xff_ff);
    case "byte":
      return (whole(given) << 24) >> 24;
    case "short":
      return (whole(given) << 16) >> 16;
    default:
      return whole(given);
  }
}

/** `(long)` of a fraction: the nearest one for what is too large. */
export function toLong(number: number): bigint {
  if (Number.isNaN(number)) return 0n;
  const limit = 2 ** 63;
  if (number >= limit) return 2n ** 63n - 1n;
  return number <= -limit ? -(2n ** 63n) : BigInt(Math.trunc(number));
}

/** `(int)`: Longs are cut, fractions too large for one are the nearest one. */
export function whole(value: unknown): number {
  if (typeof value === "bigint") return Number(BigInt.asIntN(32, value));
  const number = numberIn(value) ?? 0;
  if (Number.isNaN(number)) return 0;
  return Math.trunc(Math.min(Math.max(number, -(2 ** 31)), 2 ** 31 - 1));
}
