/** `nested` in Lucene's form: documents by the nested objects that stand before them. */
import { notSupported } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { Explanation, QueryExplanation, SearchContext } from "../fields/document.ts";
import { nestedDocuments } from "../fields/nested-documents.ts";
import { type CompiledQuery, NO_MATCH } from "../queries/compiled-query.ts";
import { boosted } from "../queries/compound-queries.ts";
import { match, noMatch } from "../queries/explanation.ts";
import { explained } from "./explain-query.ts";
import { type LuceneQuery, textOfQuery } from "./lucene-query.ts";
import { nestedPaths, withoutRoots } from "./nested-filter.ts";
import { rewriteQuery } from "./rewrite.ts";

const modes: Readonly<Record<string, string>> = {
  avg: "Avg",
  max: "Max",
  min: "Min",
  none: "None",
  sum: "Total",
};

/**
 * A `nested` query.
 *
 * @param inner what the nested objects have to match
 * @param body without `boost`
 */
export function nestedQuery(
  inner: LuceneQuery,
  body: JsonObject,
  context: SearchContext,
  compile: (isScored: boolean) => CompiledQuery,
): LuceneQuery {
  const path = textOf(body["path"]);
  const mode = textOf(body["score_mode"] ?? "avg");
  const [only, other] = nestedPaths(context.mappings);
  if (only !== path || other !== undefined || context.nestedPath !== undefined)
    throw notSupported("[explain] and [profile] of [nested] among several nested objects");
  const filtered = withoutRoots(inner, path);
  const text = `ToParentBlockJoinQuery (${textOfQuery(filtered)})`;
  return {
    kind: "leaf",
    type: "ESToParentBlockJoinQuery",
    text,
    compile: (boost, isScored) => boosted(compile(isScored), boost),
    isOnOneLevel: true,
    explain: () => {
      const child = explained(rewriteQuery(filtered, mode !== "none"), mode !== "none");
      const { score } = compile(true);
      return child === undefined ? undefined : { text, explain: explainer(child, score) };
    },
  };

  function explainer(
    child: QueryExplanation,
    score: CompiledQuery["score"],
  ): QueryExplanation["explain"] {
    return (document, place, factor) => {
      const objects = nestedDocuments(context.mappings, document, path);
      const first = place - objects.length;
      const weight = mode === "none" ? 0 : factor;
      const found = objects
        .map((object, at) => child.explain(object, first + at, weight))
        .filter((each) => each.isMatch);
      const [any] = found;
      const whole = score(document);
      if (any === undefined || whole === NO_MATCH) return noMatch("Not a match");
      const best = found.reduce<Explanation>((a, b) => (b.score > a.score ? b : a), any);
      const what = `Score based on ${found.length} child docs in range from ${first} to ${place - 1}`;
      const value = Math.fround(whole * weight);
      return match(value, `${what}, using score mode ${modes[mode] ?? mode}`, [best]);
    };
  }
}
