/** When comparisons hold. */
import type { BinaryOperator } from "../syntax/syntax.ts";

/** What the order of two values must be, for a comparison to hold. */
export const verdicts: Readonly<Partial<Record<BinaryOperator, (order: number) => boolean>>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};
