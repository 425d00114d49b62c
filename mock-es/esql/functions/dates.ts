/** Functions of dates. */
import { illegalArgument } from "../../es-error.ts";
import { dateFormats } from "../../values/date-format.ts";
import { momentOf, nanosOf, parseMoment, printDate } from "../../values/date.ts";
import { addUnits, floorTo } from "../../values/date-units.ts";
import { type Typed, Uncomputable } from "../plan/analysis.ts";
import { constant, constantValue, ofSingles } from "../plan/typed.ts";
import type { DataType } from "../values/types.ts";
import { type Amount, plainText, type Scalar } from "../values/value.ts";
import {
  type Call,
  checkArgument,
  checkArguments,
  checkingConstant,
  type FunctionDefinition,
  takes,
} from "./definition.ts";
import { noDate } from "./convert.ts";

const isoFormat = "strict_date_optional_time";

/** Milliseconds of a date of either type. */
function msOf(type: DataType, value: Scalar): number {
  return type === "date_nanos" ? momentOf(value as bigint).ms : (value as number);
}

/** Milliseconds in the type of a date. */
function inType(type: DataType, ms: number): Scalar {
  if (type !== "date_nanos") return ms;
  if (ms >= 0) return BigInt(nanosOf({ ms, nanos: 0 }));
  throw illegalArgument(
    `milliSeconds [${ms}] are before the epoch in 1970 and cannot be converted to nanoseconds`,
  );
}

/** Adds an amount of time, by the calendar of UTC. */
export function addAmount(type: DataType, value: Scalar, { months, days, ms }: Amount): Scalar {
  const base =
    type === "date_nanos" ? momentOf(value as bigint) : { ms: value as number, nanos: 0 };
  const moved = addUnits(addUnits(base.ms, months, "M"), days, "d") + ms;
  if (!(Math.abs(moved) <= 8.64e15)) throw outOfReach;
  if (type !== "date_nanos") return moved;
  const nanos = BigInt(nanosOf({ ms: moved, nanos: base.nanos }));
  if (nanos < 0n || nanos > 2n ** 63n - 1n)
    throw new Uncomputable(
      "java.time.DateTimeException: Date nanos out of range.  Must be between 1970-01-01T00:00:00Z and 2262-04-11T23:47:16.854775807",
    );
  return nanos;
}

const outOfReach = new Uncomputable("java.lang.ArithmeticException: long overflow");

/** Rounds a date down to a multiple of an amount. */
export type RoundDate = (ms: number) => number;

/**
 * Rounding by a constant amount.
 *
 * @returns a text that says what is wrong with the amount, for one that is none to round by
 */
export function roundingBy({ months, days, ms }: Amount): RoundDate | string {
  const parts = [months, days, ms].filter((part) => part !== 0);
  if (parts.length === 0 || parts.some((part) => part < 0))
    return "Zero or negative time interval is not supported";
  if (parts.length > 1) return "Time interval with multiple periods is not supported";
  if (days === 7) return (date) => floorTo(date, "w");
  const size = ms + days * 86_400_000;
  if (months === 0) return (date) => Math.floor(date / size) * size;
  return (date) => {
    const at = new Date(date);
    const since = (at.getUTCFullYear() - 1) * 12 + at.getUTCMonth();
    const start = Math.floor(since / months) * months;
    const rounded = new Date(0);
    rounded.setUTCFullYear(1 + Math.floor(start / 12), ((start % 12) + 12) % 12, 1);
    return rounded.getTime();
  };
}

/** The value of a constant amount; a failure is noted. */
export function constantAmount(call: Call, argument: Typed): Amount | undefined {
  if (!argument.isConstant)
    throw call.analysis.unsupported(argument, "an amount of time that is no constant");
  const value = constantValue(argument);
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw call.analysis.unsupported(argument, "an amount of time that is null");
  return value as Amount;
}

/** A date rounded down by a constant amount. */
export function truncated(call: Call, interval: Typed, date: Typed): Typed | undefined {
  const amount = constantAmount(call, interval);
  if (amount === undefined) return undefined;
  const round = roundingBy(amount);
  if (typeof round === "string") throw call.analysis.unsupported(interval, `rounding (${round})`);
  const { type } = date;
  return ofSingles(call.analysis, call, type, [date], (value) =>
    inType(type, round(msOf(type, value ?? 0))),
  );
}

const dateTrunc: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    const [interval, date] = call.from;
    if (interval === undefined || date === undefined) return undefined;
    const amounts = {
      accepts: (type: DataType) => type === "date_period" || type === "time_duration",
      expected: "dateperiod or timeduration",
    };
    if (!checkArguments(call, [amounts, takes.date])) return undefined;
    if (date.type === "null") return constant(call, "datetime", null);
    return truncated(call, interval, date);
  },
};

const dayMs = 86_400_000;

/** Parts of a date, by the names of `java.time.temporal.ChronoField`. */
const fields: Readonly<Record<string, (date: Date, nanos: number) => number>> = {
  aligned_day_of_week_in_month: (date) => ((date.getUTCDate() - 1) % 7) + 1,
  aligned_day_of_week_in_year: (date) => ((dayOfYear(date) - 1) % 7) + 1,
  aligned_week_of_month: (date) => Math.floor((date.getUTCDate() - 1) / 7) + 1,
  aligned_week_of_year: (date) => Math.floor((dayOfYear(date) - 1) / 7) + 1,
  ampm_of_day: (date) => (date.getUTCHours() < 12 ? 0 : 1),
  clock_hour_of_ampm: (date) => ((date.getUTCHours() + 11) % 12) + 1,
  clock_hour_of_day: (date) => (date.getUTCHours() === 0 ? 24 : date.getUTCHours()),
  day_of_month: (date) => date.getUTCDate(),
  day_of_week: (date) => ((date.getUTCDay() + 6) % 7) + 1,
  day_of_year: dayOfYear,
  epoch_day: (date) => Math.floor(date.getTime() / dayMs),
  era: (date) => (date.getUTCFullYear() > 0 ? 1 : 0),
  hour_of_ampm: (date) => date.getUTCHours() % 12,
  hour_of_day: (date) => date.getUTCHours(),
  instant_seconds: (date) => Math.floor(date.getTime() / 1000),
  micro_of_second: (date, nanos) => date.getUTCMilliseconds() * 1000 + Math.floor(nanos / 1000),
  milli_of_day: msOfDay,
  milli_of_second: (date) => date.getUTCMilliseconds(),
  minute_of_day: (date) => date.getUTCHours() * 60 + date.getUTCMinutes(),
  minute_of_hour: (date) => date.getUTCMinutes(),
  month_of_year: (date) => date.getUTCMonth() + 1,
  micro_of_day: (date, nanos) => msOfDay(date) * 1000 + Math.floor(nanos / 1000),
  nano_of_day: (date, nanos) => msOfDay(date) * 1_000_000 + nanos,
  nano_of_second: (date, nanos) => date.getUTCMilliseconds() * 1_000_000 + nanos,
  offset_seconds: () => 0,
  proleptic_month: (date) => date.getUTCFullYear() * 12 + date.getUTCMonth(),
  second_of_day: (date) =>
    (date.getUTCHours() * 60 + date.getUTCMinutes()) * 60 + date.getUTCSeconds(),
  second_of_minute: (date) => date.getUTCSeconds(),
  year: (date) => date.getUTCFullYear(),
  year_of_era: (date) => Math.abs(date.getUTCFullYear()),
};

function msOfDay(date: Date): number {
  return ((date.getTime() % dayMs) + dayMs) % dayMs;
}

function dayOfYear(date: Date): number {
  // Not Date.UTC, to which the year 1 is 1901.
  const first = new Date(0).setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - first) / dayMs) + 1;
}

/** How a part of a date is read. */
function partOf(name: Scalar, { analysis, from: [part] }: Call): (typeof fields)[string] {
  const lower = plainText(name).toLowerCase();
  const read = Object.hasOwn(fields, lower) ? fields[lower] : undefined;
  if (read !== undefined) return read;
  throw analysis.unsupported(part ?? { start: 0 }, `the part of a date [${plainText(name)}]`);
}

const dateExtract: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    const [part, date] = call.from;
    if (part === undefined || date === undefined) return undefined;
    if (!checkArguments(call, [takes.string, takes.dateFirst])) return undefined;
    if (date.type === "null" || part.type === "null") return constant(call, "long", null);
    const { type } = date;
    return ofSingles(call.analysis, call, "long", call.from, (name, value) => {
      const read = partOf(name ?? "", call);
      const { ms, nanos } =
        type === "date_nanos" ? momentOf(value as bigint) : { ms: value as number, nanos: 0 };
      return BigInt(read(new Date(ms), nanos));
    });
  },
};

/** Weeks are those of the locale of a query, from Sunday on, which are not computed. */
function checkPattern(call: Call, pattern: string): string {
  const letters = /^[a-z_0-9|]+$/.test(pattern) ? "" : pattern.replaceAll(/'[^']*'/g, "");
  if (!/[YwWec]/.test(letters)) return pattern;
  throw call.analysis.unsupported(call, `weeks in the date format [${pattern}]`);
}

/** A constant in front of the date, or of the text, is the format. */
function checkFormat(pattern: Scalar, call: Call): void {
  if (call.from.length < 2) return;
  dateFormats(checkPattern(call, plainText(pattern)));
}

const dateFormat: FunctionDefinition = {
  least: 1,
  most: 2,
  build(call) {
    const [first, second] = call.from;
    if (first === undefined) return undefined;
    const date = second ?? first;
    const format = second === undefined ? undefined : first;
    const place = format === undefined ? 0 : 1;
    if (format !== undefined && !checkArgument(call, 0, 2, takes.string)) return undefined;
    if (!checkArgument(call, place, 2, takes.dateFirst)) return undefined;
    const from = format === undefined ? [date] : [date, format];
    const { type } = date;
    return ofSingles(call.analysis, call, "keyword", from, (value, pattern = isoFormat) => {
      const { ms, nanos } =
        type === "date_nanos" ? momentOf(value as bigint) : { ms: value as number, nanos: 0 };
      return printDate(ms, checkPattern(call, pattern as string), undefined, nanos);
    });
  },
};

const dateParse: FunctionDefinition = {
  least: 1,
  most: 2,
  build(call) {
    const [first, second] = call.from;
    if (first === undefined) return undefined;
    for (let at = 0; at < call.from.length; at++)
      if (!checkArgument(call, at, 2, takes.string)) return undefined;
    if (call.from.some(({ type }) => type === "null")) return constant(call, "datetime", null);
    const from = second === undefined ? [first] : [second, first];
    return ofSingles(call.analysis, call, "datetime", from, (text, pattern = isoFormat) => {
      const format = checkPattern(call, pattern as string);
      dateFormats(format);
      const moment = parseMoment(text, format);
      if (moment !== undefined) return moment.ms;
      throw noDate(plainText(text ?? ""), format);
    });
  },
};

/** Names of the units of `date_diff`. */
const diffUnits: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    year: "years yy yyyy year",
    quarter: "quarters qq q quarter",
    month: "months mm m month",
    day: "dayofyear dy y days dd d day weekdays weekday dw",
    week: "weeks wk ww week",
    hour: "hours hh hour",
    minute: "minutes mi n minute",
    second: "seconds ss s second",
    millisecond: "milliseconds ms millisecond",
    microsecond: "microseconds mcs microsecond",
    nanosecond: "nanoseconds ns nanosecond",
  }).flatMap(([unit, names]) => names.split(" ").map((name) => [name, unit])),
);

const unitNanos: Readonly<Record<string, bigint>> = {
  week: 604_800_000_000_000n,
  day: 86_400_000_000_000n,
  hour: 3_600_000_000_000n,
  minute: 60_000_000_000n,
  second: 1_000_000_000n,
  millisecond: 1_000_000n,
  microsecond: 1000n,
  nanosecond: 1n,
};

const unitMonths: Readonly<Record<string, number>> = { year: 12, quarter: 3, month: 1 };

/** Whole months between two dates, and the sign of their direction. */
function monthsBetween(start: bigint, end: bigint): number {
  const from = momentOf(start);
  const to = momentOf(end);
  const a = new Date(from.ms);
  const b = new Date(to.ms);
  const count = (date: Date): number => date.getUTCFullYear() * 12 + date.getUTCMonth();
  const whole = count(b) - count(a);
  const rest = (date: Date, nanos: number): bigint =>
    BigInt((date.getUTCDate() - 1) * dayMs + (date.getTime() - floorTo(date.getTime(), "d"))) *
      1_000_000n +
    BigInt(nanos);
  const left = rest(a, from.nanos);
  const right = rest(b, to.nanos);
  if (whole > 0 && right < left) return whole - 1;
  return whole < 0 && right > left ? whole + 1 : whole;
}

function unitOf(name: Scalar, { analysis, from: [unit] }: Call): string {
  const lower = plainText(name).toLowerCase();
  const found = Object.hasOwn(diffUnits, lower) ? diffUnits[lower] : undefined;
  if (found !== undefined) return found;
  throw analysis.unsupported(unit ?? { start: 0 }, `the unit of time [${plainText(name)}]`);
}

const dateDiff: FunctionDefinition = {
  least: 3,
  most: 3,
  build(call) {
    if (!checkArguments(call, [takes.string, takes.dateFirst, takes.dateFirst])) return undefined;
    const [unit, start, end] = call.from;
    if (unit === undefined || start === undefined || end === undefined) return undefined;
    const nanosIn = (type: DataType, value: Scalar): bigint =>
      type === "date_nanos" ? (value as bigint) : BigInt(value as number) * 1_000_000n;
    return ofSingles(call.analysis, call, "integer", call.from, (name, from, to) => {
      const found = unitOf(name ?? "", call);
      const a = nanosIn(start.type, from ?? 0);
      const b = nanosIn(end.type, to ?? 0);
      const months = unitMonths[found];
      const count =
        months === undefined
          ? (b - a) / (unitNanos[found] ?? 1n)
          : BigInt(Math.trunc(monthsBetween(a, b) / months));
      if (count === BigInt.asIntN(32, count)) return Number(count);
      throw new Uncomputable(
        `org.elasticsearch.xpack.esql.core.InvalidArgumentException: [${count}] out of [integer] range`,
      );
    });
  },
};

function named(pattern: string): FunctionDefinition {
  return {
    least: 1,
    most: 1,
    build(call) {
      const [date] = call.from;
      if (date === undefined || !checkArgument(call, 0, 2, takes.dateFirst)) return undefined;
      const { type } = date;
      return ofSingles(call.analysis, call, "keyword", [date], (value) =>
        printDate(msOf(type, value ?? 0), pattern),
      );
    },
  };
}

const now: FunctionDefinition = {
  least: 0,
  most: 0,
  build: (call) => constant(call, "datetime", call.analysis.nowMs),
};

/** Functions of dates by their names. */
export const dateFunctions: Readonly<Record<string, FunctionDefinition>> = {
  date_diff: checkingConstant(dateDiff, 0, unitOf),
  date_extract: checkingConstant(dateExtract, 0, partOf),
  date_format: checkingConstant(dateFormat, 0, checkFormat),
  date_parse: checkingConstant(dateParse, 0, checkFormat),
  date_trunc: dateTrunc,
  day_name: named("EEEE"),
  month_name: named("MMMM"),
  now,
};
