/** How queries in Lucene's form score. */
import { floatText } from "../../json/java-number.ts";
import type { QueryExplanation, SearchDocument } from "../fields/document.ts";
import { NO_MATCH } from "../queries/compiled-query.ts";
import {
  type ExplainedClause,
  explainAll,
  explainBest,
  explainConstant,
  noMatch,
} from "../queries/explanation.ts";
import { type LuceneBool, type LuceneQuery, textOfQuery } from "./lucene-query.ts";

/**
 * How a query in Lucene's form scores.
 *
 * @param isScored false: it only decides
 */
export function explained(query: LuceneQuery, isScored: boolean): QueryExplanation | undefined {
  switch (query.kind) {
    case "none": {
      const { reason } = query;
      return { text: textOfQuery(query), explain: () => noMatch(reason) };
    }
    case "all":
      return explainConstant("*:*", () => true, 1);
    case "boost": {
      const inner = explained(query.query, isScored);
      return inner === undefined ? undefined : multiplied(inner, query.boost);
    }
    case "constant": {
      const inner = explained(query.query, false);
      if (inner === undefined) return undefined;
      const accepts = (document: SearchDocument): boolean => inner.explain(document, 0, 1).isMatch;
      return explainConstant(`ConstantScore(${inner.text})`, accepts, 1);
    }
    case "best":
      return explainBest(
        query.queries.map((each) => explained(each, isScored)),
        query.tieBreaker,
      );
    case "leaf": {
      if (isScored && query.explain !== undefined) return query.explain();
      const compiled = query.compile(1, isScored);
      const own = isScored ? compiled.explained?.() : undefined;
      if (own !== undefined || (isScored && query.isConstant !== true)) return own;
      const { score } = compiled;
      const accepts = (document: SearchDocument): boolean => score(document) !== NO_MATCH;
      const { explainedText, text } = query;
      const constant = explainConstant(explainedText ?? text, accepts, 1);
      return explainedText === undefined ? constant : { ...constant, text };
    }
    case "bool":
      return explainClauses(query, isScored);
  }
}

function multiplied(inner: QueryExplanation, boost: number): QueryExplanation {
  return {
    get text() {
      return `(${inner.text})^${floatText(boost)}`;
    },
    explain: (document, place, factor) =>
      inner.explain(document, place, Math.fround(factor * boost)),
  };
}

function explainClauses(query: LuceneBool, isScored: boolean): QueryExplanation | undefined {
  const clauses: ExplainedClause[] = [];
  for (const { occur, query: inner } of query.clauses) {
    const found = explained(inner, isScored && (occur === "+" || occur === ""));
    if (found === undefined) return undefined;
    clauses.push({ occur, query: found });
  }
  return {
    get text() {
      const texts = clauses.map(({ occur, query: { text, isBool } }) => {
        return isBool === true ? `${occur}(${text})` : `${occur}${text}`;
      });
      const whole = texts.join(" ");
      return query.minimum > 0 ? `(${whole})~${query.minimum}` : whole;
    },
    isBool: true,
    explain: (document, place, factor) =>
      explainAll(clauses, query.minimum, document, place, factor),
  };
}
