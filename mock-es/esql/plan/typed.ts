/** Making typed expressions. */
import type { Span } from "../syntax/span.ts";
import type { DataType } from "../values/types.ts";
import { type Cell, isList, type Row, type Scalar } from "../values/value.ts";
import { type Analysis, Uncomputable, type Typed } from "./analysis.ts";

/** Where a typed expression stands, and what it is computed from. */
export interface Origin extends Span {
  readonly text: string;
}

/** An expression that always has one value. */
export function constant(origin: Origin, type: DataType, value: Cell): Typed {
  const { start, end, text } = origin;
  return { start, end, text, type, isConstant: true, evaluate: () => value };
}

/** An expression of cells, whatever they hold. */
export function ofCells(
  origin: Origin,
  type: DataType,
  from: readonly Typed[],
  evaluate: (row: Row) => Cell,
): Typed {
  const { start, end, text } = origin;
  return remembered({
    start,
    end,
    text,
    type,
    isConstant: from.every((part) => part.isConstant),
    evaluate,
  });
}

/** A constant is computed once, so that it warns once. */
function remembered(typed: Typed): Typed {
  if (!typed.isConstant) return typed;
  let value: Cell | undefined;
  const noRow: Row = [];
  return {
    ...typed,
    evaluate: () => (value === undefined ? (value = typed.evaluate(noRow)) : value),
  };
}

/** What is said of a cell with several values where one is wanted. */
export const severalValues =
  "java.lang.IllegalArgumentException: single-value function encountered multi-value";

/**
 * An expression of single values: null without a value, null and a warning with several, or when
 * the computation throws {@link Uncomputable}.
 */
export function ofSingles(
  analysis: Analysis,
  origin: Origin,
  type: DataType,
  from: readonly Typed[],
  compute: (...values: Scalar[]) => Scalar | null | readonly Scalar[],
): Typed {
  const { warnings } = analysis;
  const constants = from.filter((part) => part.isConstant);
  const evaluate = (row: Row): Cell => {
    // With a constant that is null the server computes nothing; else it computes all arguments,
    // which may warn.
    if (constants.map((part) => part.evaluate(row)).includes(null)) return null;
    const cells = from.map((part) => part.evaluate(row));
    const values: Scalar[] = [];
    for (const cell of cells) {
      if (cell === null) return null;
      if (isList(cell)) {
        warnings.failed(origin, severalValues);
        return null;
      }
      values.push(cell);
    }
    return attempt(analysis, origin, () => compute(...values));
  };
  return ofCells(origin, type, from, evaluate);
}

/** A computation whose failure is null and a warning. */
export function attempt(analysis: Analysis, span: Span, compute: () => Cell): Cell {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof Uncomputable)) throw error;
    analysis.warnings.failed(span, error.message);
    return null;
  }
}

/** The value of a constant expression. */
export function constantValue(typed: Typed): Cell {
  return typed.evaluate([]);
}
