/**
 * A filter whose names are resolved and whose values are converted: what predicate, prefilter and
 * query are made from, so that all three mean the same.
 */
import type { Field } from "./field-table.ts";
import type { RangeOperator } from "./syntax.ts";

/** A value as it is compared: numbers, dates (ms) and booleans (0, 1) are numbers. */
export type Comparable = string | number;

/** One node of a resolved filter. */
export type Condition =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | { readonly kind: "and" | "or"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "exists"; readonly field: Field }
  | Between
  /** A keyword, or a leaf of a flattened field, that fits the parts between wildcards. */
  | { readonly kind: "pattern"; readonly field: Field; readonly parts: readonly string[] }
  | Words
  /** A word of an analysed text that fits; the parts are in lower case. */
  | { readonly kind: "wordPattern"; readonly field: Field; readonly parts: readonly string[] }
  | FreeText
  | FreePattern
  | { readonly kind: "nested"; readonly field: Field; readonly of: Condition }
  | Unmapped;

/**
 * A value from `low` to `high`; both ends are optional and belong to it unless said otherwise.
 * Equality is a range of one value; a date without time is a day, a CIDR block all its addresses.
 */
export interface Between {
  readonly kind: "between";
  readonly field: Field;
  readonly low: Comparable | undefined;
  readonly high: Comparable | undefined;
  readonly isLowOpen: boolean;
  readonly isHighOpen: boolean;
  /** The value as the filter has it, so that a query made of it can go on saying `now-7d`. */
  readonly written: Comparable | boolean;
  /** `undefined`: equality. */
  readonly operator: RangeOperator | undefined;
}

/** Words of an analysed text: any of them, or with `isPhrase` all of them one behind the other. */
export interface Words {
  readonly kind: "words";
  readonly field: Field;
  readonly words: readonly string[];
  readonly isPhrase: boolean;
  readonly written: string;
}

/** A value without a field: any field may hold it. `of` says the same field by field. */
export interface FreeText {
  readonly kind: "freeText";
  readonly written: string;
  readonly isPhrase: boolean;
  readonly of: Condition;
}

/** The same with wildcards; `written` is in the syntax of Elasticsearch's `query_string`. */
export interface FreePattern {
  readonly kind: "freePattern";
  readonly written: string;
  readonly of: Condition;
}

/** A field that no record has: nothing matches. Kept, because another index may have it. */
export interface Unmapped {
  readonly kind: "unmapped";
  readonly name: string;
  readonly written: string | undefined;
  readonly isPhrase: boolean;
  readonly parts: readonly string[] | undefined;
  readonly operator: RangeOperator | undefined;
}

/** A conjunction or disjunction without inner ones of its own kind. */
export function joined(kind: "and" | "or", conditions: readonly Condition[]): Condition {
  const of = conditions.flatMap((condition) =>
    condition.kind === kind ? condition.of : [condition],
  );
  const [only] = of;
  if (only === undefined) return { kind: "none" };
  return of.length === 1 ? only : { kind, of };
}
