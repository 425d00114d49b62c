/** Aggregations by queries: `filter`, `filters`, `missing`, `global`, `adjacency_matrix`. */
import { illegalArgument, parsingException, xContentParseException } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { NO_MATCH, type Scorer } from "../queries/compiled-query.ts";
import { acceptsExisting } from "../queries/term-level-queries.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  finishBuckets,
} from "./aggregation.ts";
import { byIndex, byShard } from "./by-index.ts";
import { singleBucket } from "./single-bucket.ts";
import { compileSource, isAnything } from "./values-source.ts";

/** `filter`: the documents that a query matches. */
export function parseFilter(
  _: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  return singleBucket("filter", compileFilter(body, context), sub, context);
}

/** A query, compiled for each shard. */
export function compileFilter(query: unknown, context: AggregationContext): Scorer {
  const scorer = byShard(
    context,
    (shard) => context.compile(query, { ...shard, isScored: false, onNamed: undefined }).score,
  );
  return (document) => scorer(document)?.(document) ?? NO_MATCH;
}

/** `missing`: the documents without a value in a field. */
export function parseMissing(
  _: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("missing", body, ["field", "missing", "value_type"]);
  compileSource("missing", { field: body["field"] }, context, isAnything);
  const substitute = body["missing"];
  const name = textOf(body["field"]);
  // Objects have no values of their own.
  const exists = byIndex(context, (shard) => {
    const kind = resolveField(shard, name)?.kind;
    return kind === "object" || kind === "nested" ? () => false : acceptsExisting(shard, name);
  });
  const accepts = (document: SearchDocument): number =>
    substitute !== undefined || exists(document)?.(document) === true ? NO_MATCH : 0;
  return singleBucket("missing", accepts, sub, context);
}

/** `global`: all documents, whatever the query. */
export function parseGlobal(
  _: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("global", body, []);
  return singleBucket("global", () => 0, sub, context, true);
}

/**
 * `filters`: a bucket for each of several queries, named or numbered, and one for the rest if asked
 * for.
 */
export function parseFilters(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("filters", body, ["filters", "other_bucket", "other_bucket_key", "keyed"]);
  const given = body["filters"];
  if (given !== undefined && !isObject(given) && !Array.isArray(given)) {
    const reason = `Unknown key for a ${tokenOf(given)} in [${name}]: [filters].`;
    throw parsingException(reason).at(body, "filters");
  }
  if (given === undefined) throw illegalArgument("[filters] cannot be empty.");
  const isNamed = !Array.isArray(given);
  const filters = Object.entries(given).map(([key, query]) => ({
    key,
    score: compileFilter(query, context),
  }));
  if (filters.length === 0) throw parsingException("[filters] cannot be empty");
  // Elasticsearch sorts named filters by name, except that the rest comes last.
  if (isNamed) filters.sort((a, b) => (a.key < b.key ? -1 : 1));
  const otherKey = body["other_bucket_key"];
  if (typeof otherKey === "number" || typeof otherKey === "boolean" || isRawNumber(otherKey)) {
    const token = typeof otherKey === "boolean" ? "VALUE_BOOLEAN" : "VALUE_NUMBER";
    const reason = `Unknown key for a ${token} in [${name}]: [other_bucket_key].`;
    throw parsingException(reason).at(body, "other_bucket_key");
  }
  const hasOther =
    otherKey === undefined ? body["other_bucket"] === true : body["other_bucket"] !== false;
  const isKeyed = isNamed && body["keyed"] !== false;
  return {
    resultType: "filters",
    create() {
      const buckets = filters.map(({ key, score }) => ({
        key,
        score,
        bucket: new Bucket(sub, context),
      }));
      const other = { key: textOf(otherKey ?? "_other_"), bucket: new Bucket(sub, context) };
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
          const results = finishBuckets(
            shown.map(({ bucket }) => bucket.result()),
            sub,
            context,
          );
          if (isKeyed)
            return {
              buckets: Object.fromEntries(shown.map(({ key }, at) => [key, results[at]])),
            };
          return {
            buckets: isNamed ? shown.map(({ key }, at) => ({ key, ...results[at] })) : results,
          };
        },
      };
    },
  };
}

/** Limit of `index.max_adjacency_matrix_filters` as it was; the query limit took its place. */
const maxFilters = 100;

/** `adjacency_matrix`: a bucket for each query and for each pair of them that matches documents. */
export function parseAdjacencyMatrix(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("adjacency_matrix", body, ["filters", "separator"]);
  const given = body["filters"];
  if (!isObject(given)) throw illegalArgument("Required [filters]");
  const { separator = "&" } = body;
  if (typeof separator !== "string") {
    const token = tokenOf(separator);
    const reason = `[adjacency_matrix] separator doesn't support values of type: ${token}`;
    throw xContentParseException(reason).at(body, "separator");
  }
  const filters = Object.entries(given)
    .map(([key, query]) => ({ key, score: compileFilter(query, context) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  if (filters.length > maxFilters) {
    throw illegalArgument(
      `Number of filters is too large, must be less than or equal to: [${maxFilters}] but was [${filters.length}] in [${name}]`,
    );
  }
  return {
    resultType: "adjacency_matrix",
    create() {
      const buckets = new Map<string, Bucket>();
      const collectIn = (key: string, document: SearchDocument, score: number): void => {
        let bucket = buckets.get(key);
        if (bucket === undefined) buckets.set(key, (bucket = new Bucket(sub, context)));
        bucket.collect(document, score);
      };
      return {
        collect(document, score) {
          const matching = filters.filter((filter) => filter.score(document) !== NO_MATCH);
          for (const [at, { key }] of matching.entries()) {
            collectIn(key, document, score);
            for (const other of matching.slice(at + 1))
              collectIn(key + separator + other.key, document, score);
          }
        },
        result() {
          const shown = [...buckets]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, bucket]) => ({ key, ...bucket.result() }));
          return { buckets: finishBuckets(shown, sub, context) };
        },
      };
    },
  };
}
