import { compileHit, shortestFloat } from "../fetch/hit.ts";
import { illegalArgument, notSupported, shardFailure, type JsonObject } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import { byRelevance, compileSort } from "../sort.ts";
import { TopCandidates } from "../top-candidates.ts";
import {
  checkSettings,
  type Aggregation,
  type AggregationContext,
  type AggregationKind,
} from "./aggregation.ts";

const SETTINGS = [
  "from",
  "size",
  "sort",
  "_source",
  "fields",
  "docvalue_fields",
  "stored_fields",
  "version",
  "seq_no_primary_term",
  "track_scores",
  "explain",
  "highlight",
  "script_fields",
];

/** Limit of `index.max_inner_result_window`. */
const MAX_INNER_WINDOW = 100;

/** `top_hits`: the best documents of a bucket. */
export function parseTopHits(
  name: string,
  body: JsonObject,
  _: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  checkSettings("top_hits", body, SETTINGS);
  for (const key of ["explain", "highlight", "script_fields"]) {
    if (body[key] !== undefined && body[key] !== false)
      throw notSupported(`[${key}] in [top_hits]`);
  }
  const from = body["from"] === undefined ? 0 : wholeNumber("from", body["from"]);
  const size = body["size"] === undefined ? 3 : wholeNumber("size", body["size"]);
  if (from < 0)
    throw illegalArgument(
      `[from] must be greater than or equal to 0. Found [${from}] in [${name}]`,
    );
  if (size < 0)
    throw illegalArgument(
      `[size] must be greater than or equal to 0. Found [${size}] in [${name}]`,
    );
  if (from + size > MAX_INNER_WINDOW) {
    throw shardFailure(
      context.search.index,
      "illegal_argument_exception",
      `Top hits result window is too large, the top hits aggregator [${name}]'s from + size must be less than or equal to: [${MAX_INNER_WINDOW}] but was [${from + size}]. This limit can be set by changing the [index.max_inner_result_window] index level setting.`,
    );
  }
  const sort = body["sort"] === undefined ? byRelevance : compileSort(body["sort"], context.search);
  const hasScore =
    !sort.isExplicit || body["track_scores"] === true || sort.keys[0]?.kind === "score";
  const toHit = compileHit(body, sort, hasScore, context.search);
  return {
    resultType: "top_hits",
    needsScores: true,
    create() {
      const top = new TopCandidates(from + size, sort);
      let count = 0;
      let best = -1;
      return {
        collect(document, score) {
          top.offer(document, score, count++);
          if (score > best) best = score;
        },
        result: () => ({
          hits: {
            total: { value: count, relation: "eq" },
            max_score: hasScore && count > 0 ? shortestFloat(best) : null,
            hits: top.sorted().slice(from).map(toHit),
          },
        }),
      };
    },
  };
}
