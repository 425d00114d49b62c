import type { SearchDocument } from "../fields/document.ts";
import { createTermReader, type TermList } from "../fields/document-terms.ts";
import type { Field } from "../fields/field.ts";
import { TextOccurrence } from "./term-query.ts";
import type { Occurrence } from "./term-statistics.ts";

/** A phrase to look for in a text field. */
export interface Phrase {
  readonly terms: readonly string[];
  /** Moves of terms that are allowed between phrase and text. */
  readonly slop: number;
  /** True when the last term stands for every term that begins with it. */
  readonly isPrefix: boolean;
}

/** Occurrences of a phrase; a sloppy match counts `1 / (1 + moves)`. */
export class PhraseOccurrence implements Occurrence {
  readonly parts: readonly Occurrence[];
  totalTerms = 0;
  length = 0;
  readonly #phrase: Phrase;
  readonly #read: (document: SearchDocument) => TermList;

  constructor(field: Field, phrase: Phrase) {
    const scored = phrase.isPrefix ? phrase.terms.slice(0, -1) : phrase.terms;
    this.parts = scored.map((term) => new TextOccurrence(field, term));
    this.#phrase = phrase;
    this.#read = createTermReader(field);
  }

  visit(document: SearchDocument): number {
    const { terms, length } = this.#read(document);
    this.totalTerms = length;
    this.length = length;
    return this.#phrase.slop === 0
      ? countExact(terms, this.#phrase)
      : countSloppy(terms, this.#phrase);
  }
}

function fits(term: string | undefined, phrase: Phrase, at: number): boolean {
  const wanted = phrase.terms[at] ?? "";
  if (phrase.isPrefix && at === phrase.terms.length - 1) return term?.startsWith(wanted) ?? false;
  return term === wanted;
}

function countExact(text: readonly string[], phrase: Phrase): number {
  const { length } = phrase.terms;
  let count = 0;
  for (let start = 0; start + length <= text.length; start++) {
    let at = 0;
    while (at < length && fits(text[start + at], phrase, at)) at++;
    if (at === length) count++;
  }
  return count;
}

/**
 * The closest match within the slop: the spread of the terms' places against those in the phrase.
 */
function countSloppy(text: readonly string[], phrase: Phrase): number {
  let best = Infinity;
  // Values of an array are separated by one empty term but are 100 positions apart for the phrase.
  const positions: number[] = [];
  let position = 0;
  for (const term of text) positions.push((position += term === "" ? 100 : 1));
  const used = new Set<number>();
  const place = (at: number, low: number, high: number): void => {
    if (high - low >= Math.min(best, phrase.slop + 1)) return;
    if (at === phrase.terms.length) {
      best = high - low;
      return;
    }
    for (let index = 0; index < text.length; index++) {
      if (used.has(index) || !fits(text[index], phrase, at)) continue;
      used.add(index);
      const shifted = (positions[index] ?? 0) - at;
      place(at + 1, Math.min(low, shifted), Math.max(high, shifted));
      used.delete(index);
    }
  };
  place(0, Infinity, -Infinity);
  return best === Infinity ? 0 : Math.fround(1 / (1 + best));
}
