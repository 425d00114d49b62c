import { illegalArgument, type JsonObject, shardFailure, textOf } from "../problem.ts";
import { addUnits, evaluateDate, floorTo, printDate } from "../../values/date.ts";
import { DEFAULT_DATE_FORMAT } from "../../values/date-format.ts";
import { offsetOf } from "../queries/range-query.ts";
import {
  checkSettings,
  type Aggregation,
  type AggregationContext,
  type AggregationKind,
} from "./aggregation.ts";
import { byKey, compileOrder } from "./bucket-order.ts";
import { readBounds, readMinDocCount } from "./histogram.ts";
import { HistogramCollector, type HistogramPlan } from "./histogram-buckets.ts";
import { compileSource } from "./values-source.ts";

const SETTINGS = [
  "field",
  "missing",
  "value_type",
  "format",
  "time_zone",
  "calendar_interval",
  "fixed_interval",
  "offset",
  "min_doc_count",
  "order",
  "keyed",
  "extended_bounds",
  "hard_bounds",
];

const CALENDAR_UNITS: Readonly<Record<string, string>> = {
  "1m": "m",
  minute: "m",
  "1h": "h",
  hour: "h",
  "1d": "d",
  day: "d",
  "1w": "w",
  week: "w",
  "1M": "M",
  month: "M",
  "1q": "q",
  quarter: "q",
  "1y": "y",
  year: "y",
};

const FIXED_UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Start of the interval an instant lies in, and the start of the one after an interval's start. */
interface Rounding {
  floor(epochMs: number): number;
  next(start: number): number;
}

/** `date_histogram` with `calendar_interval` or `fixed_interval`; time zones are UTC offsets. */
export function parseDateHistogram(
  name: string,
  body: JsonObject,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  checkSettings("date_histogram", body, SETTINGS);
  const source = compileSource(
    "date_histogram",
    body,
    context.search,
    (field) => field.kind === "date",
  );
  const zone = offsetOf(body["time_zone"]);
  const rounding = compileRounding(body, zone, context.search.index);
  const shift = body["offset"] === undefined ? 0 : readOffset(body["offset"]);
  const keyOf = (epochMs: number): number => rounding.floor(epochMs - shift) + shift;
  const format = textOf(body["format"] ?? source.field?.dateFormat ?? DEFAULT_DATE_FORMAT);
  const { index, nowMs } = context.search;
  const readDate = (value: unknown): number =>
    evaluateDate(value, { index, nowMs, format, offset: zone, roundUp: false });
  const [softMin, softMax] = readBounds(body["extended_bounds"], readDate);
  const [hardMin = -Infinity, hardMax = Infinity] = readBounds(body["hard_bounds"], readDate);
  const plan: HistogramPlan = {
    source,
    keyOf,
    nextKey: (key) => rounding.next(key - shift) + shift,
    minDocCount: readMinDocCount(body, name),
    extendedBounds: [
      softMin === undefined ? undefined : keyOf(softMin),
      softMax === undefined ? undefined : keyOf(softMax),
    ],
    hardBounds: [hardMin, hardMax],
    order: compileOrder(body["order"], byKey, aggregations, context),
    isKeyed: body["keyed"] === true,
    showKey: (key) => ({ key_as_string: printDate(key, format, zone), key }),
    keyName: (key) => printDate(key, format, zone),
  };
  return {
    resultType: "date_histogram",
    create: () => new HistogramCollector(plan, aggregations, context),
  };
}

function compileRounding(body: JsonObject, zone: number, index: string): Rounding {
  const calendar = body["calendar_interval"];
  const fixed = body["fixed_interval"];
  if (calendar !== undefined && fixed !== undefined) {
    throw illegalArgument(
      "Cannot use [fixed_interval] with [calendar_interval] configuration option.",
    );
  }
  if (calendar !== undefined) {
    const text = textOf(calendar);
    const unit = Object.hasOwn(CALENDAR_UNITS, text) ? CALENDAR_UNITS[text] : undefined;
    if (unit === undefined) {
      throw illegalArgument(
        `The supplied interval [${text}] could not be parsed as a calendar interval.`,
      );
    }
    return {
      floor: (epochMs) => floorTo(epochMs, unit, zone),
      next: (start) => addUnits(start, 1, unit, zone),
    };
  }
  if (fixed === undefined) {
    const reason = "Invalid interval specified, must be non-null and non-empty";
    throw shardFailure(index, "illegal_argument_exception", reason);
  }
  const size = readDuration(textOf(fixed), "DateHistogramInterval");
  if (size <= 0) throw illegalArgument("Zero or negative time interval not supported");
  const zoneMs = zone * 60_000;
  return {
    floor: (epochMs) => Math.floor((epochMs + zoneMs) / size) * size - zoneMs,
    next: (start) => start + size,
  };
}

function readDuration(text: string, setting: string): number {
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (found === null) {
    throw illegalArgument(
      `failed to parse setting [${setting}.fixedInterval] with value [${text}] as a time value: unit is missing or unrecognized`,
    );
  }
  return Number(found[1]) * (FIXED_UNIT_MS[found[2] ?? ""] ?? 0);
}

function readOffset(offset: unknown): number {
  if (typeof offset === "number") return offset;
  const text = String(offset);
  const size = readDuration(
    text.replace(/^[+-]/, ""),
    "DateHistogramAggregationBuilder.parseOffset",
  );
  return text.startsWith("-") ? -size : size;
}
