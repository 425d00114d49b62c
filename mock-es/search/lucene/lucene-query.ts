/** Queries as Lucene has them, which is how profiles show them. */
import { floatText } from "../../json/java-number.ts";
import type { QueryExplanation, SearchContext } from "../fields/document.ts";
import type { IndexedValue } from "../fields/value.ts";
import type { CompiledQuery } from "../queries/compiled-query.ts";

/** What queries are translated with. */
export interface LuceneContext extends SearchContext {
  /** Queries that can only be explained are taken, too. */
  readonly takesExplained?: boolean;
}

/** How a clause takes part: must, filter, should, must not. */
export type Occur = "+" | "#" | "" | "-";

/** A clause of a boolean query. */
export interface LuceneClause {
  readonly occur: Occur;
  readonly query: LuceneQuery;
}

/** The values of a field between two, these among them. */
export interface LuceneRange {
  readonly field: string;
  readonly from: IndexedValue;
  readonly to: IndexedValue;
}

/** A query without others in it. */
export interface LuceneLeaf {
  readonly kind: "leaf";
  /** Name of Lucene's class. */
  readonly type: string;
  readonly text: string;
  readonly compile: (boost: number, isScored: boolean) => CompiledQuery;
  /** Every match has the same score. */
  readonly isConstant?: boolean;
  /** The server knows that documents match and nested objects do not, or the other way round. */
  readonly isOnOneLevel?: boolean;
  /** How it scores, where what it is compiled to does not say it. */
  readonly explain?: () => QueryExplanation | undefined;
  /** Of a query for a range of points. */
  readonly range?: LuceneRange;
  /** What decides for one document, where that is written otherwise. */
  readonly explainedText?: string;
}

/** Matches nothing. */
export interface LuceneNone {
  readonly kind: "none";
  readonly reason: string;
  /** The server saw it before Lucene did. */
  readonly isKnownBefore: boolean;
}

/** A boolean combination. */
export interface LuceneBool {
  readonly kind: "bool";
  readonly clauses: readonly LuceneClause[];
  /** Optional clauses that must match. */
  readonly minimum: number;
  /** The server finds the clauses out after it asked whether nested objects might match. */
  readonly isLate?: true;
}

/** A query and those in it. */
export type LuceneQuery =
  | LuceneLeaf
  | LuceneNone
  | LuceneBool
  | { readonly kind: "all" }
  | { readonly kind: "boost"; readonly query: LuceneQuery; readonly boost: number }
  | { readonly kind: "constant"; readonly query: LuceneQuery }
  | {
      readonly kind: "best";
      readonly queries: readonly LuceneQuery[];
      readonly tieBreaker: number;
    };

/** Matches nothing, for a reason that profiles show. */
export function none(reason: string, isKnownBefore = false): LuceneNone {
  return { kind: "none", reason, isKnownBefore };
}

/** A query with a boost, which is not there when it is 1. */
export function boostedQuery(query: LuceneQuery, boost: number): LuceneQuery {
  return boost === 1 ? query : { kind: "boost", query, boost };
}

/** Name of Lucene's class. */
export function typeOf(query: LuceneQuery): string {
  switch (query.kind) {
    case "leaf":
      return query.type;
    case "none":
      return "MatchNoDocsQuery";
    case "all":
      return "MatchAllDocsQuery";
    case "bool":
      return "BooleanQuery";
    case "boost":
      return "BoostQuery";
    case "constant":
      return "ConstantScoreQuery";
    case "best":
      return "DisjunctionMaxQuery";
  }
}

/** A query as Lucene writes it. */
export function textOfQuery(query: LuceneQuery): string {
  switch (query.kind) {
    case "leaf":
      return query.text;
    case "none":
      return `MatchNoDocsQuery("${query.reason}")`;
    case "all":
      return "*:*";
    case "boost":
      return `(${textOfQuery(query.query)})^${floatText(query.boost)}`;
    case "constant":
      return `ConstantScore(${textOfQuery(query.query)})`;
    case "best": {
      const tie = query.tieBreaker === 0 ? "" : `~${floatText(query.tieBreaker)}`;
      return `(${query.queries.map(textOfQuery).join(" | ")})${tie}`;
    }
    case "bool": {
      const clauses = query.clauses.map(({ occur, query: inner }) => {
        const text = textOfQuery(inner);
        return `${occur}${inner.kind === "bool" ? `(${text})` : text}`;
      });
      const whole = clauses.join(" ");
      return query.minimum > 0 ? `(${whole})~${query.minimum}` : whole;
    }
  }
}

/** The queries in one that a profile shows below it. */
export function childrenOf(query: LuceneQuery): readonly LuceneQuery[] {
  switch (query.kind) {
    case "leaf":
    case "none":
    case "all":
      return [];
    case "boost":
      return childrenOf(query.query); // a boost and what it boosts are one thing to Lucene
    case "constant":
      return [query.query];
    case "best":
      return query.queries;
    case "bool":
      return query.clauses.map((clause) => clause.query);
  }
}
