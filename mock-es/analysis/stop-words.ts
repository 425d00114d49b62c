/** Words that the filter `stop` takes out: those of Lucene's analyzers. */
import { stopwords as danish } from "@orama/stopwords/danish";
import { stopwords as dutch } from "@orama/stopwords/dutch";
import { stopwords as finnish } from "@orama/stopwords/finnish";
import { stopwords as frenchAndMore } from "@orama/stopwords/french";
import { stopwords as german } from "@orama/stopwords/german";
import { stopwords as italian } from "@orama/stopwords/italian";
import { stopwords as norwegian } from "@orama/stopwords/norwegian";
import { stopwords as portuguese } from "@orama/stopwords/portuguese";
import { stopwords as russian } from "@orama/stopwords/russian";
import { stopwords as swedishAndMore } from "@orama/stopwords/swedish";
import { notSupported } from "../es-error.ts";
import { spanish } from "./spanish-stop-words.ts";

/** The stop words of Lucene's English analyzer. */
const english: readonly string[] =
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with".split(
    " ",
  );

/** Words that the library has and Lucene has not. */
const notFrench = new Set(["son ", ..."été étés est sommes fût as auras aura avions".split(" ")]);

/** Lists by the language; they are those of Lucene 10.5, word for word. */
const lists: Readonly<Record<string, readonly string[]>> = {
  none: [],
  english,
  danish,
  dutch,
  finnish,
  french: frenchAndMore.filter((word) => !notFrench.has(word)),
  german,
  italian,
  norwegian,
  portuguese,
  russian,
  spanish,
  swedish: swedishAndMore.map((word) => (word === "sitta" ? "sitt" : word)),
};

/** Lists that are not here. */
const otherLists = new Set(
  `arabic armenian basque bengali brazilian bulgarian catalan cjk czech estonian galician greek hindi
  hungarian indonesian irish latvian lithuanian persian romanian serbian sorani thai
  turkish`.split(/\s+/),
);

/**
 * A list of stop words: given, or by a name such as `_english_`.
 *
 * @param fallback the language whose words are taken when none are given
 * @throws {EsError} 400 for a list of a language that is not here
 */
export function stopWords(
  given: readonly string[] | undefined,
  fallback = "english",
): readonly string[] {
  return (given ?? [`_${fallback}_`]).flatMap((entry) => {
    const name = /^_(.*)_$/.exec(entry)?.[1];
    if (name === undefined) return [entry];
    if (Object.hasOwn(lists, name)) return lists[name] ?? [];
    if (otherLists.has(name)) throw notSupported(`the list of stop words [${entry}]`);
    return [entry];
  });
}
