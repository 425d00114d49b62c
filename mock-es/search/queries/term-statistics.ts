import type { SearchContext, SearchDocument } from "../fields/document.ts";

/**
 * How one term occurs in documents. `visit` looks at a document; the other members then describe
 * that document, so that nothing is read twice and nothing is allocated.
 */
export interface Occurrence {
  /**
   * Of a phrase: its terms, whose rarity makes up the rarity of the phrase. Absent: the term
   * itself.
   */
  readonly parts?: readonly Occurrence[];
  /** Times the term occurs in the document; 0 when it does not. */
  visit(document: SearchDocument): number;
  /** Terms in the field of the visited document, 0 when the field is absent. */
  readonly totalTerms: number;
  /**
   * The length the score of the visited document is normalised by: all terms of a text, 1 where
   * norms are left out.
   */
  readonly length: number;
}

interface IndexStatistics {
  documents: number;
  terms: number;
  /** For each part, the documents that hold it. */
  readonly matching: number[];
}

// Okapi BM25 as Lucene and Elasticsearch set it; Elasticsearch keeps the factor (k1 + 1) that newer
// Lucene dropped.
const K1 = 1.2;
const B = 0.75;

/**
 * Scores a term by BM25 over the corpus of the search, for each index by its own statistics (one
 * shard each), in 32-bit floats as Lucene computes. Where scores are not needed a match scores
 * `boost`.
 */
export function createTermScorer(
  context: SearchContext,
  occurrence: Occurrence,
  boost: number,
): (document: SearchDocument) => number {
  const { corpus } = context;
  if (corpus === undefined || !context.isScored)
    return (document) => (occurrence.visit(document) > 0 ? boost : -1);
  let statistics: Map<string, IndexStatistics> | undefined;
  return (document) => {
    if (statistics === undefined) statistics = gather(corpus, occurrence);
    const frequency = occurrence.visit(document);
    if (frequency === 0) return -1;
    const index = statistics.get(document.index);
    return index === undefined ? boost : bm25(index, frequency, occurrence.length, boost);
  };
}

function gather(
  corpus: Iterable<SearchDocument>,
  occurrence: Occurrence,
): Map<string, IndexStatistics> {
  const byIndex = new Map<string, IndexStatistics>();
  let name: string | undefined;
  let index: IndexStatistics | undefined;
  const { parts } = occurrence;
  for (const document of corpus) {
    const frequency = occurrence.visit(document);
    const terms = occurrence.totalTerms;
    if (terms === 0) continue;
    if (index === undefined || document.index !== name) {
      name = document.index;
      index = byIndex.get(name);
      if (index === undefined) {
        index = { documents: 0, terms: 0, matching: (parts ?? [occurrence]).map(() => 0) };
        byIndex.set(name, index);
      }
    }
    index.documents++;
    index.terms += terms;
    if (parts === undefined) {
      if (frequency > 0) index.matching[0] = (index.matching[0] ?? 0) + 1;
    } else {
      for (let at = 0; at < parts.length; at++) {
        if ((parts[at]?.visit(document) ?? 0) > 0)
          index.matching[at] = (index.matching[at] ?? 0) + 1;
      }
    }
  }
  return byIndex;
}

function bm25(index: IndexStatistics, frequency: number, length: number, boost: number): number {
  const { fround } = Math;
  let rarity = 0;
  for (const count of index.matching)
    rarity += fround(Math.log(1 + (index.documents - count + 0.5) / (count + 0.5)));
  const idf = fround(rarity);
  const weight = fround(fround(boost * fround(K1 + 1)) * idf);
  const averageLength = fround(index.terms / index.documents);
  const inverseNorm = fround(
    1 / fround(K1 * fround(1 - B + fround(fround(B * storedLength(length)) / averageLength))),
  );
  return fround(weight - fround(weight / fround(1 + fround(frequency * inverseNorm))));
}

/** Lucene keeps field lengths in one byte: exact to 39, then with four significant bits. */
function storedLength(length: number): number {
  if (length < 40) return length;
  const rest = length - 24;
  const shift = 31 - Math.clz32(rest) - 3;
  return 24 + ((rest >> shift) << shift);
}
