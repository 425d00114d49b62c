/** `multi_terms`: a bucket for each combination of values of several fields. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { doubleJson, doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import type { IndexedValue } from "../fields/value.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  checkSettings,
  finishBuckets,
} from "./aggregation.ts";
import { byCount, type BucketOrder, compileOrder, type OrderedBucket } from "./bucket-order.ts";
import { bucketLimits, ShardBuckets } from "./shard-buckets.ts";
import { valueFormat } from "./value-format.ts";
import { isAnything, sourceOfField } from "./values-source.ts";
import { refuseNegativeZero } from "../fields/zeros.ts";

/** One field of the combinations. */
interface Part {
  readonly read: (document: SearchDocument) => readonly IndexedValue[];
  /** The value in the key of a bucket. */
  readonly show: (value: IndexedValue) => unknown;
  /** The value in the text of the key. */
  readonly text: (value: IndexedValue) => string;
}

/** `multi_terms`. */
export function parseMultiTerms(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("multi_terms", body, [
    "terms",
    "size",
    "shard_size",
    "min_doc_count",
    "shard_min_doc_count",
    "show_term_doc_count_error",
    "order",
    "collect_mode",
  ]);
  const given = body["terms"];
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [];
  if (list.length < 2) {
    throw illegalArgument(
      `The [terms] parameter in the aggregation [${name}] must be present and have at least 2 fields or scripts. For a single field user terms aggregation.`,
    );
  }
  const parts = list.map((entry) => partOf(isObject(entry) ? entry : {}, context));
  const size = body["size"] === undefined ? 10 : wholeNumber("size", body["size"]);
  const least = Number(body["min_doc_count"] ?? 1);
  if (least < 1) throw notSupported("[min_doc_count] 0 in [multi_terms]");
  const limits = bucketLimits(body, { size, minDocCount: least });
  const order = compileOrder(body["order"], byCount, sub, context);
  const showsError = body["show_term_doc_count_error"] === true;
  return {
    resultType: "multi_terms",
    create() {
      const known = new Map<string, readonly IndexedValue[]>();
      // Ranks stand for the keys, which are lists.
      const ranks = new Map<IndexedValue, number>();
      const ranked = ({ key, bucket }: OrderedBucket): OrderedBucket => ({
        key: ranks.get(key) ?? 0,
        bucket,
      });
      const byRank: BucketOrder = (a, b) => order(ranked(a), ranked(b));
      const found = new ShardBuckets(limits, byRank, sub, context);
      return {
        collect(document, score) {
          const keys: string[] = [];
          for (const values of combinations(
            parts.map(({ read }) => {
              const values = read(document);
              refuseNegativeZero(values);
              return [...new Set(values)];
            }),
          )) {
            const key = JSON.stringify(values.map(String));
            if (!known.has(key)) known.set(key, values);
            keys.push(key);
          }
          found.collect(keys, document, score);
        },
        result() {
          const sorted = [...known].sort(([, a], [, b]) => compared(a, b));
          for (const [rank, [key]] of sorted.entries()) ranks.set(key, rank);
          const { buckets, others, error, errorOf } = found.reduce();
          const shown = buckets.map(({ key, bucket }) => {
            const { doc_count, ...rest } = bucket.result();
            const values = known.get(String(key)) ?? [];
            return {
              key: values.map((value, at) => parts[at]?.show(value)),
              key_as_string: values.map((value, at) => parts[at]?.text(value)).join("|"),
              doc_count,
              ...(showsError ? { doc_count_error_upper_bound: errorOf(key) } : {}),
              ...rest,
            };
          });
          return {
            doc_count_error_upper_bound: error,
            sum_other_doc_count: others,
            buckets: finishBuckets(shown, sub, context),
          };
        },
      };
    },
  };
}

function partOf(entry: JsonObject, context: AggregationContext): Part {
  for (const key of Object.keys(entry)) {
    if (key !== "field" && key !== "missing")
      throw notSupported(`[${key}] of a term in [multi_terms]`);
  }
  if (entry["field"] === undefined)
    throw illegalArgument("Required one of fields [field, script], but none were specified.");
  const name = textOf(entry["field"]);
  const source = sourceOfField("multi_terms", name, entry["missing"], context, isAnything);
  const types = new Set(
    context.shards.map((shard) => resolveField(shard, name)).map((field) => field?.type),
  );
  types.delete(undefined);
  const isUnsigned = types.has("unsigned_long");
  // Where others are numbers of another kind, all are doubles.
  if (isUnsigned && types.size > 1)
    return {
      read: (document) => source.read(document).map(Number),
      show: (value) => doubleJson(Number(value)),
      text: (value) => doubleText(Number(value)),
    };
  const format = valueFormat(source.field);
  const { text: written } = format;
  const numberText = written === undefined ? undefined : byNumber(written);
  const asText = isUnsigned ? String : numberText;
  return {
    read: (document) => source.read(document),
    show: (value) => (asText === undefined ? format.key(value) : asText(value)),
    text(value) {
      if (asText !== undefined) return asText(value);
      return source.field?.kind === "double"
        ? doubleText(Number(value))
        : textOf(format.key(value));
    },
  };
}

function byNumber(write: (value: number) => string): (value: IndexedValue) => string {
  return (value) => write(Number(value));
}

function combinations(lists: readonly (readonly IndexedValue[])[]): IndexedValue[][] {
  let found: IndexedValue[][] = [[]];
  for (const list of lists) found = found.flatMap((head) => list.map((value) => [...head, value]));
  return found;
}

function compared(a: readonly IndexedValue[], b: readonly IndexedValue[]): number {
  for (const [at, value] of a.entries()) {
    const other = b[at] ?? value;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
