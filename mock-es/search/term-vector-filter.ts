/** The filter of term vectors: the terms of a field that tell most about a document. */
import { byCodePoint } from "../text/code-points.ts";

/** Bounds of a filter; lengths of 0 bound nothing. */
export interface TermFilter {
  /** Terms kept for each field. */
  readonly maxTerms: number;
  readonly minTermFrequency: number;
  readonly maxTermFrequency: number;
  readonly minDocumentFrequency: number;
  readonly maxDocumentFrequency: number;
  /** UTF-16 units. */
  readonly minLength: number;
  readonly maxLength: number;
}

/** What the shard knows of a field. */
interface KnownTerms {
  /** Documents that have the field. */
  readonly documents: number;
  readonly terms: ReadonlyMap<string, { readonly documents: number }>;
}

/**
 * The terms of a field that a filter keeps, with their scores: how often a term stands in the
 * document, times its inverse document frequency, as `TermVectorsFilter` of Elasticsearch 9
 * computes it.
 */
export function bestTerms(
  frequencies: ReadonlyMap<string, number>,
  filter: TermFilter,
  known: KnownTerms,
): ReadonlyMap<string, number> {
  const scored: [string, number][] = [];
  for (const [term, frequency] of frequencies) {
    const documents = known.terms.get(term)?.documents ?? 0;
    if (isNoise(term, frequency, filter) || !isAccepted(documents, filter)) continue;
    scored.push([term, Math.fround(frequency * idf(documents, known.documents))]);
  }
  scored.sort(([a, left], [b, right]) => right - left || byCodePoint(a, b));
  return new Map(scored.slice(0, filter.maxTerms));
}

function isNoise(term: string, frequency: number, filter: TermFilter): boolean {
  if (filter.minLength > 0 && term.length < filter.minLength) return true;
  if (filter.maxLength > 0 && term.length > filter.maxLength) return true;
  return frequency < filter.minTermFrequency || frequency > filter.maxTermFrequency;
}

function isAccepted(documents: number, filter: TermFilter): boolean {
  if (documents === 0 || documents > filter.maxDocumentFrequency) return false;
  return documents >= filter.minDocumentFrequency;
}

/** Inverse document frequency of Lucene's `ClassicSimilarity`. */
function idf(documents: number, all: number): number {
  return Math.fround(Math.log((all + 1) / (documents + 1)) + 1);
}
