/** What a SELECT says. */
import type { LiteralValue } from "../esql/syntax/syntax.ts";

/** An expression of one row, with its place. */
export type Scalar = { readonly at: number } & (
  | { readonly kind: "column"; readonly column: string }
  | { readonly kind: "literal"; readonly value: LiteralValue }
  | { readonly kind: "call"; readonly name: string; readonly from: readonly Scalar[] }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Scalar;
      readonly right: Scalar;
    }
  | { readonly kind: "negate"; readonly operand: Scalar }
  | { readonly kind: "aggregate"; readonly operand: Operand }
  | { readonly kind: "cast"; readonly operand: Scalar; readonly type: string }
  | {
      readonly kind: "case";
      readonly branches: readonly { readonly when: Condition; readonly value: Scalar }[];
      readonly otherwise: Scalar | undefined;
    }
);

/** A column, what is computed, or an aggregate of them, with its place. */
export interface Operand {
  readonly at: number;
  /** Name of the aggregate in lower case, or `count_distinct`; `undefined` for a value itself. */
  readonly aggregate: string | undefined;
  /** `undefined` for `COUNT(*)`, and for what is computed. */
  readonly column: string | undefined;
  /** What is computed for each row. */
  readonly scalar?: Scalar | undefined;
  /** Of `PERCENTILE`. */
  readonly percent?: number | undefined;
  /** As it is written. */
  readonly text: string;
}

/** A condition, with its place. */
export type Condition = { readonly at: number } & (
  | { readonly kind: "and" | "or"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition }
  | {
      readonly kind: "compare";
      readonly operator: string;
      readonly left: Operand;
      readonly right: LiteralValue | Operand;
    }
  | { readonly kind: "in"; readonly left: Operand; readonly list: readonly LiteralValue[] }
  | {
      readonly kind: "like";
      readonly left: Operand;
      readonly pattern: string;
      readonly isRegexp: boolean;
    }
  | { readonly kind: "null"; readonly left: Operand; readonly isNegated: boolean }
  | { readonly kind: "match"; readonly left: Operand; readonly query: string }
  | { readonly kind: "query"; readonly query: string }
);

/** One item of a select list; `undefined` for `*`. */
export interface SelectItem {
  readonly operand: Operand | undefined;
  readonly name: string;
}

/** A SELECT. */
export interface Select {
  readonly items: readonly SelectItem[];
  /** `undefined`: one row without columns. */
  readonly table:
    | { readonly name: string; readonly at: number; readonly alias: string }
    | undefined;
  readonly where: Condition | undefined;
  readonly groups: readonly Operand[];
  readonly having: Condition | undefined;
  readonly orders: readonly {
    readonly operand: Operand;
    readonly isDescending: boolean;
    /** `undefined`: where the server has them. */
    readonly nullsFirst: boolean | undefined;
  }[];
  readonly limit: number | undefined;
}
