/** What a span query is made of, and how its finds count. */
import type { SearchDocument } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import type { Spans } from "./span-lists.ts";
import { TextOccurrence } from "./term-query.ts";
import type { Occurrence } from "./term-statistics.ts";

/** What a span query finds in documents. */
export interface SpanSource {
  /** The field whose lengths count; `undefined` where nothing maps it. */
  readonly field: Field | undefined;
  /** Name of that field. */
  readonly name: string;
  /** Terms that make up the rarity, by field and text. */
  readonly terms: ReadonlyMap<string, Occurrence>;
  readonly find: (document: SearchDocument) => Spans;
  /** Set for what stands in an ordered combination only: positions of anything. */
  readonly gap?: number;
  /** What is masked as another field; by itself it is still of its own. */
  readonly masked?: SpanSource;
  /** As error texts show it. */
  readonly text?: string;
  /** As Lucene writes it; absent where that is not known. */
  readonly written?: string | undefined;
}

/** Occurrences of spans; wide ones count less. */
export class SpanOccurrence implements Occurrence {
  readonly isSpan = true;
  readonly parts: readonly Occurrence[];
  totalTerms = 0;
  length = 0;
  readonly #find: (document: SearchDocument) => Spans;
  readonly #lengths: TextOccurrence;

  constructor(field: Field, { terms, find }: SpanSource) {
    this.parts = [...terms].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, term]) => term);
    this.#find = find;
    this.#lengths = new TextOccurrence(field, []);
  }

  visit(document: SearchDocument): number {
    this.#lengths.visit(document);
    this.totalTerms = this.#lengths.totalTerms;
    this.length = this.#lengths.length;
    let frequency = 0;
    for (const { width } of this.#find(document))
      frequency = Math.fround(frequency + Math.fround(1 / (1 + width)));
    return frequency;
  }
}
