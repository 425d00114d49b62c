/** What an aggregate is. */
import type { Typed } from "../plan/analysis.ts";
import { type DataType, isNumeric } from "../values/types.ts";
import { type Cell, type Row, type Scalar, valuesOf } from "../values/value.ts";
import type { Call, Parameter } from "./definition.ts";

/** Gathers the rows of one group. */
export interface Gatherer {
  add(row: Row): void;
  result(): Cell;
}

/** An aggregate, ready to gather. */
export interface Aggregate {
  readonly type: DataType;
  readonly create: () => Gatherer;
  /** True for one that no row changes. @default false */
  readonly ignoresFilter?: boolean;
}

/** Types a call of an aggregate. */
export type Build = (call: Call) => Aggregate | undefined;

/** What most aggregates of numbers take. */
export const exceptUnsigned: Parameter = {
  accepts: (type) => isNumeric(type) && type !== "unsigned_long",
  expected: "numeric except unsigned_long or counter types",
};

/** An aggregate of all values of one argument. */
export function ofValues(
  typed: Typed,
  type: DataType,
  create: () => { add(value: Scalar): void; result(): Cell },
): Aggregate {
  return {
    type,
    create() {
      const inner = create();
      return {
        add(row) {
          for (const value of valuesOf(typed.evaluate(row))) inner.add(value);
        },
        result: () => inner.result(),
      };
    },
  };
}
