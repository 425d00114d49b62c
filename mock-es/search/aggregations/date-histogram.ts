/** `date_histogram`: buckets of calendar units or of fixed lengths over dates. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { doubleText, longJson } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { evaluateDate, printDate } from "../../values/date.ts";
import { numberFormat } from "../../values/decimal-format.ts";
import type { TimeZone } from "../../values/time-zone.ts";
import type { Field } from "../fields/field.ts";
import { shardFailure } from "../problem.ts";
import { inShard } from "../queries/shard-problem.ts";
import { zoneOf } from "../queries/range-query.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  checkSettings,
} from "./aggregation.ts";
import { byKey, compileOrder } from "./bucket-order.ts";
import {
  calendarRounding,
  fixedRounding,
  type Rounding,
  shiftedRounding,
} from "./date-rounding.ts";
import { readBounds, readMinDocCount } from "./histogram.ts";
import { HistogramCollector, type HistogramPlan } from "./histogram-buckets.ts";
import { dateFormatOf } from "./value-format.ts";
import { compileSource, isDateLike, isPlainNumber } from "./values-source.ts";

const settingNames = [
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

/** Units of calendars by their names. */
export const calendarUnits: Readonly<Record<string, string>> = {
  "1s": "s",
  second: "s",
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

const fixedUnitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `date_histogram` with `calendar_interval` or `fixed_interval`. */
export function parseDateHistogram(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("date_histogram", body, settingNames);
  const source = compileSource("date_histogram", body, context, isDateLike);
  const zone = zoneOf(body["time_zone"]);
  const index = context.shards[0]?.index ?? "_all";
  const rounding = compileRounding(body, zone, index);
  const format = dateFormatOf(source.field, body["format"]);
  const print = (key: number): string => printDate(key, format, zone);
  const readDate = createDateReader(context, format, zone);
  const [softMin, softMax] = readBounds(body["extended_bounds"], readDate);
  const [hardMin = -Infinity, hardMax = Infinity] = readBounds(body["hard_bounds"], readDate);
  const keyOf = (epochMs: number): number => {
    if (Math.abs(epochMs) > lastDateMs)
      throw notSupported("[date_histogram] of dates beyond the year 275760");
    return rounding.floor(Math.trunc(epochMs));
  };
  const plan: HistogramPlan = {
    source,
    keyOf,
    nextKey: (key) => rounding.next(key),
    minDocCount: readMinDocCount(body, name),
    extendedBounds: [
      softMin === undefined ? undefined : keyOf(softMin),
      softMax === undefined ? undefined : keyOf(softMax),
    ],
    hardBounds: [hardMin, hardMax],
    boundOf: (key) => key,
    order: compileOrder(body["order"], byKey, sub, context),
    isKeyed: body["keyed"] === true,
    ...shownKeys(source.field, body["format"], print),
  };
  return {
    resultType: "date_histogram",
    create: () => new HistogramCollector(plan, sub, context),
  };
}

/** The last date of JavaScript (ECMA-262, time values), less the longest interval. */
const lastDateMs = 8.64e15 - 32_000_000_000;

/** Keys as answers show them: dates as such, numbers by a format of numbers. */
function shownKeys(
  field: Field | undefined,
  format: unknown,
  print: (key: number) => string,
): Pick<HistogramPlan, "showKey" | "keyName"> {
  if (field === undefined || !isPlainNumber(field)) {
    const showKey: HistogramPlan["showKey"] = (key) => ({
      key_as_string: print(key),
      key: longJson(key),
    });
    return { showKey, keyName: print };
  }
  const text = format === undefined ? undefined : numberFormat(textOf(format));
  return {
    showKey: (key) => ({
      ...(text === undefined ? {} : { key_as_string: text(key) }),
      key: longJson(key),
    }),
    keyName: text ?? doubleText,
  };
}

/** Reads dates and date math of an aggregation. */
export function createDateReader(
  context: AggregationContext,
  format: string,
  zone: TimeZone,
): (value: unknown) => number {
  const [shard] = context.shards;
  return (value) => {
    const read = (): number => evaluateDate(value, { nowMs: shard?.nowMs ?? 0, format, zone });
    return shard === undefined ? read() : inShard(shard, read);
  };
}

/** The intervals that a body asks for. @throws {EsError} for none, two, or one that is none */
export function compileRounding(body: JsonObject, zone: TimeZone, index: string): Rounding {
  const calendar = body["calendar_interval"];
  const fixed = body["fixed_interval"];
  const shift = body["offset"] === undefined ? 0 : readOffset(body["offset"]);
  if (calendar !== undefined && fixed !== undefined) {
    throw illegalArgument(
      "Cannot use [fixed_interval] with [calendar_interval] configuration option.",
    );
  }
  if (calendar !== undefined) {
    const text = textOf(calendar);
    const unit = Object.hasOwn(calendarUnits, text) ? calendarUnits[text] : undefined;
    if (unit === undefined) {
      throw illegalArgument(
        `The supplied interval [${text}] could not be parsed as a calendar interval.`,
      );
    }
    return shiftedRounding(calendarRounding(unit, zone), shift);
  }
  if (fixed === undefined) {
    const reason = "Invalid interval specified, must be non-null and non-empty";
    throw shardFailure(index, "illegal_argument_exception", reason);
  }
  const size = readDuration(textOf(fixed), "DateHistogramInterval");
  if (size <= 0) throw illegalArgument("Zero or negative time interval not supported");
  return shiftedRounding(fixedRounding(size, zone), shift);
}

/** Length of a fixed interval in milliseconds. @throws {EsError} for a unit that is none */
export function readDuration(text: string, setting: string): number {
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (found === null) {
    throw illegalArgument(
      `failed to parse setting [${setting}.fixedInterval] with value [${text}] as a time value: unit is missing or unrecognized`,
    );
  }
  return Number(found[1]) * (fixedUnitMs[found[2] ?? ""] ?? 0);
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
