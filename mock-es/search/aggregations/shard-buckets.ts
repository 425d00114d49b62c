/**
 * Buckets of terms as several shards tell of them: each sends its first ones only, so that some may
 * be missing, and others are counted without the documents of a shard.
 */
import { notSupported } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import type { IndexedValue } from "../fields/value.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationLevel,
  Bucket,
  emptyLevel,
} from "./aggregation.ts";
import type { BucketOrder, OrderedBucket } from "./bucket-order.ts";
import { refuseNegativeZero } from "../fields/zeros.ts";

/** How many buckets an aggregation of terms shows, and each of its shards sends. */
export interface BucketLimits {
  readonly size: number;
  readonly shardSize: number;
  readonly minDocCount: number;
  readonly shardMinDocCount: number;
  /** What buckets are sorted by first. */
  readonly firstOrder: "key" | "most" | "other";
}

/** Reads the limits that the settings of an aggregation set. */
export function bucketLimits(
  body: JsonObject,
  { size, minDocCount }: { readonly size: number; readonly minDocCount: number },
): BucketLimits {
  const { order, shard_size: given, shard_min_doc_count: least } = body;
  const [first]: readonly unknown[] = Array.isArray(order) ? order : [order];
  const [path = "_count", direction = "desc"] = isObject(first)
    ? (Object.entries(first)[0] ?? [])
    : [];
  const firstOrder =
    path === "_key" ? "key" : path === "_count" && direction === "desc" ? "most" : "other";
  const usual = firstOrder === "key" ? size : Math.floor(size * 1.5 + 10);
  return {
    size,
    shardSize: Math.max(size, given === undefined ? usual : wholeNumber("shard_size", given)),
    minDocCount,
    shardMinDocCount: Math.min(minDocCount, Number(least ?? 0)),
    firstOrder,
  };
}

/** The buckets of an answer. */
export interface ReducedBuckets {
  readonly buckets: readonly OrderedBucket[];
  /** Documents of the buckets that are left out. */
  readonly others: number;
  /** Most documents that a bucket which is left out may have; −1 where that is not known. */
  readonly error: number;
  /** Most documents that a bucket may have beyond its count; −1 where that is not known. */
  readonly errorOf: (key: IndexedValue) => number;
}

/** The documents that one shard has of one term. */
interface Entry {
  count: number;
  readonly documents: SearchDocument[];
  readonly scores: number[];
}

/** The terms of one shard. */
type ShardTerms = Map<IndexedValue, Entry>;

/** Gathers the buckets of terms. */
export class ShardBuckets {
  readonly #limits: BucketLimits;
  readonly #order: BucketOrder;
  readonly #sub: AggregationLevel;
  readonly #context: AggregationContext;
  readonly #all = new Map<IndexedValue, Bucket>();
  /** By the number of the shard, where there are several. */
  readonly #shards = new Map<number, ShardTerms>();

  constructor(
    limits: BucketLimits,
    order: BucketOrder,
    sub: AggregationLevel,
    context: AggregationContext,
  ) {
    this.#limits = limits;
    this.#order = order;
    this.#sub = sub;
    this.#context = context;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Puts a document into the buckets of its terms. */
  collect(keys: readonly IndexedValue[], document: SearchDocument, score: number): void {
    const { finder, shards } = this.#context;
    refuseNegativeZero(keys);
    const terms = shards.length > 1 ? this.#termsOf(finder.find(document)) : undefined;
    for (const key of keys) {
      this.#bucket(key).collect(document, score);
      if (terms === undefined) continue;
      const entry = entryOf(terms, key);
      entry.count += document.docCount ?? 1;
      entry.documents.push(document);
      entry.scores.push(score);
    }
  }

  /** Makes the bucket of a term that may have no documents. */
  add(key: IndexedValue, shard: number): void {
    this.#bucket(key);
    if (this.#context.shards.length > 1) entryOf(this.#termsOf(shard), key);
  }

  /** The buckets as they are shown, the first one first. */
  reduce(): ReducedBuckets {
    const { firstOrder, shardSize } = this.#limits;
    this.#checkLeast();
    const isWhole = [...this.#shards.values()].every((terms) => terms.size < shardSize);
    if (!isWhole) return this.#merged();
    const isKnown =
      this.#context.shards.length > 1 || this.#all.size < shardSize || firstOrder !== "other";
    const error = isKnown ? 0 : -1;
    return { ...this.#shown(this.#all), error, errorOf: () => error };
  }

  /** Whether a shard counts the documents of terms that have too few is up to its optimiser. */
  #checkLeast(): void {
    const { shardMinDocCount: least } = this.#limits;
    if (least <= 1) return;
    const hasFew = [...this.#shards.values()].some((terms) =>
      [...terms.values()].some(({ count }) => count < least),
    );
    const isFew =
      this.#shards.size === 0 && [...this.#all.values()].some((b) => b.docCount < least);
    if (hasFew || isFew) throw notSupported("terms with less than [shard_min_doc_count] documents");
  }

  #termsOf(shard: number): ShardTerms {
    let terms = this.#shards.get(shard);
    if (terms === undefined) this.#shards.set(shard, (terms = new Map()));
    return terms;
  }

  #bucket(key: IndexedValue): Bucket {
    let bucket = this.#all.get(key);
    if (bucket === undefined) this.#all.set(key, (bucket = new Bucket(this.#sub, this.#context)));
    return bucket;
  }

  /** Puts together what each shard sends. */
  #merged(): ReducedBuckets {
    const merged = new Map<IndexedValue, Bucket>();
    const errors = new Map<IndexedValue, number>();
    let total = 0;
    let unsent = 0;
    for (const terms of this.#shards.values()) {
      const sent = this.#sentOf(terms);
      const error = this.#errorOf(sent);
      total = total < 0 || error < 0 ? -1 : total + error;
      for (const [key, { count, documents, scores }] of terms) {
        if (!sent.has(key)) {
          unsent += count;
          continue;
        }
        let bucket = merged.get(key);
        if (bucket === undefined) merged.set(key, (bucket = new Bucket(this.#sub, this.#context)));
        for (const [at, document] of documents.entries()) bucket.collect(document, scores[at] ?? 0);
        const before = errors.get(key) ?? 0;
        // The server takes an error of 1 that it subtracts for an error that is not known.
        errors.set(key, before === -1 || error === 1 ? -1 : before - error);
      }
    }
    return {
      ...this.#shown(merged, unsent),
      error: total > 0 && this.#isAlone() ? 0 : total,
      errorOf: (key) => (total < 0 ? -1 : total + (errors.get(key) ?? 0)),
    };
  }

  /** True where one shard only has the aggregation. */
  #isAlone(): boolean {
    const { presence = "all" } = this.#context;
    if (presence === "unknown" && this.#shards.size === 1)
      throw notSupported("so many terms in one of several buckets over several shards");
    return presence === "visited" && this.#shards.size === 1;
  }

  /** The terms that a shard sends, with the counts of documents that it has. */
  #sentOf(terms: ShardTerms): ReadonlyMap<IndexedValue, number> {
    const { firstOrder, shardSize } = this.#limits;
    const level = firstOrder === "other" ? this.#sub : emptyLevel;
    const candidates = [...terms].map(([key, { count, documents, scores }]): OrderedBucket => {
      const bucket = new Bucket(level, this.#context);
      if (firstOrder === "other")
        for (const [at, document] of documents.entries()) bucket.collect(document, scores[at] ?? 0);
      else bucket.docCount = count;
      return { key, bucket };
    });
    const sent = candidates.sort(this.#order).slice(0, shardSize);
    return new Map(sent.map(({ key, bucket }) => [key, bucket.docCount]));
  }

  /** Most documents that a term which a shard does not send may have in it. */
  #errorOf(sent: ReadonlyMap<IndexedValue, number>): number {
    const { firstOrder, shardSize } = this.#limits;
    if (sent.size === 0 || sent.size < shardSize || firstOrder === "key") return 0;
    return firstOrder === "most" ? Math.min(...sent.values()) : -1;
  }

  #shown(
    all: ReadonlyMap<IndexedValue, Bucket>,
    unsent = 0,
  ): Pick<ReducedBuckets, "buckets" | "others"> {
    const { size, minDocCount } = this.#limits;
    const sorted = [...all]
      .filter(([, bucket]) => bucket.docCount >= minDocCount)
      .map(([key, bucket]) => ({ key, bucket }))
      .sort(this.#order);
    const cut = sorted.slice(size).reduce((sum, { bucket }) => sum + bucket.docCount, unsent);
    return { buckets: sorted.slice(0, size), others: cut };
  }
}

function entryOf(terms: ShardTerms, key: IndexedValue): Entry {
  let entry = terms.get(key);
  if (entry === undefined) terms.set(key, (entry = { count: 0, documents: [], scores: [] }));
  return entry;
}
