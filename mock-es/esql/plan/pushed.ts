/** Conditions that the server asks of the index, which reads values as the field does. */
import type { BinaryOperator } from "../syntax/syntax.ts";
import { type Cell, isList, type Row, type Scalar } from "../values/value.ts";
import type { Analysis, Pushed, Typed } from "./analysis.ts";
import type { Surroundings } from "./surroundings.ts";
import { constantValue, severalValues } from "./typed.ts";
import { compareZeros } from "../../search/fields/zeros.ts";
import { verdicts } from "../values/verdicts.ts";

type Query = Record<string, unknown>;

/** The same condition with the operands in the other order. */
const mirrored: Readonly<Partial<Record<BinaryOperator, BinaryOperator>>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

const ranges: Readonly<Partial<Record<BinaryOperator, string>>> = {
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
};

/** `field < 5`, or `5 > field`. */
export function pushedComparison(
  typed: Typed | undefined,
  operator: BinaryOperator,
  left: Typed,
  right: Typed,
  around: Surroundings,
): Typed | undefined {
  if (left.isConstant && !right.isConstant)
    return pushedComparison(typed, mirrored[operator] ?? operator, right, left, around);
  const value = literalOf(right);
  if (value === undefined) return typed;
  const name = ranges[operator];
  const zero = zeroOf(right);
  const test = verdicts[operator];
  const asked =
    zero === undefined || test === undefined
      ? typed
      : withZeros(typed, left, (cell) => test(compareZeros(cell, zero)));
  const answer = pushed(asked, left, around, operator, (field) =>
    name === undefined
      ? { term: { [field]: { value } } }
      : { range: { [field]: { [name]: value } } },
  );
  return answer && typed && { ...answer, evaluate: typed.evaluate };
}

/** The zero that a constant is; `undefined` for another one. Whole numbers have one zero. */
function zeroOf(constant: Typed): number | undefined {
  const value = constantValue(constant);
  if (value !== 0 && value !== 0n) return undefined;
  return constant.type === "double" ? Number(value) : 0;
}

/** A condition on a column of fractions as the index answers it: -0.0 is below 0.0 there. */
function withZeros(
  typed: Typed | undefined,
  column: Typed,
  accepts: (zero: number) => Cell,
): Typed | undefined {
  if (typed === undefined || column.type !== "double") return typed;
  const evaluate = (row: Row): Cell => {
    const cell = column.evaluate(row);
    return cell === 0 ? accepts(cell) : typed.evaluate(row);
  };
  return { ...typed, evaluate };
}

/** `field IN (1, 2)` */
export function pushedMembership(
  typed: Typed | undefined,
  column: Typed,
  items: readonly Typed[],
  around: Surroundings,
): Typed | undefined {
  const isNull = (item: Typed): boolean => item.isConstant && constantValue(item) === null;
  const values = items.filter((item) => !isNull(item)).map(literalOf);
  if (values.length === 0 || values.includes(undefined)) return typed;
  const zeros = items.filter((item) => !isNull(item)).flatMap((item) => zeroOf(item) ?? []);
  const hasNull = values.length < items.length;
  const asked =
    zeros.length === 0
      ? typed
      : withZeros(typed, column, (cell) =>
          zeros.some((zero) => Object.is(cell, zero)) ? true : hasNull ? null : false,
        );
  const answer = pushed(asked, column, around, undefined, (field) => ({
    terms: { [field]: values },
  }));
  const inner = answer?.pushed;
  if (answer === undefined || typed === undefined || inner === undefined) return typed;
  // A value that is not among others and a null is not known not to be among them.
  const evaluate: Pushed["evaluate"] = (...row) => inner.evaluate(...row) || null;
  const asks = hasNull ? { ...inner, evaluate } : inner;
  return { ...answer, evaluate: typed.evaluate, pushed: asks };
}

/** `field LIKE "a*"`, `field RLIKE "a.*"` */
export function pushedPatterns(
  typed: Typed,
  column: Typed,
  kind: "wildcard" | "regexp",
  patterns: readonly string[],
  around: Surroundings,
): Typed {
  const should = (field: string): Query[] =>
    patterns.map((value) => ({ [kind]: { [field]: { value } } }));
  const query = (field: string): Query => ({ bool: { should: should(field) } });
  return pushed(typed, column, around, undefined, query) ?? typed;
}

/** Calls of functions that are conditions, where the server asks the index for them. */
export function pushedCall(
  typed: Typed | undefined,
  name: string,
  from: readonly Typed[],
  around: Surroundings,
): Typed | undefined {
  const [column, other] = from;
  if (column === undefined || other === undefined) return typed;
  if (name === "cidr_match" && from.slice(1).every(({ isConstant }) => isConstant))
    return pushed(typed, column, around, undefined, () => undefined);
  const text = literalOf(other);
  if (typeof text !== "string" || (name !== "starts_with" && name !== "ends_with")) return typed;
  const escaped = text.replaceAll(/[\\*?]/g, String.raw`\$&`);
  const value = name === "starts_with" ? `${escaped}*` : `*${escaped}`;
  return pushed(typed, column, around, undefined, (field) => ({
    wildcard: { [field]: { value } },
  }));
}

/**
 * How rows are tested for a condition.
 *
 * @param push as in the surroundings of the condition; `undefined` where the index is not asked
 */
export function testOf(
  condition: Typed | undefined,
  push: Surroundings["push"],
): (row: Row) => boolean {
  const parts = conjunctsOf(condition);
  const asked = push === undefined ? [] : parts.flatMap(({ pushed }) => pushed ?? []);
  const others = parts.filter(({ pushed }) => push === undefined || pushed === undefined);
  // Only what all queries find is looked at for several values.
  return (row) =>
    asked.every(({ fits }) => fits(row)) &&
    [...asked, ...others].every((part) => part.evaluate(row) === true);
}

/** What must hold at once. */
function conjunctsOf(condition: Typed | undefined): readonly Typed[] {
  if (condition === undefined) return [];
  return condition.conjuncts?.flatMap(conjunctsOf) ?? [condition];
}

/** A single constant as JSON has it; `undefined` for anything else. */
function literalOf(typed: Typed): string | number | boolean | undefined {
  const value = typed.isConstant ? constantValue(typed) : null;
  if (value === null || isList(value)) return undefined;
  return jsonOf(value);
}

function jsonOf(value: Scalar): string | number | boolean | undefined {
  if (typeof value === "bigint") return String(value);
  return typeof value === "object" ? undefined : value;
}

function pushed(
  typed: Typed | undefined,
  { attribute, type, evaluate: cellOf }: Typed,
  { push, columns }: Surroundings,
  operator: BinaryOperator | undefined,
  queryOf: (field: string) => Query | undefined,
): Typed | undefined {
  if (typed === undefined || attribute?.field === undefined) return typed;
  if (attribute.isUnindexed === true) return typed;
  const { evaluate } = typed;
  const isNegated = operator === "!=";
  const place = columns.indexOf(attribute);
  const query = queryOf(attribute.field);
  const document = columns.findIndex((column) => column.isHidden === true);
  const isAsked = attribute.isReadAnew === true && push !== undefined && document >= 0;
  if (attribute.isReadAnew === true && (!isAsked || query === undefined)) return typed;
  const search = isAsked && query !== undefined ? push(query) : undefined;
  const fits = (row: Row): boolean => {
    const cell = cellOf(row);
    if (cell === null) return isNegated;
    if (search !== undefined) return search(row[document] as number) !== isNegated;
    if (!isList(cell)) return evaluate(row) === true;
    // A text is looked at in its document, as the index does not have it whole.
    if (type === "text") return true;
    const holds = (value: Scalar): boolean => evaluate(row.with(place, value)) === true;
    return isNegated ? cell.every(holds) : cell.some(holds);
  };
  const asked = (row: Row, isTurned = false, warn?: () => void): Cell => {
    const cell = cellOf(row);
    if (cell === null) return evaluate(row);
    if (!isList(cell)) return search === undefined ? evaluate(row) : fits(row);
    const isFound = type === "text" || fits(row) !== isTurned;
    // A comparison is turned round by a NOT, which is told of nowhere then.
    if (isFound && warn !== undefined && operator === undefined) warn();
    else if (isFound) evaluate(row);
    return null;
  };
  return { ...typed, pushed: { fits, evaluate: asked } };
}

/** The NOT of a condition that the server asks of the index. */
export function pushedNegation(analysis: Analysis, typed: Typed, operand: Typed): Typed {
  const { pushed: inner } = operand;
  if (inner === undefined) return typed;
  const warn = (): void => analysis.warnings.failed(typed, severalValues);
  return {
    ...typed,
    pushed: {
      fits: (row) => !inner.fits(row),
      evaluate(row, isNegated = false) {
        const cell = inner.evaluate(row, !isNegated, isNegated ? undefined : warn);
        return typeof cell === "boolean" ? !cell : null;
      },
    },
  };
}

/** `field IS NULL`, `field IS NOT NULL` */
export function pushedNullTest(typed: Typed, { attribute }: Typed): Typed {
  if (attribute?.field === undefined) return typed;
  const { evaluate } = typed;
  return { ...typed, pushed: { fits: (row) => evaluate(row) === true, evaluate } };
}
