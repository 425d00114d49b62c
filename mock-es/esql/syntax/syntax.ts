/** The syntax tree of an ES|QL query. */
import type { Span } from "./span.ts";

/** A value that stands in the query, or comes with it as a parameter. */
export type LiteralValue =
  | { readonly type: "null" }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "integer"; readonly value: number }
  | { readonly type: "long" | "unsigned_long"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "keyword"; readonly value: string }
  | { readonly type: "period"; readonly count: number; readonly unit: string };

/** Operators between two values. */
export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "and"
  | "or";

/** An expression, with the part of the query that it stands in. */
export type Expression = Span &
  (
    | { readonly kind: "literal"; readonly value: LiteralValue }
    | { readonly kind: "list"; readonly items: readonly Expression[] }
    | { readonly kind: "column"; readonly name: string }
    | {
        readonly kind: "call";
        /** In lower case. */
        readonly name: string;
        readonly from: readonly Expression[];
        /** True for `count(*)`. */
        readonly isStar: boolean;
        /** Options in braces at the end; absent without. */
        readonly options?: ReadonlyMap<string, LiteralValue>;
      }
    | {
        readonly kind: "binary";
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: "not"; readonly operand: Expression }
    | { readonly kind: "negate"; readonly operand: Expression }
    | { readonly kind: "isNull"; readonly operand: Expression; readonly isNegated: boolean }
    | { readonly kind: "in"; readonly operand: Expression; readonly list: readonly Expression[] }
    | {
        readonly kind: "like";
        readonly operand: Expression;
        readonly isRegexp: boolean;
        readonly patterns: readonly string[];
      }
    | {
        readonly kind: "cast";
        readonly operand: Expression;
        readonly type: string;
        readonly typeAt: number;
      }
    | { readonly kind: "match"; readonly field: Expression; readonly query: Expression }
  );

/** `name = expression`, or an expression that gives its own text as a name. */
export interface NamedExpression extends Span {
  readonly name: string;
  readonly expression: Expression;
  /** `WHERE` behind an aggregate. */
  readonly filter?: Expression | undefined;
}

/** A name of KEEP, DROP or RENAME. */
export interface NamePattern extends Span {
  /** As it is written; parts in backticks without them. */
  readonly name: string;
  /** Fits names; `undefined` for a name without `*`. */
  readonly pattern: RegExp | undefined;
}

/** One part of an ORDER BY. */
export interface SortKey {
  readonly expression: Expression;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
}

/** One command of a query. */
export type Command = Span &
  (
    | { readonly kind: "from"; readonly indices: string; readonly metadata: readonly NameAt[] }
    | { readonly kind: "row"; readonly fields: readonly NamedExpression[] }
    | { readonly kind: "show" }
    | { readonly kind: "where"; readonly condition: Expression }
    | { readonly kind: "eval"; readonly fields: readonly NamedExpression[] }
    | {
        readonly kind: "stats";
        readonly aggregates: readonly NamedExpression[];
        readonly groups: readonly NamedExpression[];
        /** True for INLINE STATS, which keeps the rows. */
        readonly isInline: boolean;
      }
    | { readonly kind: "sort"; readonly keys: readonly SortKey[] }
    | { readonly kind: "limit"; readonly count: number }
    | { readonly kind: "keep" | "drop"; readonly names: readonly NamePattern[] }
    | {
        readonly kind: "rename";
        readonly renamings: readonly { readonly from: NameAt; readonly to: NameAt }[];
      }
    | {
        readonly kind: "dissect";
        readonly input: Expression;
        readonly pattern: string;
        readonly separator: string;
      }
    | { readonly kind: "grok"; readonly input: Expression; readonly patterns: readonly string[] }
    | { readonly kind: "mv_expand"; readonly name: NameAt }
    | {
        readonly kind: "enrich";
        readonly policy: NameAt;
        /** `undefined`: a column by the name of the match field. */
        readonly on: NameAt | undefined;
        /** `undefined`: all fields of the policy. */
        readonly fields: readonly EnrichedField[] | undefined;
      }
    | { readonly kind: "lookup"; readonly index: NameAt; readonly on: readonly NameAt[] }
  );

/** `name = field` behind the WITH of ENRICH; a field alone gives its own name. */
export interface EnrichedField {
  readonly name: string;
  readonly field: string;
}

/** A name, and where it stands. */
export interface NameAt extends Span {
  readonly name: string;
}
