/** Aggregations over the best documents: `sampler`, `diversified_sampler`, `random_sampler`. */
import { notSupported, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { nestedScope, parentPathOf } from "../fields/nested-documents.ts";
import { isRangeField } from "../fields/range-values.ts";
import { termsOf } from "../fields/term-dictionary.ts";
import type { IndexedValue } from "../fields/value.ts";
import { atCollect } from "../faults.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  type Collector,
} from "./aggregation.ts";
import { doubleJson } from "../../json/java-number.ts";
import { compileSource } from "./values-source.ts";

/** Documents of a sample when a request does not say. */
const defaultSize = 100;

interface Sampled {
  readonly document: SearchDocument;
  readonly score: number;
}

/** `sampler`. */
export function parseSampler(
  _: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("sampler", body, ["shard_size"]);
  const size = sizeOf(body);
  const kind = sample("sampler", sub, context, (found) => best(found, size, context));
  return requireChildren(kind, sub, context);
}

/** `diversified_sampler`: at most so many documents with the same value. */
export function parseDiversifiedSampler(
  _: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("diversified_sampler", body, [
    "shard_size",
    "max_docs_per_value",
    "execution_hint",
    "field",
    "missing",
  ]);
  const most =
    body["max_docs_per_value"] === undefined
      ? 1
      : wholeNumber("max_docs_per_value", body["max_docs_per_value"]);
  const isDiverse = (field: Field): boolean => field.kind !== "ip" && !isRangeField(field);
  const source = compileSource("diversified_sampler", body, context, isDiverse);
  if (source.field === undefined && body["missing"] === undefined && body["script"] === undefined)
    return unmapped();
  const size = sizeOf(body);
  let absent: { readonly key: IndexedValue | undefined } | undefined;
  const { field } = source;
  const keyOf = (document: SearchDocument, count: number): IndexedValue | undefined => {
    if (field === undefined)
      throw notSupported("[diversified_sampler] by a field that nothing maps");
    const values = source.read(document);
    if (values.length === 0)
      return (absent ??= { key: keyOfNothing(field, body["execution_hint"], context) }).key;
    if (values.length < 2) return values[0];
    if (count > size)
      throw notSupported("[diversified_sampler] by several values, of more than [shard_size]");
    const reason = "Sample diversifying key must be a single valued-field";
    throw shardFailure(document.index, "illegal_argument_exception", reason);
  };
  const checkKey = (document: SearchDocument, count: number): void => {
    if (count <= size && field !== undefined) keyOf(document, count);
  };
  const choose = (found: readonly Sampled[]): readonly Sampled[] => {
    const counts = new Map<IndexedValue | undefined, number>();
    const diverse = sorted(found).filter(({ document }) => {
      const key = keyOf(document, found.length);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return count <= most;
    });
    if (diverse.length < found.length && context.shards.length > 1)
      throw notSupported("[diversified_sampler] that leaves documents out in several shards");
    return best(diverse, size, context);
  };
  const kind = sample("sampler", sub, context, choose, checkKey);
  return requireChildren(kind, sub, context);
}

/**
 * The server counts documents without a value as those whose value has the number 0: that number
 * itself, or the first term.
 *
 * @throws {EsError} by name where terms are numbered as they come
 */
function keyOfNothing(
  field: Field,
  hint: unknown,
  { shards: [shard] }: AggregationContext,
): IndexedValue | undefined {
  if (field.kind !== "keyword" && field.kind !== "text") return 0;
  if (hint === "bytes_hash" || shard === undefined) return undefined;
  if (hint === "map")
    throw notSupported("[execution_hint] [map] of [diversified_sampler] without a value");
  const path = parentPathOf(shard.mappings, field.name);
  const whole = { ...shard, nestedPath: undefined };
  const scope = path === undefined ? whole : { ...whole, ...nestedScope(whole, path) };
  return termsOf(scope, resolveField(scope, field.name) ?? field, () => true)?.[0];
}

/** Over a field that nothing maps: no sample, and nothing of it. */
function unmapped(): AggregationKind {
  const create = (): Collector => ({ collect: () => {}, result: () => ({ doc_count: 0 }) });
  return { resultType: "sampler", create };
}

/** `random_sampler`, where it takes every document. */
export function parseRandomSampler(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("random_sampler", body, ["probability", "seed", "shard_seed"]);
  if (typeof body["probability"] === "boolean")
    throw notSupported("[probability] that is no number in [random_sampler]");
  const probability = Number(body["probability"] ?? NaN);
  if (Number.isNaN(probability) && body["probability"] !== undefined)
    throw notSupported("[probability] that is no number in [random_sampler]");
  if (Number.isNaN(probability)) {
    const reason = `[random_sampler] aggregation [${name}] must have [probability] set`;
    throw shardFailure(context.shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
  }
  if (!(probability > 0 && (probability <= 0.5 || probability === 1))) {
    const reason = `[probability] must be between 0.0 and 0.5 or exactly 1.0, was [${probability}]`;
    throw xContentParseException("[random_sampler] failed to parse field [probability]", {
      caused_by: { type: "illegal_argument_exception", reason },
    }).at(body, "probability");
  }
  if (probability !== 1) throw notSupported("a [probability] below 1 in [random_sampler]");
  if (sub.aggregations.length === 0) {
    const reason = `[random_sampler] aggregation [${name}] must have sub-aggregations`;
    const index = context.shards[0]?.index ?? "_all";
    throw shardFailure(index, "illegal_argument_exception", reason);
  }
  const shardSeed =
    body["shard_seed"] === undefined ? undefined : wholeNumber("shard_seed", body["shard_seed"]);
  const given = body["seed"];
  const seed =
    given === undefined ? Math.trunc(Math.random() * 2 ** 31) : wholeNumber("seed", given);
  return {
    resultType: "random_sampler",
    create() {
      const bucket = new Bucket(sub, context);
      return {
        collect(document, score) {
          bucket.collect(document, score);
        },
        result: () => ({
          seed,
          probability: doubleJson(probability),
          ...(shardSeed === undefined ? {} : { shard_seed: shardSeed }),
          ...bucket.result(),
        }),
      };
    },
  };
}

/** @throws {EsError} by name, where the server collects nothing, as nothing of it has values */
export function checkSampled(inner: JsonObject, context: AggregationContext): void {
  const hasNothing = Object.values(inner).every((definition) => {
    const [body] = isObject(definition) ? Object.values(definition) : [];
    const name = isObject(body) ? body["field"] : undefined;
    if (typeof name !== "string" || (isObject(body) && body["missing"] !== undefined)) return false;
    const kinds = context.shards.map((shard) => resolveField(shard, name)?.kind ?? "object");
    return kinds.every((kind) => kind === "object" || kind === "nested");
  });
  if (hasNothing) throw notSupported("[random_sampler] over fields that nothing maps");
}

function sizeOf(body: JsonObject): number {
  return body["shard_size"] === undefined
    ? defaultSize
    : wholeNumber("shard_size", body["shard_size"]);
}

/** Refuses a sample of nothing, which a shard does when it begins to collect. @throws {EsError} */
function requireChildren(
  kind: AggregationKind,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  // A shard without documents does not begin to collect.
  const shard = context.shards.find(({ corpus }) => hasAny(corpus ?? []));
  if (sub.aggregations.length > 0 || shard === undefined) return kind;
  const reason = "Sampler aggregation must be used with child aggregations.";
  // Whether it is made for terms that nothing has depends on how these are collected.
  if (context.isWithinTerms === true)
    throw notSupported("a sampler of nothing within such buckets");
  throw atCollect(shardFailure(shard.index, "illegal_argument_exception", reason));
}

function hasAny(documents: Iterable<SearchDocument>): boolean {
  return documents[Symbol.iterator]().next().done !== true;
}

function sorted(found: readonly Sampled[]): Sampled[] {
  return [...found].sort((a, b) => b.score - a.score);
}

/** The best of a shard. @throws {EsError} where a sample would have to be taken of several */
function best(
  found: readonly Sampled[],
  size: number,
  context: AggregationContext,
): readonly Sampled[] {
  if (found.length <= size) return found;
  if (context.shards.length > 1)
    throw notSupported("a sample of fewer documents than match in several shards");
  return sorted(found).slice(0, size);
}

function sample(
  resultType: string,
  sub: AggregationLevel,
  context: AggregationContext,
  choose: (found: readonly Sampled[]) => readonly Sampled[],
  check?: (document: SearchDocument, count: number) => void,
): AggregationKind {
  return {
    resultType,
    needsScores: true,
    create() {
      const found: Sampled[] = [];
      return {
        collect(document, score) {
          found.push({ document, score });
          check?.(document, found.length);
        },
        result() {
          const chosen = new Set(choose(found));
          const bucket = new Bucket(sub, context);
          for (const each of found) if (chosen.has(each)) bucket.collect(each.document, each.score);
          return bucket.result();
        },
      };
    },
  };
}
