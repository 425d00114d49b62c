/** How likely words follow each other in a field of words and shingles of them. */
import type { Smoothing } from "./phrase-request.ts";
import type { Dictionary, TermCount } from "./spell-checker.ts";

/** A word that may stand in a phrase. */
export interface Candidate {
  readonly term: string;
  /** Likeness to the word of the text; 1 for that word itself. */
  readonly likeness: number;
  /** How often the field holds it that candidates are taken from. */
  readonly count: TermCount;
  /** Likeness weighed by frequency. */
  readonly score: number;
  /** It is the word of the text. */
  readonly isGiven: boolean;
}

/** Keeps a count of 0 from dividing. */
const almostNothing = 0.000_000_000_01;

/** Scores words behind others. */
export class WordScorer {
  readonly #dictionary: Dictionary;
  readonly #smoothing: Smoothing;
  readonly #separator: string;
  readonly #realWordLikelihood: number;

  constructor(
    dictionary: Dictionary,
    smoothing: Smoothing,
    separator: string,
    realWordLikelihood: number,
  ) {
    this.#dictionary = dictionary;
    this.#smoothing = smoothing;
    this.#separator = separator;
    this.#realWordLikelihood = realWordLikelihood;
  }

  /** The decimal logarithm of how likely the word at a place of a path is. */
  score(path: readonly Candidate[], at: number, gramSize: number): number {
    const word = path[at];
    if (word === undefined) return 0;
    const channel = word.likeness === 1 ? this.#realWordLikelihood : word.likeness;
    const before = at === 0 || gramSize === 1 ? undefined : path[at - 1];
    const first = at === 1 || gramSize === 2 ? undefined : path[at - 2];
    if (before === undefined) return Math.log10(channel * this.#unigram(word));
    if (first === undefined) return Math.log10(channel * this.#bigram(word, before));
    return Math.log10(channel * this.#trigram(word, before, first));
  }

  #frequency(...terms: readonly Candidate[]): number {
    const joined = terms.map(({ term }) => term).join(this.#separator);
    return this.#dictionary.terms.get(joined)?.occurrences ?? 0;
  }

  #unigram(word: Candidate): number {
    const { terms, occurrences } = this.#dictionary;
    const smoothing = this.#smoothing;
    const added = smoothing.kind === "laplace" ? smoothing.alpha : 1;
    return (added + this.#frequency(word)) / (occurrences + added * terms.size);
  }

  #bigram(word: Candidate, before: Candidate): number {
    const smoothing = this.#smoothing;
    const count = this.#frequency(before, word);
    const alone = before.count.occurrences;
    switch (smoothing.kind) {
      case "stupid_backoff":
        if (count < 1) return smoothing.discount * this.#unigram(word);
        return count / (alone + almostNothing);
      case "laplace":
        return (smoothing.alpha + count) / (alone + smoothing.alpha * this.#dictionary.terms.size);
      case "linear": {
        const single = smoothing.unigram * this.#unigram(word);
        return count < 1 ? single : smoothing.bigram * (count / (0.5 + alone)) + single;
      }
    }
  }

  #trigram(word: Candidate, before: Candidate, first: Candidate): number {
    const smoothing = this.#smoothing;
    switch (smoothing.kind) {
      case "stupid_backoff": {
        const count = this.#frequency(first, before, word);
        const pairs = this.#frequency(before, word);
        if (count >= 1) return count / (pairs + almostNothing);
        if (pairs < 1) return smoothing.discount * this.#unigram(word);
        return smoothing.discount * (pairs / (before.count.occurrences + almostNothing));
      }
      case "laplace": {
        const count = this.#frequency(first, before, word);
        const pairs = this.#frequency(before, word);
        return (smoothing.alpha + count) / (pairs + smoothing.alpha * this.#dictionary.terms.size);
      }
      case "linear": {
        // The server looks the words up in this order, the last one first.
        const count = this.#frequency(word, before, first);
        const rest = this.#bigram(word, before);
        if (count < 1) return rest;
        return smoothing.trigram * (count / (1 + this.#frequency(word, before))) + rest;
      }
    }
  }
}
