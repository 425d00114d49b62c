/** The parts that all aggregations are made of. */
import { EsError, notSupported, xContentParseException } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { type JsonObject, tokenOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import type { IndexedValue } from "../fields/value.ts";
import { suggestion } from "../problem.ts";
import type { ShardFinder } from "./shard-finder.ts";
import type { AggregationMeter } from "../profile/measure-aggregation.ts";
import type { ShardClock } from "../profile/shard-clock.ts";
import type { Compile } from "../queries/compiled-query.ts";
import { asReadByJava } from "../../json/odd-numbers.ts";

/** Members of an answer. */
export type Result = Readonly<Record<string, unknown>>;

/** Gathers one aggregation of one bucket. */
export interface Collector {
  collect(document: SearchDocument, score: number): void;
  /** Told where the bucket of a histogram of dates starts and ends, before the answer is made. */
  spans?(startMs: number, endMs: number): void;
  /** The answer for what was collected; called once, after the last document. */
  result(): Result;
  /** Number of buckets that documents have made. */
  readonly size?: number;
}

/** A compiled aggregation without its name. */
export interface AggregationKind {
  /** Name of the result type, as `typed_keys` shows it: `sterms`, `lterms`, `avg`. */
  readonly resultType: string;
  /** True for `global`, which is given every document and not only the matches. */
  readonly isGlobal?: boolean;
  /** True when the result shows scores, so that the query has to compute them. */
  readonly needsScores?: boolean;
  /** Names of the metrics by which buckets can be sorted, where the type does not tell. */
  readonly orderedBy?: readonly string[];
  create(): Collector;
}

/** An aggregation of a search, ready to run. */
export interface Aggregation extends AggregationKind {
  readonly name: string;
  readonly meta: unknown;
  /** Measures it, in a search that is profiled. */
  readonly meter?: AggregationMeter | undefined;
}

/** An aggregation over the results of others. */
export interface Pipeline {
  readonly name: string;
  readonly resultType: string;
  readonly meta: unknown;
}

/** Computes from the results beside it, such as `max_bucket`. */
export interface SiblingPipeline extends Pipeline {
  compute(siblings: Result): Result;
}

/** Computes from the buckets of the aggregation that it is in, such as `derivative`. */
export interface ParentPipeline extends Pipeline {
  /** The buckets as they are afterwards: with a member more, fewer of them, or in another order. */
  apply(buckets: readonly Result[], nameOf: (pipeline: Pipeline) => string): readonly Result[];
}

/** What stands in one `aggs` object. */
export interface AggregationLevel {
  readonly aggregations: readonly Aggregation[];
  readonly siblings: readonly SiblingPipeline[];
  readonly parents: readonly ParentPipeline[];
}

/** A level without anything. */
export const emptyLevel: AggregationLevel = { aggregations: [], siblings: [], parents: [] };

/**
 * Which shards have a bucket: all, whatever they hold; those that put documents into it; or not
 * known.
 */
export type Presence = "all" | "visited" | "unknown";

/** Tells the values between which a shard is asked for those of a field. */
export type RangeAsked = (
  field: string,
  shard: SearchContext,
) => { readonly from: IndexedValue; readonly to: IndexedValue } | undefined;

/** What the parts of an aggregation tree share. */
export interface AggregationContext {
  /** One for each shard. */
  readonly shards: readonly SearchContext[];
  readonly finder: ShardFinder;
  readonly compile: Compile;
  readonly typedKeys: boolean;
  /** Totals of hits are plain numbers. */
  readonly totalAsNumber: boolean;
  readonly budget: BucketBudget;
  /** Settings of the `date_histogram` directly around. */
  readonly histogram?: JsonObject | undefined;
  /** Which shards have the bucket that the aggregation is in. @default "all" */
  readonly presence?: Presence | undefined;
  /** True where one bucket only is around the aggregation. @default false */
  readonly isSingle?: boolean;
  /** True where the aggregation is made for each of many terms, or numbers. @default false */
  readonly isWithinTerms?: boolean;
  /**
   * The range of a field that the query of the search asks a shard for, where that is all that it
   * asks for. Absent: there is no such query.
   */
  readonly rangeAsked?: RangeAsked | undefined;
  /** Of a search that is profiled. */
  readonly clock?: ShardClock | undefined;
}

/** Tells the shards of documents; a single one is not looked for. */
export function shardFinder({
  shards,
  finder,
}: AggregationContext): (document: SearchDocument) => number {
  return shards.length > 1 ? (document) => finder.find(document) : () => 0;
}

/** Compiles the body of one type of aggregation. */
export type AggregationParser = (
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
) => AggregationKind;

/** Counts the buckets of an answer, and refuses more than are allowed. */
export class BucketBudget {
  /** Most buckets, `search.max_buckets`. */
  readonly limit: number;
  #count = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** @throws {EsError} `too_many_buckets_exception` */
  add(count: number): void {
    this.#count += count;
    this.check(this.#count);
  }

  /** Refuses a number of buckets without counting it. @throws {EsError} */
  check(count: number): void {
    if (count <= this.limit) return;
    const reason = `Trying to create too many buckets. Must be less than or equal to: [${this.limit}] but this number of buckets was exceeded. This limit can be set by changing the [search.max_buckets] cluster level setting.`;
    throw new EsError(400, "search_phase_execution_exception", "", {
      root_cause: [],
      phase: "fetch",
      grouped: true,
      failed_shards: [],
      caused_by: { type: "too_many_buckets_exception", reason, max_buckets: this.limit },
    });
  }
}

/** Aggregations that take their values from a script, too. */
const scripted: ReadonlySet<string> = new Set(
  "avg boxplot cardinality extended_stats histogram max median_absolute_deviation min percentile_ranks percentiles stats string_stats sum terms value_count".split(
    " ",
  ),
);

/** Settings of aggregations that are one value. */
const texts: ReadonlySet<string> = new Set([
  "calendar_interval",
  "fixed_interval",
  "format",
  "value_type",
]);
const flags: ReadonlySet<string> = new Set(["keyed", "show_term_doc_count_error"]);
const scalars: ReadonlySet<string> = new Set([
  ...texts,
  ...flags,
  "interval",
  "min_doc_count",
  "missing",
  "precision_threshold",
  "shard_size",
  "size",
]);

function checkScalar(type: string, body: JsonObject, key: string): void {
  const value = body[key];
  if (flags.has(key)) {
    if (typeof value === "boolean" || value === "true" || value === "false") return;
    throw notSupported(`[${key}] that is no boolean in the aggregation [${type}]`);
  }
  if (key === "missing" && value === null) throw notSupported("[missing] that is null");
  const isText = texts.has(key);
  const isValue = value !== null && (typeof value !== "object" || isRawNumber(value));
  const isFlag = typeof value === "boolean" && key !== "missing";
  if (isValue && !isFlag && (!isText || typeof value === "string")) {
    if (isText || key === "missing" || (value !== "" && !Number.isNaN(Number(value)))) return;
    throw notSupported(`[${key}] that is no number in the aggregation [${type}]`);
  }
  const reason = `[${type}] ${key} doesn't support values of type: ${tokenOf(value)}`;
  throw xContentParseException(reason).at(body, key);
}

/**
 * Refuses settings that the aggregation does not have, and scripts.
 *
 * @throws {EsError} `x_content_parse_exception` `[type] unknown field [x]`
 */
export function checkSettings(type: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (scalars.has(key) && known.includes(key)) checkScalar(type, body, key);
    if (key === "script" && scripted.has(type)) continue;
    if (key === "script" && !known.includes(key))
      throw notSupported(`[script] in the aggregation [${type}]`);
    if (!known.includes(key)) {
      throw xContentParseException(`[${type}] unknown field [${key}]${suggestion(key, known)}`).at(
        body,
        key,
        "key",
      );
    }
  }
}

/** The name an aggregation result has in an answer with `typed_keys=true`. */
function typedKey(resultType: string, name: string): string {
  return `${resultType}#${name}`;
}

/** The name of a result in the answer. */
export function memberName(
  { resultType, name }: { readonly resultType: string; readonly name: string },
  typedKeys: boolean,
): string {
  return typedKeys ? typedKey(resultType, name) : name;
}

/** Results under their names, those of pipelines after those that they are computed from. */
export function resultsOf(
  level: AggregationLevel,
  collectors: readonly Collector[],
  typedKeys: boolean,
): Record<string, unknown> {
  const results: Record<string, unknown> = {};
  for (const [at, aggregation] of level.aggregations.entries()) {
    const result = collectors[at]?.result() ?? {};
    results[memberName(aggregation, typedKeys)] = withMeta(aggregation.meta, result);
  }
  for (const pipeline of level.siblings)
    results[memberName(pipeline, typedKeys)] = withMeta(pipeline.meta, pipeline.compute(results));
  return results;
}

/** The `meta` of a definition; `undefined` for none. */
export function metaOf(definition: JsonObject): unknown {
  const { meta } = definition;
  return meta === undefined ? undefined : asReadByJava(meta);
}

/** A result with the `meta` that its definition brought. */
export function withMeta(meta: unknown, result: Result): Result {
  return meta === undefined ? result : { meta, ...result };
}

/** One bucket while documents are collected. */
export class Bucket {
  docCount = 0;
  readonly #level: AggregationLevel;
  readonly #collectors: readonly Collector[];
  readonly #context: AggregationContext;
  #result: Result | undefined;

  constructor(level: AggregationLevel, context: AggregationContext) {
    this.#level = level;
    this.#collectors = level.aggregations.map((aggregation) => aggregation.create());
    this.#context = context;
  }

  collect(document: SearchDocument, score: number): void {
    this.docCount += document.docCount ?? 1;
    for (const collector of this.#collectors) collector.collect(document, score);
  }

  /** See {@link Collector.spans}. */
  spans(startMs: number, endMs: number): void {
    for (const collector of this.#collectors) collector.spans?.(startMs, endMs);
  }

  /**
   * `doc_count` and the results of the sub-aggregations; computed when first asked for, after the
   * last document.
   */
  result(): Result {
    return (this.#result ??= {
      doc_count: this.docCount,
      ...resultsOf(this.#level, this.#collectors, this.#context.typedKeys),
    });
  }
}

/** The buckets of an aggregation, counted and gone through by the pipelines inside it. */
export function finishBuckets(
  buckets: readonly Result[],
  level: AggregationLevel,
  context: AggregationContext,
): readonly Result[] {
  context.budget.add(buckets.length);
  const nameOf = (pipeline: Pipeline): string => memberName(pipeline, context.typedKeys);
  let finished = buckets;
  for (const pipeline of level.parents) finished = pipeline.apply(finished, nameOf);
  return finished;
}
