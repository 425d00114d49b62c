/** Light stemmers for French (Jacques Savoy, UniNE). */
import { accentTable, withoutAccents } from "./accents.ts";

const accents = accentTable({ a: "àáâ", c: "ç", e: "èéê", i: "î", o: "ô", u: "ùû" });

/**
 * Endings that end a word's derivation: the length that the word must exceed, the ending, and what
 * stands for it.
 */
const endings: readonly (readonly [longerThan: number, ending: string, instead: string])[] = [
  [9, "issement", "ir"],
  [8, "issant", "ir"],
  [6, "ement", "e"],
  [11, "ficatrice", "fier"],
  [10, "ficateur", "fier"],
  [9, "catrice", "quer"],
  [8, "cateur", "quer"],
  [8, "atrice", "er"],
  [7, "ateur", "er"],
];

const laterEndings: typeof endings = [
  [5, "ième", ""],
  [7, "teuse", "ter"],
  [6, "teur", "ter"],
  [5, "euse", "eu"],
  [8, "ère", "er"],
  [7, "ive", "if"],
  [4, "folle", "fou"],
  [4, "molle", "mou"],
  [9, "nnelle", "n"],
  [9, "nnel", "n"],
];

const lastEndings: typeof endings = [
  [8, "esse", "e"],
  [7, "inage", "in"],
  [9, "isation", ""],
  [9, "isateur", ""],
  [8, "ation", ""],
  [8, "ition", ""],
];

function replaced(word: string, table: typeof endings): string | undefined {
  const found = table.find(
    ([longerThan, ending]) => word.length > longerThan && word.endsWith(ending),
  );
  return found && word.slice(0, -found[1].length) + found[2];
}

/** Plurals, genders and derivations of French. */
export function lightFrench(term: string): string {
  let word = singular(term);
  const first = replaced(word, endings);
  if (first !== undefined) return normal(word.endsWith("ement") ? adjective(first) : first);
  if (word.length > 6 && word.endsWith("trice")) word = `${word.slice(0, -4)}eur`;
  const second = replaced(word, laterEndings);
  if (second !== undefined) return normal(second);
  if (word.length > 4 && word.endsWith("ète")) word = `${word.slice(0, -3)}et`;
  if (word.length > 8 && word.endsWith("ique")) word = word.slice(0, -4);
  const last = replaced(word, lastEndings);
  if (last === undefined) return normal(word);
  const isUal = word.endsWith("isation") && last.length > 5 && last.endsWith("ual");
  return normal(isUal ? `${last.slice(0, -2)}el` : last);
}

function singular(term: string): string {
  let word = term;
  if (word.length > 5 && word.endsWith("x")) {
    const isPlural = /[^e]aux$/.test(word);
    word = isPlural ? `${word.slice(0, -2)}l` : word.slice(0, -1);
  }
  if (word.length > 3 && word.endsWith("x")) word = word.slice(0, -1);
  return word.length > 3 && word.endsWith("s") ? word.slice(0, -1) : word;
}

/** `active` of `activement` is `actif`. */
function adjective(word: string): string {
  return word.length > 3 && word.endsWith("ive") ? `${word.slice(0, -2)}f` : word;
}

function normal(given: string): string {
  let word = given;
  if (word.length > 4) word = withoutAccents(word, accents).replaceAll(/(\p{L})\1+/gu, "$1");
  if (word.length > 4 && word.endsWith("ie")) word = word.slice(0, -2);
  if (word.length <= 4) return word;
  if (word.endsWith("r")) word = word.slice(0, -1);
  if (word.endsWith("e")) word = word.slice(0, -1);
  if (word.endsWith("e")) word = word.slice(0, -1);
  return /(\p{L})\1$/u.test(word) ? word.slice(0, -1) : word;
}

/** Plurals, infinitives and participles of French. */
export function minimalFrench(term: string): string {
  if (term.length < 6) return term;
  if (term.endsWith("x")) return term.endsWith("aux") ? `${term.slice(0, -2)}l` : term.slice(0, -1);
  const word = term.replace(/s$/, "").replace(/r$/, "").replace(/e$/, "").replace(/é$/, "");
  return /(\p{L})\1$/u.test(word) ? word.slice(0, -1) : word;
}
