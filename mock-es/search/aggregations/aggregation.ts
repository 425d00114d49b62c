import { EsError } from "../../es-error.ts";
import type { Compile } from "../queries/compiled-query.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { notSupported, suggestion, xContentParseException, type JsonObject } from "../problem.ts";

/** Gathers one aggregation of one bucket. */
export interface Collector {
  collect(document: SearchDocument, score: number): void;
  /** The answer for what was collected; called once, after the last document. */
  result(): Readonly<Record<string, unknown>>;
}

/** A compiled aggregation without its name. */
export interface AggregationKind {
  /** Name of the result type, as `typed_keys` shows it: `sterms`, `lterms`, `avg`. */
  readonly resultType: string;
  /** True for `global`, which is given every document and not only the matches. */
  readonly isGlobal?: boolean;
  /** True when the result shows scores, so that the query has to compute them. */
  readonly needsScores?: boolean;
  create(): Collector;
}

/** An aggregation of a search, ready to run. */
export interface Aggregation extends AggregationKind {
  readonly name: string;
  readonly meta: unknown;
}

/** What the parts of an aggregation tree share. */
export interface AggregationContext {
  readonly search: SearchContext;
  readonly compile: Compile;
  readonly typedKeys: boolean;
}

/** Compiles the body of one type of aggregation. */
export type AggregationParser = (
  name: string,
  body: JsonObject,
  subAggregations: readonly Aggregation[],
  context: AggregationContext,
) => AggregationKind;

/** Limit of `search.max_buckets`. */
const MAX_BUCKETS = 65_536;

/**
 * Refuses a number of buckets that Elasticsearch would refuse.
 *
 * @throws {EsError} `too_many_buckets_exception`
 */
export function checkBucketCount(count: number): void {
  if (count <= MAX_BUCKETS) return;
  const reason = `Trying to create too many buckets. Must be less than or equal to: [${MAX_BUCKETS}] but this number of buckets was exceeded. This limit can be set by changing the [search.max_buckets] cluster level setting.`;
  throw new EsError(400, "too_many_buckets_exception", reason, { max_buckets: MAX_BUCKETS });
}

/**
 * Refuses settings that the aggregation does not have, and scripts.
 *
 * @throws {EsError} `x_content_parse_exception` `[type] unknown field [x]`
 */
export function checkSettings(type: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (key === "script") throw notSupported(`[script] in the aggregation [${type}]`);
    if (!known.includes(key)) {
      throw xContentParseException(`[${type}] unknown field [${key}]${suggestion(key, known)}`).at(
        body,
        key,
        "key",
      );
    }
  }
}

/** The collectors of the sub-aggregations of one bucket. */
export class SubCollectors {
  readonly #aggregations: readonly Aggregation[];
  readonly #collectors: readonly Collector[];
  readonly #typedKeys: boolean;

  constructor(aggregations: readonly Aggregation[], typedKeys: boolean) {
    this.#aggregations = aggregations;
    this.#collectors = aggregations.map((aggregation) => aggregation.create());
    this.#typedKeys = typedKeys;
  }

  collect(document: SearchDocument, score: number): void {
    for (const collector of this.#collectors) collector.collect(document, score);
  }

  /** Results under their names; under `type#name` when typed keys were asked for. */
  results(): Record<string, unknown> {
    const results: Record<string, unknown> = {};
    for (const [at, aggregation] of this.#aggregations.entries()) {
      const result = this.#collectors[at]?.result() ?? {};
      const name = this.#typedKeys
        ? typedKey(aggregation.resultType, aggregation.name)
        : aggregation.name;
      results[name] =
        aggregation.meta === undefined ? result : { meta: aggregation.meta, ...result };
    }
    return results;
  }
}

/** The name an aggregation result has in an answer with `typed_keys=true`. */
export function typedKey(resultType: string, name: string): string {
  return `${resultType}#${name}`;
}

/** One bucket while documents are collected. */
export class Bucket {
  docCount = 0;
  readonly #sub: SubCollectors;
  #result: Readonly<Record<string, unknown>> | undefined;

  constructor(aggregations: readonly Aggregation[], context: AggregationContext) {
    this.#sub = new SubCollectors(aggregations, context.typedKeys);
  }

  collect(document: SearchDocument, score: number): void {
    this.docCount++;
    this.#sub.collect(document, score);
  }

  /**
   * `doc_count` and the results of the sub-aggregations; computed when first asked for, after the
   * last document.
   */
  result(): Readonly<Record<string, unknown>> {
    return (this.#result ??= { doc_count: this.docCount, ...this.#sub.results() });
  }
}
