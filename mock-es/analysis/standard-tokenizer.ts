/** The `standard` tokenizer: words by the rules of Unicode (UAX #29). */
import { lowerCase } from "../text/java-case.ts";
import type { Token } from "./token.ts";

// Word boundaries of UAX #29, as Lucene has them: X is what belongs to the character before it,
// whatever that is. Letters and numbers make words, connectors ("_") join them and katakana, and
// some punctuation joins letters, or numbers. Ideographs and hiragana stand alone.
const X = String.raw`[[\p{M}\p{Cf}\p{Emoji_Modifier}\uff9e\uff9f]--[\u200b]]*`;
// Scripts without spaces, whose words stay together (line break class SA, UAX #14).
const SOUTHEAST_SCRIPTS = "Thai Lao Myanmar Khmer Tai_Le New_Tai_Lue Tai_Tham Tai_Viet Ahom"
  .split(" ")
  .map((script) => String.raw`\p{Script=${script}}`)
  .join("");
const SOUTHEAST = String.raw`[[${SOUTHEAST_SCRIPTS}]&&[\p{Alphabetic}\p{M}]]`;
const HEBREW = String.raw`[\p{Script=Hebrew}&&\p{Lo}]`;
const KATAKANA = String.raw`[[\p{Script=Katakana}〱-〵゛゜゠ーｰ]--[\uff9e\uff9f]]`;
const SIGNS = String.raw`\u02c2-\u02c5\u02d2-\u02d7\u02de\u02df\u02e5-\u02eb\u02ed\u02ef-\u02ff\u055a-\u055c\u055e\u058a\u05f3\ua708-\ua716\ua720\ua721\ua789\ua78a\uab5b`;
const LETTER = String.raw`[[\p{Alphabetic}${SIGNS}]--[\p{Ideographic}\p{M}\uff9e\uff9f\p{Emoji_Modifier}\p{Script=Hiragana}${KATAKANA}${SOUTHEAST_SCRIPTS}]]`;
const NUMBER = String.raw`[\p{Nd}٫]`;
const BETWEEN_LETTERS = String.raw`['‘’.․﹒＇．:··՟״‧︓﹕：]`;
const BETWEEN_NUMBERS = String.raw`['‘’.․﹒＇．,;\u037e\u0589،؍٬߸⁄︐︔﹐﹔，；]`;
const JOINS = [
  `(?<=${LETTER}${X})${BETWEEN_LETTERS}${X}(?=${LETTER})`,
  `(?<=${NUMBER}${X})${BETWEEN_NUMBERS}${X}(?=${NUMBER})`,
  `(?<=${HEBREW}${X})(?:'${X}|"${X}(?=${HEBREW}))`,
].join("|");
const CORE = `[${LETTER}${NUMBER}]`;
const RUN = `${CORE}${X}(?:${CORE}${X}|${JOINS})*|(?:${KATAKANA}${X})+`;
const CONNECTORS = String.raw`(?:[\p{Pc}\u202f]${X})+`;
const WORD = `(?:${CONNECTORS}(?:${RUN})?|${RUN})(?:${CONNECTORS}(?:${RUN})?)*`;
const PICTURE = String.raw`\p{Extended_Pictographic}${X}`;
const EMOJI = [
  String.raw`(?:[#*]\ufe0f?\u20e3${X}|[0-9]\ufe0f?\u20e3${X}(?!${CORE}|[\p{Pc}\u202f]))`,
  String.raw`(?:\p{Regional_Indicator}${X}){2}`,
  String.raw`\u200d?${PICTURE}(?:(?<=\u200d)${PICTURE})*|\p{Emoji_Modifier}[[\p{M}\p{Cf}\p{Emoji_Modifier}]--[\ufe0f\u200b]]*`,
].join("|");
const TOKENS = new RegExp(
  [
    `(?<emoji>${EMOJI})`,
    `(?<word>${WORD})`,
    `(?<southeast>(?:${SOUTHEAST}${X})+)`,
    String.raw`(?<ideograph>\p{Script=Han}${X})`,
    String.raw`(?<hiragana>\p{Script=Hiragana}${X})`,
  ].join("|"),
  "gv",
);
const HAS_WORD = new RegExp(`${CORE}|${KATAKANA}`, "v");
const HAS_LETTER = new RegExp(`${LETTER}|${KATAKANA}`, "v");
const ONLY_HANGUL = new RegExp(String.raw`^(?:[\p{Script=Hangul}&&${LETTER}]${X})+$`, "v");
const ONLY_KATAKANA = new RegExp(`^(?:${KATAKANA}${X})+$`, "v");
const ONLY_ASCII_WORDS = /^[A-Za-z0-9 ]*$/;
// A character of two units that is cut off within.
const HALF_AT_END = /[\ud800-\udbff]$/;
const MAX_TOKEN_LENGTH = 255;

/** Splits a text into words; longer ones than `maxLength` units are cut. */
export function standardTokens(text: string, maxLength = MAX_TOKEN_LENGTH): Token[] {
  const tokens: Token[] = [];
  for (const found of text.matchAll(TOKENS)) {
    const word = found[0];
    if (found.groups?.["word"] !== undefined && !HAS_WORD.test(word)) continue;
    if (word.length > maxLength) {
      tokens.push(...cutWord(word, maxLength, found.index, tokens.length));
      continue;
    }
    tokens.push({
      term: word,
      start: found.index,
      end: found.index + word.length,
      position: tokens.length,
      type: typeOf(found.groups ?? {}, word),
    });
  }
  return tokens;
}

/** The parts of a word that is too long: each is the longest word that still fits. */
function cutWord(word: string, maxLength: number, index: number, position: number): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < word.length) {
    const rest = word.slice(at, at + maxLength).replace(HALF_AT_END, "");
    const [first] = rest === "" ? [] : standardTokens(rest, maxLength);
    if (first?.start === 0) {
      const start = index + at;
      const end = start + first.end;
      tokens.push({ ...first, start, end, position: position + tokens.length });
      at += first.end;
    } else at += (word.codePointAt(at) ?? 0) > 0xff_ff ? 2 : 1;
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
  if (groups["southeast"] !== undefined) return "<SOUTHEAST_ASIAN>";
  if (groups["emoji"] !== undefined) return "<EMOJI>";
  if (!HAS_LETTER.test(part)) return "<NUM>";
  if (ONLY_HANGUL.test(part)) return "<HANGUL>";
  return ONLY_KATAKANA.test(part) ? "<KATAKANA>" : "<ALPHANUM>";
}
