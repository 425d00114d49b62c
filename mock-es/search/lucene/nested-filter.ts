/** Nested objects are documents of their own: filters keep one kind out of the other. */
import type { FieldMappings, QueryExplanation } from "../fields/document.ts";
import { explainAll, explainConstant, type ExplainedClause } from "../queries/explanation.ts";
import { constantScore } from "../queries/compiled-query.ts";
import type { LuceneQuery } from "./lucene-query.ts";

/** Documents that are no nested objects; here those are never among the documents of a shard. */
const onlyRoots = "FieldExistsQuery [field=_primary_term]";

/** A query with the filter that the server adds when nested objects might match it. */
export function withoutNested(query: LuceneQuery, mappings: FieldMappings): LuceneQuery {
  return nestedPaths(mappings).length === 0
    ? query
    : onOneLevel(query, "FieldExistsQuery", onlyRoots);
}

/** A query inside nested objects, with the filter that documents around them do not match. */
export function withoutRoots(query: LuceneQuery, path: string): LuceneQuery {
  return onOneLevel(query, "TermQuery", `_nested_path:${path}`);
}

/** A query that explains itself, with the filter that the server adds. */
export function explainOnlyRoots(query: QueryExplanation): QueryExplanation {
  const filter = explainConstant(onlyRoots, () => true, 1);
  const clauses: readonly ExplainedClause[] = [
    { occur: "+", query },
    { occur: "#", query: filter },
  ];
  return {
    text: `+${query.text} #${onlyRoots}`,
    isBool: true,
    explain: (document, place, factor) => explainAll(clauses, 0, document, place, factor),
  };
}

/** Paths of the nested objects of an index. */
export function nestedPaths(mappings: FieldMappings): string[] {
  const names = [...(mappings.fieldNames?.() ?? [])];
  return names.filter((name) => mappings.find(name)?.type === "nested");
}

function onOneLevel(query: LuceneQuery, type: string, filter: string): LuceneQuery {
  if (!mightMatchOthers(query)) return query;
  const clauses = [
    { occur: "+", query },
    { occur: "#", query: everything(type, filter) },
  ] as const;
  return { kind: "bool", clauses, minimum: 0 };
}

/** A query that every document here matches, and is not known to do so by the server. */
function everything(type: string, text: string): LuceneQuery {
  return {
    kind: "leaf",
    type,
    text,
    isConstant: true,
    compile: (boost) => ({
      ...constantScore(() => true, boost),
      explained: () => explainConstant(text, () => true, boost),
    }),
  };
}

function mightMatchOthers(query: LuceneQuery): boolean {
  switch (query.kind) {
    case "none":
      return false;
    case "all":
    case "best":
      return true;
    case "leaf":
      return query.isOnOneLevel !== true;
    case "boost":
    case "constant":
      return mightMatchOthers(query.query);
    case "bool": {
      if (query.isLate === true) return true;
      const required = query.clauses.filter(({ occur }) => occur === "+" || occur === "#");
      if (required.length > 0) return required.every((clause) => mightMatchOthers(clause.query));
      return query.clauses.some(({ occur, query: inner }) => {
        return occur === "" && mightMatchOthers(inner);
      });
    }
  }
}
