/** EQL as it is written: queries, conditions and values. */
import type { Span } from "../esql/syntax/span.ts";

/** A constant. */
export type Constant = string | number | boolean | null;

/** Operators that compare two values. */
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | ":";

/** Operators that compare with each value of a list. */
export type ListOperator = "in" | "in~" | ":" | "like" | "like~" | "regex" | "regex~";

/** Operators of arithmetic. */
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

/** An expression, with its place. */
export type Expression = Span &
  (
    | { readonly kind: "constant"; readonly value: Constant; readonly isDecimal: boolean }
    | { readonly kind: "field"; readonly name: string; readonly isOptional: boolean }
    | {
        readonly kind: "call";
        readonly name: string;
        /** True for a name that ends with `~`. */
        readonly ignoresCase: boolean;
        readonly parts: readonly Expression[];
      }
    | {
        readonly kind: "arithmetic";
        readonly operator: ArithmeticOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: "comparison";
        readonly operator: Comparison;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: "list";
        readonly operator: ListOperator;
        readonly operand: Expression;
        readonly items: readonly Expression[];
      }
    | {
        readonly kind: "and" | "or";
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: "not" | "negation"; readonly operand: Expression }
  );

/** `process where …`. */
export interface EventFilter {
  /** `undefined` for `any`. */
  readonly category: string | undefined;
  /** Place of the category. */
  readonly at: number;
  readonly condition: Expression;
}

/** An event filter in brackets, with the keys that its events share with others. */
export interface Term extends Span {
  readonly filter: EventFilter;
  /** True for `![…]`: no such event may be there. */
  readonly isMissing: boolean;
  readonly keys: readonly FieldName[];
}

/** A field that joins events. */
export interface FieldName extends Span {
  readonly name: string;
  /** True for `?name`: events without a value have one in common. */
  readonly isOptional: boolean;
}

/** `head` or `tail`. */
export interface Pipe {
  readonly kind: "head" | "tail";
  readonly count: number;
}

/** A query. */
export type EqlQuery = { readonly pipes: readonly Pipe[] } & (
  | { readonly kind: "event"; readonly filter: EventFilter }
  | {
      readonly kind: "sequence";
      readonly terms: readonly Term[];
      /** Milliseconds; `undefined`: as long as it takes. */
      readonly maxSpanMs: number | undefined;
      readonly until: Term | undefined;
    }
  | { readonly kind: "sample"; readonly terms: readonly Term[] }
);
