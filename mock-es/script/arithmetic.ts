/** Arithmetic of scripts: whole numbers stay whole, as in Java. */
import { requireLength, RuntimeProblem } from "./methods.ts";
import { Double, numberIn, textOfValue } from "./values.ts";

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
  const left = numberIn(a);
  const right = numberIn(b);
  if (left === undefined || right === undefined) {
    if (isNull(a) || isNull(b)) throw nullPointer(operator);
    throw new RuntimeProblem(
      "class_cast_exception",
      `Cannot apply [${operator}] operation to types [${typeName(a)}] and [${typeName(b)}].`,
    );
  }
  const isReal = a instanceof Double || b instanceof Double;
  if (!isReal && (operator === "/" || operator === "%") && right === 0)
    throw new RuntimeProblem("arithmetic_exception", "/ by zero");
  const result = computed(operator, left, right);
  if (isReal) return new Double(result);
  return operator === "/" ? Math.trunc(result) : result;
}

function computed(operator: string, a: number, b: number): number {
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

/** The value of a comparison. @throws {RuntimeProblem} for what is no number */
export function compared(operator: string, a: unknown, b: unknown): boolean {
  const left = numberIn(a);
  const right = numberIn(b);
  if (left === undefined || right === undefined) {
    if (isNull(a) || isNull(b)) throw nullPointer(operator);
    throw new RuntimeProblem(
      "class_cast_exception",
      `Cannot apply [${operator}] operation to types [${typeName(a)}] and [${typeName(b)}].`,
    );
  }
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  return operator === "<=" ? left <= right : left >= right;
}

function typeName(value: unknown): string {
  if (typeof value === "string") return "java.lang.String";
  if (typeof value === "boolean") return "java.lang.Boolean";
  if (Array.isArray(value)) return "java.util.ArrayList";
  if (value instanceof Map) return "java.util.HashMap";
  return value instanceof Double ? "java.lang.Double" : "java.lang.Integer";
}

/** A value as a variable of a type holds it. */
export function converted(type: string, value: unknown): unknown {
  const number = numberIn(value);
  if (number === undefined) return value;
  if (/^(?:int|long|short|byte)$/.test(type)) return Math.trunc(number);
  if (type === "double" || type === "Double") return new Double(number);
  return type === "float" || type === "Float" ? new Double(Math.fround(number)) : value;
}
