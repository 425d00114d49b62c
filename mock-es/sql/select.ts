/** What a SELECT says. */
import type { LiteralValue } from "../esql/syntax/syntax.ts";

/** A column or an aggregate, with its place. */
export interface Operand {
  readonly at: number;
  /** `count`, `sum`, `avg`, `min` or `max`; `undefined` for a column itself. */
  readonly aggregate: string | undefined;
  /** `undefined` for `COUNT(*)`. */
  readonly column: string | undefined;
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
      readonly right: LiteralValue;
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
  readonly table: { readonly name: string; readonly at: number };
  readonly where: Condition | undefined;
  readonly groups: readonly Operand[];
  readonly having: Condition | undefined;
  readonly orders: readonly {
    readonly operand: Operand;
    readonly isDescending: boolean;
    readonly nullsFirst: boolean;
  }[];
  readonly limit: number | undefined;
}
