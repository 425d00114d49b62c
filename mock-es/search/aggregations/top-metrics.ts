/** `top_metrics`: values of the document that sorts first. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import type { IndexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import type { SortKey, SortValue } from "../sort/sort-key.ts";
import { compileSort } from "../sort/sort.ts";
import { TopCandidates } from "../sort/top-candidates.ts";
import { type AggregationContext, type AggregationParser, checkSettings } from "./aggregation.ts";
import { valueFormat } from "./value-format.ts";
import { isAnything, sourceOfField } from "./values-source.ts";

/** Most documents, as `index.top_metrics_max_size` has it by default. */
const mostDocuments = 10;

/** `top_metrics`. */
export const parseTopMetrics: AggregationParser = (name, body, _sub, context) => {
  checkSettings("top_metrics", body, ["metrics", "sort", "size"]);
  const { metrics: given, sort: asked } = body;
  if (given === undefined) throw illegalArgument("Required [metrics]");
  if (asked === undefined) throw illegalArgument("Required [sort]");
  const size = body["size"] === undefined ? 1 : wholeNumber("size", body["size"]);
  if (size < 1) throw illegalArgument(`[size] must be more than 0 but was [${size}]`);
  if (size > mostDocuments)
    throw refusal(
      `[top_metrics.size] must not be more than [${mostDocuments}] but was [${size}]. This limit can be set by changing the [index.top_metrics_max_size] index level setting.`,
      context.shards[0],
    );
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const metrics = list.map((entry) => metricOf(isObject(entry) ? entry : {}, context));
  const [shard, second] = context.shards;
  if (shard === undefined || context.shards.some(({ index }) => index !== shard.index)) {
    if (second !== undefined) throw notSupported("[top_metrics] over several indices");
  }
  const sort = shard === undefined ? undefined : compileSort(asked, shard, context.compile);
  const [key, other] = sort?.keys ?? [];
  const show =
    shard === undefined || key === undefined ? (): null => null : shownBy(key, asked, shard);
  if (other !== undefined)
    throw illegalArgument(`[top_metrics] ${name} only supports sorting on one field`);
  return {
    resultType: "top_metrics",
    needsScores: key?.kind === "score",
    orderedBy: metrics.filter(({ isOrdered }) => isOrdered).map((metric) => metric.name),
    create() {
      const top = sort === undefined ? undefined : new TopCandidates(size, sort);
      let count = 0;
      return {
        collect(document, score) {
          const value = key?.read(document, score, count);
          // A document without a value to sort by is left out.
          if (value !== undefined) top?.offer(document, score, count);
          count++;
        },
        result: () => ({
          top: (top?.sorted() ?? []).map(({ document, values }) => ({
            sort: [show(values[0])],
            metrics: Object.fromEntries(
              metrics.map((metric) => [metric.name, metric.read(document)]),
            ),
          })),
        }),
      };
    },
  };
};

function refusal(reason: string, shard: SearchContext | undefined): Error {
  return shardFailure(shard?.index ?? "_all", "illegal_argument_exception", reason);
}

/**
 * How a value of the sort is shown: in the format of its field.
 *
 * @throws {EsError} where it is no number and no score
 */
function shownBy(
  key: SortKey,
  asked: unknown,
  shard: SearchContext,
): (value: SortValue) => unknown {
  if (key.kind === "doc") throw refusal("sorting by _doc is not supported", shard);
  const [first]: readonly unknown[] = Array.isArray(asked) ? asked : [asked];
  const [name = "", settings] = isObject(first) ? (Object.entries(first)[0] ?? []) : [first];
  const field = resolveField(shard, textOf(name));
  if (key.valueType === "string") {
    const reason =
      name === "_script"
        ? "error building sort for [_script]: script sorting only supported on [numeric] scripts but was [string]"
        : `error building sort for field [${textOf(name)}] of type [${field?.type}] in index [${shard.index}]: only supported on numeric fields`;
    throw refusal(reason, shard);
  }
  const hasFormat = isObject(settings) && settings["format"] !== undefined;
  if (field === undefined || hasFormat) return (value) => key.show(value);
  if (field.type === "date_nanos") throw notSupported("[sort] by date_nanos in [top_metrics]");
  return (value) => (value === undefined ? null : shownValue(field, value));
}

/** Values of fields that have a format are texts. */
function shownValue(field: Field | undefined, value: IndexedValue): unknown {
  const format = valueFormat(field);
  if (format.text !== undefined) return format.text(Number(value));
  return field?.type === "unsigned_long" ? String(value) : format.key(value);
}

interface Metric {
  readonly name: string;
  /** True where buckets can be sorted by what is shown. */
  readonly isOrdered: boolean;
  readonly read: (document: SearchDocument) => unknown;
}

function metricOf(entry: JsonObject, context: AggregationContext): Metric {
  for (const key of Object.keys(entry))
    if (key !== "field") throw notSupported(`[${key}] of a metric in [top_metrics]`);
  const name = textOf(entry["field"] ?? "");
  const source = sourceOfField("top_metrics", name, undefined, context, isAnything);
  const { kind, dateFormat } = source.field ?? {};
  return {
    name,
    // Other formats of dates are not in the order of time.
    isOrdered: kind !== "date" || dateFormat?.startsWith("strict_date_optional_time") === true,
    read(document) {
      const [value, second] = source.read(document);
      if (second !== undefined)
        throw notSupported("[top_metrics] of a field with several values in a document");
      if (value === undefined) return null;
      return shownValue(source.field, value);
    },
  };
}
