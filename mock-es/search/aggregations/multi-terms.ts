/** `multi_terms`: a bucket for each combination of values of several fields. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import type { IndexedValue } from "../fields/value.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  finishBuckets,
} from "./aggregation.ts";
import { byCount, compileOrder } from "./bucket-order.ts";
import { valueFormat } from "./value-format.ts";
import { isAnything, sourceOfField } from "./values-source.ts";

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
  const order = compileOrder(body["order"], byCount, sub, context);
  const showsError = body["show_term_doc_count_error"] === true;
  return {
    resultType: "multi_terms",
    create() {
      const buckets = new Map<string, Combination>();
      return {
        collect(document, score) {
          for (const values of combinations(
            parts.map(({ read }) => [...new Set(read(document))]),
          )) {
            const key = JSON.stringify(values.map(String));
            let found = buckets.get(key);
            if (found === undefined)
              buckets.set(key, (found = { values, bucket: new Bucket(sub, context) }));
            found.bucket.collect(document, score);
          }
        },
        result() {
          // Ranks stand for the keys, which are lists.
          const ranked = [...buckets.values()]
            .sort((a, b) => compared(a.values, b.values))
            .map((combination, key) => ({ ...combination, key }))
            .filter(({ bucket }) => bucket.docCount >= least)
            .sort(order);
          const others = ranked.slice(size).reduce((sum, { bucket }) => sum + bucket.docCount, 0);
          const shown = ranked.slice(0, size).map(({ values, bucket }) => {
            const { doc_count, ...rest } = bucket.result();
            return {
              key: values.map((value, at) => parts[at]?.show(value)),
              key_as_string: values.map((value, at) => parts[at]?.text(value)).join("|"),
              doc_count,
              ...(showsError ? { doc_count_error_upper_bound: 0 } : {}),
              ...rest,
            };
          });
          return {
            doc_count_error_upper_bound: 0,
            sum_other_doc_count: others,
            buckets: finishBuckets(shown, sub, context),
          };
        },
      };
    },
  };
}

interface Combination {
  readonly values: readonly IndexedValue[];
  readonly bucket: Bucket;
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
  const format = valueFormat(source.field);
  const { text: asText } = format;
  return {
    read: (document) => source.read(document),
    show: (value) => (asText === undefined ? format.key(value) : asText(Number(value))),
    text(value) {
      if (asText !== undefined) return asText(Number(value));
      return source.field?.kind === "double"
        ? doubleText(Number(value))
        : textOf(format.key(value));
    },
  };
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
