/**
 * The words of a text as Elasticsearch's `standard` analyzer finds them: Unicode word segmentation
 * (UAX #29), lower case, no stop words.
 */

const mark = String.raw`[\p{M}\p{Cf}]`;
/** Letters that form words; ideographs and hiragana stand alone, katakana keeps to itself. */
const letter = String.raw`[\p{L}--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]]`;
const digit = String.raw`\p{Nd}`;
const katakana = String.raw`[\p{Script=Katakana}ー]`;
/** WB6, WB7, WB11 and WB12: what joins two letters, and two digits. */
const letterJoint = String.raw`(?<=${letter}${mark}*)['’.·:‧](?=${letter})`;
const digitJoint = String.raw`(?<=${digit}${mark}*)[.,;'’](?=${digit})`;
const wordStart = String.raw`(?:${letter}|${digit}|_)`;
const word = String.raw`${wordStart}(?:${wordStart}|${mark}|${letterJoint}|${digitJoint})*`;
/** Compiled for the first text: it takes some 20 ms, and most filters look for no words. */
let tokens: RegExp | undefined;
const underscoresOnly = /^_+$/;
/** Longer words are cut, as the analyzer does by default. UTF-16 code units. */
const maxTokenLength = 255;

/** The words of a text in order, in lower case. */
export function wordsOf(text: string): string[] {
  return [...wordsIn(text)];
}

/** The same one by one: those of a body may be millions. */
export function* wordsIn(text: string): Generator<string, undefined> {
  tokens ??= new RegExp(
    String.raw`\p{Script=Han}|\p{Script=Hiragana}|${katakana}+|${word}|\p{RGI_Emoji}`,
    "gv",
  );
  for (const [token] of text.matchAll(tokens)) {
    if (underscoresOnly.test(token)) continue;
    for (let at = 0; at < token.length; at += maxTokenLength)
      yield token.slice(at, at + maxTokenLength).toLowerCase();
  }
}
