/** The best corrections of a text, from the candidates of each of its words. */
import { notSupported } from "../../es-error.ts";
import type { PhraseRequest } from "./phrase-request.ts";
import type { Candidate, WordScorer } from "./word-scorer.ts";

/** A word of a text with what may stand for it. */
export interface WordChoice {
  readonly given: Candidate;
  /** The strongest first. */
  others: readonly Candidate[];
}

/** A corrected text. */
export interface Correction {
  readonly words: readonly Candidate[];
  readonly score: number;
}

/** Words of a text that is corrected at most, and so the depth of the search. */
const maxWords = 1000;
/** Combinations of words that are tried at most; the real server tries them however many. */
const maxCombinations = 1_000_000;

/**
 * The best combinations of words that score more than the text itself does by its confidence.
 *
 * @param choices at least one
 * @throws {EsError} 400 for more combinations than are tried
 */
export function findCorrections(
  choices: readonly WordChoice[],
  scorer: WordScorer,
  gramSize: number,
  request: PhraseRequest,
): { readonly cutoff: number; readonly corrections: readonly Correction[] } {
  if (choices.length > maxWords)
    throw notSupported(`the suggester [phrase] with more than ${maxWords} words`);
  let cutoff = Number.MIN_VALUE;
  if (request.confidence > 0) {
    const given = choices.map((choice) => choice.given);
    const sum = given.reduce((total, _word, at) => total + scorer.score(given, at, gramSize), 0);
    cutoff = Math.exp(sum) * request.confidence;
  }
  const { maxErrors, shardSize } = request;
  const part = maxErrors >= 1 ? Math.trunc(maxErrors) : Math.round(maxErrors * choices.length);
  const best: Correction[] = [];
  let tried = 0;
  const path: Candidate[] = [];
  const keep = (score: number): void => {
    tried++;
    if (tried > maxCombinations)
      throw notSupported(
        `the suggester [phrase] with more than ${maxCombinations} combinations of words`,
      );
    if (score <= cutoff) return;
    const correction = { words: [...path], score };
    const at = best.findIndex((other) => compare(other, correction) < 0);
    best.splice(at < 0 ? best.length : at, 0, correction);
    if (best.length > shardSize) best.pop();
  };
  const walk = (at: number, errors: number, score: number): void => {
    const choice = choices[at];
    if (choice === undefined) {
      keep(Math.exp(score));
      return;
    }
    path[at] = choice.given;
    walk(at + 1, errors, score + scorer.score(path, at, gramSize));
    if (errors <= 0) return;
    for (const other of choice.others) {
      path[at] = other;
      walk(at + 1, errors - 1, score + scorer.score(path, at, gramSize));
    }
  };
  walk(0, Math.max(1, part), 0);
  return { cutoff, corrections: best };
}

/** Positive for the better one; of equal scores the one with the earlier words. */
function compare(a: Correction, b: Correction): number {
  if (a.score !== b.score) return a.score - b.score;
  for (const [at, { term }] of a.words.entries()) {
    const other = b.words[at]?.term ?? "";
    if (term !== other) return term < other ? 1 : -1;
  }
  return 0;
}
