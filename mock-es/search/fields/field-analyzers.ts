/** Which analyzers the texts of a field go through. */
import {
  keywordAnalyzer,
  standardAnalyzer,
  whitespaceAnalyzer,
} from "../../analysis/built-in-analyzers.ts";
import { normalized } from "../../analysis/normalize.ts";
import type { Analyzer } from "../../analysis/token.ts";
import type { Field } from "./field.ts";

/** True for a keyword whose queries are taken apart at white space. */
export function splitsTexts({ parameters }: Field): boolean {
  // The normalizer that every index has takes the text as a whole.
  if (parameters["normalizer"] === "lowercase") return false;
  return String(parameters["split_queries_on_whitespace"]) === "true";
}

/** The analyzer of the texts that a field stores. */
export function indexAnalyzerOf({ analysis, kind }: Field): Analyzer {
  return analysis?.index ?? (kind === "text" ? standardAnalyzer : keywordAnalyzer);
}

/** The analyzer that a query on a field uses for its text, unless it names another. */
export function searchAnalyzerOf(field: Field): Analyzer {
  const own = field.analysis?.search;
  if (!splitsTexts(field)) return own ?? keywordAnalyzer;
  return own === undefined ? whitespaceAnalyzer : normalizedWords(own);
}

/** Words between white space, each made what a normalizer makes of it. */
function normalizedWords(normalizer: Analyzer): Analyzer {
  return {
    ...whitespaceAnalyzer,
    analyze: (text) =>
      whitespaceAnalyzer
        .analyze(text)
        .map((token) => ({ ...token, term: normalized(normalizer, token.term) })),
  };
}
