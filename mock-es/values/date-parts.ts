/** A date as it is written, and the instant that it means. */
import { notSupported } from "../es-error.ts";
import type { TimeZone } from "./time-zone.ts";

/**
 * Fields of a date; those that the text leaves out are absent, so that the caller can fill them up
 * or down.
 */
export interface DateParts {
  year?: number;
  month?: number;
  day?: number;
  /** Day of the year, from 1. */
  dayOfYear?: number;
  /** Year that a week belongs to. */
  weekYear?: number;
  week?: number;
  /** 1 is the first day of a week. */
  dayOfWeek?: number;
  /** How weeks are counted. @default ISO 8601 */
  weeks?: WeekRule;
  hour?: number;
  /** 0 before noon, 1 after; goes with `hour` counted to 12. */
  halfDay?: number;
  minute?: number;
  second?: number;
  /** Nanoseconds of the second. */
  nano?: number;
  /** Milliseconds east of UTC. */
  offset?: number;
  zone?: TimeZone;
  /** The instant itself, for `epoch_millis` and `epoch_second`. */
  epochMs?: number;
  /** Nanoseconds up to the next one that could have been written, for rounding up. */
  restNanos?: number;
}

/** How weeks are counted. */
export interface WeekRule {
  /** Days that weeks begin after Sunday: 0 or 1. */
  readonly firstDay: number;
  /** Days of a year that its first week has at least. */
  readonly fewestDays: number;
}

/** Weeks of ISO 8601: they begin on Monday, and the first one holds the 4th of January. */
export const isoWeeks: WeekRule = { firstDay: 1, fewestDays: 4 };

/** Weeks of no country: they begin on Sunday, and the first one holds the 1st of January. */
export const rootWeeks: WeekRule = { firstDay: 0, fewestDays: 1 };

/** One of the alternatives of a format such as `yyyy-MM-dd||epoch_millis`. */
export interface DateFormat {
  parse(text: string): DateParts | undefined;
  /** What is said of a text that does not parse: `Text '2020' could not be parsed at index 4`. */
  problemOf?(text: string): string;
  /** Writes an instant in a zone; `nanos` are the nanoseconds of the millisecond. */
  print(epochMs: number, zone: TimeZone, nanos: number): string;
}

/** An instant with more precision than a millisecond. */
export interface Moment {
  /** Milliseconds since the epoch, whole. */
  readonly ms: number;
  /** Nanoseconds of the millisecond, 0 to 999,999. */
  readonly nanos: number;
}

/**
 * The instant of a date; `undefined` for one that no calendar has.
 *
 * @param zone of dates that name none
 * @param roundUp parts of the time that are left out are the last ones of their unit
 */
export function toMoment(parts: DateParts, zone: TimeZone, roundUp: boolean): Moment | undefined {
  if (parts.epochMs !== undefined) {
    const nanos = (parts.nano ?? 0) + (roundUp ? (parts.restNanos ?? 0) : 0);
    return { ms: parts.epochMs + Math.floor(nanos / 1e6), nanos: nanos % 1e6 };
  }
  const date = toDay(parts);
  if (date === undefined) return undefined;
  // Rounding up fills time only, never month and day: 2099-12 becomes 2099-12-01T23:59:59.999.
  const { minute = roundUp ? 59 : 0, second = roundUp ? 59 : 0 } = parts;
  const nano = parts.nano ?? (roundUp ? 999_999_999 : 0);
  const hour = hourOf(parts) ?? (roundUp ? 23 : 0);
  // The end of a day may be written as its hour 24.
  const isEndOfDay = hour === 24 && minute === 0 && second === 0 && nano === 0;
  if ((hour > 23 && !isEndOfDay) || minute > 59 || second > 59) return undefined;
  const local = date + ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(nano / 1e6);
  const ms =
    parts.offset === undefined ? (parts.zone ?? zone).toInstant(local) : local - parts.offset;
  return { ms, nanos: nano % 1e6 };
}

function hourOf({ hour, halfDay }: DateParts): number | undefined {
  return halfDay === undefined || hour === undefined ? hour : (hour % 12) + halfDay * 12;
}

/** Milliseconds since the epoch of a day's start, as if it were in UTC. */
function toDay(parts: DateParts): number | undefined {
  if (parts.weekYear !== undefined) return weekDay(parts.weekYear, parts);
  // A week of no year is no date; the week of a year, and not of a week year, is passed over.
  const isWeekAlone = parts.week !== undefined && parts.year === undefined;
  if (isWeekAlone && parts.month === undefined) return undefined;
  const { year = 1970 } = parts;
  if (parts.dayOfYear !== undefined) return dayOfYear(year, parts.dayOfYear);
  const { month = 1, day = 1 } = parts;
  if (month < 1 || month > 12 || day < 1) return undefined;
  const date = utcDate(year, month - 1, day);
  return date.getUTCDate() === day ? date.getTime() : undefined;
}

function dayOfYear(year: number, day: number): number | undefined {
  const date = utcDate(year, 0, day);
  return day >= 1 && date.getUTCFullYear() === year ? date.getTime() : undefined;
}

const dayMs = 86_400_000;

function weekDay(year: number, { week = 1, dayOfWeek = 1, weeks }: DateParts): number | undefined {
  if (week < 1 || week > 54 || dayOfWeek < 1 || dayOfWeek > 7) return undefined;
  const day = firstWeek(year, weeks) + ((week - 1) * 7 + dayOfWeek - 1) * dayMs;
  const isOfYear = firstWeek(year, weeks) + (week - 1) * 7 * dayMs < firstWeek(year + 1, weeks);
  return isOfYear ? day : undefined;
}

/** Where the first week of a year begins. */
function firstWeek(year: number, { firstDay, fewestDays }: WeekRule = isoWeeks): number {
  const within = utcDate(year, 0, fewestDays);
  return within.getTime() - ((within.getUTCDay() + 7 - firstDay) % 7) * dayMs;
}

/** @throws {EsError} for a year that JavaScript has no dates for */
function utcDate(year: number, month: number, day: number): Date {
  if (Math.abs(year) > lastYear) throw notSupported("a date beyond the year 275,760");
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date;
}

/** The first year that JavaScript has, before our era (ECMA-262 §21.4.1.1). */
const lastYear = 271_821;

/** Week of a local date: its year and number, and the day in it, from 1. */
export function weekOf(
  local: Date,
  weeks: WeekRule = isoWeeks,
): { readonly year: number; readonly week: number; readonly day: number } {
  const inWeek = (local.getUTCDay() + 7 - weeks.firstDay) % 7;
  const day = Math.floor(local.getTime() / dayMs) * dayMs;
  const start = day - inWeek * dayMs;
  const least = local.getUTCFullYear() - 1;
  const year = [least + 2, least + 1].find((one) => firstWeek(one, weeks) <= start) ?? least;
  const week = (start - firstWeek(year, weeks)) / (7 * dayMs) + 1;
  return { year, week, day: inWeek + 1 };
}
