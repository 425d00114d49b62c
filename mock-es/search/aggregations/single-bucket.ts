/** Aggregations of one bucket. */
import type { SearchDocument } from "../fields/document.ts";
import { NO_MATCH } from "../queries/compiled-query.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
} from "./aggregation.ts";

/** One bucket of the documents that a predicate gives a score. */
export function singleBucket(
  resultType: string,
  accepts: (document: SearchDocument) => number,
  sub: AggregationLevel,
  context: AggregationContext,
  isGlobal = false,
): AggregationKind {
  return {
    resultType,
    isGlobal,
    create() {
      const bucket = new Bucket(sub, context);
      return {
        collect(document, score) {
          if (accepts(document) !== NO_MATCH) bucket.collect(document, score);
        },
        result: () => bucket.result(),
      };
    },
  };
}
