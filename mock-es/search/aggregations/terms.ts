import { illegalArgument, isObject, type JsonObject, notSupported, textOf } from "../problem.ts";
import { createAutomaton } from "../../text/automaton.ts";
import type { SearchDocument } from "../fields/document.ts";
import { printDate } from "../../values/date.ts";
import type { Field } from "../fields/field.ts";
import { ipText } from "../../values/ip-address.ts";
import { parseRegexp } from "../../text/regexp-syntax.ts";
import { wholeNumber } from "../search-body.ts";
import { termRange } from "../queries/term-query.ts";
import type { IndexedValue } from "../fields/value.ts";
import {
  Bucket,
  checkSettings,
  type Aggregation,
  type AggregationContext,
  type AggregationKind,
  type Collector,
} from "./aggregation.ts";
import { byCount, compileOrder, type BucketOrder } from "./bucket-order.ts";
import { compileSource, isAnything, type ValuesSource } from "./values-source.ts";

const SETTINGS = [
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
  readonly size: number;
  readonly minDocCount: number;
  readonly showsError: boolean;
  readonly showKey: (value: IndexedValue) => Record<string, unknown>;
}

/** `terms`: a bucket for each distinct value. */
export function parseTermsAggregation(
  name: string,
  body: JsonObject,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  checkSettings("terms", body, SETTINGS);
  const size = body["size"] === undefined ? 10 : wholeNumber("size", body["size"]);
  if (size <= 0)
    throw illegalArgument(`[size] must be greater than 0. Found [${size}] in [${name}]`);
  const minDocCount =
    body["min_doc_count"] === undefined ? 1 : wholeNumber("min_doc_count", body["min_doc_count"]);
  if (minDocCount < 0) {
    throw illegalArgument(
      `[min_doc_count] must be greater than or equal to 0. Found [${minDocCount}] in [${name}]`,
    );
  }
  const source = compileSource("terms", body, context.search, isAnything);
  const { field } = source;
  const format = body["format"] === undefined ? undefined : textOf(body["format"]);
  if (format !== undefined && field?.kind !== "date")
    throw notSupported("[format] of other than dates in [terms]");
  const plan: Plan = {
    source,
    accepts: compileInclusion(body, field, context),
    order: compileOrder(body["order"], byCount, aggregations, context),
    size,
    minDocCount,
    showsError: body["show_term_doc_count_error"] === true,
    showKey: keyWriter(field, format),
  };
  return {
    resultType: resultType(source, body),
    create: () => new TermsCollector(plan, aggregations, context),
  };
}

function resultType(source: ValuesSource, body: JsonObject): string {
  if (source.field === undefined) return body["missing"] === undefined ? "umterms" : "sterms";
  if (source.field.kind === "keyword" || source.field.kind === "ip") return "sterms";
  return source.field.kind === "double" ? "dterms" : "lterms";
}

function keyWriter(field: Field | undefined, format: string | undefined): Plan["showKey"] {
  if (field?.kind === "ip") return (value) => ({ key: ipText(String(value)) });
  if (field?.kind === "boolean")
    return (value) => ({ key: value, key_as_string: value === 1 ? "true" : "false" });
  if (field?.kind === "date") {
    const pattern = format ?? field.dateFormat;
    return (value) => ({ key: value, key_as_string: printDate(Number(value), pattern) });
  }
  return (value) => ({ key: value });
}

/** `include` and `exclude`: a regular expression for text, or a list of exact values. */
function compileInclusion(
  body: JsonObject,
  field: Field | undefined,
  context: AggregationContext,
): (value: IndexedValue) => boolean {
  const compile = (setting: string): ((value: IndexedValue) => boolean) | undefined => {
    const given = body[setting];
    if (given === undefined) return undefined;
    if (isObject(given)) throw notSupported(`partitions of [${setting}] in [terms]`);
    if (Array.isArray(given)) {
      const values = (given as readonly unknown[]).map((value) =>
        field === undefined ? String(value) : termRange(context.search, field, value)?.from,
      );
      return (value) => values.includes(value);
    }
    if (field !== undefined && field.kind !== "keyword") {
      throw illegalArgument(
        `Aggregation [terms] cannot support regular expression style include/exclude settings as they can only be applied to string fields. Use an array of values for include/exclude clauses`,
      );
    }
    const automaton = createAutomaton(
      parseRegexp(textOf(given), { hasOperators: true, ignoreCase: false }),
    );
    if (automaton === undefined) throw notSupported(`so long a [${setting}] in [terms]`);
    return (value) => automaton.matches(String(value));
  };
  const includes = compile("include");
  const excludes = compile("exclude");
  return (value) => (includes?.(value) ?? true) && excludes?.(value) !== true;
}

class TermsCollector implements Collector {
  readonly #plan: Plan;
  readonly #aggregations: readonly Aggregation[];
  readonly #context: AggregationContext;
  readonly #buckets = new Map<IndexedValue, Bucket>();

  constructor(plan: Plan, aggregations: readonly Aggregation[], context: AggregationContext) {
    this.#plan = plan;
    this.#aggregations = aggregations;
    this.#context = context;
  }

  collect(document: SearchDocument, score: number): void {
    const values = this.#plan.source.read(document);
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      // A value that a document repeats counts once.
      if (
        value === undefined ||
        (at > 0 && values.indexOf(value) < at) ||
        !this.#plan.accepts(value)
      )
        continue;
      this.#bucket(value).collect(document, score);
    }
  }

  #bucket(value: IndexedValue): Bucket {
    let bucket = this.#buckets.get(value);
    if (bucket === undefined)
      this.#buckets.set(value, (bucket = new Bucket(this.#aggregations, this.#context)));
    return bucket;
  }

  result(): Record<string, unknown> {
    const { minDocCount, order, size, showKey, showsError } = this.#plan;
    if (minDocCount === 0) this.#addEmpty();
    const all = [...this.#buckets]
      .filter(([, bucket]) => bucket.docCount >= minDocCount)
      .map(([key, bucket]) => ({ key, bucket }))
      .sort(order);
    const others = all.slice(size).reduce((total, { bucket }) => total + bucket.docCount, 0);
    return {
      doc_count_error_upper_bound: 0,
      sum_other_doc_count: others,
      buckets: all.slice(0, size).map(({ key, bucket }) => {
        const { doc_count, ...rest } = bucket.result();
        return {
          ...showKey(key),
          doc_count,
          ...(showsError ? { doc_count_error_upper_bound: 0 } : {}),
          ...rest,
        };
      }),
    };
  }

  /** With `min_doc_count` 0 the terms of documents that did not match appear with a count of 0. */
  #addEmpty(): void {
    const { corpus } = this.#context.search;
    if (corpus === undefined || this.#plan.source.field === undefined) return;
    for (const document of corpus) {
      for (const value of this.#plan.source.read(document))
        if (this.#plan.accepts(value)) this.#bucket(value);
    }
  }
}
