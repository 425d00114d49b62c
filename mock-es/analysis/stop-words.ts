/** Words that the filter `stop` takes out. */
import { notSupported } from "../es-error.ts";

/** The stop words of Lucene's English analyzer. */
const english: readonly string[] =
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with".split(
    " ",
  );

/**
 * A list of stop words: given, or by a name such as `_english_`.
 *
 * @throws {EsError} 400 for a list of a language that is not here
 */
export function stopWords(given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) return english;
  return given.flatMap((entry) => {
    if (!/^_.*_$/.test(entry)) return [entry];
    if (entry === "_none_") return [];
    if (entry === "_english_") return english;
    throw notSupported(`the list of stop words [${entry}]`);
  });
}
