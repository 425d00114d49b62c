/** `date_histogram`: buckets of calendar units or of fixed lengths over dates. */
import { checkBounds } from "./histogram-bounds.ts";
import { illegalArgument, notSupported } from "../../es-error.ts";
import { longJson } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { evaluateDate, printDate } from "../../values/date.ts";
import { numberFormat } from "../../values/decimal-format.ts";
import { toDouble } from "../../values/number.ts";
import type { TimeZone } from "../../values/time-zone.ts";
import type { Field } from "../fields/field.ts";
import { shardFailure } from "../problem.ts";
import { inShard } from "../queries/shard-problem.ts";
import { doubleProblem } from "../queries/query-values.ts";
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
import { readMinDocCount } from "./histogram.ts";
import { HistogramCollector, type HistogramPlan } from "./histogram-buckets.ts";
import { dateFormatOf } from "./value-format.ts";
import { compileSource, isDateLike, isPlainNumber } from "./values-source.ts";
import { zoneIn } from "./zone.ts";

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
  checkBounds("date_histogram", "bounds", body);
  const source = compileSource("date_histogram", body, context, isDateLike);
  const zone = zoneIn("date_histogram", body);
  const index = context.shards[0]?.index ?? "_all";
  const rounding = compileRounding(body, zone, index);
  const format = dateFormatOf(source.field, body["format"]);
  const print = (key: number): string => printDate(key, format, zone);
  const readDate = createDateReader(context, format, zone);
  const read =
    createBoundReader(source.field, body["format"], context) ??
    ((end: unknown) => (typeof end === "number" ? wholeMs(end) : readDate(end)));
  // Bounds are rounded without the offset.
  const unshifted = compileRounding({ ...body, offset: undefined }, zone, index);
  const readBounds = (what: string): Bounds =>
    dateBounds(what, body, read, name, index).map((end) =>
      end === undefined ? undefined : floorOf(unshifted, end),
    );
  const soft = readBounds("extended_bounds");
  const hard = readBounds("hard_bounds");
  requireInside(soft, hard, body, index);
  const [hardMin = -Infinity, hardMax = Infinity] = hard;
  const shift = offsetOf(body);
  const plan: HistogramPlan = {
    source,
    keyOf: (value) => floorOf(rounding, value),
    nextKey: (key) => rounding.next(key),
    minDocCount: readMinDocCount(body, name),
    extendedBounds: soft.map((end) => (end === undefined ? undefined : end + shift)),
    // The last one is outside.
    accepts: (key) => key >= hardMin && key < hardMax,
    order: compileOrder(body["order"], byKey, sub, context),
    isKeyed: body["keyed"] === true,
    ...shownKeys(source.field, body["format"], print),
  };
  return {
    resultType: "date_histogram",
    create: () => new HistogramCollector(plan, sub, context),
  };
}

/** The least and the greatest key, as far as there are such. */
type Bounds = readonly (number | undefined)[];

function floorOf(rounding: Rounding, epochMs: number): number {
  if (Math.abs(epochMs) > lastDateMs)
    throw notSupported("[date_histogram] of dates beyond the year 275760");
  return rounding.floor(Math.trunc(epochMs));
}

/** Refuses keys that have to be there and may not. @throws {EsError} */
function requireInside(
  [softMin = Infinity, softMax = -Infinity]: Bounds,
  [hardMin = -Infinity, hardMax = Infinity]: Bounds,
  body: JsonObject,
  index: string,
): void {
  if (softMin >= hardMin && softMax <= hardMax) return;
  const shown = (what: string): string => {
    const given = body[what];
    const { min, max } = isObject(given) ? given : {};
    return `[${textOf(min ?? "")}--${textOf(max ?? "")}]`;
  };
  const reason = `Extended bounds have to be inside hard bounds, hard bounds: ${shown("hard_bounds")}, extended bounds: ${shown("extended_bounds")}`;
  throw shardFailure(index, "illegal_argument_exception", reason);
}

/** Both ends of `extended_bounds` or `hard_bounds`. @throws {EsError} where they are exchanged */
function dateBounds(
  what: string,
  body: JsonObject,
  read: (value: unknown) => number,
  name: string,
  index: string,
): Bounds {
  const given = body[what];
  const { min, max } = isObject(given) ? given : {};
  const [least, most] = [min, max].map((end) => ((end ?? null) === null ? undefined : read(end)));
  if (least !== undefined && most !== undefined && least > most) {
    const reason = `[${what}.min][${least}] cannot be greater than [${what}.max][${most}] for histogram aggregation [${name}]`;
    throw shardFailure(index, "illegal_argument_exception", reason);
  }
  return [least, most];
}

function wholeMs(end: number): number {
  const whole = Math.trunc(end);
  if (Number.isSafeInteger(whole)) return whole;
  throw notSupported(`[date_histogram] with the bound ${end}`);
}

/** Reads bounds of plain numbers, which are no dates; `undefined` for other fields. */
function createBoundReader(
  field: Field | undefined,
  format: unknown,
  { shards: [shard] }: AggregationContext,
): ((value: unknown) => number) | undefined {
  if (field === undefined || shard === undefined || !isPlainNumber(field)) return undefined;
  return (value) => {
    if (typeof value === "number") return Math.trunc(value);
    const number = toDouble(value);
    if (number !== undefined) return Math.floor(number);
    if (format !== undefined) throw notSupported("bounds of [date_histogram] that are no numbers");
    throw shardFailure(shard.index, "number_format_exception", doubleProblem(textOf(value)));
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
    keyName: text ?? ((key) => String(longJson(key))),
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
  const shift = offsetOf(body);
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

/** How much later than by the calendar, or than multiples of the interval, intervals begin. */
function offsetOf({ offset }: JsonObject): number {
  if (offset === undefined) return 0;
  if (typeof offset === "number") {
    if (Number.isSafeInteger(Math.trunc(offset))) return Math.trunc(offset);
    throw notSupported("so large an [offset] in [date_histogram]");
  }
  const text = textOf(offset);
  const size = readDuration(
    text.replace(/^[+-]/, ""),
    "DateHistogramAggregationBuilder.parseOffset",
  );
  return text.startsWith("-") ? -size : size;
}
