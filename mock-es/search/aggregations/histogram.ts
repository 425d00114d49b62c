/** `histogram`: buckets of equal width over numbers. */
import { checkBounds } from "./histogram-bounds.ts";
import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import { doubleJson, doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { shardFailure } from "../problem.ts";
import { numberOf } from "../queries/compiled-query.ts";
import { inMember } from "../queries/object-members.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  checkSettings,
} from "./aggregation.ts";
import { byKey, checkOrder, compileOrder } from "./bucket-order.ts";
import { HistogramCollector, type HistogramPlan } from "./histogram-buckets.ts";
import { formatOf } from "./metrics.ts";
import { compileSource, isNumeric } from "./values-source.ts";

const settingNames = [
  "field",
  "missing",
  "value_type",
  "format",
  "interval",
  "offset",
  "min_doc_count",
  "order",
  "keyed",
  "extended_bounds",
  "hard_bounds",
];

/** `histogram`. */
export function parseHistogram(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("histogram", body, settingNames);
  checkOrder("histogram", body);
  checkBounds("histogram", "double_bounds", body);
  if (body["offset"] !== undefined)
    inMember("histogram", body, "offset", () => numberOf(body["offset"]));
  const interval = Number(body["interval"] ?? 0);
  if (!(interval > 0) && body["interval"] !== undefined) {
    const cause = illegalArgument(`[interval] must be >0 for histogram aggregation [${name}]`);
    const reason = "[histogram] failed to parse field [interval]";
    throw new EsError(400, "x_content_parse_exception", reason, {
      caused_by: cause.toCause(),
    }).at(body, "interval");
  }
  const offset = Number(body["offset"] ?? 0);
  const source = compileSource("histogram", body, context, isNumeric);
  const [shard] = context.shards;
  if (body["interval"] === undefined)
    throw shardFailure(
      shard?.index ?? "_all",
      "illegal_argument_exception",
      "interval must be positive, got: 0.0",
    );
  const { text } = formatOf(body, source);
  const keyOf = (value: number): number =>
    Math.floor((value - offset) / interval) * interval + offset;
  const [softMin, softMax] = readBounds(body["extended_bounds"], Number);
  const [hardMin = -Infinity, hardMax = Infinity] = readBounds(body["hard_bounds"], Number);
  if ((softMin !== undefined && softMin < hardMin) || (softMax !== undefined && softMax > hardMax))
    throw notSupported("[extended_bounds] outside of [hard_bounds] in [histogram]");
  const plan: HistogramPlan = {
    source,
    keyOf,
    // Half an interval further, so that rounding errors cannot skip or repeat a bucket.
    nextKey: (key) => keyOf(key + interval * 1.5),
    minDocCount: readMinDocCount(body, name),
    extendedBounds: [
      softMin === undefined ? undefined : keyOf(softMin),
      softMax === undefined ? undefined : keyOf(softMax),
    ],
    // The server compares before it adds the offset.
    accepts: (key) => key - offset >= hardMin && key - offset <= hardMax,
    order: compileOrder(body["order"], byKey, sub, context),
    isKeyed: body["keyed"] === true,
    showKey: (key) => ({
      key: doubleJson(key),
      ...(text === undefined ? {} : { key_as_string: text(key) }),
    }),
    keyName: text ?? doubleText,
  };
  return {
    resultType: "histogram",
    create: () => new HistogramCollector(plan, sub, context),
  };
}

/** Reads `{min, max}`. @throws {EsError} when min is above max */
function readBounds(
  bounds: unknown,
  read: (value: unknown) => number,
): readonly [number | undefined, number | undefined] {
  if (!isObject(bounds)) return [undefined, undefined];
  const min =
    bounds["min"] === undefined || bounds["min"] === null ? undefined : read(bounds["min"]);
  const max =
    bounds["max"] === undefined || bounds["max"] === null ? undefined : read(bounds["max"]);
  if (min !== undefined && max !== undefined && min > max) {
    throw illegalArgument(
      `max bound [${doubleText(max)}] must be greater than min bound [${doubleText(min)}]`,
    );
  }
  return [min, max];
}

/** Reads `min_doc_count` of a histogram: 0 (gaps are filled) unless given. */
export function readMinDocCount(body: JsonObject, name: string): number {
  const minDocCount =
    body["min_doc_count"] === undefined ? 0 : wholeNumber("min_doc_count", body["min_doc_count"]);
  if (minDocCount >= 0) return minDocCount;
  throw illegalArgument(
    `[min_doc_count] must be greater than or equal to 0. Found [${minDocCount}] in [${name}]`,
  );
}
