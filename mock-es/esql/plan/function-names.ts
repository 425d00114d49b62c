/** Names of functions: those of aggregates, and those that the server has and the mock has not. */
import { syntaxProblem } from "../syntax/span.ts";
import type { Expression } from "../syntax/syntax.ts";
import type { FunctionDefinition } from "../functions/definition.ts";
import { functionNames } from "../functions/functions.ts";
import { type Analysis, similar } from "./analysis.ts";

const words = (text: string): string[] => text.split(" ");

/** Aggregate functions of the language, whether computed or refused. */
export const aggregateNames: ReadonlySet<string> = new Set(
  words(
    "absent absent_over_time avg avg_over_time count count_distinct count_distinct_over_time " +
      "count_over_time delta deriv earliest first first_over_time idelta increase irate last " +
      "last_over_time latest max max_over_time median median_absolute_deviation min " +
      "min_over_time percentile percentile_over_time present present_over_time rate sample " +
      "sparkline st_centroid_agg st_extent_agg std_dev stddev_over_time sum sum_over_time top " +
      "values variance variance_over_time weighted_avg",
  ),
);

/** Functions of Elasticsearch 9.5 that are refused by name. */
const refused: readonly string[] = words(
  "bin bucket categorize chunk clamp date_unit_count decay embedding field_extract " +
    "json_extract knn kql match match_phrase netdir network_direction qstr range_contains " +
    "range_intersects range_max range_min range_within score st_buffer st_contains " +
    "st_difference st_dimension st_disjoint st_envelope st_geohash st_geohex st_geometrytype " +
    "st_geotile st_intersection st_intersects st_isempty st_npoints st_simplify " +
    "st_simplifypreservetopology st_symdifference st_union st_within tbucket text_embedding " +
    "to_aggregate_metric_double to_aggregatemetricdouble to_cartesianpoint to_cartesianshape " +
    "to_counter to_date_range to_daterange to_dense_vector to_exponential_histogram to_gauge " +
    "to_geohash to_geohex to_geoshape to_geotile to_range to_tdigest to_text top_snippets " +
    "trange tstep v_cosine v_dot_product v_hamming v_l1_norm v_l2_norm v_magnitude",
);

/** Refuses a function that is not computed: by name, or as one that there is none of. */
export function refuseFunction(
  analysis: Analysis,
  expression: Extract<Expression, { kind: "call" }>,
): undefined {
  const { name } = expression;
  if (refused.includes(name) || aggregateNames.has(name))
    throw analysis.unsupported(expression, `the function [${name}]`);
  const names = [...functionNames, ...refused, ...aggregateNames].sort();
  return analysis.fail(expression, `Unknown function [${name}]${similar(name, names)}`);
}

const counts: readonly string[] = ["no", "one", "two", "three", "four"];

/** @throws {EsError} 400 `parsing_exception` for too few or too many arguments */
export function checkCount(
  analysis: Analysis,
  expression: Extract<Expression, { kind: "call" }>,
  { least, most }: FunctionDefinition,
): void {
  const given = expression.from.length;
  if (given >= least && given <= most) return;
  const message = `error building [${expression.name}]: expects ${countText(least, most)}`;
  throw syntaxProblem(analysis.query, expression.start, message);
}

function countText(least: number, most: number): string {
  const name = (count: number): string => counts[count] ?? String(count);
  if (most === 0) return "no arguments";
  if (most > 10) return `at least ${name(least)} argument${least === 1 ? "" : "s"}`;
  if (least === most) return `exactly ${name(least)} argument${least === 1 ? "" : "s"}`;
  if (most - least === 1) return `${name(least)} or ${name(most)} arguments`;
  return `${name(least)}, ${name(least + 1)} or ${name(most)} arguments`;
}
