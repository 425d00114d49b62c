/** Conditions that the server asks of the index, which reads values as the field does. */
import type { BinaryOperator } from "../syntax/syntax.ts";
import { isList, type Row, type Scalar } from "../values/value.ts";
import type { Typed } from "./analysis.ts";
import type { Surroundings } from "./surroundings.ts";
import { constantValue } from "./typed.ts";

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
  const isNegated = operator === "!=";
  return pushed(typed, left, around, isNegated, (field) =>
    name === undefined
      ? { term: { [field]: { value } } }
      : { range: { [field]: { [name]: value } } },
  );
}

/** `field IN (1, 2)` */
export function pushedMembership(
  typed: Typed | undefined,
  column: Typed,
  items: readonly Typed[],
  around: Surroundings,
): Typed | undefined {
  const values = items.map(literalOf);
  if (values.includes(undefined)) return typed;
  return pushed(typed, column, around, false, (field) => ({ terms: { [field]: values } }));
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
  return pushed(typed, column, around, false, query) ?? typed;
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
    return pushed(typed, column, around, false, () => undefined);
  const text = literalOf(other);
  if (typeof text !== "string" || (name !== "starts_with" && name !== "ends_with")) return typed;
  const escaped = text.replaceAll(/[\\*?]/g, String.raw`\$&`);
  const value = name === "starts_with" ? `${escaped}*` : `*${escaped}`;
  return pushed(typed, column, around, false, (field) => ({ wildcard: { [field]: { value } } }));
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
  const tests = conjunctsOf(condition).map(({ pushed, evaluate }) =>
    push === undefined || pushed === undefined ? evaluate : pushed,
  );
  return (row) => tests.every((test) => test(row) === true);
}

/** What must hold at once; what the index decides comes first. */
function conjunctsOf(condition: Typed | undefined): readonly Typed[] {
  if (condition === undefined) return [];
  const parts = condition.conjuncts?.flatMap(conjunctsOf) ?? [condition];
  return [
    ...parts.filter(({ pushed }) => pushed !== undefined),
    ...parts.filter(({ pushed }) => pushed === undefined),
  ];
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
  { attribute, evaluate: cellOf }: Typed,
  { push, columns }: Surroundings,
  isNegated: boolean,
  queryOf: (field: string) => Query | undefined,
): Typed | undefined {
  if (typed === undefined || attribute?.field === undefined) return typed;
  const { evaluate } = typed;
  if (attribute.isReadAnew !== true) return { ...typed, pushed: evaluate };
  const document = columns.findIndex((column) => column.isHidden === true);
  const query = queryOf(attribute.field);
  if (push === undefined || document < 0 || query === undefined) return typed;
  const fits = push(query);
  const asked = (row: Row): ReturnType<Typed["evaluate"]> => {
    const cell = cellOf(row);
    // Of none and of several values, the index says the same.
    if (cell === null || isList(cell)) return evaluate(row);
    return fits(row[document] as number) !== isNegated;
  };
  return { ...typed, pushed: asked };
}
