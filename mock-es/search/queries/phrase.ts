/** Phrases in analysed texts. */
import type { SearchDocument } from "../fields/document.ts";
import { createTermReader, type TermList } from "../fields/document-terms.ts";
import type { Field } from "../fields/field.ts";
import { TextOccurrence } from "./term-query.ts";
import type { Occurrence } from "./term-statistics.ts";

/** One place of a phrase: terms that are alternatives of each other. */
export interface PhrasePlace {
  readonly terms: readonly string[];
  /** Distance from the first place. */
  readonly position: number;
  /** Every term that begins so stands here, too. */
  readonly prefix?: string;
}

/** A phrase to look for in a text field. */
export interface Phrase {
  readonly places: readonly PhrasePlace[];
  /** Moves of terms that are allowed between phrase and text. */
  readonly slop: number;
}

/** Occurrences of a phrase; a sloppy match counts `1 / (1 + moves)`. */
export class PhraseOccurrence implements Occurrence {
  readonly parts: readonly Occurrence[];
  totalTerms = 0;
  length = 0;
  readonly #phrase: Phrase;
  readonly #read: (document: SearchDocument) => TermList;
  readonly #hasNorms: boolean;

  constructor(field: Field, phrase: Phrase) {
    this.parts = phrase.places.flatMap((place) =>
      place.terms.map((term) => new TextOccurrence(field, [term])),
    );
    this.#phrase = phrase;
    this.#read = createTermReader(field);
    this.#hasNorms = field.analysis?.hasNorms ?? true;
  }

  visit(document: SearchDocument): number {
    const list = this.#read(document);
    this.totalTerms = list.terms.length;
    this.length = this.#hasNorms ? list.length : 1;
    return this.#phrase.slop === 0
      ? countExact(list, this.#phrase.places)
      : countSloppy(list, this.#phrase);
  }
}

function fits(term: string | undefined, place: PhrasePlace): boolean {
  if (term === undefined) return false;
  if (place.prefix !== undefined && term.startsWith(place.prefix)) return true;
  return place.terms.length === 1 ? term === place.terms[0] : place.terms.includes(term);
}

function countExact(list: TermList, places: readonly PhrasePlace[]): number {
  const { terms, positions } = list;
  const [first] = places;
  if (first === undefined) return 0;
  let count = 0;
  for (let at = 0; at < terms.length; at++) {
    if (!fits(terms[at], first)) continue;
    const start = positions === undefined ? at : (positions[at] ?? 0);
    if (places.every((place, index) => index === 0 || standsAt(list, at, start, place))) count++;
  }
  return count;
}

/** True when one of the terms at the place's position fits; `from` is the index of the first. */
function standsAt(list: TermList, from: number, start: number, place: PhrasePlace): boolean {
  const { terms, positions } = list;
  const wanted = start + place.position;
  if (positions === undefined) return fits(terms[wanted], place);
  for (let at = from; at < terms.length && (positions[at] ?? 0) <= wanted; at++) {
    if (positions[at] === wanted && fits(terms[at], place)) return true;
  }
  return false;
}

/** Sum over the matches within the slop, each weighted by how far its terms are from the phrase. */
function countSloppy(list: TermList, phrase: Phrase): number {
  const { places, slop } = phrase;
  const shifted: number[][] = [];
  for (const place of places) {
    const found = shiftedPositions(list, place);
    if (found.length === 0) return 0;
    shifted.push(found);
  }
  const known = new Set(places.flatMap((place) => place.terms));
  const isDistinct = known.size === places.reduce((sum, place) => sum + place.terms.length, 0);
  return isDistinct && places.every((place) => place.prefix === undefined)
    ? sumOfMatches(shifted, slop)
    : closestMatch(places, shifted, slop);
}

/** Positions of the terms of a place, each moved back by the place's own position. */
function shiftedPositions({ terms, positions }: TermList, place: PhrasePlace): number[] {
  const found: number[] = [];
  for (let at = 0; at < terms.length; at++) {
    if (!fits(terms[at], place)) continue;
    found.push((positions === undefined ? at : (positions[at] ?? 0)) - place.position);
  }
  return found;
}

/**
 * Lucene's walk over the positions (SloppyPhraseMatcher): always the hindmost term moves on, and
 * where it passes the next one, the spread before that is a match.
 */
function sumOfMatches(shifted: readonly (readonly number[])[], slop: number): number {
  const at = shifted.map(() => 0);
  const positionOf = (term: number): number => shifted[term]?.[at[term] ?? 0] ?? Infinity;
  const order = shifted.map((_, term) => term);
  const sort = (): void => void order.sort((a, b) => positionOf(a) - positionOf(b) || a - b);
  sort();
  let end = Math.max(...order.map(positionOf));
  let sum = 0;
  const addMatch = (length: number): void => {
    if (length <= slop) sum += 1 / (1 + length);
  };
  for (;;) {
    const term = order.shift() ?? 0;
    const next = order[0] === undefined ? Infinity : positionOf(order[0]);
    let length = end - positionOf(term);
    for (;;) {
      at[term] = (at[term] ?? 0) + 1;
      const position = positionOf(term);
      if (position === Infinity) {
        addMatch(length);
        return Math.fround(sum);
      }
      end = Math.max(end, position);
      if (position > next) break;
      length = Math.min(length, end - position);
    }
    addMatch(length);
    order.push(term);
    sort();
  }
}

/** The closest match of a phrase in which a term occurs twice: no position serves two places. */
function closestMatch(
  places: readonly PhrasePlace[],
  shifted: readonly (readonly number[])[],
  slop: number,
): number {
  let best = Infinity;
  const used = new Set<number>();
  const choose = (index: number, low: number, high: number): void => {
    if (high - low >= Math.min(best, slop + 1)) return;
    const candidates = shifted[index];
    if (candidates === undefined) {
      best = high - low;
      return;
    }
    for (const candidate of candidates) {
      const position = candidate + (places[index]?.position ?? 0);
      if (used.has(position)) continue;
      used.add(position);
      choose(index + 1, Math.min(low, candidate), Math.max(high, candidate));
      used.delete(position);
    }
  };
  choose(0, Infinity, -Infinity);
  return best === Infinity ? 0 : Math.fround(1 / (1 + best));
}
