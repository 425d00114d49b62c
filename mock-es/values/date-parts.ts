/** A date as it is written, and the instant that it means. */
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
  /** Year that an ISO week belongs to. */
  weekYear?: number;
  week?: number;
  /** 1 is Monday. */
  dayOfWeek?: number;
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
}

/** One of the alternatives of a format such as `yyyy-MM-dd||epoch_millis`. */
export interface DateFormat {
  parse(text: string): DateParts | undefined;
  /** What java.time says of a text that does not parse: ` at index 5`. Absent: the beginning. */
  whereItStops?(text: string): string;
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
  if (parts.epochMs !== undefined) return { ms: parts.epochMs, nanos: parts.nano ?? 0 };
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
  if (parts.weekYear !== undefined) return weekStart(parts.weekYear, parts.week, parts.dayOfWeek);
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

/** Weeks start on Monday; the first one of a year holds its 4th of January (ISO 8601). */
function weekStart(year: number, week = 1, dayOfWeek = 1): number | undefined {
  if (week < 1 || week > 53 || dayOfWeek < 1 || dayOfWeek > 7) return undefined;
  const fourth = utcDate(year, 0, 4);
  const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * 86_400_000;
  return monday + ((week - 1) * 7 + dayOfWeek - 1) * 86_400_000;
}

function utcDate(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date;
}

/** ISO week of a local date: its year and number. */
export function isoWeek(local: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(local.getTime());
  thursday.setUTCDate(local.getUTCDate() + 4 - (local.getUTCDay() === 0 ? 7 : local.getUTCDay()));
  const year = thursday.getUTCFullYear();
  const first = utcDate(year, 0, 1).getTime();
  const days = Math.floor((thursday.getTime() - first) / 86_400_000);
  return { year, week: Math.floor(days / 7) + 1 };
}
