/** Okapi BM25, as Lucene and Elasticsearch compute it. */
import type { SearchContext, SearchDocument } from "../fields/document.ts";

/**
 * How one term occurs in documents. `visit` looks at a document; the other members then describe
 * that document, so that nothing is read twice and nothing is allocated.
 */
export interface Occurrence {
  /** Terms whose rarity makes up the rarity of this one. Absent: the term itself. */
  readonly parts?: readonly Occurrence[];
  /**
   * How the parts make it up: those of a phrase add up, of terms that count as one the commonest
   * decides. @default "sum"
   */
  readonly rarity?: "sum" | "commonest";
  /** It stands for spans. @default false */
  readonly isSpan?: boolean;
  /** Times the term occurs in the document; 0 when it does not. */
  visit(document: SearchDocument): number;
  /** Terms in the field of the visited document, 0 when the field is absent. */
  readonly totalTerms: number;
  /**
   * The length the score of the visited document is normalised by: all terms of a text, 1 where
   * norms are left out.
   */
  readonly length: number;
  /** Counts over a shard, where they are not those of what `visit` tells. */
  readonly gather?: (corpus: Iterable<SearchDocument>) => Statistics;
  /** Documents that the term counts as being in, where other fields have a say in it. */
  readonly blended?: () => number;
}

/** Counts that the weight of a term is made of. */
export interface Statistics {
  /** Documents with the field. */
  documents: number;
  /** Terms of the field in all of them. */
  terms: number;
  /** For each part, the documents that hold it. */
  readonly matching: number[];
}

/** Term saturation of BM25, a 32-bit float as in Lucene. */
export const K1 = Math.fround(1.2);

/** Length normalization of BM25. */
export const B = Math.fround(0.75);

/**
 * Scores a term by BM25 over the documents of the shard, in 32-bit floats as Lucene computes. Where
 * scores are not needed a match scores `boost`.
 *
 * @param rarity where the rarity comes from, when not from the occurrence itself
 */
export function createTermScorer(
  context: SearchContext,
  occurrence: Occurrence,
  boost: number,
  rarity: Occurrence = occurrence,
): (document: SearchDocument) => number {
  const { corpus, statistics = corpus } = context;
  if (corpus === undefined || !context.isScored)
    return (document) => (occurrence.visit(document) > 0 ? boost : -1);
  let weight: Weight | undefined;
  return (document) => {
    const frequency = occurrence.visit(document);
    if (frequency === 0) return -1;
    const { length } = occurrence;
    if (weight === undefined) {
      const { termFactor = 1 } = context;
      weight = toWeight(
        gather(statistics ?? corpus, occurrence, rarity),
        rarity,
        boost * termFactor,
      );
    }
    return bm25(weight, frequency, length);
  };
}

/** Counts over the documents of a shard, or of all. */
export function gather(
  corpus: Iterable<SearchDocument>,
  occurrence: Occurrence,
  rarity: Occurrence,
): Statistics {
  if (occurrence.gather !== undefined) return occurrence.gather(corpus);
  const parts = rarity.parts ?? [rarity];
  const { blended } = rarity;
  const isItself = (rarity === occurrence || blended !== undefined) && rarity.parts === undefined;
  const statistics: Statistics = { documents: 0, terms: 0, matching: parts.map(() => 0) };
  const { matching } = statistics;
  for (const document of corpus) {
    const frequency = occurrence.visit(document);
    const terms = occurrence.totalTerms;
    if (terms > 0) {
      statistics.documents++;
      statistics.terms += terms;
    }
    if (isItself) {
      if (frequency > 0) matching[0] = (matching[0] ?? 0) + 1;
      continue;
    }
    for (let at = 0; at < parts.length; at++) {
      if ((parts[at]?.visit(document) ?? 0) > 0) matching[at] = (matching[at] ?? 0) + 1;
    }
  }
  if (blended !== undefined) matching[0] = blended();
  return statistics;
}

/** How a term is weighed in its shard. */
export interface Weight {
  readonly weight: number;
  readonly averageLength: number;
}

/** The rarity of a term in so many documents of all. */
export function rarityOf(count: number, documents: number): number {
  const found = Math.min(Math.max(count, 1), documents);
  return Math.fround(Math.log(1 + (documents - found + 0.5) / (found + 0.5)));
}

/** The weight of a term. Elasticsearch keeps the factor (k1 + 1) that newer Lucene dropped. */
export function toWeight(statistics: Statistics, rarity: Occurrence, boost: number): Weight {
  const { fround } = Math;
  const { documents, terms, matching } = statistics;
  // A term of several fields may be in more documents than the field has.
  let idf = 0;
  if (rarity.rarity === "commonest") idf = rarityOf(Math.max(...matching), documents);
  // Terms that no document holds do not count.
  else for (const count of matching) if (count > 0) idf += rarityOf(count, documents);
  return {
    weight: fround(fround(boost * fround(K1 + 1)) * fround(idf)),
    averageLength: fround(terms / documents),
  };
}

/** The score of a term. */
export function bm25({ weight, averageLength }: Weight, frequency: number, length: number): number {
  const { fround } = Math;
  const inverseNorm = fround(
    1 / fround(K1 * fround(1 - B + fround(fround(B * storedLength(length)) / averageLength))),
  );
  return fround(weight - fround(weight / fround(1 + fround(frequency * inverseNorm))));
}

/** Lucene keeps field lengths in one byte: exact to 39, then with four significant bits. */
export function storedLength(length: number): number {
  if (length < 40) return length;
  const rest = length - 24;
  const shift = 31 - Math.clz32(rest) - 3;
  return 24 + ((rest >> shift) << shift);
}
