/** Expressions of single rows, as SQL has them. */
import type { LiteralValue } from "../esql/syntax/syntax.ts";
import type { Condition } from "./select.ts";

/** An expression, with its place. */
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
  | { readonly kind: "cast"; readonly operand: Scalar; readonly type: string }
  | {
      readonly kind: "case";
      readonly branches: readonly { readonly when: Condition; readonly value: Scalar }[];
      readonly otherwise: Scalar | undefined;
    }
);
