/** `significant_terms` and `significant_text`: terms that are commoner in a set than elsewhere. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { doubleJson } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { byCodePoint } from "../../text/code-points.ts";
import { inPagedHashOrder } from "../../text/paged-hash-order.ts";
import { BoundedHeap } from "../../values/bounded-heap.ts";
import type { SearchDocument } from "../fields/document.ts";
import { createTermReader } from "../fields/document-terms.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { createReader, type FieldReader } from "../fields/reader.ts";
import type { IndexedValue } from "../fields/value.ts";
import { atCollect } from "../faults.ts";
import { shardFailure } from "../problem.ts";
import { inShard } from "../queries/shard-problem.ts";
import { searchProblem } from "../queries/term-query.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  type Collector,
  finishBuckets,
  type Result,
} from "./aggregation.ts";
import { Background } from "./background.ts";
import { byIndex } from "./by-index.ts";
import { type Frequencies, type Heuristic, heuristicNames, readHeuristic } from "./significance.ts";
import { compileInclusion } from "./terms.ts";
import { valueFormat, type ValueFormat } from "./value-format.ts";
import { compileSource, isAnything } from "./values-source.ts";

const common = [
  "field",
  "size",
  "shard_size",
  "min_doc_count",
  "shard_min_doc_count",
  "execution_hint",
  "background_filter",
  "include",
  "exclude",
  ...heuristicNames,
];

/** Terms that a bucket has to hold when a request does not say. */
const defaultMinDocCount = 3;

interface Plan {
  readonly read: FieldReader;
  readonly accepts: (value: IndexedValue) => boolean;
  readonly format: ValueFormat;
  readonly heuristic: Heuristic;
  readonly size: number;
  readonly minDocCount: number;
  /** Documents of a shard that a term has to be in there. */
  readonly shardMinDocCount: number;
  /** Terms that a shard tells of at most. */
  readonly shardSize: number;
  /** Why its terms cannot be looked up. */
  readonly problem: string | undefined;
  readonly background: Background;
  /** The text of a key is a boolean then, not a string. */
  readonly isBoolean: boolean;
  /** Shards list the terms in their order, not as documents brought them. */
  readonly isByTerm: boolean;
}

function byText(a: IndexedValue, b: IndexedValue): number {
  return byCodePoint(String(a), String(b));
}

/** `significant_terms`. */
export function parseSignificantTerms(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("significant_terms", body, [...common, "format"]);
  const source = compileSource("significant_terms", body, context, isAnything);
  const { field } = source;
  if (field === undefined) return unmapped();
  if (field.kind === "double") {
    compileInclusion("significant_terms", name, body, field, context);
    throw atCollect(unsupported(context, "No support for examining floating point numerics"));
  }
  const format = body["format"] === undefined ? undefined : textOf(body["format"]);
  const isText = field.kind === "keyword" || field.kind === "ip" || field.kind === "text";
  // As doc values have them.
  const read: FieldReader = (document) => {
    const values = source.read(document);
    return values.length < 2 || !isText ? values : values.toSorted(byText);
  };
  const plan = {
    ...readPlan(name, body, field, context),
    read,
    format: valueFormat(field, format),
    isBoolean: field.kind === "boolean",
    isByTerm:
      context.isSingle === true &&
      sub.aggregations.length === 0 &&
      isText &&
      field.kind !== "text" &&
      body["include"] === undefined &&
      body["exclude"] === undefined &&
      body["execution_hint"] !== "map",
    background: new Background(body, context, read),
  };
  return kindOf(isText ? "sigsterms" : "siglterms", plan, sub, context);
}

/** `significant_text`: terms of the sources of texts. */
export function parseSignificantText(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("significant_text", body, [...common, "filter_duplicate_text", "source_fields"]);
  if (body["filter_duplicate_text"] === true)
    throw notSupported("[filter_duplicate_text] in [significant_text]");
  if (body["source_fields"] !== undefined)
    throw notSupported("[source_fields] in [significant_text]");
  if (body["field"] === undefined)
    throw illegalArgument("Required one of fields [field, script], but none were specified. ");
  const fieldName = textOf(body["field"]);
  let field: Field | undefined;
  const readersOf = (ofSource: boolean): FieldReader => {
    const readers = byIndex(context, (shard): FieldReader => {
      const own = resolveField(shard, fieldName);
      if (own === undefined || own.kind === "object" || own.kind === "nested") return () => [];
      field ??= own;
      // The source has keywords that are too long for the index.
      if (own.kind !== "text")
        return createReader(ofSource ? { ...own, ignoreAbove: Infinity } : own);
      const read = createTermReader(own);
      return (document) => read(document).terms;
    });
    // Nested objects have no source of their own.
    return (document) =>
      ofSource && document.parent !== undefined ? [] : (readers(document)?.(document) ?? []);
  };
  const read = readersOf(true);
  if (field === undefined) return unmapped();
  if (field.kind !== "text" && field.kind !== "keyword")
    throw notSupported(`[significant_text] over the type [${field.type}]`);
  const plan = {
    ...readPlan(name, body, field, context),
    read,
    format: valueFormat(field),
    isBoolean: false,
    isByTerm: false,
    background: new Background(body, context, readersOf(false)),
  };
  return kindOf("sigsterms", plan, sub, context);
}

function readPlan(
  name: string,
  body: JsonObject,
  field: Field,
  context: AggregationContext,
): Omit<Plan, "read" | "format" | "isBoolean" | "isByTerm" | "background"> {
  const size = body["size"] === undefined ? 10 : wholeNumber("size", body["size"]);
  if (size <= 0)
    throw illegalArgument(`[size] must be greater than 0. Found [${size}] in [${name}]`);
  const minDocCount =
    body["min_doc_count"] === undefined
      ? defaultMinDocCount
      : wholeNumber("min_doc_count", body["min_doc_count"]);
  if (minDocCount < 0) {
    throw illegalArgument(
      `[min_doc_count] must be greater than or equal to 0. Found [${minDocCount}] in [${name}]`,
    );
  }
  return {
    accepts: compileInclusion("significant_terms", name, body, field, context),
    heuristic: readHeuristic(body),
    size,
    minDocCount,
    shardMinDocCount: wholeNumber("shard_min_doc_count", body["shard_min_doc_count"] ?? 0),
    shardSize: readShardSize(name, body) ?? 2 * (Math.trunc(size * 1.5) + 10),
    problem: searchProblem(field),
  };
}

/** @throws {EsError} 400 in the server's words unless it is positive */
function readShardSize(name: string, body: JsonObject): number | undefined {
  if (body["shard_size"] === undefined) return undefined;
  const size = wholeNumber("shard_size", body["shard_size"]);
  if (size > 0) return size;
  const reason = `[shardSize] must be greater than  0. Found [${size}] in [${name}]`;
  throw xContentParseException("[significant_terms] failed to parse field [shard_size]", {
    caused_by: illegalArgument(reason).toCause(),
  }).at(body, "shard_size");
}

function unsupported(context: AggregationContext, reason: string): EsError {
  const index = context.shards[0]?.index ?? "_all";
  const cause = { type: "unsupported_operation_exception", reason };
  const { type, reason: text, extra } = shardFailure(index, cause.type, reason);
  return new EsError(500, type, text, { ...extra, caused_by: { ...cause, caused_by: cause } });
}

function unmapped(): AggregationKind {
  const create = (): Collector => ({ collect: () => {}, result: () => ({ buckets: [] }) });
  return { resultType: "sigsterms", create };
}

function kindOf(
  resultType: string,
  plan: Plan,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  return { resultType, create: () => new SignificantCollector(plan, sub, context) };
}

/** What one shard found. */
interface ShardFindings {
  count: number;
  /** Documents with each term, in the order in which they brought them. */
  readonly terms: Map<IndexedValue, number>;
}

interface Scored {
  readonly score: number;
  readonly value: IndexedValue;
  readonly bucket: Bucket;
  readonly superset: number;
}

class SignificantCollector implements Collector {
  readonly #plan: Plan;
  readonly #sub: AggregationLevel;
  readonly #context: AggregationContext;
  readonly #buckets = new Map<IndexedValue, Bucket>();
  /** Of the shards that documents came from. */
  readonly #visited = new Map<number, ShardFindings>();
  #count = 0;

  constructor(plan: Plan, sub: AggregationLevel, context: AggregationContext) {
    this.#plan = plan;
    this.#sub = sub;
    this.#context = context;
  }

  collect(document: SearchDocument, score: number): void {
    this.#count++;
    const shard = this.#context.finder.find(document);
    let found = this.#visited.get(shard);
    if (found === undefined) this.#visited.set(shard, (found = { count: 0, terms: new Map() }));
    found.count++;
    for (const value of new Set(this.#plan.read(document))) {
      if (!this.#plan.accepts(value)) continue;
      found.terms.set(value, (found.terms.get(value) ?? 0) + (document.docCount ?? 1));
      let bucket = this.#buckets.get(value);
      if (bucket === undefined)
        this.#buckets.set(value, (bucket = new Bucket(this.#sub, this.#context)));
      bucket.collect(document, score);
    }
  }

  result(): Result {
    const { format } = this.#plan;
    const bgCount = this.#backgroundSize();
    const buckets = this.#best(bgCount).map(({ value, bucket, score, superset }) => {
      const { doc_count, ...rest } = bucket.result();
      const text = format.text?.(Number(value));
      return {
        key: format.key(value),
        ...(text === undefined
          ? {}
          : { key_as_string: this.#plan.isBoolean ? text === "true" : text }),
        doc_count,
        score: doubleJson(score),
        bg_count: superset,
        ...rest,
      };
    });
    return {
      doc_count: this.#count,
      bg_count: bgCount,
      buckets: finishBuckets(buckets, this.#sub, this.#context),
    };
  }

  /** Only shards that have the bucket tell of their documents. */
  #backgroundSize(): number {
    const all = this.#plan.background.get();
    const { presence = "all" } = this.#context;
    if (presence === "unknown" && all.length > 1)
      throw notSupported("significant terms in one of several buckets over several shards");
    // A bucket without documents is made by the first shard.
    const visited = this.#visited.size === 0 ? [0] : [...this.#visited.keys()];
    const shards = presence === "visited" ? visited : [...all.keys()];
    return shards.reduce((sum, shard) => sum + (all[shard]?.size ?? 0), 0);
  }

  /** Shards tell of the terms that they found. */
  #backgroundOf(value: IndexedValue): number {
    const all = this.#plan.background.get();
    let count = 0;
    for (const [shard, { terms }] of this.#visited)
      if (terms.has(value)) count += all[shard]?.counts.get(value) ?? 0;
    return count;
  }

  /** The most significant, equal ones in the order of the server's map and heap. */
  #best(supersetSize: number): Scored[] {
    const { minDocCount, size, format } = this.#plan;
    const textOf = (value: IndexedValue): string =>
      format.text?.(Number(value)) ?? String(format.key(value));
    const byKey = new Map<string, IndexedValue>();
    for (const value of this.#buckets.keys()) byKey.set(textOf(value), value);
    const heap = new BoundedHeap<Scored>(
      Math.min(size, this.#buckets.size),
      (a, b) => a.score < b.score,
    );
    const lists = this.#lists();
    const keys = lists.flat().map(textOf);
    for (const key of inPagedHashOrder(keys, lists[0]?.length ?? 0)) {
      const value = byKey.get(key) ?? key;
      const bucket = this.#buckets.get(value);
      if (bucket === undefined || bucket.docCount < minDocCount) continue;
      const superset = this.#backgroundOf(value);
      const score = this.#score({
        subset: bucket.docCount,
        subsetSize: this.#count,
        superset,
        supersetSize,
      });
      if (score > 0) heap.offer({ score, value, bucket, superset });
    }
    return heap.drain().toReversed();
  }

  #score(frequencies: Frequencies): number {
    const [shard] = this.#context.shards;
    return shard === undefined ? 0 : inShard(shard, () => this.#plan.heuristic(frequencies));
  }

  /** The terms that each shard tells of, the most significant first. */
  #lists(): IndexedValue[][] {
    const { shardMinDocCount, shardSize, problem } = this.#plan;
    const { shards } = this.#context;
    if (shardMinDocCount > 1 && shards.length > 1)
      throw notSupported("[shard_min_doc_count] of significant terms over several shards");
    return shards.map(({ index }, shard) => {
      const found = this.#visited.get(shard);
      const background = this.#plan.background.get()[shard];
      if (found === undefined || background === undefined) return [];
      const heap = new BoundedHeap<{ readonly score: number; readonly value: IndexedValue }>(
        Math.min(found.terms.size, shardSize),
        (a, b) => a.score < b.score,
      );
      if (found.terms.size > shardSize && shards.length > 1)
        throw notSupported("more significant terms than [shard_size] over several shards");
      const values = [...found.terms].flatMap(([value, count]) =>
        count < shardMinDocCount ? [] : [value],
      );
      if (problem !== undefined && values.length > 0)
        throw shardFailure(index, "illegal_argument_exception", problem);
      if (this.#plan.isByTerm) values.sort(byText);
      for (const value of values) {
        const score = this.#score({
          subset: found.terms.get(value) ?? 0,
          subsetSize: found.count,
          superset: background.counts.get(value) ?? 0,
          supersetSize: background.size,
        });
        heap.offer({ score, value });
      }
      return heap
        .drain()
        .toReversed()
        .map(({ value }) => value);
    });
  }
}
