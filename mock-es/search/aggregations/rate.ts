/** `rate`: documents or values for each unit of time, in the buckets of a `date_histogram`. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { shardFailure } from "../problem.ts";
import { type AggregationContext, type AggregationParser, checkSettings } from "./aggregation.ts";
import { calendarUnits, readDuration } from "./date-histogram.ts";
import { CompensatedSum } from "./numbers.ts";
import { numberTextOf, simpleValue } from "./pipeline-values.ts";
import { compileSource, isNumeric } from "./values-source.ts";

/** A unit of time, by its length or, where that varies, by its months. */
interface Unit {
  readonly ms?: number;
  readonly months?: number;
}

const units: Readonly<Record<string, Unit>> = {
  s: { ms: 1000 },
  m: { ms: 60_000 },
  h: { ms: 3_600_000 },
  d: { ms: 86_400_000 },
  w: { ms: 604_800_000 },
  M: { months: 1 },
  q: { months: 3 },
  y: { months: 12 },
};

/** Units in a bucket that starts and ends at two instants. */
type Size = (start: number, end: number) => number;

/** `rate`. */
export const parseRate: AggregationParser = (_name, body, _sub, context) => {
  checkSettings("rate", body, ["field", "missing", "value_type", "format", "unit", "mode"]);
  const size = sizeOf(body["unit"], context);
  const mode = textOf(body["mode"] ?? "sum").toLowerCase();
  if (mode !== "sum" && mode !== "value_count")
    throw illegalArgument(`Unsupported value for RateMode: ${mode}`);
  const hasField = body["field"] !== undefined;
  if (!hasField && body["mode"] !== undefined)
    throw illegalArgument("The mode parameter is only supported with field or script");
  const source = hasField ? compileSource("rate", body, context, isNumeric) : undefined;
  const text = numberTextOf(body);
  return {
    resultType: "rate",
    create() {
      const sum = new CompensatedSum();
      let bucketSize = 1;
      return {
        collect(document) {
          if (source === undefined) sum.add(document.docCount ?? 1);
          else
            for (const value of source.read(document)) sum.add(mode === "sum" ? Number(value) : 1);
        },
        spans(start, end) {
          bucketSize = size(start, end);
        },
        result: () => simpleValue(sum.value / bucketSize, text),
      };
    },
  };
};

function sizeOf(given: unknown, context: AggregationContext): Size {
  const { histogram } = context;
  if (histogram === undefined) throw notSupported("[rate] not directly in a [date_histogram]");
  if (given === undefined) return () => 1;
  const name = textOf(given);
  const unit = unitOf(name);
  if (unit === undefined) throw illegalArgument(`Unsupported unit ${name}`);
  const { calendar_interval: calendar, fixed_interval: fixed } = histogram;
  if (fixed !== undefined) {
    const { ms } = unit;
    if (ms === undefined) throw refusal(`[${name}] with fixed interval based histogram`, context);
    return () => readDuration(textOf(fixed), "DateHistogramInterval") / ms;
  }
  const own = unitOf(textOf(calendar ?? ""));
  if (own === undefined) return () => 1; // refused by the histogram itself
  if (unit.ms === undefined) {
    const { months } = own;
    if (months !== undefined) return () => months / (unit.months ?? 1);
    const what = `non-month based calendar interval histogram [${longName(textOf(calendar))}]`;
    throw refusal(`[${name}] with ${what}`, context);
  }
  const { ms } = unit;
  return own.ms === undefined ? (start, end) => (end - start) / ms : () => (own.ms ?? 1) / ms;
}

function unitOf(name: string): Unit | undefined {
  return Object.hasOwn(calendarUnits, name) ? units[calendarUnits[name] ?? ""] : undefined;
}

/** `day` for `1d`. */
function longName(name: string): string {
  const unit = calendarUnits[name];
  return (
    Object.keys(calendarUnits).find(
      (other) => calendarUnits[other] === unit && !/^\d/.test(other),
    ) ?? name
  );
}

function refusal(what: string, { shards }: AggregationContext): Error {
  const possible = "week, day, hour, minute and second are supported for this histogram";
  const comma = what.includes("non-month") ? " " : ", ";
  const reason = `Cannot use month-based rate unit ${what}${comma}only ${possible}`;
  return shardFailure(shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
}

/**
 * Refuses a rate that is in no histogram of dates.
 *
 * @param types of the aggregations around it, the outermost first
 */
export function checkRateParents(types: readonly string[], { shards }: AggregationContext): void {
  if (types.includes("date_histogram") || types.includes("composite")) return;
  const reason =
    "The rate aggregation can only be used inside a date histogram aggregation or composite aggregation with exactly one date histogram value source";
  throw shardFailure(shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
}

/** The settings of a `date_histogram`, for a {@link parseRate} directly in it. */
export function histogramContext(
  type: string,
  body: JsonObject,
  context: AggregationContext,
): AggregationContext {
  const histogram = type === "date_histogram" ? body : undefined;
  return histogram === context.histogram ? context : { ...context, histogram };
}
