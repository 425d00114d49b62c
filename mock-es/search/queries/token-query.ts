/** Queries for the tokens of a `sparse_vector`: scores are the weights of documents. */
import type { QueryExplanation, SearchContext, SearchDocument } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { createSparseReader } from "../fields/sparse-vector.ts";
import { type CompiledQuery, NO_MATCH } from "./compiled-query.ts";
import { match, noMatch } from "./explanation.ts";

/**
 * Documents that have a token; each scores its weight in the document times a factor (Lucene's
 * FeatureField with a linear function).
 */
export function tokenQuery(
  context: SearchContext,
  field: Field,
  token: string,
  weight: number,
): CompiledQuery {
  const { fround } = Math;
  const read = createSparseReader(field);
  const { name } = field;
  const scored = (document: SearchDocument, factor: number): number => {
    const value = read(document)?.get(token);
    return value === undefined ? NO_MATCH : fround(fround(weight * factor) * value);
  };
  const text = `FeatureQuery(field=${name}, feature=${token}, function=LinearFunction)`;
  const explained: QueryExplanation = {
    text,
    explain(document, place, factor) {
      const value = read(document)?.get(token);
      if (value === undefined) {
        const what = `weight(${text} in ${place}) [LinearFunction]. Feature ${token} isn't set.`;
        return noMatch(what);
      }
      const what = `Linear function on the ${name} field for the ${token} feature, computed as w * S from:`;
      return match(scored(document, factor), what, [
        match(fround(weight * factor), "w, weight of this function"),
        match(value, "S, feature value"),
      ]);
    },
  };
  return {
    score: (document) => scored(document, 1),
    isConstant: context.corpus === undefined || !context.isScored,
    explained: () => explained,
  };
}

/** True for documents that have any of some tokens. */
export function hasAnyToken(
  field: Field,
  tokens: readonly string[],
): (document: SearchDocument) => boolean {
  const read = createSparseReader(field);
  return (document) => {
    const vector = read(document);
    return vector !== undefined && tokens.some((token) => vector.has(token));
  };
}
