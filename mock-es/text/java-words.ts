/** Words of a text as `java.text.BreakIterator` parts them, which is not as Unicode's annex 29. */

const mark = "(?:(?!\\u00ad)[\\p{Mn}\\p{Me}\\p{Cf}])*";
const kanji = "\\u3005\\u4e00-\\u9fa5\\uf900-\\ufa2d";
const katakana = "\\u3099-\\u309c\\u30a1-\\u30fe";
const hiragana = "\\u3041-\\u309e\\u30fc";
const letter = `(?:(?![${kanji}${katakana}${hiragana}])\\p{L}${mark})`;
const digit = `(?:\\p{N}${mark})`;
const word = `${letter}+(?:[\\p{Pd}\\p{Pc}\\u00ad\\u2027"'.]${letter}+)*[\\u0964\\u0965]?`;
const number = `${digit}+(?:["',\\u066b.]${digit}+)*`;
/** `$` and `#` belong to the number behind them, `%` to that before it. */
const before = "(?:(?!\\u00a2)[\\p{Sc}#.])";
const after = "[\\u00a2%\\u066a\\u2030\\u2031]";

const runs: readonly RegExp[] = [
  `(?:${word}|${before})?(?:${number}${word})*(?:${number}${after}?)?`,
  "[\\p{Zs}\\t]*\\r?[\\n\\f\\u2028\\u2029]?",
  `[${katakana}]*`,
  `[${hiragana}]*`,
  `[${kanji}]*`,
  `.${mark}`,
].map((source) => new RegExp(source, "suy"));

/** Ends of the words, and of what stands between them, in UTF-16 units. */
export function javaWordEnds(text: string): number[] {
  const ends: number[] = [];
  for (let at = 0; at < text.length;) {
    let end = at + 1;
    for (const run of runs) {
      run.lastIndex = at;
      end = Math.max(end, at + (run.exec(text)?.[0].length ?? 0));
    }
    ends.push(end);
    at = end;
  }
  return ends;
}
