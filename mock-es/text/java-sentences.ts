/**
 * Sentences of a text as `java.text.BreakIterator` parts them: line ends are spaces, and a period
 * ends a sentence where a capital letter, or punctuation and a letter, follows.
 */

/** A character of a class, with what is written over it. */
const one = (members: string): string => `(?:[${members}][\\p{Mn}\\p{Me}\\p{Cf}]*)`;

const period = one(".\\uff0e");
const mark = one("!?\\u3002\\uff01\\uff1f");
const closing = one("\\p{Pe}\\p{Pf}\"'");
const space = one("\\t\\r\\f\\n\\u2028\\p{Zs}");
const opening = one(
  "^\\p{L}\\p{M}\\p{Cf}\\p{Pe}\\p{Pf}\\p{N}\\t\\r\\f\\n\\u2028\\p{Zs}!?\\u3002\\uff01\\uff1f.\\uff0e\\u2029,\\u0964\\u0965",
);
const periods = `${period}(?:${period}|${closing})*`;

const end = new RegExp(
  [
    "\\u2029",
    `[\\u0964\\u0965]${space}*`,
    `${mark}(?:${mark}|${period}|${closing})*${space}*\\u2029?`,
    `${periods}${space}*\\u2029`,
    `${periods}${space}+(?=(?!\\p{Ll})\\p{L})`,
    `${periods}${space}{2,}(?=\\p{Ll})`,
    // A quotation mark directly before a word is taken to close.
    `${periods}(?<=["'][\\p{Mn}\\p{Me}\\p{Cf}]*)(?=${opening}*\\p{L})`,
    `${periods}${space}*(?=${opening}+\\p{L})`,
  ].join("|"),
  "gu",
);

/** A period from which the JDK goes on when it looks for the sentence before a place. */
const restart = new RegExp(
  `(?=${period}${closing}*${space}*[\\p{Ps}\\p{Pi}"']*(?![\\p{Ps}\\p{Pi}"'])${opening})`,
  "gu",
);

/**
 * Places that the JDK takes for the beginning of a sentence when it first looks backwards from
 * behind them, though none ends there: periods with a dash or the like behind them.
 */
export function javaSentenceRestarts(text: string): number[] {
  return Array.from(text.matchAll(restart), (found) => found.index);
}

/** Ends of the sentences, in UTF-16 units; the last one is the length of the text. */
export function javaSentenceEnds(text: string): number[] {
  const ends = Array.from(text.matchAll(end), (found) => found.index + found[0].length);
  if (ends.at(-1) !== text.length && text.length > 0) ends.push(text.length);
  return ends;
}
