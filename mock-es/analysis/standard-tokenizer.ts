/** The `standard` tokenizer: words by the rules of Unicode (UAX #29). */
import { lowerCase } from "../text/java-case.ts";
import type { Token } from "./token.ts";

// Word boundaries of UAX #29 as far as they matter to the standard tokenizer: letters, digits and
// marks make words, "_" joins; an apostrophe, full stop, colon or middle dot joins letters; a full
// stop, comma, semicolon or apostrophe joins digits; ideographs and hiragana stand alone.
// Scripts without spaces, whose words stay together (line break class SA, UAX #14).
const SOUTHEAST = String.raw`\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Khmer}`;
const SOUTHEAST_LETTER = String.raw`[[${SOUTHEAST}]&&[\p{L}\p{M}]]`;
const SOUTHEAST_WORD = String.raw`${SOUTHEAST_LETTER}(?:${SOUTHEAST_LETTER}|\p{M}|\p{Cf})*`;
const OTHERS = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ﾞﾟ${SOUTHEAST}`;
const LETTER = String.raw`[[\p{L}\p{M}]--[${OTHERS}]]`;
const DIGIT = String.raw`\p{Nd}`;
// The marks of voiced sounds in half width belong to what they follow.
const MARKS = "ﾞﾟ";
const KATAKANA = String.raw`[\p{Script=Katakana}ー${MARKS}]`;
const WORD = String.raw`(?:${LETTER}|${DIGIT}|_)`;
const JOIN = String.raw`(?:(?<=${LETTER})['’.·:‧](?=${LETTER})|(?<=${DIGIT})[.,;'’](?=${DIGIT}))`;
const BASE = String.raw`${WORD}(?:\p{M}|\p{Cf}|${WORD}|${JOIN})*`;
const TOKENS = new RegExp(
  [
    String.raw`(?<ideograph>\p{Script=Han})|(?<hiragana>\p{Script=Hiragana})`,
    String.raw`(?<katakana>${KATAKANA}+)|(?<southeast>${SOUTHEAST_WORD})`,
    String.raw`(?<word>${BASE})|(?<emoji>\p{RGI_Emoji})`,
  ].join("|"),
  "gv",
);
const HAS_WORD = /[\p{L}\p{Nd}]/u;
const ONLY_ASCII_WORDS = /^[A-Za-z0-9 ]*$/;
const MAX_TOKEN_LENGTH = 255;

/** Splits a text into words; longer ones than `maxLength` units are cut. */
export function standardTokens(text: string, maxLength = MAX_TOKEN_LENGTH): Token[] {
  const tokens: Token[] = [];
  for (const found of text.matchAll(TOKENS)) {
    const word = found[0];
    if (found.groups?.["word"] !== undefined && !HAS_WORD.test(word)) continue;
    for (let at = 0; at < word.length; at += maxLength) {
      const part = word.slice(at, at + maxLength);
      const start = found.index + at;
      tokens.push({
        term: part,
        start,
        end: start + part.length,
        position: tokens.length,
        type: typeOf(found.groups ?? {}, part),
      });
    }
  }
  return tokens;
}

/** The `standard` analyzer: words in lower case. No stop words. */
export function analyzeStandard(text: string): Token[] {
  return standardTokens(text).map((token) => ({ ...token, term: lowerCase(token.term) }));
}

/**
 * The terms of {@link analyzeStandard} only, in order: the cheap form for indexing and matching.
 */
export function standardTerms(text: string): string[] {
  if (text.length <= MAX_TOKEN_LENGTH && ONLY_ASCII_WORDS.test(text)) {
    const terms = text.toLowerCase().split(" ");
    return terms.includes("") ? terms.filter((term) => term !== "") : terms;
  }
  return standardTokens(text).map((token) => lowerCase(token.term));
}

function typeOf(groups: Readonly<Record<string, string | undefined>>, part: string): string {
  if (groups["ideograph"] !== undefined) return "<IDEOGRAPHIC>";
  if (groups["hiragana"] !== undefined) return "<HIRAGANA>";
  if (groups["katakana"] !== undefined) return "<KATAKANA>";
  if (groups["southeast"] !== undefined) return "<SOUTHEAST_ASIAN>";
  if (groups["emoji"] !== undefined) return "<EMOJI>";
  if (/^\p{Script=Hangul}/u.test(part)) return "<HANGUL>";
  return /\p{L}/u.test(part) ? "<ALPHANUM>" : "<NUM>";
}
