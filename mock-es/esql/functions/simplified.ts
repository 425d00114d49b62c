/** Comparisons of arithmetic with constants, of which the server moves what it can to one side. */
import type { Analysis, Typed } from "../plan/analysis.ts";
import { attempt, constant, constantValue } from "../plan/typed.ts";
import type { BinaryOperator } from "../syntax/syntax.ts";
import { commonNumber, isNumeric } from "../values/types.ts";
import { type Scalar, isList } from "../values/value.ts";
import { arithmetic, widened } from "./math.ts";

/** `left < right` */
export interface Comparison {
  readonly left: Typed;
  readonly operator: BinaryOperator;
  readonly right: Typed;
}

type Operator = "+" | "-" | "*" | "/";

const mirrored: Readonly<Partial<Record<BinaryOperator, BinaryOperator>>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

function mirror(operator: BinaryOperator): BinaryOperator {
  return mirrored[operator] ?? operator;
}

/**
 * A comparison as the server computes it: `x + 1 > 5` as `x > 4`, so that `x + 1` cannot overflow.
 * Where moving a number would change what holds, it is left as it is. A bound that overflows itself
 * is null, with a warning.
 */
export function simplified(analysis: Analysis, comparison: Comparison): Comparison {
  const { left, operator, right } = comparison;
  if (left.isConstant && !right.isConstant)
    return simplified(analysis, { left: right, operator: mirror(operator), right: left });
  const moved = left.isConstant ? undefined : moveOne(analysis, comparison);
  return moved === undefined ? comparison : simplified(analysis, moved);
}

function moveOne(
  analysis: Analysis,
  { left, operator, right }: Comparison,
): Comparison | undefined {
  const fold = (name: Operator, a: Typed, b: Typed): Typed | undefined =>
    folded(analysis, name, a, b);
  const { arithmetic: computed } = left;
  const bound = numberOf(right);
  if (computed === undefined || bound === undefined) return undefined;
  if (computed.operator === "negate") {
    const value = fold("-", zeroOf(right), right);
    return value && { left: computed.left, operator: mirror(operator), right: value };
  }
  if (computed.right === undefined) return undefined;
  const isSwapped = computed.left.isConstant && "+*".includes(computed.operator);
  const [a, b] = isSwapped ? [computed.right, computed.left] : [computed.left, computed.right];
  const literal = b.isConstant ? b : a;
  const value = numberOf(literal);
  if (value === undefined || literal.type === "double" || right.type === "double") return undefined;
  const isRational = left.type === "double";
  switch (computed.operator) {
    case "+":
    case "-": {
      if (isRational) return undefined;
      // `5 - x > 3` is `x < 2`.
      const isTaken = computed.operator === "-" && literal === a;
      const other = isTaken
        ? fold("-", literal, right)
        : fold(computed.operator === "+" ? "-" : "+", right, literal);
      if (other === undefined) return undefined;
      return isTaken
        ? { left: b, operator: mirror(operator), right: other }
        : { left: a, operator, right: other };
    }
    case "*":
    case "/": {
      if (literal === a || left.type === "unsigned_long") return undefined;
      if (!isRational && (computed.operator === "/" || Number(value) === 0)) return undefined;
      if (!isRational && BigInt(bound) % BigInt(value) !== 0n) return undefined;
      if (Number(value) === 0) return undefined;
      const inverse = computed.operator === "*" ? "/" : "*";
      const other = fold(inverse, isRational ? asDouble(right, bound) : right, literal);
      const turned = value < 0 ? mirror(operator) : operator;
      return other && { left: a, operator: turned, right: other };
    }
    default:
      return undefined;
  }
}

function numberOf(typed: Typed): number | bigint | undefined {
  const value = typed.isConstant && isNumeric(typed.type) ? constantValue(typed) : null;
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}

function zeroOf(typed: Typed): Typed {
  const zero: Scalar = typed.type === "long" || typed.type === "unsigned_long" ? 0n : 0;
  return constant(typed, typed.type, zero);
}

function asDouble(typed: Typed, value: number | bigint): Typed {
  return constant(typed, "double", Number(value));
}

/** `a + b` and so on of two constants; null, with a warning, where it overflows. */
function folded(analysis: Analysis, operator: Operator, a: Typed, b: Typed): Typed | undefined {
  const type = commonNumber(a.type, b.type);
  const [x, y] = [constantValue(a), constantValue(b)];
  if (type === undefined || x === null || y === null || isList(x) || isList(y)) return undefined;
  const compute = (): Scalar => arithmetic(operator, type)(widened(x, type), widened(y, type));
  return constant(a, type, attempt(analysis, a, compute));
}
