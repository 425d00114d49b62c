/** The English stemmer of Snowball ("Porter 2", snowballstem.org/algorithms/english). */

const vowel = /[aeiouy]/;

/** Words that have stems of their own. */
const exceptions: Readonly<Record<string, string>> = {
  skis: "ski",
  skies: "sky",
  dying: "die",
  lying: "lie",
  tying: "tie",
  idly: "idl",
  gently: "gentl",
  ugly: "ugli",
  early: "earli",
  only: "onli",
  singly: "singl",
  sky: "sky",
  news: "news",
  howe: "howe",
  atlas: "atlas",
  cosmos: "cosmos",
  bias: "bias",
  andes: "andes",
};

/** Words that keep what the first steps leave. */
const kept = new Set("inning outing canning herring earring proceed exceed succeed".split(" "));

/** The stem of a word in lower case. */
export function porter2Stem(term: string): string {
  if (term.length < 3) return term;
  if (Object.hasOwn(exceptions, term)) return exceptions[term] ?? term;
  let word = consonantY(term.replace(/^'/, ""));
  const { first, second } = regions(word);
  word = possessive(word);
  word = plural(word);
  if (kept.has(word)) return word;
  word = participle(word, first);
  if (/[^aeiouyY][yY]$/.test(word) && word.length > 2) word = `${word.slice(0, -1)}i`;
  word = replaceIn(word, first, derivations);
  word = third(word, first, second);
  word = fourth(word, second);
  return last(word, first, second).replaceAll("Y", "y");
}

/** `y` is a consonant at the beginning and behind a vowel. */
function consonantY(word: string): string {
  let marked = "";
  for (let at = 0; at < word.length; at++) {
    const letter = word.charAt(at);
    const isConsonant = letter === "y" && (at === 0 || vowel.test(marked.charAt(at - 1)));
    marked += isConsonant ? "Y" : letter;
  }
  return marked;
}

interface Regions {
  readonly first: number;
  readonly second: number;
}

/** R1 and R2: behind the first consonant that follows a vowel, and the same again. */
function regions(word: string): Regions {
  const prefix = /^(?:gener|commun|arsen)/.exec(word);
  const first = prefix === null ? behindVowel(word, 0) : prefix[0].length;
  return { first, second: behindVowel(word, first) };
}

function behindVowel(word: string, from: number): number {
  for (let at = from + 1; at < word.length; at++)
    if (!vowel.test(word.charAt(at)) && vowel.test(word.charAt(at - 1))) return at + 1;
  return word.length;
}

function possessive(word: string): string {
  return word.replace(/(?:'s'|'s|')$/, "");
}

function plural(word: string): string {
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (/(?:ied|ies)$/.test(word)) return word.slice(0, word.length > 4 ? -2 : -1);
  if (/(?:us|ss)$/.test(word) || !word.endsWith("s")) return word;
  return vowel.test(word.slice(0, -2)) ? word.slice(0, -1) : word;
}

function participle(word: string, first: number): string {
  const [ending = ""] = /(?:eedly|ingly|edly|eed|ing|ed)$/.exec(word) ?? [];
  if (ending === "") return word;
  const stem = word.slice(0, -ending.length);
  if (ending.startsWith("eed")) return stem.length >= first ? `${stem}ee` : word;
  if (!vowel.test(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/^[aeo](.)\1$/.test(stem)) return stem; // add, ebb, egg, err
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(stem)) return stem.slice(0, -1);
  return stem.length <= first && endsShort(stem) ? `${stem}e` : stem;
}

/** Ends in a short syllable. */
function endsShort(word: string): boolean {
  return /(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy])$/.test(word);
}

type Table = readonly (readonly [ending: string, instead: string])[];

const derivations: Table = [
  ["ational", "ate"],
  ["ization", "ize"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["iveness", "ive"],
  ["tional", "tion"],
  ["biliti", "ble"],
  ["lessli", "less"],
  ["entli", "ent"],
  ["ation", "ate"],
  ["alism", "al"],
  ["aliti", "al"],
  ["ousli", "ous"],
  ["iviti", "ive"],
  ["fulli", "ful"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["abli", "able"],
  ["izer", "ize"],
  ["ator", "ate"],
  ["alli", "al"],
  ["bli", "ble"],
];

/** Replaces the longest ending of a table, where it stands in a region. */
function replaceIn(word: string, from: number, table: Table): string {
  const found = table.find(([ending]) => word.endsWith(ending));
  if (found === undefined) {
    if (word.endsWith("ogi"))
      return inRegion(word, 3, from) && word.endsWith("logi") ? word.slice(0, -1) : word;
    const isAdverb = /[cdeghkmnrt]li$/.test(word) && inRegion(word, 2, from);
    return isAdverb ? word.slice(0, -2) : word;
  }
  const [ending, instead] = found;
  return inRegion(word, ending.length, from) ? word.slice(0, -ending.length) + instead : word;
}

function inRegion(word: string, length: number, from: number): boolean {
  return word.length - length >= from;
}

const thirdEndings: Table = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["alize", "al"],
  ["icate", "ic"],
  ["iciti", "ic"],
  ["ative", ""],
  ["ical", "ic"],
  ["ness", ""],
  ["ful", ""],
];

function third(word: string, first: number, second: number): string {
  const found = thirdEndings.find(([ending]) => word.endsWith(ending));
  if (found === undefined) return word;
  const [ending, instead] = found;
  const from = ending === "ative" ? second : first;
  if (!inRegion(word, ending.length, from) || !inRegion(word, ending.length, first)) return word;
  return word.slice(0, -ending.length) + instead;
}

function fourth(word: string, second: number): string {
  const pattern =
    /(?:ement|ance|ence|able|ible|ment|ant|ent|ism|ate|iti|ous|ive|ize|ion|al|er|ic)$/;
  const [ending = ""] = pattern.exec(word) ?? [];
  if (ending === "" || !inRegion(word, ending.length, second)) return word;
  const stem = word.slice(0, -ending.length);
  return ending === "ion" && !/[st]$/.test(stem) ? word : stem;
}

function last(word: string, first: number, second: number): string {
  if (word.endsWith("e")) {
    const isLong = inRegion(word, 1, second);
    const isRemoved = isLong || (inRegion(word, 1, first) && !endsShort(word.slice(0, -1)));
    return isRemoved ? word.slice(0, -1) : word;
  }
  return word.endsWith("ll") && inRegion(word, 1, second) ? word.slice(0, -1) : word;
}
