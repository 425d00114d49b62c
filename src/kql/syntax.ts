/** The syntax tree of a filter, as it was written: names are not resolved, values not converted. */
import type { Span } from "./kql-error.ts";

/** A word, a quoted text or a run of words; `*` outside quotes is a wildcard. */
export interface Literal {
  /** The text between wildcards, escapes resolved; one part: no wildcard. */
  readonly parts: readonly string[];
  readonly isQuoted: boolean;
  readonly span: Span;
}

/** Comparison of a range. */
export type RangeOperator = "gt" | "gte" | "lt" | "lte";

/** One node of the tree. */
export type SyntaxNode =
  /** An empty filter: everything matches. */
  | { readonly kind: "all"; readonly span: Span }
  | { readonly kind: "and" | "or"; readonly nodes: readonly SyntaxNode[]; readonly span: Span }
  | { readonly kind: "not"; readonly node: SyntaxNode; readonly span: Span }
  /** `field: value`, or with `field` undefined a value that any field may hold. */
  | {
      readonly kind: "is";
      readonly field: Literal | undefined;
      readonly value: Literal;
      readonly span: Span;
    }
  | {
      readonly kind: "range";
      readonly field: Literal;
      readonly operator: RangeOperator;
      readonly value: Literal;
      readonly span: Span;
    }
  /** `field: { … }`: one element of a list of objects fulfils all of it. */
  | {
      readonly kind: "nested";
      readonly field: Literal;
      readonly node: SyntaxNode;
      readonly span: Span;
    };

/** Whether the literal is a lone `*`, which asks for the existence of a field. */
export function isExistence(literal: Literal): boolean {
  return literal.parts.length > 1 && literal.parts.every((part) => part === "");
}

/** Whether the literal holds a wildcard. */
export function hasWildcard(literal: Literal): boolean {
  return literal.parts.length > 1;
}

/** The text of a literal, wildcards as `*`. */
export function textOf(literal: Literal): string {
  return literal.parts.join("*");
}
