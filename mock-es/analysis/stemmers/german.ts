/** Light stemmers for German (Jacques Savoy, UniNE), and its normalization. */
import { accentTable, withoutAccents } from "./accents.ts";

const accents = accentTable({ a: "äàáâ", o: "öòóô", u: "üùúû", i: "ïìíî" });

const umlauts = accentTable({ a: "ä", o: "ö", u: "ü" });

/** Consonants before an ending `s` or `st`. */
const beforeS = "bdfghklmnt";

/** Ending of a declension, then of a comparison. */
export function lightGerman(term: string): string {
  return comparisonEnding(declensionEnding(withoutAccents(term, accents)));
}

function declensionEnding(word: string): string {
  const { length } = word;
  if (length > 5 && word.endsWith("ern")) return word.slice(0, -3);
  if (length > 4 && /e[mnrs]$/.test(word)) return word.slice(0, -2);
  if (length > 3 && word.endsWith("e")) return word.slice(0, -1);
  const isPlural = word.endsWith("s") && beforeS.includes(word.charAt(length - 2));
  return length > 3 && isPlural ? word.slice(0, -1) : word;
}

function comparisonEnding(word: string): string {
  const { length } = word;
  if (length > 5 && word.endsWith("est")) return word.slice(0, -3);
  if (length > 4 && /e[rn]$/.test(word)) return word.slice(0, -2);
  const isSuperlative = word.endsWith("st") && beforeS.includes(word.charAt(length - 3));
  return length > 4 && isSuperlative ? word.slice(0, -2) : word;
}

/** Plurals only. */
export function minimalGerman(term: string): string {
  if (term.length < 5) return term;
  const word = withoutAccents(term, umlauts);
  const { length } = word;
  if (length > 6 && word.endsWith("nen")) return word.slice(0, -3);
  if (length > 5 && /(?:en|se|es|er)$/.test(word)) return word.slice(0, -2);
  return /[nesr]$/.test(word) ? word.slice(0, -1) : word;
}

/** What stood before a letter. */
type Place = "other" | "vowel" | "umlaut";

/**
 * Umlauts as plain vowels, in whatever way they are written: `ä` and `ae` are `a`, `ß` is `ss`. An
 * `e` stays behind `qu` and other vowels.
 */
export function normalizeGerman(term: string): string {
  let normal = "";
  let state: Place = "other";
  for (let at = 0; at < term.length; at++) {
    const letter = term.charAt(at);
    const before: Place = state;
    state = "vowel";
    if (letter === "a" || letter === "o") state = "umlaut";
    else if (letter === "u") state = before === "other" ? "umlaut" : "vowel";
    else if (!"eiqyäöü".includes(letter)) state = "other";
    if (letter === "e" && before === "umlaut") continue;
    normal += letter === "ß" ? "ss" : withoutAccents(letter, umlauts);
  }
  return normal;
}

/** As writers without umlauts mean them: `ue` is `ü`, but not behind a vowel or `q`. */
export function withUmlauts(term: string): string {
  return term.replaceAll(/ae|oe|(?<![aeiouyäöüq])ue/g, (pair) => umlautOf[pair] ?? pair);
}

const umlautOf: Readonly<Record<string, string>> = { ae: "ä", oe: "ö", ue: "ü" };
