/** Metrics of how well searches rank the documents that are rated. */
import { illegalArgument } from "../es-error.ts";
import { doubleJson } from "../json/java-number.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { Member, Shape } from "../json/object-parser.ts";

/** Ratings of the hits of a search, in their order; `undefined` for those that are not rated. */
export type HitRatings = readonly (number | undefined)[];

/** How well one search ranks. */
export interface Quality {
  readonly score: number;
  /** `metric_details`. */
  readonly details: JsonObject;
}

/** A metric with its settings. */
export interface RankMetric {
  /** Hits that are looked at. */
  readonly k: number;
  /**
   * @param hits of a search
   * @param rated ratings of all documents that the request rates
   */
  readonly evaluate: (hits: HitRatings, rated: readonly number[]) => Quality;
}

const int: Member = { kind: "int" };

function setting(values: JsonObject, key: string, fallback: number): number {
  return (values[key] as number | undefined) ?? fallback;
}

/** The settings that most metrics have. */
function thresholdAndWindow(values: JsonObject): {
  readonly threshold: number;
  readonly k: number;
} {
  const threshold = setting(values, "relevant_rating_threshold", 1);
  const k = setting(values, "k", 10);
  if (threshold < 0)
    throw illegalArgument("Relevant rating threshold for precision must be positive integer.");
  if (k <= 0) throw illegalArgument("Window size k must be positive.");
  return { threshold, k };
}

const precision: Shape<RankMetric> = {
  name: "precision",
  members: { relevant_rating_threshold: int, ignore_unlabeled: { kind: "boolean" }, k: int },
  build: (values) => {
    const { threshold, k } = thresholdAndWindow(values);
    const isCounted = (rating: number | undefined): boolean =>
      rating !== undefined || values["ignore_unlabeled"] !== true;
    return {
      k,
      evaluate: (hits) => {
        const relevant = hits.filter((rating) => rating !== undefined && rating >= threshold);
        const retrieved = hits.filter(isCounted).length;
        return {
          score: retrieved === 0 ? 0 : relevant.length / retrieved,
          details: {
            precision: { relevant_docs_retrieved: relevant.length, docs_retrieved: retrieved },
          },
        };
      },
    };
  },
};

const recall: Shape<RankMetric> = {
  name: "recall",
  members: { relevant_rating_threshold: int, k: int },
  build: (values) => {
    const { threshold, k } = thresholdAndWindow(values);
    return {
      k,
      evaluate: (hits, rated) => {
        const found = hits.filter((rating) => rating !== undefined && rating >= threshold).length;
        const relevant = rated.filter((rating) => rating >= threshold).length;
        return {
          score: relevant === 0 ? 0 : found / relevant,
          details: { recall: { relevant_docs_retrieved: found, relevant_docs: relevant } },
        };
      },
    };
  },
};

const meanReciprocalRank: Shape<RankMetric> = {
  name: "reciprocal_rank",
  members: { relevant_rating_threshold: int, k: int },
  build: (values) => {
    const { threshold, k } = thresholdAndWindow(values);
    return {
      k,
      evaluate: (hits) => {
        const at = hits.findIndex((rating) => rating !== undefined && rating >= threshold);
        return {
          score: at === -1 ? 0 : 1 / (at + 1),
          details: { mean_reciprocal_rank: { first_relevant: at === -1 ? -1 : at + 1 } },
        };
      },
    };
  },
};

const discountedCumulativeGain: Shape<RankMetric> = {
  name: "dcg",
  members: { normalize: { kind: "boolean" }, unknown_doc_rating: int, k: int },
  build: (values) => {
    const unknown = values["unknown_doc_rating"] as number | undefined;
    return {
      k: setting(values, "k", 10),
      evaluate: (hits, rated) => {
        const dcg = gainOf(hits.map((rating) => rating ?? unknown));
        const unrated = { unrated_docs: countUnrated(hits) };
        const best = rated.toSorted((a, b) => b - a).slice(0, hits.length);
        const ideal = values["normalize"] === true ? gainOf(best) : 0;
        const isIdeal = values["normalize"] === true;
        const score = !isIdeal ? dcg : ideal > 0 ? dcg / ideal : 0;
        const normalized =
          ideal === 0 ? {} : { ideal_dcg: doubleJson(ideal), normalized_dcg: doubleJson(score) };
        return { score, details: { dcg: { dcg: doubleJson(dcg), ...normalized, ...unrated } } };
      },
    };
  },
};

function gainOf(ratings: HitRatings): number {
  let sum = 0;
  for (const [at, rating] of ratings.entries())
    if (rating !== undefined) sum += (2 ** rating - 1) / (logarithm(at + 2) / Math.LN2);
  return sum;
}

/** JavaScript's logarithm of 3 has another last digit than Java's. */
function logarithm(rank: number): number {
  return rank === 3 ? 1.0986122886681098 : Math.log(rank);
}

const expectedReciprocalRank: Shape<RankMetric> = {
  // The server's parser is called as that of another metric.
  name: "dcg",
  members: {
    maximum_relevance: { kind: "int", isRequired: true },
    unknown_doc_rating: int,
    k: int,
  },
  build: (values) => {
    const unknown = values["unknown_doc_rating"] as number | undefined;
    const most = 2 ** setting(values, "maximum_relevance", 0);
    return {
      k: setting(values, "k", 10),
      evaluate: (hits) => {
        let goesOn = 1;
        let score = 0;
        for (const [at, own] of hits.entries()) {
          const rating = own ?? unknown;
          if (rating === undefined) continue;
          const satisfies = (2 ** rating - 1) / most;
          score += (goesOn * satisfies) / (at + 1);
          goesOn *= 1 - satisfies;
        }
        const details = { expected_reciprocal_rank: { unrated_docs: countUnrated(hits) } };
        return { score, details };
      },
    };
  },
};

function countUnrated(hits: HitRatings): number {
  return hits.filter((rating) => rating === undefined).length;
}

/** All metrics by the names that requests have for them. */
export const rankMetrics: ReadonlyMap<string, Shape<RankMetric>> = new Map([
  ["precision", precision],
  ["recall", recall],
  ["mean_reciprocal_rank", meanReciprocalRank],
  ["dcg", discountedCumulativeGain],
  ["expected_reciprocal_rank", expectedReciprocalRank],
]);
