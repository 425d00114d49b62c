/** Makes conditions of expressions: what an index can find is asked of it, the rest computed. */
import type { JsonObject } from "../json/json-value.ts";
import { checkExact, checkType, compileValue, constantOf, isConstant } from "./compile-value.ts";
import type { Surroundings } from "./compile-value.ts";
import type { Condition } from "./condition.ts";
import { compileList, matching } from "./compile-list.ts";
import { escaped, hasWildcard, wildcardTest } from "./patterns.ts";
import type { Comparison, Constant, EventFilter, Expression } from "./syntax.ts";
import type { Value } from "./values.ts";

/** Operators as they are when the sides change places. */
const swapped: Readonly<Record<Comparison, Comparison>> = {
  "==": "==",
  "!=": "!=",
  ":": ":",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

const ranges: Readonly<Partial<Record<Comparison, string>>> = {
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
};

const never: Condition = { kind: "constant", value: false };

/**
 * Compiles what events have to fit.
 *
 * @param categoryField the field that tells the category of an event
 */
export function compileFilter(
  { category, at: start, condition }: EventFilter,
  categoryField: string,
  around: Surroundings,
): Condition {
  const compiled = compileCondition(condition, around);
  if (category === undefined) return compiled;
  if (around.fields.find(categoryField) === undefined)
    throw around.problems.verification(start, `Unknown column [${categoryField}]`);
  const place = { start, end: start };
  const field = { kind: "field", name: categoryField, isOptional: false, ...place } as const;
  const value = { kind: "constant", value: category, isDecimal: false, ...place } as const;
  return { kind: "and", parts: [compare(field, "==", value, field, around), compiled] };
}

/** Compiles a condition. @throws {EsError} 400 with the place of what is wrong */
export function compileCondition(expression: Expression, around: Surroundings): Condition {
  switch (expression.kind) {
    case "and":
    case "or":
      return {
        kind: expression.kind,
        parts: [
          compileCondition(expression.left, around),
          compileCondition(expression.right, around),
        ],
      };
    case "not": {
      const part = compileCondition(expression.operand, around);
      return { kind: "not", part };
    }
    case "comparison":
      return compare(expression.left, expression.operator, expression.right, expression, around);
    case "list":
      return compileList(expression, around);
    default:
      return bare(expression, around);
  }
}

/** A value that is a condition itself. */
function bare(expression: Expression, around: Surroundings): Condition {
  if (expression.kind === "call") {
    const found = foundByIndex(expression, around);
    if (found !== undefined) return found;
  }
  const value = compileValue(expression, around);
  if (value.type === "null") return never;
  if (value.type !== "boolean")
    throw around.problems.verification(
      expression.start,
      `Condition expression needs to be boolean, found [${value.typeName.toUpperCase()}]`,
    );
  if (isConstant(value)) return { kind: "constant", value: constantOf(value) === true };
  if (value.field !== undefined) return query({ term: { [value.field]: { value: true } } });
  return { kind: "computed", uses: value.uses, test: (read) => value.read(read) === true };
}

/** Functions that the index answers, of a field and constants. */
function foundByIndex(
  expression: Extract<Expression, { kind: "call" }>,
  around: Surroundings,
): Condition | undefined {
  const value = compileValue(expression, around);
  const [first, ...rest] = expression.parts.map((part) => compileValue(part, around));
  const field = first?.field;
  const constants = rest.map((part) => (isConstant(part) ? constantOf(part) : undefined));
  if (field === undefined || value.type !== "boolean") return undefined;
  const texts = constants.filter((constant) => typeof constant === "string");
  if (texts.length !== constants.length) return undefined;
  const [text = ""] = texts;
  const { ignoresCase } = expression;
  const wildcard = (pattern: string): Condition =>
    query({ wildcard: { [field]: { value: pattern, ...insensitive(ignoresCase) } } });
  switch (expression.name.toLowerCase()) {
    case "startswith":
      return query({ prefix: { [field]: { value: text, ...insensitive(ignoresCase) } } });
    case "endswith":
      return wildcard(`*${escaped(text)}`);
    case "stringcontains":
      return text === "" ? undefined : wildcard(`*${escaped(text)}*`);
    case "cidrmatch":
      return query({ terms: { [field]: texts } });
    default:
      return undefined;
  }
}

function insensitive(ignoresCase: boolean): JsonObject {
  return ignoresCase ? { case_insensitive: true } : {};
}

function query(body: JsonObject): Condition {
  return { kind: "query", query: body };
}

/** Expressions that are true or false, and not just values. */
const conditional: ReadonlySet<Expression["kind"]> = new Set([
  "and",
  "or",
  "not",
  "comparison",
  "list",
]);

function compare(
  left: Expression,
  operator: Comparison,
  right: Expression,
  whole: Expression,
  around: Surroundings,
): Condition {
  const truth = asTruth(left, operator, right) ?? asTruth(right, operator, left);
  if (truth !== undefined) {
    const part = compileCondition(truth.expression, around);
    return truth.isTrue ? part : { kind: "not", part };
  }
  const a = compileValue(left, around);
  const b = compileValue(right, around);
  if (isConstant(a) && !isConstant(b)) return withConstant(b, swapped[operator], a, whole, around);
  if (!isConstant(b)) {
    const offender = around.problems.textOf(right);
    const reason = "Comparisons against fields are not (currently) supported";
    throw around.problems.verification(
      right.start,
      `${reason}; offender [${offender}] in [${operator}]`,
    );
  }
  return withConstant(a, operator, b, whole, around);
}

/** A condition that is compared with `true` or `false`. */
function asTruth(
  expression: Expression,
  operator: Comparison,
  other: Expression,
): { readonly expression: Expression; readonly isTrue: boolean } | undefined {
  if (other.kind !== "constant" || typeof other.value !== "boolean") return undefined;
  if (operator !== "==" && operator !== "!=") return undefined;
  if (!conditional.has(expression.kind) && expression.kind !== "call") return undefined;
  return { expression, isTrue: other.value === (operator === "==") };
}

function withConstant(
  value: Value,
  operator: Comparison,
  constant: Value,
  whole: Expression,
  around: Surroundings,
): Condition {
  const wanted = constantOf(constant);
  if (operator === ":") {
    checkType(value, "string", whole, "first argument ", around);
    checkType(constant, "string", whole, "second argument ", around);
  } else checkExact(value, whole, "first argument ", around);
  if (wanted === null) return withNull(value, operator);
  if (value.type === "null") return never;
  if (isConstant(value))
    return { kind: "constant", value: holds(constantOf(value), operator, wanted) };
  checkComparable(value, constant, around);
  const { field } = value;
  if (field === undefined)
    return {
      kind: "computed",
      uses: value.uses,
      test: (read) => holds(value.read(read), operator, wanted),
    };
  if (operator === ":") return matching(field, String(wanted), true, hasWildcard(String(wanted)));
  const range = ranges[operator];
  if (range !== undefined) return query({ range: { [field]: { [range]: wanted } } });
  const equal = query({ term: { [field]: { value: wanted } } });
  return operator === "==" ? equal : { kind: "not", part: equal };
}

/** Whether there is a value at all. */
function withNull(value: Value, operator: Comparison): Condition {
  if (operator !== "==" && operator !== "!=") return never;
  const isNull: Condition =
    value.field !== undefined
      ? { kind: "not", part: query({ exists: { field: value.field } }) }
      : { kind: "computed", uses: value.uses, test: (read) => value.read(read) === null };
  return operator === "==" ? isNull : { kind: "not", part: isNull };
}

function holds(value: Constant, operator: Comparison, wanted: Constant): boolean {
  if (value === null || wanted === null) return false;
  if (operator === ":") return wildcardTest(String(wanted), true)(String(value));
  if (operator === "==") return value === wanted;
  if (operator === "!=") return value !== wanted;
  if (typeof value !== typeof wanted) return false;
  if (operator === "<") return value < wanted;
  if (operator === "<=") return value <= wanted;
  return operator === ">" ? value > wanted : value >= wanted;
}

/** Refuses what the server would read by rules of its own. */
function checkComparable(value: Value, constant: Value, { problems }: Surroundings): void {
  const isNumber = (type: Value["type"]): boolean => type === "integer" || type === "decimal";
  const fits =
    value.type === constant.type ||
    (isNumber(value.type) && isNumber(constant.type)) ||
    (value.type === "date" && constant.type !== "boolean") ||
    (value.type === "ip" && constant.type === "string");
  if (!fits || (value.type === "date" && value.field === undefined))
    throw problems.unsupported(
      value.expression.start,
      `a comparison of the types [${value.typeName}] and [${constant.typeName}] in EQL`,
    );
}
