/** Types of values. */
import { isNull } from "./arithmetic.ts";
import { ScriptProblem } from "./problems.ts";
import type { Expression } from "./syntax.ts";
import { Double, isScriptObject, javaTypeOf, numberIn, ScriptSet } from "./values.ts";

/** The type of a literal, as the compiler names it. */
export function literalType(value: unknown): string {
  if (value instanceof Double) return value.isFloat ? "float" : "double";
  if (typeof value === "bigint") return "long";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "number" ? "int" : javaTypeOf(value);
}

/** Operators that take numbers only. */
const ofNumbers = new Set(["-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>"]);

const comparisons: Readonly<Record<string, string>> = {
  "<": "less than",
  ">": "greater than",
  "<=": "less than or equals",
  ">=": "greater than or equals",
};

/** An operand: its expression, and the value that it has. */
interface Operand {
  readonly expression: Expression;
  readonly value: unknown;
}

/** Refuses literals that an operator does not take, as the compiler does. */
export function checkOperands(operator: string, left: Operand, right: Operand, at: number): void {
  const both = [left, right];
  if (both.every(({ expression }) => expression.kind === "literal")) {
    const isZero = right.value === 0 && typeof left.value === "number";
    if (isZero && (operator === "/" || operator === "%"))
      throw new ScriptProblem("/ by zero", at, false, "arithmetic_exception");
    if (
      Object.hasOwn(comparisons, operator) &&
      both.every(({ value }) => typeof value === "string")
    ) {
      const types = `[${literalType(left.value)}] and [${literalType(right.value)}]`;
      const name = comparisons[operator] ?? operator;
      throw miscast(`cannot apply the ${name} operator [${operator}] to the types ${types}`, at);
    }
  }
  if (!ofNumbers.has(operator)) return;
  for (const { expression, value } of both) {
    if (expression.kind === "literal" && typeof value === "string")
      throw miscast("Cannot cast from [java.lang.String] to [int].", expression.at);
  }
}

function miscast(reason: string, at: number): ScriptProblem {
  return new ScriptProblem(reason, at, false, "class_cast_exception");
}

/** The type of a value, where it is a number by its primitive name. */
export function primitiveOf(value: unknown): string {
  return numberIn(value) === undefined ? javaTypeOf(value) : literalType(value);
}

/** What the items of a new array are. */
export function zeroOf(type: string): unknown {
  if (type === "boolean") return false;
  if (type === "double" || type === "float") return new Double(0, type === "float");
  if (type === "long") return 0n;
  return /^(?:int|short|byte|char)$/.test(type) ? 0 : null;
}

/** `instanceof`. @throws {ScriptProblem} for a type that is not covered */
export function isInstance(value: unknown, type: string, at: number): boolean {
  if (isNull(value)) return false;
  switch (type) {
    case "def":
    case "Object":
      return true;
    case "String":
    case "CharSequence":
      return typeof value === "string";
    case "boolean":
    case "Boolean":
      return typeof value === "boolean";
    case "Number":
      return numberIn(value) !== undefined;
    case "int":
    case "Integer":
      return typeof value === "number";
    case "long":
    case "Long":
      return typeof value === "bigint";
    case "double":
    case "Double":
      return value instanceof Double && !value.isFloat;
    case "float":
    case "Float":
      return value instanceof Double && value.isFloat;
    case "List":
    case "ArrayList":
      return Array.isArray(value);
    case "Collection":
    case "Iterable":
      return Array.isArray(value) || value instanceof ScriptSet;
    case "Set":
    case "HashSet":
      return value instanceof ScriptSet;
    case "Map":
      return value instanceof Map;
    case "HashMap":
      return value instanceof Map;
    case "ZonedDateTime":
      return isScriptObject(value) && value.javaType === "java.time.ZonedDateTime";
    default:
      throw new ScriptProblem(`[instanceof ${type}]`, at, true);
  }
}
