/** Makes values of expressions: types are checked, constants computed. */
import { doubleText } from "../json/java-number.ts";
import { similar } from "../esql/plan/analysis.ts";
import { type EqlFunction, functions, type ParameterType } from "./functions.ts";
import type { ArithmeticOperator, Constant, Expression } from "./syntax.ts";
import {
  type EqlFields,
  type EqlProblems,
  typeOfConstant,
  typeOfField,
  type Value,
  type ValueType,
} from "./values.ts";

/** What expressions are compiled with. */
export interface Surroundings {
  readonly fields: EqlFields;
  readonly problems: EqlProblems;
}

type Field = Extract<Expression, { kind: "field" }>;
type Call = Extract<Expression, { kind: "call" }>;

/** Functions that are other names of operators. */
const arithmeticNames: Readonly<Record<string, ArithmeticOperator>> = {
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
  modulo: "%",
};

const ordinals = ["first", "second", "third", "fourth", "fifth"];

/** True for what needs no document. */
export function isConstant({ uses }: Value): boolean {
  return uses.length === 0;
}

/** The value of a constant expression. */
export function constantOf(value: Value): Constant {
  return value.read(() => null);
}

/**
 * Compiles an expression that is no condition.
 *
 * @throws {EsError} 400 `verification_exception` or `parsing_exception` with its place
 */
export function compileValue(expression: Expression, around: Surroundings): Value {
  switch (expression.kind) {
    case "constant": {
      const { value, isDecimal } = expression;
      const [type, typeName] = typeOfConstant(value, isDecimal);
      return { type, typeName, expression, uses: [], read: () => value };
    }
    case "field":
      return compileField(expression, around);
    case "call":
      return compileCall(expression, around);
    case "negation": {
      const zero: Expression = { ...expression, kind: "constant", value: 0, isDecimal: false };
      return arithmetic(expression, "-", [zero, expression.operand], around);
    }
    case "arithmetic":
      return arithmetic(
        expression,
        expression.operator,
        [expression.left, expression.right],
        around,
      );
    default:
      throw around.problems.unsupported(expression.start, "a condition as a value in EQL");
  }
}

/** A field that is there, or null for an optional one that is not. */
export function compileField(expression: Field, { fields, problems }: Surroundings): Value {
  const { name, isOptional, start } = expression;
  const found = fields.find(name);
  if (found === undefined && isOptional)
    return { type: "null", typeName: "null", expression, uses: [], read: () => null };
  if (found === undefined) {
    const reason = `Unknown column [${name}]${similar(name, fields.names)}`;
    throw problems.verification(start, reason);
  }
  if (found === "conflict")
    throw problems.unsupported(start, `the field [${name}] of several types in EQL`);
  const { type: mapped, nested } = found;
  if (mapped === "nested") {
    const reason = "due to nested fields not being supported yet";
    throw problems.verification(start, `Cannot use field [${name}] type [nested] ${reason}`);
  }
  const type = typeOfField(mapped);
  if (nested !== undefined) {
    const reason = `with unsupported nested type in hierarchy (field [${nested}])`;
    throw problems.verification(start, `Cannot use field [${name}] type [${mapped}] ${reason}`);
  }
  if (type === undefined)
    throw problems.verification(
      start,
      `Cannot use field [${name}] with unsupported type [${mapped}]`,
    );
  const { exact = name } = found;
  const [valueType, typeName] = type;
  return {
    type: valueType,
    typeName,
    expression,
    field: exact,
    uses: [exact],
    read: (read) => read(exact),
  };
}

/** Refuses a text of which no whole values are kept. */
export function checkExact(
  value: Value,
  whole: Expression,
  which: string,
  { fields, problems }: Surroundings,
): void {
  const { expression } = value;
  if (expression.kind !== "field") return;
  const found = fields.find(expression.name);
  if (found === undefined || found === "conflict" || found.exact !== undefined) return;
  const missing = `No keyword/multi-field defined exact matches for [${expression.name}]`;
  throw problems.verification(
    whole.start,
    `[${problems.textOf(whole)}] cannot operate on ${which}field of data type [${found.type}]: ${missing}; define one or use MATCH/QUERY instead`,
  );
}

function arithmetic(
  expression: Expression,
  operator: ArithmeticOperator,
  operands: readonly Expression[],
  around: Surroundings,
): Value {
  const { problems } = around;
  const values = operands.map((operand) => compileValue(operand, around));
  for (const value of values)
    if (value.type !== "integer" && value.type !== "decimal" && value.type !== "null")
      throw problems.unsupported(
        value.expression.start,
        `arithmetic of the type [${value.typeName}] in EQL`,
      );
  const isWhole = values.every(({ type }) => type === "integer");
  return {
    type: isWhole ? "integer" : "decimal",
    typeName: isWhole ? "long" : "double",
    expression,
    uses: values.flatMap(({ uses }) => uses),
    read: (read) => {
      const [a = null, b = null] = values.map((value) => value.read(read));
      if (typeof a !== "number" || typeof b !== "number") return null;
      const found = computed(operator, a, b);
      const isExact = Number.isFinite(found) && (!isWhole || Math.abs(found) <= 2 ** 53);
      if (!isExact)
        throw problems.unsupported(expression.start, "a number without bounds or digits in EQL");
      return isWhole ? Math.trunc(found) : found;
    },
  };
}

function computed(operator: ArithmeticOperator, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
  }
}

function compileCall(expression: Call, around: Surroundings): Value {
  const { problems } = around;
  const { name, start, parts } = expression;
  const lower = name.toLowerCase();
  const operator = Object.hasOwn(arithmeticNames, lower) ? arithmeticNames[lower] : undefined;
  if (operator !== undefined) {
    checkCount(expression, lower, 2, 2, "exactly two arguments", problems);
    return arithmetic(expression, operator, parts, around);
  }
  const known = functionOf(expression, around);
  const { least, most = known.parameters.length } = known;
  checkCount(expression, lower, least, most, known.expects, problems);
  const values = parts.map((part) => compileValue(part, around));
  for (const [at, value] of values.entries()) {
    const wanted = known.parameters[Math.min(at, known.parameters.length - 1)] ?? "any";
    const isAlone = lower === "length" || lower === "concat";
    checkType(
      value,
      wanted,
      expression,
      isAlone ? "" : `${ordinals[at] ?? `${at + 1}th`} argument `,
      around,
    );
    if (wanted === "any" && (value.type === "date" || value.type === "version"))
      throw problems.unsupported(start, `[${name}] of the type [${value.typeName}] in EQL`);
    if (lower === "cidrmatch" && at > 0 && !isConstant(value)) {
      const shown = `must be a constant, received [${problems.textOf(value.expression)}]`;
      const reason = `${ordinals[at] ?? ""} argument of [${problems.textOf(expression)}] ${shown}`;
      throw problems.verification(start, reason);
    }
  }
  const { ignoresCase } = expression;
  return {
    type: known.result,
    typeName: known.result === "string" ? "keyword" : known.result,
    expression,
    uses: values.flatMap(({ uses }) => uses),
    read: (read) =>
      known.compute(
        values.map((value) => argumentOf(value, value.read(read))),
        ignoresCase,
      ),
  };
}

/** A number with a fraction is a text as Java writes it. */
function argumentOf({ type }: Value, value: Constant): Constant {
  return type === "decimal" && typeof value === "number" ? doubleText(value) : value;
}

function functionOf({ name, ignoresCase, start }: Call, { problems }: Surroundings): EqlFunction {
  const lower = name.toLowerCase();
  const found = Object.hasOwn(functions, lower) ? functions[lower] : undefined;
  if (found === undefined) {
    const names = [...Object.keys(functions), ...Object.keys(arithmeticNames)];
    const shown = `${name}${ignoresCase ? "~" : ""}`;
    throw problems.verification(start, `Unknown function [${shown}]${similar(lower, names)}`);
  }
  if (ignoresCase && found.hasInsensitive !== true)
    throw problems.unsupported(start, `the function [${name}~] in EQL`);
  return found;
}

function checkCount(
  { parts, start }: Call,
  name: string,
  least: number,
  most: number,
  expects: string,
  problems: EqlProblems,
): void {
  if (parts.length >= least && parts.length <= most) return;
  throw problems.parsing(start, `error building [${name}]: expects ${expects}`);
}

const fitting: Readonly<Record<ParameterType, readonly ValueType[]>> = {
  any: ["string", "integer", "decimal", "boolean", "date", "ip", "version", "null"],
  string: ["string", "null"],
  integer: ["integer", "null"],
  boolean: ["boolean", "null"],
  ip: ["ip", "null"],
};

/** Checks the type of an argument. @param which says which one it is, with a space behind it */
export function checkType(
  value: Value,
  wanted: ParameterType,
  whole: Expression,
  which: string,
  around: Surroundings,
): void {
  const { problems } = around;
  if (!fitting[wanted].includes(value.type)) {
    const shown = problems.textOf(value.expression);
    const argument = which === "" ? "argument " : which;
    throw problems.verification(
      whole.start,
      `${argument}of [${problems.textOf(whole)}] must be [${wanted}], found value [${shown}] type [${value.typeName}]`,
    );
  }
  checkExact(value, whole, which, around);
}
