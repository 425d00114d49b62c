/** `terms`: a bucket for each distinct value. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { sentText } from "../../json/odd-numbers.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { createAutomaton } from "../../text/automaton.ts";
import { murmur3 } from "../../text/murmur3.ts";
import { parseRegexp } from "../../text/regexp-syntax.ts";
import type { SearchDocument } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { resolveField } from "../fields/field.ts";
import { parentPathOf, shownNested } from "../fields/nested-documents.ts";
import { nestedPaths } from "../lucene/nested-filter.ts";
import { createReader } from "../fields/reader.ts";
import type { IndexedValue } from "../fields/value.ts";
import { atCollect } from "../faults.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  checkSettings,
  type Collector,
  finishBuckets,
  type Result,
} from "./aggregation.ts";
import { byCount, type BucketOrder, checkOrder, compileOrder } from "./bucket-order.ts";
import { type BucketLimits, bucketLimits, ShardBuckets } from "./shard-buckets.ts";
import { inMember } from "../queries/object-members.ts";
import { valueFormat, type ValueFormat } from "./value-format.ts";
import {
  compileSource,
  formattedValue,
  isAnything,
  isNumeric,
  type ValuesSource,
} from "./values-source.ts";

const settingNames = [
  "field",
  "missing",
  "value_type",
  "format",
  "size",
  "shard_size",
  "min_doc_count",
  "shard_min_doc_count",
  "show_term_doc_count_error",
  "order",
  "collect_mode",
  "execution_hint",
  "include",
  "exclude",
];

interface Plan {
  readonly source: ValuesSource;
  readonly accepts: (value: IndexedValue) => boolean;
  readonly order: BucketOrder;
  readonly limits: BucketLimits;
  readonly showsError: boolean;
  readonly format: ValueFormat;
}

/** `terms`. */
export function parseTermsAggregation(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("terms", body, settingNames);
  const size = readCount("size", 10, 1, name, body);
  const minDocCount = readCount("min_doc_count", 1, 0, name, body);
  checkOrder("terms", body);
  const found = compileSource("terms", body, context, isAnything);
  // Without a field, values of `missing` are texts.
  const source: ValuesSource =
    found.field === undefined
      ? { ...found, read: (document) => found.read(document).map(String) }
      : found;
  const format = body["format"] === undefined ? undefined : textOf(body["format"]);
  const plan: Plan = {
    source,
    accepts: compileInclusion("terms", name, body, source.field, context),
    order: compileOrder(body["order"], byCount, sub, context),
    limits: bucketLimits(body, { size, minDocCount }),
    showsError: body["show_term_doc_count_error"] === true,
    format: valueFormat(source.field, format),
  };
  return {
    resultType: termsType(source),
    create: () => new TermsCollector(plan, sub, context),
  };
}

/** Reads a whole number that may not be below another. @throws {EsError} */
function readCount(
  key: string,
  fallback: number,
  least: 0 | 1,
  name: string,
  body: JsonObject,
): number {
  if (body[key] === undefined) return fallback;
  const count = wholeNumber(key, body[key]);
  if (count >= least) return count;
  return inMember("terms", body, key, () => {
    const bound = least === 0 ? "greater than or equal to 0" : "greater than 0";
    throw illegalArgument(`[${key}] must be ${bound}. Found [${count}] in [${name}]`);
  });
}

/** Name of the result type of terms of a field. */
function termsType(source: ValuesSource): string {
  switch (source.field?.kind) {
    case undefined:
    case "keyword":
    case "ip":
    case "text":
      return "sterms";
    case "double":
      return "dterms";
    default:
      return "lterms";
  }
}

/**
 * `include` and `exclude`: a regular expression for text, a list of exact values, or a partition of
 * all values.
 */
export function compileInclusion(
  type: string,
  name: string,
  body: JsonObject,
  field: Field | undefined,
  context: AggregationContext,
): (value: IndexedValue) => boolean {
  const compile = (setting: string): ((value: IndexedValue) => boolean) | undefined => {
    const given = body[setting];
    const isNumber = field !== undefined && isNumeric(field);
    if (given === null || typeof given === "boolean" || typeof given === "number") {
      const reason = `[${type}] ${setting} doesn't support values of type: ${tokenOf(given)}`;
      throw xContentParseException(reason).at(body, setting);
    }
    if (given === undefined || (isNumber && Array.isArray(given) && given.length === 0))
      return undefined;
    if (isObject(given)) return partition(given, field);
    if (Array.isArray(given) && given.some((value) => typeof value === "object"))
      throw notSupported(`[${setting}] of what are no values`);
    if (Array.isArray(given) && isNumber && body["format"] !== undefined)
      checkFormatted(setting, given as readonly unknown[], textOf(body["format"]));
    if (Array.isArray(given)) return exactValues(given as readonly unknown[], field, context);
    if (field !== undefined && field.kind !== "keyword" && field.kind !== "text") {
      const clauses =
        field.kind === "ip"
          ? "values for include/exclude clauses"
          : "numeric values for include/exclude clauses used to filter numeric fields";
      const reason = `Aggregation [${name}] cannot support regular expression style include/exclude settings as they can only be applied to string fields. Use an array of ${clauses}`;
      const [shard] = context.shards;
      throw atCollect(shardFailure(shard?.index ?? "_all", "illegal_argument_exception", reason));
    }
    const automaton = createAutomaton(
      parseRegexp(textOf(given), { hasOperators: true, ignoreCase: false }),
    );
    if (automaton === undefined) throw notSupported(`so long a [${setting}] in [terms]`);
    return (value) => automaton.matches(String(value));
  };
  const includes = compile("include");
  const excludes = compile("exclude");
  if (includes === undefined && excludes === undefined) return () => true;
  return (value) => (includes?.(value) ?? true) && excludes?.(value) !== true;
}

/** The server reads such values by the format, as far as they fit. @throws {EsError} by name */
function checkFormatted(setting: string, given: readonly unknown[], format: string): void {
  const isPlain = given.every((value) => /^-?\d+(?:\.\d+)?$/.test(textOf(value)));
  if (isPlain && /[#0]/.test(format)) return;
  throw notSupported(`[${setting}] of values that the [format] does not read`);
}

function exactValues(
  given: readonly unknown[],
  field: Field | undefined,
  context: AggregationContext,
): (value: IndexedValue) => boolean {
  const values = new Set<IndexedValue | undefined>();
  for (const shard of context.shards) {
    const found = field === undefined ? undefined : resolveField(shard, field.name);
    // Dates are milliseconds here, also where the field counts nanoseconds.
    const own = found?.kind === "date" ? { ...found, type: "date" } : found;
    for (const text of given.map((_, at) => sentText(given, at)).sort()) {
      try {
        values.add(own === undefined ? text : formattedValue(shard, own, text));
      } catch (error) {
        throw error instanceof EsError ? atCollect(error) : error;
      }
    }
  }
  return (value) => values.has(value);
}

/** The server's hash of a long (`BitMixer.mix64` of HPPC). */
function mixed(value: bigint): bigint {
  const bits = (number: bigint): bigint => BigInt.asUintN(64, number);
  let hash = bits(value);
  hash = bits((hash ^ (hash >> 32n)) * 0x4cd6944c5cc20b6dn);
  hash = bits((hash ^ (hash >> 29n)) * 0xfc12c5b19d3259e9n);
  return BigInt.asIntN(64, hash ^ (hash >> 32n));
}

/**
 * `{"partition": 0, "num_partitions": 20}` takes the values whose hash falls into the partition.
 */
function partition(given: JsonObject, field: Field | undefined): (value: IndexedValue) => boolean {
  const { partition: wanted, num_partitions: count } = given;
  if (count === undefined)
    throw illegalArgument("Missing [num_partitions] parameter for partition-based include");
  if (wanted === undefined)
    throw illegalArgument("Missing [partition] parameter for partition-based include");
  const all = Number(count);
  const isWhole = field?.kind === "long" && field.type !== "unsigned_long";
  return (value) => {
    if (isWhole && typeof value !== "string") {
      const own = mixed(BigInt(value)) % BigInt(all);
      return Number(own < 0n ? own + BigInt(all) : own) === Number(wanted);
    }
    if (typeof value !== "string")
      throw notSupported("partitions of a field that holds no keywords or longs in [terms]");
    const hash = murmur3(Buffer.from(value), partitionSeed);
    return ((hash % all) + all) % all === Number(wanted);
  };
}

/** The server's seed for partitions of terms (IncludeExclude.HASH_PARTITIONING_SEED). */
const partitionSeed = 31;

class TermsCollector implements Collector {
  readonly #plan: Plan;
  readonly #sub: AggregationLevel;
  readonly #context: AggregationContext;
  readonly #buckets: ShardBuckets;

  constructor(plan: Plan, sub: AggregationLevel, context: AggregationContext) {
    this.#plan = plan;
    this.#sub = sub;
    this.#context = context;
    this.#buckets = new ShardBuckets(plan.limits, plan.order, sub, context);
  }

  collect(document: SearchDocument, score: number): void {
    const { source, accepts } = this.#plan;
    const values = source.read(document);
    // A value that a document repeats counts once.
    const isPlain = values.length === 1 && values[0] !== undefined && accepts(values[0]);
    const keys = isPlain
      ? values
      : values.filter((value, at) => values.indexOf(value) === at && accepts(value));
    this.#buckets.collect(keys, document, score);
  }

  get size(): number {
    return this.#buckets.size;
  }

  result(): Result {
    const { limits, format, showsError } = this.#plan;
    if (limits.minDocCount === 0) this.#addEmpty();
    const { buckets: shown, others, error, errorOf } = this.#buckets.reduce();
    const buckets = shown.map(({ key, bucket }) => {
      const { doc_count, ...rest } = bucket.result();
      return {
        key: format.key(key),
        ...(format.text === undefined ? {} : { key_as_string: format.text(Number(key)) }),
        doc_count,
        ...(showsError ? { doc_count_error_upper_bound: errorOf(key) } : {}),
        ...rest,
      };
    });
    return {
      doc_count_error_upper_bound: error,
      sum_other_doc_count: others,
      buckets: finishBuckets(buckets, this.#sub, this.#context),
    };
  }

  /**
   * With `min_doc_count` 0 the terms of documents that did not match appear with a count of 0, as
   * far as the caller sees them; so do those of nested objects, which are documents of the server.
   */
  #addEmpty(): void {
    const { source } = this.#plan;
    const { field } = source;
    if (field === undefined) return;
    for (const [at, shard] of this.#context.shards.entries()) {
      const { corpus, documents = corpus, mappings, nestedPath } = shard;
      for (const document of documents ?? []) this.#addAll(source.read(document), at);
      const path = parentPathOf(mappings, field.name);
      // Other nested objects lack the field, and count as what stands for it.
      for (const other of nestedPaths(mappings)) {
        if (other === path || other === nestedPath) continue;
        for (const object of shownNested(shard, other)) this.#addAll(source.read(object), at);
      }
      if (path === undefined || path === nestedPath) continue;
      const inner = resolveField({ ...shard, nestedPath: path }, field.name);
      const readInner = createReader(inner ?? field);
      for (const object of shownNested(shard, path)) this.#addAll(readInner(object), at);
    }
  }

  #addAll(values: readonly IndexedValue[], shard: number): void {
    for (const value of values) if (this.#plan.accepts(value)) this.#buckets.add(value, shard);
  }
}
