/** The criteria of a sort. */
import type { SearchDocument } from "../fields/document.ts";
import type { IndexedValue } from "../fields/value.ts";

/** A value to sort by; `undefined` where the document has none. */
export type SortValue = IndexedValue | undefined;

/** What values of a key are; shards that disagree can be merged only where both are numbers. */
export type SortValueType = "long" | "double" | "string" | "score" | "doc";

/** One criterion of a sort. */
export interface SortKey {
  readonly kind: "field" | "score" | "doc";
  readonly valueType: SortValueType;
  /** Negative when `a` comes first. */
  compare(a: SortValue, b: SortValue): number;
  /** The value of a document; `ordinal` is its place in index order. */
  read(document: SearchDocument, score: number, ordinal: number): SortValue;
  /** The form in which a hit shows the value. */
  show(value: SortValue): unknown;
  /** Reads a value of `search_after`. */
  parse(shown: unknown, at: number): SortValue;
}

/** A sort as asked for. */
export interface Sort {
  readonly keys: readonly SortKey[];
  /** False for the plain order by relevance: such hits show no sort values. */
  readonly isExplicit: boolean;
}
