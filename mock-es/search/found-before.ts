/** What a search finds before its query: the nearest vectors, and what retrievers rank. */
import { EsError, notSupported } from "../es-error.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import type { FieldMappings, QueryExplanation, SearchDocument } from "./fields/document.ts";
import { parentPathOf } from "./fields/nested-documents.ts";
import { type CompiledQuery, NO_MATCH } from "./queries/compiled-query.ts";
import { combine, explanationOf } from "./queries/compound-queries.ts";
import { explainBool } from "./queries/explanation.ts";
import { addInnerHits } from "./queries/inner-hits.ts";
import { explainOnlyRoots, nestedPaths } from "./lucene/nested-filter.ts";
import { type Neighbour, neighbours, nearest, readKnn } from "./queries/knn.ts";
import { compileClause } from "./queries/query.ts";
import type { RankFusion } from "./retrievers.ts";
import {
  contextOf,
  filtered,
  type FoundBefore,
  type SearchOptions,
  type SearchShard,
} from "./shard-search.ts";

/**
 * Finds the nearest documents for each `knn` of a body, over all shards together; `undefined`
 * without any.
 *
 * @throws {EsError} the refusal of a field or a vector that does not fit
 */
export function findNearest(
  body: JsonObject,
  shards: readonly SearchShard[],
  options: SearchOptions,
  size: number,
): FoundBefore | undefined {
  const given = body["knn"];
  if (given === undefined) return undefined;
  const clauses = (Array.isArray(given) ? (given as readonly unknown[]) : [given]).map((knn) => {
    const request = readKnn(isObject(knn) ? knn : {}, size);
    const found = shards.flatMap((shard) => {
      const context = contextOf(shard, options, size);
      return inFirstPhase(() =>
        nearest(request, filtered(shard, context), context, compileClause, true),
      );
    });
    const best = found.sort((a, b) => b.score - a.score).slice(0, request.k);
    const { inner_hits: inner, ...bare } = isObject(knn) ? knn : {};
    const query = neighbours(best, "top k documents");
    return { name: request.name, query, inner, knn: { knn: bare }, field: request.field };
  });
  return {
    join(query, { mappings }, named, context) {
      for (const { inner, knn, field } of clauses) {
        if (!isObject(inner)) continue;
        const path = parentPathOf(mappings, field);
        if (path === undefined) throw notSupported("[inner_hits] of [knn] without nested objects");
        addInnerHits(inner, path, knn, context, compileClause);
      }
      // Names over nested objects are not told.
      for (const { name, query: clause, field } of clauses)
        if (name !== undefined && parentPathOf(mappings, field) === undefined)
          named.push({ name, query: clause });
      const all = [
        ...(query === undefined ? [] : [query]),
        ...clauses.map((clause) => clause.query),
      ];
      return combine([], [], all, [], 1, () => explainJoined(all, mappings));
    },
  };
}

/** Several queries, with the filter that keeps nested objects out. */
function explainJoined(
  queries: readonly CompiledQuery[],
  mappings: FieldMappings,
): QueryExplanation | undefined {
  const should = queries.map(explanationOf);
  if (nestedPaths(mappings).length === 0) return explainBool({ should });
  const [only, other] = should;
  if (only === undefined || other !== undefined) return undefined;
  return explainOnlyRoots(only);
}

/** The server looks for vectors in a phase of its own, before the queries. */
function inFirstPhase<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EsError) || error.extra["phase"] !== "query") throw error;
    throw new EsError(error.status, error.type, error.reason, { ...error.extra, phase: "dfs" });
  }
}

/** The best documents of one of several searches, and the query that they were found by. */
export interface Ranking {
  readonly documents: readonly SearchDocument[];
  /** Of each document. */
  readonly scores: readonly number[];
  /** The query as it was compiled for a shard; `undefined` for a shard that refused it. */
  queryOf(shard: SearchShard): CompiledQuery | undefined;
}

/** Several searches, ranked together. */
export interface Fused extends Ranking, FoundBefore {}

/** Scores of one search made comparable with those of others. */
function normalized(scores: readonly number[], normalizer: string): readonly number[] {
  if (normalizer === "l2_norm") {
    const norm = Math.fround(Math.sqrt(scores.reduce((sum, score) => sum + score * score, 0)));
    return norm < 1e-6 ? scores : scores.map((score) => Math.fround(score / norm));
  }
  if (normalizer !== "minmax") return scores;
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  const range = most - least;
  return scores.map((score) => (range < 1e-6 ? 1 : Math.fround((score - least) / range)));
}

/**
 * Ranks the results of several searches together. What any of them matches counts as found; only
 * what is ranked has a score.
 */
export function fuse(rankings: readonly Ranking[], fusion: RankFusion): Fused {
  const scores = new Map<SearchDocument, number>();
  for (const [which, ranking] of rankings.entries()) {
    const { weight = 1, normalizer = "none" } = fusion.retrievers[which] ?? {};
    const own = normalized(ranking.scores, normalizer);
    for (const [at, document] of ranking.documents.entries()) {
      const { rankConstant } = fusion;
      const part = rankConstant === undefined ? (own[at] ?? 0) : 1 / (rankConstant + at + 1);
      const weighted = Math.fround(weight * Math.fround(part));
      scores.set(document, Math.fround((scores.get(document) ?? 0) + weighted));
    }
  }
  const least = fusion.minScore ?? 0;
  const ranked: Neighbour[] = [...scores]
    .map(([document, score]) => ({ document, score }))
    .filter(({ score }) => score >= least)
    .sort((a, b) => b.score - a.score)
    .slice(0, fusion.windowSize);
  const best = neighbours(ranked);
  const queryOf = (shard: SearchShard): CompiledQuery => {
    const matches = rankings.flatMap((ranking) => ranking.queryOf(shard) ?? []);
    return {
      isConstant: false,
      score(document) {
        const score = best.score(document);
        if (score !== NO_MATCH) return score;
        return matches.some((query) => query.score(document) !== NO_MATCH) ? 0 : NO_MATCH;
      },
    };
  };
  return {
    documents: ranked.map(({ document }) => document),
    scores: ranked.map(({ score }) => score),
    queryOf,
    join: (_query, shard) => queryOf(shard),
  };
}
