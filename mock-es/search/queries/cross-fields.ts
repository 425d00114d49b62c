/** `cross_fields`: each term in any of several fields, as if they were one. */
import type { Analyzer } from "../../analysis/token.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { toJavaText } from "../../values/java-text.ts";
import type { SearchContext } from "../fields/document.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { minimumShouldMatch } from "./compiled-query.ts";
import type { MadeClause, QueryMaker } from "./query-maker.ts";
import { occurrenceOf, requireSearchable } from "./term-query.ts";
import { gather, type Occurrence } from "./term-statistics.ts";
import { namedAnalyzer, placesOf } from "./text-queries.ts";
import { isTextless } from "./textless-fields.ts";
import { queryShardFailure, inQuery } from "./shard-problem.ts";
import type { WeightedField } from "./weighted-fields.ts";

interface Part {
  readonly field: Field;
  readonly boost: number;
}

/**
 * The queries of groups of fields that share an analyzer, and of other fields each.
 *
 * @param other how a field is searched that holds no terms
 */
export function crossFields<T>(
  maker: QueryMaker<T>,
  fields: readonly WeightedField[],
  settings: JsonObject,
  tieBreaker: number,
  isLenient: boolean,
  other: (field: WeightedField) => T,
): T[] {
  const { context } = maker;
  const given = settings["analyzer"];
  const forced =
    given === undefined ? undefined : namedAnalyzer("multi_match", textOf(given), context);
  const groups = new Map<Analyzer | WeightedField, Part[]>();
  for (const weighted of fields) {
    const field = resolveField(context, weighted.name);
    if (field === undefined) continue;
    if (isTextless(field.type))
      throw queryShardFailure(context, "unsupported_operation_exception", null);
    if (isLenient && field.kind === "text" && !field.isIndexed) continue;
    const holdsTerms = field.kind === "text" || (field.kind === "keyword" && field.isIndexed);
    const key = holdsTerms ? (forced ?? searchAnalyzerOf(field)) : weighted;
    groups.set(key, [...(groups.get(key) ?? []), { field, boost: weighted.boost }]);
  }
  return [...groups].map(([key, parts]) =>
    "analyze" in key ? groupQuery(maker, key, parts, settings, tieBreaker) : other(key),
  );
}

function groupQuery<T>(
  maker: QueryMaker<T>,
  analyzer: Analyzer,
  parts: readonly Part[],
  settings: JsonObject,
  tieBreaker: number,
): T {
  const { context } = maker;
  for (const { field } of parts) requireSearchable(context, field);
  const places = placesOf(analyzer, toJavaText(settings["query"]));
  const queries = places.map(({ terms }) => {
    const each = terms.map((term) => termQuery(maker, parts, term, tieBreaker));
    const [only] = each;
    return only !== undefined && each.length === 1 ? only : maker.best(each, 0);
  });
  const [only] = queries;
  if (only === undefined)
    return textOf(settings["zero_terms_query"] ?? "none").toLowerCase() === "all"
      ? maker.all()
      : maker.none("Matching no documents because no terms present");
  if (queries.length === 1) return only;
  const isAnd = textOf(settings["operator"] ?? "or").toLowerCase() === "and";
  const clauses = queries.map((query): MadeClause<T> => ({ occur: isAnd ? "+" : "", query }));
  const minimum = settings["minimum_should_match"];
  const least =
    minimum === undefined
      ? 0
      : inQuery(context, () => minimumShouldMatch(minimum, isAnd ? 0 : places.length));
  return maker.bool(clauses, least);
}

/** A term in each of the fields, of which the best counts. */
function termQuery<T>(
  maker: QueryMaker<T>,
  parts: readonly Part[],
  term: string,
  tieBreaker: number,
): T {
  const [first, other] = parts;
  if (first !== undefined && other === undefined)
    return maker.boosted(maker.term(first.field, term), first.boost);
  let known: ReadonlyMap<Field, number> | undefined;
  const counts = (): ReadonlyMap<Field, number> => (known ??= blended(maker.context, parts, term));
  const queries = parts.map(({ field, boost }) => {
    const own = occurrenceOf(field, term);
    const rarity: Occurrence = {
      visit: (document) => own.visit(document),
      get totalTerms() {
        return own.totalTerms;
      },
      get length() {
        return own.length;
      },
      blended: () => counts().get(field) ?? 0,
    };
    return maker.boosted(maker.term(field, term, rarity), boost);
  });
  return maker.best(queries, tieBreaker);
}

/** Documents that a term counts as being in, by field (Elasticsearch's BlendedTermQuery). */
function blended(
  context: SearchContext,
  parts: readonly Part[],
  term: string,
): ReadonlyMap<Field, number> {
  const corpus = [...(context.statistics ?? context.corpus ?? [])];
  const counts = parts.map(({ field }) => {
    const occurrence = occurrenceOf(field, term);
    const { terms, matching } = gather(corpus, occurrence, occurrence);
    return { field, terms, count: matching[0] ?? 0 };
  });
  const found = counts.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  const result = new Map<Field, number>();
  const [most] = found;
  if (most === undefined) return result;
  const documents = Math.min(corpus.length, ...found.map(({ terms }) => terms));
  let actual = Math.min(documents, most.count);
  let previous = most.count;
  for (const { field, count } of found) {
    if (previous > count) actual++;
    result.set(field, Math.min(documents, actual));
    previous = count;
  }
  return result;
}
