/** `rare_terms`: a bucket for each value that few documents have. */
import { EsError, illegalArgument } from "../../es-error.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { IndexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { type AggregationParser, Bucket, checkSettings, finishBuckets } from "./aggregation.ts";
import { compileInclusion } from "./terms.ts";
import { valueFormat } from "./value-format.ts";
import { compileSource, isAnything } from "./values-source.ts";

/** The most that `max_doc_count` may be. */
const mostDocuments = 100;

/** `rare_terms`: exact, where Elasticsearch forgets with a small probability. */
export const parseRareTerms: AggregationParser = (name, body, sub, context) => {
  checkSettings("rare_terms", body, [
    "field",
    "missing",
    "value_type",
    "format",
    "max_doc_count",
    "precision",
    "include",
    "exclude",
  ]);
  const most = readMaxDocCount(name, body);
  const source = compileSource("rare_terms", body, context, isAnything);
  const { field } = source;
  if (field?.kind === "double") {
    const reason = "RareTerms aggregation does not support floating point fields.";
    throw shardFailure(context.shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
  }
  const accepts = compileInclusion("rare_terms", name, body, field, context);
  const format = valueFormat(field);
  const isText = field?.kind === "keyword" || field?.kind === "ip" || field?.kind === "text";
  return {
    resultType: field === undefined ? "sterms" : isText ? "srareterms" : "lrareterms",
    create() {
      const buckets = new Map<IndexedValue, Bucket>();
      return {
        collect(document, score) {
          // A number that a document has twice counts as two documents.
          const values = source.read(document);
          for (const value of isText ? new Set(values) : values) {
            if (!accepts(value)) continue;
            let bucket = buckets.get(value);
            if (bucket === undefined) buckets.set(value, (bucket = new Bucket(sub, context)));
            bucket.collect(document, score);
          }
        },
        result() {
          const rare = [...buckets]
            .filter(([, bucket]) => bucket.docCount <= most)
            .sort(([a, one], [b, other]) => one.docCount - other.docCount || (a < b ? -1 : 1));
          const shown = rare.map(([key, bucket]) => ({
            key: format.key(key),
            ...(format.text === undefined ? {} : { key_as_string: format.text(Number(key)) }),
            ...bucket.result(),
          }));
          return { buckets: finishBuckets(shown, sub, context) };
        },
      };
    },
  };
};

function readMaxDocCount(name: string, body: JsonObject): number {
  const most = Number(body["max_doc_count"] ?? 1);
  const refuse = (reason: string): Error =>
    new EsError(
      400,
      "x_content_parse_exception",
      "[rare_terms] failed to parse field [max_doc_count]",
      { caused_by: illegalArgument(reason).toCause() },
    ).at(body, "max_doc_count");
  if (most <= 0)
    throw refuse(`[max_doc_count] must be greater than 0. Found [${most}] in [${name}]`);
  if (most > mostDocuments)
    throw refuse(`[max_doc_count] must be smallerthan ${mostDocuments}in [${name}]`);
  return most;
}
