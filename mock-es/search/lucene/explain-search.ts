/** How the score of a document came about, by the query as Lucene runs it. */
import { EsError } from "../../es-error.ts";
import type { QueryExplanation, SearchContext } from "../fields/document.ts";
import { explained } from "./explain-query.ts";
import { luceneQuery } from "./from-clause.ts";
import { textOfQuery } from "./lucene-query.ts";
import { withoutNested } from "./nested-filter.ts";
import { rewriteQuery } from "./rewrite.ts";

/**
 * How a query scores; `undefined` where that is not known.
 *
 * @param isAlone false: others decide which documents it is asked of
 */
export function explainSearch(
  query: unknown,
  context: SearchContext,
  isAlone = true,
): QueryExplanation | undefined {
  try {
    const plain = luceneQuery(query, {
      ...context,
      takesExplained: true,
      writtenFilter: (filter) => writtenFilter(filter, context),
    });
    const whole = isAlone ? withoutNested(plain, context.mappings) : plain;
    return explained(rewriteQuery(whole, true), true);
  } catch (error) {
    // The search itself could be made: a refusal here says only that this is not described.
    if (error instanceof EsError) return undefined;
    throw error;
  }
}

function writtenFilter(filter: unknown, context: SearchContext): string | undefined {
  const plain = luceneQuery(filter, { ...context, takesExplained: true });
  return textOfQuery(rewriteQuery(plain, true));
}
