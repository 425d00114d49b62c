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
  /** Of numbers of 32 bits: what stands for none beside numbers of 64 bits in other shards. */
  readonly integerEnd?: number | undefined;
  /** Reads a value of `search_after`. */
  parse(shown: unknown, at: number): SortValue;
}

/** A sort as asked for. */
export interface Sort {
  readonly keys: readonly SortKey[];
  /** False for the plain order by relevance: such hits show no sort values. */
  readonly isExplicit: boolean;
}

/**
 * Shards of which some have numbers of 32 bits in a key and others have numbers of 64 bits: there,
 * documents without a value stand at the end of 32 bits.
 */
export function besideLongs<T extends { readonly sort: Sort }>(shards: readonly T[]): readonly T[] {
  const [first] = shards;
  if (first === undefined) return shards;
  const isInteger = (sort: Sort, at: number): boolean => sort.keys[at]?.integerEnd !== undefined;
  const mixed = first.sort.keys.map((_, at) =>
    shards.some(({ sort }) => isInteger(sort, at) !== isInteger(first.sort, at)),
  );
  if (!mixed.includes(true)) return shards;
  return shards.map((shard) => {
    const keys = shard.sort.keys.map((key, at): SortKey => {
      const { integerEnd } = key;
      if (integerEnd === undefined || mixed[at] !== true) return key;
      return {
        ...key,
        read: (document, score, ordinal) => key.read(document, score, ordinal) ?? integerEnd,
      };
    });
    return { ...shard, sort: { ...shard.sort, keys } };
  });
}
