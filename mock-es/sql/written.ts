/** Expressions of SQL as expressions of ES|QL. */
import { unsupported } from "../esql/syntax/span.ts";
import type { LiteralValue } from "../esql/syntax/syntax.ts";
import { commonType, inType, isNumber, sqlFunctions } from "./functions.ts";
import type { Condition, Operand, Scalar } from "./select.ts";
import { literalOf, type Written } from "./write.ts";

/** What an expression is written with. */
export interface WrittenIn {
  readonly query: string;
  /** A column that is there. */
  readonly column: (column: string, at: number) => Written;
  readonly condition: (condition: Condition) => string;
  /** An aggregate that is computed before the expression. */
  readonly aggregate: (operand: Operand) => Written;
}

/**
 * Writes an expression.
 *
 * @throws {EsError} 400 with the place, for what is not covered
 */
export function writeScalar(scalar: Scalar, around: WrittenIn): Written {
  const { at } = scalar;
  const inner = (part: Scalar): Written => writeScalar(part, around);
  const refuse = (what: string): Error => unsupported(around.query, at, `${what} in SQL`);
  switch (scalar.kind) {
    case "column":
      return around.column(scalar.column, at);
    case "literal":
      return ofLiteral(scalar.value);
    case "aggregate":
      return around.aggregate(scalar.operand);
    case "negate": {
      const operand = inner(scalar.operand);
      if (!isNumber(operand.type)) throw refuse("a sign of such a value");
      return { text: `-(${operand.text})`, type: operand.type };
    }
    case "cast": {
      const operand = inner(scalar.operand);
      const found = castTo(operand, scalar.type);
      if (found !== undefined) return found;
      throw refuse(`[${scalar.type}] of the type [${operand.type}]`);
    }
    case "binary": {
      const [left, right] = [inner(scalar.left), inner(scalar.right)];
      const type = arithmeticType(scalar.operator, left, right);
      if (type === undefined) throw refuse(`[${scalar.operator}] of such values`);
      return { text: `(${left.text} ${scalar.operator} ${right.text})`, type };
    }
    case "call": {
      const { name } = scalar;
      const write = Object.hasOwn(sqlFunctions, name) ? sqlFunctions[name] : undefined;
      if (write === undefined) throw refuse(`the function [${name.toUpperCase()}]`);
      const found = write(...scalar.from.map(inner));
      if (found !== undefined) return found;
      throw refuse(`[${name.toUpperCase()}] of such arguments`);
    }
    case "case": {
      const values = scalar.branches.map(({ value }) => inner(value));
      const otherwise: Written =
        scalar.otherwise === undefined ? { text: "null", type: "null" } : inner(scalar.otherwise);
      const type = commonType([...values, otherwise]);
      if (type === undefined) throw refuse("CASE with values of different types");
      const parts = scalar.branches.flatMap(({ when }, place) => [
        around.condition(when),
        inType(values[place] ?? otherwise, type),
      ]);
      return { text: `case(${[...parts, inType(otherwise, type)].join(", ")})`, type };
    }
  }
}

/** The type of `a + b` and so on; `undefined` where it is not covered. */
function arithmeticType(operator: string, left: Written, right: Written): string | undefined {
  const isMove = operator === "+" || operator === "-";
  if (isMove && left.type === "datetime" && right.type === "interval") return "datetime";
  if (isMove && left.type === "date" && /^-?\d+ (?:year|month|day)$/.test(right.text))
    return "date";
  if (!isNumber(left.type) || !isNumber(right.type)) return undefined;
  const type = commonType([left, right]);
  return type === "byte" || type === "short" ? undefined : type;
}

const castNames: Readonly<Record<string, string>> = {
  int: "integer",
  integer: "integer",
  long: "long",
  bigint: "long",
  double: "double",
  keyword: "keyword",
  varchar: "keyword",
  string: "keyword",
  sql_varchar: "keyword",
  sql_integer: "integer",
  sql_bigint: "long",
  sql_double: "double",
  boolean: "boolean",
  datetime: "datetime",
  timestamp: "datetime",
  date: "date",
};

function castTo(value: Written, name: string): Written | undefined {
  const lower = name.toLowerCase();
  const type = Object.hasOwn(castNames, lower) ? castNames[lower] : undefined;
  const isKnown = isNumber(value.type) || /^(?:keyword|boolean|datetime|date)$/.test(value.type);
  if (type === undefined || !isKnown) return undefined;
  if (type === "date") {
    if (isNumber(value.type) || value.type === "boolean") return undefined;
    return { text: `date_trunc(1 day, to_datetime(${value.text}))`, type };
  }
  // A date is written without its time.
  if (value.type === "date" && type !== "datetime") return undefined;
  const own = type === "keyword" ? "string" : type;
  return { text: `to_${own}(${value.text})`, type };
}

/** A literal as ES|QL writes it. */
export function ofLiteral(value: LiteralValue): Written {
  switch (value.type) {
    case "keyword":
      return literalOf(value.value);
    case "null":
      return { text: "null", type: "null" };
    case "period":
      return { text: `${value.count} ${value.unit}`, type: "interval" };
    case "double": {
      const written = String(value.value);
      return { text: /[.e]/.test(written) ? written : `${written}.0`, type: "double" };
    }
    default:
      return { text: String(value.value), type: value.type };
  }
}

/** `%` stands for any characters in SQL, `_` for one. */
export function likePattern(pattern: string): string {
  return pattern
    .replaceAll(/[\\*?]/g, String.raw`\$&`)
    .replaceAll("%", "*")
    .replaceAll("_", "?");
}
