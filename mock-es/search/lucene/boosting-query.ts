/** `boosting` in Lucene's form: a query whose scores another one lowers. */
import { doubleJson, floatText } from "../../json/java-number.ts";
import type { QueryExplanation } from "../fields/document.ts";
import { type CompiledQuery, NO_MATCH } from "../queries/compiled-query.ts";
import { boosted } from "../queries/compound-queries.ts";
import { match } from "../queries/explanation.ts";
import { explained } from "./explain-query.ts";
import { type LuceneQuery, textOfQuery } from "./lucene-query.ts";
import { rewriteQuery } from "./rewrite.ts";

/**
 * A `boosting` query.
 *
 * @param compileNegative decides which documents score less
 */
export function boostingQuery(
  positive: LuceneQuery,
  negative: LuceneQuery,
  factor: number,
  compile: (isScored: boolean) => CompiledQuery,
  compileNegative: () => CompiledQuery,
): LuceneQuery {
  const lowering = `queryboost(score(${textOfQuery(negative)}))^${floatText(factor)}`;
  const first = rewriteQuery(positive, true);
  const text = `FunctionScoreQuery(${textOfQuery(first)}, scored by boost(${lowering}))`;
  return {
    kind: "leaf",
    type: "FunctionScoreQuery",
    text,
    compile: (boost, isScored) => boosted(compile(isScored), boost),
    explain: () => {
      const inner = explained(first, true);
      if (inner === undefined) return undefined;
      return { text, explain: explainer(inner, compileNegative().score) };
    },
  };

  function explainer(
    inner: QueryExplanation,
    lowers: CompiledQuery["score"],
  ): QueryExplanation["explain"] {
    return (document, place, boost) => {
      const own = inner.explain(document, place, 1);
      if (!own.isMatch) return own;
      const isLower = lowers(document) !== NO_MATCH;
      const value = isLower ? own.score * Math.fround(factor) : own.score;
      const detail = isLower
        ? {
            ...match(value, "product of:", [
              own,
              match(factor, `Matched boosting query score(${textOfQuery(negative)})`),
            ]),
            value: doubleJson(value),
          }
        : own;
      const name = `weight(${text})`;
      if (boost !== 1) {
        const details = [match(boost, "boost"), detail];
        return match(Math.fround(value * boost), `${name}, product of:`, details);
      }
      const whole = match(value, `${name}, result of:`, [detail]);
      return { ...whole, value: isLower ? doubleJson(value) : own.value };
    };
  }
}
