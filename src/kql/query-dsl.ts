/** A resolved filter in Elasticsearch's query DSL, in the form in which Kibana sends it. */
import type { Between, Condition, Unmapped, Words } from "./condition.ts";

/** One clause of the query DSL. */
export type QueryClause = Readonly<Record<string, unknown>>;

/** The filter as a query. Dates stay as they were written, so `now-7d` goes on moving. */
export function queryOf(condition: Condition): QueryClause {
  switch (condition.kind) {
    case "all":
      return { match_all: {} };
    case "none":
      return { match_none: {} };
    case "and":
      return { bool: { filter: condition.of.map(queryOf) } };
    case "or":
      return { bool: { should: condition.of.map(queryOf), minimum_should_match: 1 } };
    case "not":
      return { bool: { must_not: [queryOf(condition.of)] } };
    case "exists":
      return { exists: { field: condition.field.name } };
    case "between":
      return betweenQuery(condition);
    case "pattern":
    case "wordPattern":
      return wildcardQuery(condition.field.name, condition.parts);
    case "words":
      return wordsQuery(condition);
    case "freeText": {
      const type = condition.isPhrase ? "phrase" : "best_fields";
      return { multi_match: { type, query: condition.written, lenient: true } };
    }
    case "freePattern":
      return { query_string: { query: condition.written } };
    case "nested":
      return {
        nested: {
          path: condition.field.name,
          query: queryOf(condition.of),
          score_mode: "none",
          ignore_unmapped: true,
        },
      };
    case "unmapped":
      return unmappedQuery(condition);
  }
}

function betweenQuery({ field, written, operator }: Between): QueryClause {
  if (operator !== undefined) return { range: { [field.name]: { [operator]: written } } };
  if (field.type === "date") return { range: { [field.name]: { gte: written, lte: written } } };
  return { term: { [field.name]: { value: written } } };
}

function wordsQuery({ field, written, isPhrase }: Words): QueryClause {
  return { [isPhrase ? "match_phrase" : "match"]: { [field.name]: { query: written } } };
}

/** `?` is a wildcard in Elasticsearch but not in KQL. */
function wildcardQuery(name: string, parts: readonly string[]): QueryClause {
  const value = parts.map((part) => part.replaceAll(/[*?\\]/g, "\\$&")).join("*");
  return { wildcard: { [name]: { value } } };
}

function unmappedQuery({ name, written, isPhrase, parts, operator }: Unmapped): QueryClause {
  if (written === undefined) return { exists: { field: name } };
  if (parts !== undefined) return wildcardQuery(name, parts);
  if (operator !== undefined) return { range: { [name]: { [operator]: written } } };
  return { [isPhrase ? "match_phrase" : "match"]: { [name]: { query: written } } };
}
