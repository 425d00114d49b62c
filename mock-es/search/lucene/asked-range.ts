/** The range of one field that a search comes down to. */
import { EsError, notSupported } from "../../es-error.ts";
import { isObject } from "../../json/json-value.ts";
import { isUnsupported } from "../faults.ts";
import type { SearchContext } from "../fields/document.ts";
import { luceneQuery } from "./from-clause.ts";
import type { LuceneRange } from "./lucene-query.ts";
import { withoutNested } from "./nested-filter.ts";
import { rewriteQuery } from "./rewrite.ts";

/** Queries that may come down to a range. */
const ofRanges: ReadonlySet<string> = new Set(
  "bool boosting constant_score dis_max match match_phrase multi_match query_string range simple_query_string term wrapper".split(
    " ",
  ),
);

/**
 * The range of a field that is all that a query asks for; `undefined` where it asks for something
 * else.
 *
 * @throws {EsError} 400 by name where that is not known
 */
export function rangeAsked(
  query: unknown,
  field: string,
  context: SearchContext,
): LuceneRange | undefined {
  if (!isObject(query) || !Object.keys(query).some((name) => ofRanges.has(name))) return undefined;
  const { onInner: _inner, onNamed: _named, ...plain } = context;
  try {
    const asked = luceneQuery(query, { ...plain, takesExplained: true });
    let simple = rewriteQuery(withoutNested(asked, context.mappings), true);
    while (simple.kind === "boost" || simple.kind === "constant") simple = simple.query;
    return simple.kind === "leaf" && simple.range?.field === field ? simple.range : undefined;
  } catch (error) {
    if (!(error instanceof EsError) || !isUnsupported(error)) throw error;
    throw notSupported("[composite] over several values of a document beside such a query");
  }
}
