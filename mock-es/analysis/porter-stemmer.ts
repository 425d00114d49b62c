/**
 * The Porter stemmer for English ("An algorithm for suffix stripping", 1980), as Lucene runs it.
 */

const isVowelLetter = (letter: string): boolean => "aeiou".includes(letter);

/** True for a consonant; `y` is one at the beginning and after a vowel. */
function isConsonant(word: string, at: number): boolean {
  const letter = word.charAt(at);
  if (isVowelLetter(letter)) return false;
  return letter === "y" ? at === 0 || !isConsonant(word, at - 1) : true;
}

/** Number of vowel-consonant sequences. */
function measure(stem: string): number {
  let count = 0;
  let wasVowel = false;
  for (let at = 0; at < stem.length; at++) {
    const isVowel = !isConsonant(stem, at);
    if (wasVowel && !isVowel) count++;
    wasVowel = isVowel;
  }
  return count;
}

function hasVowel(stem: string): boolean {
  for (let at = 0; at < stem.length; at++) if (!isConsonant(stem, at)) return true;
  return false;
}

function endsDouble(word: string): boolean {
  const last = word.length - 1;
  return last > 0 && word.charAt(last) === word.charAt(last - 1) && isConsonant(word, last);
}

/** Consonant, vowel, consonant at the end, the last one none of w, x and y. */
function endsShort(word: string): boolean {
  const last = word.length - 1;
  if (last < 2 || "wxy".includes(word.charAt(last))) return false;
  return isConsonant(word, last) && !isConsonant(word, last - 1) && isConsonant(word, last - 2);
}

type Rule = readonly [suffix: string, replacement: string];

/** Applies the first rule whose suffix fits, when what is left is long enough. */
function replaceSuffix(word: string, rules: readonly Rule[], least: number): string {
  for (const [suffix, replacement] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return measure(stem) > least ? stem + replacement : word;
  }
  return word;
}

const step2: readonly Rule[] = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["bli", "ble"],
  ["alli", "al"],
  ["entli", "ent"],
  ["eli", "e"],
  ["ousli", "ous"],
  ["ization", "ize"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["biliti", "ble"],
  ["logi", "log"],
];

const step3: readonly Rule[] = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
];

const step4: readonly string[] =
  "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize".split(" ");

/** The stem of a word in lower case. */
export function porterStem(word: string): string {
  if (word.length < 3) return word;
  let stem = stepOne(word);
  stem = replaceSuffix(stem, step2, 0);
  stem = replaceSuffix(stem, step3, 0);
  stem = dropSuffix(stem);
  return stepFive(stem);
}

function stepOne(word: string): string {
  let stem = word;
  if (stem.endsWith("sses") || stem.endsWith("ies")) stem = stem.slice(0, -2);
  else if (stem.endsWith("s") && !stem.endsWith("ss")) stem = stem.slice(0, -1);
  if (stem.endsWith("eed")) {
    if (measure(stem.slice(0, -3)) > 0) stem = stem.slice(0, -1);
  } else {
    const suffix = stem.endsWith("ed") ? "ed" : stem.endsWith("ing") ? "ing" : "";
    const rest = stem.slice(0, stem.length - suffix.length);
    if (suffix !== "" && hasVowel(rest)) stem = restored(rest);
  }
  return stem.endsWith("y") && hasVowel(stem.slice(0, -1)) ? `${stem.slice(0, -1)}i` : stem;
}

/** What is left without `ed` or `ing` gets an `e` back, or loses a doubled letter. */
function restored(stem: string): string {
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsDouble(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

function dropSuffix(word: string): string {
  for (const suffix of step4) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    if (suffix === "ion" && !/[st]$/.test(stem)) continue;
    return measure(stem) > 1 ? stem : word;
  }
  return word;
}

function stepFive(word: string): string {
  let stem = word;
  if (stem.endsWith("e")) {
    const rest = stem.slice(0, -1);
    const count = measure(rest);
    if (count > 1 || (count === 1 && !endsShort(rest))) stem = rest;
  }
  return stem.endsWith("ll") && measure(stem) > 1 ? stem.slice(0, -1) : stem;
}
