/** The aggregations by name, and the compiling of `aggs` objects. */
import { EsError, illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { Faults } from "../faults.ts";
import { suggestion } from "../problem.ts";
import {
  type Aggregation,
  type AggregationContext,
  type AggregationLevel,
  type AggregationParser,
  type Collector,
  emptyLevel,
  metaOf,
  type ParentPipeline,
  type SiblingPipeline,
} from "./aggregation.ts";
import { parseAutoDateHistogram } from "./auto-date-histogram.ts";
import { parseMatrixStats } from "./matrix-stats.ts";
import { parseBoxplot } from "./boxplot.ts";
import { AggregationMeter, aggregatorOf } from "../profile/measure-aggregation.ts";
import { parseComposite } from "./composite.ts";
import { parseDateHistogram } from "./date-histogram.ts";
import { parseExtendedStats } from "./extended-stats.ts";
import {
  parseAdjacencyMatrix,
  parseFilter,
  parseFilters,
  parseGlobal,
  parseMissing,
} from "./filters.ts";
import { parseGeoDistanceRanges } from "./geo-distance.ts";
import { parseGeoBounds, parseGeoCentroid, parseGeohashGrid, parseGeotileGrid } from "./geo.ts";
import { parseChildren, parseParents } from "./joins.ts";
import { parseHistogram } from "./histogram.ts";
import {
  parseAvg,
  parseCardinality,
  parseMax,
  parseMin,
  parseStats,
  parseSum,
  parseValueCount,
} from "./metrics.ts";
import { parseIpPrefix } from "./ip-prefix.ts";
import { parseMultiTerms } from "./multi-terms.ts";
import { innerContext, parseNestedAggregation, parseReverseNested } from "./nested.ts";
import { compileParent, type CompiledParent, isParent } from "./parent-pipelines.ts";
import { checkPlace, hasOneBucket, type Parent, presenceIn } from "./parents.ts";
import {
  parseMedianAbsoluteDeviation,
  parsePercentileRanks,
  parsePercentiles,
} from "./percentiles.ts";
import { parseDateRange, parseIpRange, parseRangeAggregation } from "./range.ts";
import { checkRateParents, histogramContext, parseRate } from "./rate.ts";
import { parseRareTerms } from "./rare-terms.ts";
import { compileSibling, isSibling } from "./sibling-pipelines.ts";
import { parseScriptedMetric } from "./scripted-metric.ts";
import { parseStringStats } from "./string-stats.ts";
import { parseTermsAggregation } from "./terms.ts";
import {
  checkSampled,
  parseDiversifiedSampler,
  parseRandomSampler,
  parseSampler,
} from "./samplers.ts";
import { checkSettingValues } from "./setting-values.ts";
import { parseSignificantTerms, parseSignificantText } from "./significant-terms.ts";
import { parseTTest } from "./t-test.ts";
import { parseTopHits } from "./top-hits.ts";
import { parseTopMetrics } from "./top-metrics.ts";
import { parseVariableWidthHistogram } from "./variable-width-histogram.ts";
import { parseWeightedAvg } from "./weighted-avg.ts";

const bucketParsers: Readonly<Record<string, AggregationParser>> = {
  auto_date_histogram: parseAutoDateHistogram,
  adjacency_matrix: parseAdjacencyMatrix,
  children: parseChildren,
  composite: parseComposite,
  date_histogram: parseDateHistogram,
  date_range: parseDateRange,
  diversified_sampler: parseDiversifiedSampler,
  filter: parseFilter,
  filters: parseFilters,
  geo_distance: parseGeoDistanceRanges,
  geohash_grid: parseGeohashGrid,
  geotile_grid: parseGeotileGrid,
  global: parseGlobal,
  histogram: parseHistogram,
  ip_prefix: parseIpPrefix,
  ip_range: parseIpRange,
  missing: parseMissing,
  multi_terms: parseMultiTerms,
  nested: parseNestedAggregation,
  random_sampler: parseRandomSampler,
  range: parseRangeAggregation,
  rare_terms: parseRareTerms,
  reverse_nested: parseReverseNested,
  sampler: parseSampler,
  significant_terms: parseSignificantTerms,
  significant_text: parseSignificantText,
  terms: parseTermsAggregation,
  variable_width_histogram: parseVariableWidthHistogram,
  parent: parseParents,
};

const metricParsers: Readonly<Record<string, AggregationParser>> = {
  avg: parseAvg,
  boxplot: parseBoxplot,
  cardinality: parseCardinality,
  extended_stats: parseExtendedStats,
  geo_bounds: parseGeoBounds,
  geo_centroid: parseGeoCentroid,
  matrix_stats: parseMatrixStats,
  max: parseMax,
  median_absolute_deviation: parseMedianAbsoluteDeviation,
  min: parseMin,
  percentile_ranks: parsePercentileRanks,
  percentiles: parsePercentiles,
  rate: parseRate,
  scripted_metric: parseScriptedMetric,
  stats: parseStats,
  string_stats: parseStringStats,
  sum: parseSum,
  t_test: parseTTest,
  top_hits: parseTopHits,
  top_metrics: parseTopMetrics,
  value_count: parseValueCount,
  weighted_avg: parseWeightedAvg,
};

/** Names of the aggregations that are computed, sorted. */
export const aggregationNames: readonly string[] = [
  ...Object.keys(bucketParsers),
  ...Object.keys(metricParsers),
].sort();

/** Aggregations of Elasticsearch that are refused by name, not as unknown ones. */
const notComputed: readonly string[] = [
  "bucket_correlation",
  "bucket_count_ks_test",
  "categorize_text",
  "change_point",
  "frequent_item_sets",
  "geo_line",
  "geohex_grid",
  "inference",
  "time_series",
];

/**
 * Compiles the value of `aggs` with everything inside it.
 *
 * @throws {EsError} Elasticsearch's own refusal, or a 400 that names an aggregation that is not
 *   computed
 */
export function compileAggregations(aggs: unknown, context: AggregationContext): AggregationLevel {
  return compileLevel(aggs, context, []);
}

function compileLevel(
  aggs: unknown,
  context: AggregationContext,
  parents: readonly Parent[],
): AggregationLevel {
  if (!isObject(aggs))
    throw parsingException(`Expected [START_OBJECT] but found [${tokenOf(aggs)}]`);
  const aggregations: Aggregation[] = [];
  const siblings: (() => SiblingPipeline)[] = [];
  const compiledParents: (() => CompiledParent)[] = [];
  const faults = new Faults();
  const parent = parents.at(-1);
  const findScript = context.shards[0]?.findScript;
  for (const [name, definition] of Object.entries(aggs)) {
    if (name === "" || /[[\]>]/.test(name)) {
      throw parsingException(
        `Invalid aggregation name [${name}]. Aggregation names can contain any character except '[', ']', and '>'`,
      ).at(aggs, name, "key");
    }
    if (!isObject(definition)) {
      throw parsingException(
        `Aggregation definition for [${name} starts with a [${tokenOf(definition)}], expected a [START_OBJECT].`,
      ).at(aggs, name);
    }
    const taken = faults.attempt("", () => takeApart(name, definition));
    if (taken === undefined) continue;
    const { type, inner, body } = taken;
    if (isSibling(type) && inner === undefined)
      siblings.push(() => {
        const made = compileSibling(name, type, definition, aggs);
        checkSettingValues(type, body);
        return made;
      });
    else if (isParent(type) && inner === undefined)
      compiledParents.push(() => {
        const made = compileParent(name, type, definition, { parent, aggs, findScript });
        checkSettingValues(type, body);
        return made;
      });
    else {
      const one = faults.attempt("", () => compileOne(name, definition, context, parents));
      if (one !== undefined) aggregations.push(one);
    }
  }
  const madeSiblings = siblings.flatMap((compile) => faults.attempt("", compile) ?? []);
  const madeParents = compiledParents.flatMap((compile) => faults.attempt("", compile) ?? []);
  faults.throwAny();
  return { aggregations, siblings: madeSiblings, parents: inOrder(madeParents) };
}

/** Pipelines behind those that they take values from. */
function inOrder(compiled: readonly CompiledParent[]): readonly ParentPipeline[] {
  const names = new Set(compiled.map(({ pipeline }) => pipeline.name));
  const done = new Set<string>();
  const ordered: ParentPipeline[] = [];
  while (ordered.length < compiled.length) {
    const next = compiled.find(
      ({ pipeline, needs }) =>
        !done.has(pipeline.name) && needs.every((name) => !names.has(name) || done.has(name)),
    );
    if (next === undefined) throw notSupported("pipelines that depend on each other");
    done.add(next.pipeline.name);
    ordered.push(next.pipeline);
  }
  return ordered;
}

/** A definition, taken apart. */
interface Definition {
  readonly type: string;
  readonly body: JsonObject;
  readonly inner: unknown;
}

function takeApart(name: string, definition: JsonObject): Definition {
  let type: string | undefined;
  let inner: unknown;
  for (const [key, value] of Object.entries(definition)) {
    if (key === "meta" && isObject(value)) continue;
    if (!isObject(value)) {
      const reason = `Expected [START_OBJECT] under [${key}], but got a [${tokenOf(value)}] in [${name}]`;
      throw parsingException(reason).at(definition, key);
    }
    if (key === "aggs" || key === "aggregations") {
      if (inner !== undefined) {
        throw parsingException(`Found two sub aggregation definitions under [${name}]`).at(
          definition,
          key,
        );
      }
      inner = value;
    } else {
      if (type !== undefined) {
        const reason = `Found two aggregation type definitions in [${name}]: [${type}] and [${key}]`;
        throw parsingException(reason).at(definition, key);
      }
      type = key;
    }
  }
  if (type === undefined) {
    throw parsingException(`Missing definition for aggregation [${name}]`).at(
      definition,
      undefined,
      "end",
    );
  }
  return { type, body: definition[type] as JsonObject, inner };
}

function compileOne(
  name: string,
  definition: JsonObject,
  context: AggregationContext,
  parents: readonly Parent[],
): Aggregation {
  const { type, body, inner } = takeApart(name, definition);
  const parser = parserOf(type, definition);
  const faults = new Faults();
  if (type === "rate")
    checkRateParents(
      parents.map((outer) => outer.type),
      context,
    );
  faults.attempt("place", () => checkPlace(name, type, body, parents, context));
  const within = histogramContext(type, body, innerContext(type, name, body, context));
  const sub =
    inner === undefined
      ? emptyLevel
      : (faults.attempt("sub", () => {
          return compileLevel(inner, within, [...parents, { name, type, body }]);
        }) ?? emptyLevel);
  const bodyFirst = Object.keys(definition)[0] === type;
  if (inner !== undefined && type === "significant_text")
    throw illegalArgument(
      `Aggregator [${name}] of type [significant_text] cannot accept sub-aggregations`,
    );
  if (inner !== undefined && Object.hasOwn(metricParsers, type)) {
    const reason = `Aggregator [${name}] of type [${type}] cannot accept sub-aggregations`;
    throw new EsError(500, "aggregation_initialization_exception", reason);
  }
  const isWithinTerms = parents.some(({ type: outer }) => madeForTerms.has(outer));
  const own = ofShards.has(type)
    ? {
        ...context,
        presence: presenceIn(parents),
        isSingle: parents.every((outer) => hasOneBucket(outer, context)),
      }
    : { ...context, isWithinTerms, ...(parents.length > 0 ? { rangeAsked: undefined } : {}) };
  const kind = faults.attempt("own", () => parser(name, body, sub, own));
  faults.throwFirst("parse", bodyFirst ? ["own", "sub"] : ["sub", "own"]);
  faults.throwFirst("validate");
  faults.throwFirst("rewrite");
  // Filters become queries when what is in them is made.
  faults.throwFirst("create", ofFilters.has(type) ? ["sub", "own"] : ["own", "sub"]);
  faults.throwFirst("collect");
  if (kind === undefined) throw new Error("an aggregation was neither compiled nor refused");
  checkSettingValues(type, body);
  if (type === "random_sampler" && isObject(inner)) checkSampled(inner, context);
  const needsScores =
    kind.needsScores === true ||
    sub.aggregations.some((aggregation) => aggregation.needsScores === true);
  const compiled = { ...kind, name, needsScores, meta: metaOf(definition) };
  return context.clock === undefined ? compiled : measured(compiled, type, body, sub, context);
}

const ofFilters: ReadonlySet<string> = new Set(["adjacency_matrix", "filter", "filters"]);

/** Aggregations for which it matters which shards have the bucket that they are in. */
const ofShards: ReadonlySet<string> = new Set([
  "multi_terms",
  "significant_terms",
  "significant_text",
  "terms",
  "top_hits",
]);

/** Aggregations that make what is in them for each of their buckets, or for none. */
const madeForTerms: ReadonlySet<string> = new Set([
  "auto_date_histogram",
  "composite",
  "multi_terms",
  "rare_terms",
  "significant_terms",
  "terms",
  "variable_width_histogram",
]);

/** An aggregation that measures itself. @throws {EsError} 400 for one that is not profiled */
function measured(
  compiled: Aggregation,
  type: string,
  body: JsonObject,
  sub: AggregationLevel,
  { clock, shards }: AggregationContext,
): Aggregation {
  const [shard, ...others] = shards;
  if (clock === undefined || shard === undefined) return compiled;
  const children = sub.aggregations.flatMap(({ meter }) => (meter === undefined ? [] : [meter]));
  const inner = sub.aggregations.map(({ name }) => name);
  const aggregator = aggregatorOf(type, body, inner, [shard, ...others]);
  const meter = new AggregationMeter(clock, compiled.name, aggregator, children);
  return { ...compiled, meter, create: () => meter.watch(() => compiled.create()) as Collector };
}

function parserOf(type: string, definition: JsonObject): AggregationParser {
  const known = Object.hasOwn(bucketParsers, type)
    ? bucketParsers[type]
    : Object.hasOwn(metricParsers, type)
      ? metricParsers[type]
      : undefined;
  if (known !== undefined) return known;
  if (notComputed.includes(type)) throw notSupported(`the aggregation [${type}]`);
  const names = [...Object.keys(bucketParsers), ...Object.keys(metricParsers), ...notComputed];
  if (isSibling(type) || isParent(type)) throw notSupported(`aggregations in [${type}]`);
  throw parsingException(`Unknown aggregation type [${type}]${suggestion(type, names)}`, {
    caused_by: { type: "named_object_not_found_exception", reason: `unknown field [${type}]` },
  }).at(definition, type);
}
