/** What queries over several fields are made of, for a query that is run and one that is shown. */
import { notSupported } from "../../es-error.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { type Field, scoresAlike } from "../fields/field.ts";
import { type Compile, type CompiledQuery, matchNone } from "./compiled-query.ts";
import { boosted, combine, matchAll } from "./compound-queries.ts";
import { bestOf } from "./dis-max.ts";
import { occurrenceOf, scoredQuery } from "./term-query.ts";
import type { Occurrence } from "./term-statistics.ts";
import { compileText, type TextMode } from "./text-queries.ts";

/** A clause of a boolean query: it must, may, or must not match, or is a filter of everything. */
export interface MadeClause<T> {
  readonly occur: "+" | "" | "-" | "#";
  readonly query: T;
}

/** Makes queries of one form. */
export interface QueryMaker<T> {
  readonly context: SearchContext;
  /** Matches everything. */
  readonly all: () => T;
  /** Matches nothing. */
  readonly none: (reason: string) => T;
  /** A query in its JSON form. */
  readonly clause: (query: JsonObject) => T;
  /** A full-text query on one field. */
  readonly text: (mode: TextMode, field: string, settings: JsonObject) => T;
  /**
   * A term of a field that holds terms.
   *
   * @param rarity where its rarity comes from, when not from the term itself
   */
  readonly term: (field: Field, term: string, rarity?: Occurrence) => T;
  /** The best of several. */
  readonly best: (queries: readonly T[], tieBreaker: number) => T;
  readonly boosted: (query: T, boost: number) => T;
  /** @param minimum of the optional clauses that have to match; 0: one, where nothing must match */
  readonly bool: (clauses: readonly MadeClause<T>[], minimum: number) => T;
}

/** Makes queries that are run. */
export function compiledMaker(context: SearchContext, compile: Compile): QueryMaker<CompiledQuery> {
  return {
    context,
    all: () => matchAll(1),
    none: () => matchNone,
    clause: (query) => compile(query, context),
    text: (mode, field, settings) => compileText(mode, field, settings, context),
    term(field, term, rarity) {
      if (scoresAlike(field)) throw notSupported("[cross_fields] of a [match_only_text]");
      const text = (): string => `${field.name}:${term}`;
      return scoredQuery(context, occurrenceOf(field, term), 1, text, rarity);
    },
    best: (queries, tieBreaker) =>
      tieBreaker === 1 ? combine([], [], queries, [], 1) : bestOf(queries, tieBreaker),
    boosted,
    bool: (clauses, minimum) => {
      const of = (occur: string): CompiledQuery[] =>
        clauses.filter((clause) => clause.occur === occur).map(({ query }) => query);
      const [must, should] = [of("+"), of("")];
      const excluded = of("-").map(({ score }) => score);
      const least = must.length === 0 && should.length > 0 ? 1 : 0;
      return combine(must, [], should, excluded, Math.max(least, minimum));
    },
  };
}
