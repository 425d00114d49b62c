import { isObject, type JsonObject, parsingException, textOf } from "../problem.ts";
import { NO_MATCH, type Scorer } from "../queries/compiled-query.ts";
import { acceptsExisting } from "../queries/term-level-queries.ts";
import {
  Bucket,
  checkSettings,
  type Aggregation,
  type AggregationContext,
  type AggregationKind,
} from "./aggregation.ts";
import { compileSource, isAnything } from "./values-source.ts";

function singleBucket(
  resultType: string,
  accepts: Scorer,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
  isGlobal = false,
): AggregationKind {
  return {
    resultType,
    isGlobal,
    create() {
      const bucket = new Bucket(aggregations, context);
      return {
        collect(document, score) {
          if (accepts(document) !== NO_MATCH) bucket.collect(document, score);
        },
        result: () => bucket.result(),
      };
    },
  };
}

/** `filter`: the documents that a query matches. */
export function parseFilter(
  _: string,
  body: JsonObject,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  return singleBucket("filter", compileFilter(body, context), aggregations, context);
}

function compileFilter(query: unknown, context: AggregationContext): Scorer {
  return context.compile(query, { ...context.search, isScored: false }).score;
}

/** `missing`: the documents without a value in a field. */
export function parseMissing(
  _: string,
  body: JsonObject,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  checkSettings("missing", body, ["field", "missing", "value_type"]);
  compileSource("missing", body, context.search, isAnything);
  const exists = acceptsExisting(context.search, String(body["field"]));
  return singleBucket(
    "missing",
    (document) => (exists(document) ? NO_MATCH : 0),
    aggregations,
    context,
  );
}

/** `global`: all documents, whatever the query. */
export function parseGlobal(
  _: string,
  body: JsonObject,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  checkSettings("global", body, []);
  return singleBucket("global", () => 0, aggregations, context, true);
}

/**
 * `filters`: a bucket for each of several queries, named or numbered, and one for the rest if asked
 * for.
 */
export function parseFilters(
  _: string,
  body: JsonObject,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  checkSettings("filters", body, ["filters", "other_bucket", "other_bucket_key", "keyed"]);
  const given = body["filters"];
  if (!isObject(given) && !Array.isArray(given))
    throw parsingException("[filters] cannot be empty");
  const isNamed = !Array.isArray(given);
  const filters = Object.entries(given).map(([key, query]) => ({
    key,
    score: compileFilter(query, context),
  }));
  if (filters.length === 0) throw parsingException("[filters] cannot be empty");
  // Elasticsearch sorts named filters by name, except that the rest comes last.
  if (isNamed) filters.sort((a, b) => (a.key < b.key ? -1 : 1));
  const otherKey = body["other_bucket_key"];
  const hasOther =
    otherKey === undefined ? body["other_bucket"] === true : body["other_bucket"] !== false;
  const isKeyed = isNamed && body["keyed"] !== false;
  return {
    resultType: "filters",
    create() {
      const buckets = filters.map(({ key, score }) => ({
        key,
        score,
        bucket: new Bucket(aggregations, context),
      }));
      const other = {
        key: textOf(otherKey ?? "_other_"),
        bucket: new Bucket(aggregations, context),
      };
      return {
        collect(document, score) {
          let isMatched = false;
          for (const candidate of buckets) {
            if (candidate.score(document) === NO_MATCH) continue;
            isMatched = true;
            candidate.bucket.collect(document, score);
          }
          if (!isMatched) other.bucket.collect(document, score);
        },
        result() {
          const shown = [...buckets, ...(hasOther ? [other] : [])];
          if (isKeyed)
            return {
              buckets: Object.fromEntries(shown.map(({ key, bucket }) => [key, bucket.result()])),
            };
          return {
            buckets: shown.map(({ key, bucket }) =>
              isNamed ? { key, ...bucket.result() } : bucket.result(),
            ),
          };
        },
      };
    },
  };
}
