/** `top_metrics`: values of the document that sorts first. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { wholeNumber } from "../search-body.ts";
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
  if (size > mostDocuments) throw notSupported(`a [size] beyond ${mostDocuments} in [top_metrics]`);
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const metrics = list.map((entry) => metricOf(isObject(entry) ? entry : {}, context));
  const [shard, second] = context.shards;
  if (shard === undefined || context.shards.some(({ index }) => index !== shard.index)) {
    if (second !== undefined) throw notSupported("[top_metrics] over several indices");
  }
  const sort = shard === undefined ? undefined : compileSort(asked, shard, context.compile);
  const [key, other] = sort?.keys ?? [];
  if (other !== undefined)
    throw illegalArgument(`[top_metrics] ${name} only supports sorting on one field`);
  return {
    resultType: "top_metrics",
    needsScores: key?.kind === "score",
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
            sort: [key?.show(values[0])],
            metrics: Object.fromEntries(
              metrics.map((metric) => [metric.name, metric.read(document)]),
            ),
          })),
        }),
      };
    },
  };
};

interface Metric {
  readonly name: string;
  readonly read: (document: SearchDocument) => unknown;
}

function metricOf(entry: JsonObject, context: AggregationContext): Metric {
  for (const key of Object.keys(entry))
    if (key !== "field") throw notSupported(`[${key}] of a metric in [top_metrics]`);
  const name = textOf(entry["field"] ?? "");
  const source = sourceOfField("top_metrics", name, undefined, context, isAnything);
  const format = valueFormat(source.field);
  return {
    name,
    read(document) {
      const [value, second] = source.read(document);
      if (second !== undefined)
        throw notSupported("[top_metrics] of a field with several values in a document");
      if (value === undefined) return null;
      return format.text === undefined ? format.key(value) : format.text(Number(value));
    },
  };
}
