/** How the score of a term came about (BM25Similarity). */
import { floatText } from "../../json/java-number.ts";
import type { Explanation, QueryExplanation, SearchContext } from "../fields/document.ts";
import { count, match, noMatch } from "./explanation.ts";
import {
  B,
  bm25,
  gather,
  K1,
  type Occurrence,
  rarityOf,
  type Statistics,
  storedLength,
  toWeight,
} from "./term-statistics.ts";

const { fround } = Math;

/** Explains the occurrences of a term, or of a phrase. */
export function explainTerm(
  context: SearchContext,
  occurrence: Occurrence,
  boost: number,
  text: string,
  rarity: Occurrence = occurrence,
): QueryExplanation {
  const isPhrase = occurrence.parts !== undefined;
  const missing = isPhrase && occurrence.isSpan !== true ? "phrase" : "term";
  return {
    text,
    explain(document, place, factor) {
      const frequency = occurrence.visit(document);
      if (frequency === 0) return noMatch(`no matching ${missing}`);
      const { length } = occurrence;
      const counted = context.statistics ?? context.corpus;
      const statistics = gather(counted ?? [document], occurrence, rarity);
      const own = fround(boost * factor);
      const weight = toWeight(statistics, rarity, own);
      const score = bm25(weight, frequency, length);
      const shown = floatText(frequency);
      const parts = [
        match(fround(own * fround(K1 + 1)), "boost"),
        explainRarity(statistics, rarity),
        explainFrequency(frequency, length, weight.averageLength, isPhrase),
      ];
      return match(score, `weight(${text} in ${place}) [PerFieldSimilarity], result of:`, [
        match(score, `score(freq=${shown}), computed as boost * idf * tf from:`, parts),
      ]);
    },
  };
}

function explainRarity(
  { documents, matching }: Statistics,
  { parts, rarity }: Occurrence,
): Explanation {
  const counts = rarity === "commonest" ? [Math.max(...matching)] : matching;
  const each = counts.map((found) =>
    match(rarityOf(found, documents), "idf, computed as log(1 + (N - n + 0.5) / (n + 0.5)) from:", [
      count(found, "n, number of documents containing term"),
      count(documents, "N, total number of documents with field"),
    ]),
  );
  const [only] = each;
  const isOne = parts === undefined || parts.length === 1 || rarity === "commonest";
  if (isOne && only !== undefined) return only;
  return match(fround(each.reduce((sum, { score }) => sum + score, 0)), "idf, sum of:", each);
}

function explainFrequency(
  frequency: number,
  length: number,
  average: number,
  isPhrase: boolean,
): Explanation {
  const stored = storedLength(length);
  const inverse = fround(1 / fround(K1 * fround(1 - B + fround(fround(B * stored) / average))));
  const value = fround(1 - fround(1 / fround(1 + fround(frequency * inverse))));
  return match(value, "tf, computed as freq / (freq + k1 * (1 - b + b * dl / avgdl)) from:", [
    match(
      frequency,
      isPhrase ? `phraseFreq=${floatText(frequency)}` : "freq, occurrences of term within document",
    ),
    match(K1, "k1, term saturation parameter"),
    match(B, "b, length normalization parameter"),
    match(stored, stored < 40 ? "dl, length of field" : "dl, length of field (approximate)"),
    match(average, "avgdl, average length of field"),
  ]);
}
