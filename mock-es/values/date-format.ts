/** The formats that dates are read and written in: named ones, and patterns. */
import { illegalArgument } from "../es-error.ts";
import { LruMap } from "./lru-map.ts";
import type { DateFormat, DateParts } from "./date-parts.ts";
import { patternFormat } from "./date-pattern.ts";
import { offsetText, type TimeZone, utcOffset } from "./time-zone.ts";

/** Elasticsearch's format for `date` fields that name none. */
export const DEFAULT_DATE_FORMAT = "strict_date_optional_time||epoch_millis";
/** The same for `date_nanos`. */
export const DEFAULT_NANOS_FORMAT = "strict_date_optional_time_nanos||epoch_millis";

const cache = new LruMap<string, readonly DateFormat[]>(256);

/**
 * Parses a format of the mapping, a range query or an aggregation; the first alternative is the one
 * that prints.
 *
 * @throws {EsError} 400 for what is no format
 */
export function dateFormats(format: string): readonly DateFormat[] {
  const known = cache.get(format);
  if (known !== undefined) return known;
  if (format === "") throw illegalArgument("No date pattern provided");
  const formats = format.split("||").map((name) => namedFormat(name.trim()));
  cache.set(format, formats);
  return formats;
}

function namedFormat(name: string): DateFormat {
  return (Object.hasOwn(named, name) ? named[name] : undefined) ?? patternFormat(name);
}

const strictIso =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?)?)?$/;
/** A time has its seconds. */
const wholeIso =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?)?)?$/;
const lenientIso =
  /^(-?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2})(?:T(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?)?)?$/;

function isoFormat(pattern: RegExp, print: DateFormat["print"] = printIsoMillis): DateFormat {
  return {
    parse: (text) => parseIso(pattern, text),
    problemOf: () => "Could not fully parse datetime",
    print,
  };
}

function parseIso(pattern: RegExp, text: string): DateParts | undefined {
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  const parts: DateParts = { year: Number(year) };
  if (month !== undefined) parts.month = Number(month);
  if (day !== undefined) parts.day = Number(day);
  if (hour !== undefined) parts.hour = Number(hour);
  if (minute !== undefined) parts.minute = Number(minute);
  if (second !== undefined) parts.second = Number(second);
  if (fraction !== undefined) parts.nano = Number(fraction.padEnd(9, "0"));
  if (zone !== undefined) parts.offset = utcOffset(zone) ?? 0;
  return parts;
}

/** Three digits of a second: `2024-05-20T12:34:56.789Z`. */
function printIsoMillis(epochMs: number, zone: TimeZone): string {
  return printIso(epochMs, zone, 0);
}

/** Three digits of a second at least, nine at most. */
function printIso(epochMs: number, zone: TimeZone, nanos: number): string {
  const offset = zone.offsetAt(epochMs);
  const text = isoText(epochMs + offset).slice(0, -1);
  const finer = nanos === 0 ? "" : String(nanos).padStart(6, "0").replace(/0+$/, "");
  return `${text}${finer}${offsetText(offset)}`;
}

/** Furthest instant that `Date` knows, in milliseconds from the epoch (ECMA-262 §21.4.1.1). */
const furthestMs = 8.64e15;
/** The calendar repeats itself after 400 years. */
const cycleYears = 400;
const cycleMs = 146_097 * 86_400_000;

/** `Date.toISOString` writes years beyond four digits with a sign and six; java.time does not. */
function isoText(epochMs: number): string {
  const cycles = Math.abs(epochMs) > furthestMs ? Math.floor(epochMs / cycleMs) : 0;
  if (cycles !== 0) {
    const near = new Date(epochMs - cycles * cycleMs);
    const year = near.getUTCFullYear() + cycles * cycleYears;
    return `${year}${near.toISOString().slice(4)}`;
  }
  const text = new Date(epochMs).toISOString();
  return /^[+-]/.test(text)
    ? text.replace(/^([+-])0*(\d{4})/, (_, sign: string, year: string) =>
        sign === "-" ? `-${year}` : year,
      )
    : text;
}

function epochFormat(unitMs: number): DateFormat {
  return {
    parse(text) {
      const found = /^(-?)(\d{1,19})(?:\.(\d{1,9}))?$/.exec(text);
      if (found === null) return undefined;
      const [, sign = "", whole = "", fraction = ""] = found;
      // Digits behind the point are fractions of a millisecond, or of a second.
      const nanosPerUnit = unitMs * 1e6;
      const rest = fraction === "" ? 0 : Math.round(Number(`0.${fraction}`) * nanosPerUnit);
      const nanos = sign === "-" ? -rest : rest;
      const ms = Number(`${sign}${whole}`) * unitMs + Math.floor(nanos / 1e6);
      return { epochMs: ms, nano: ((nanos % 1e6) + 1e6) % 1e6 };
    },
    print(epochMs, _zone, nanos) {
      if (nanos === 0 && epochMs % unitMs === 0) return String(epochMs / unitMs);
      const digits = unitMs === 1 ? 6 : 9;
      const below = (((epochMs % unitMs) + unitMs) % unitMs) * 1e6 + nanos;
      const fraction = String(below).padStart(digits, "0").replace(/0+$/, "");
      return `${Math.floor(epochMs / unitMs)}.${fraction}`;
    },
  };
}

/** Patterns of the named formats; each is there with `strict_` in front, too. */
const patterns: Readonly<Record<string, string>> = {
  date: "yyyy-MM-dd",
  date_hour: "yyyy-MM-dd'T'HH",
  date_hour_minute: "yyyy-MM-dd'T'HH:mm",
  date_hour_minute_second: "yyyy-MM-dd'T'HH:mm:ss",
  date_hour_minute_second_fraction: "yyyy-MM-dd'T'HH:mm:ss.SSS",
  date_hour_minute_second_millis: "yyyy-MM-dd'T'HH:mm:ss.SSS",
  date_time: "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
  date_time_no_millis: "yyyy-MM-dd'T'HH:mm:ssXXX",
  hour: "HH",
  hour_minute: "HH:mm",
  hour_minute_second: "HH:mm:ss",
  hour_minute_second_fraction: "HH:mm:ss.SSS",
  hour_minute_second_millis: "HH:mm:ss.SSS",
  ordinal_date: "yyyy-DDD",
  ordinal_date_time: "yyyy-DDD'T'HH:mm:ss.SSSXXX",
  ordinal_date_time_no_millis: "yyyy-DDD'T'HH:mm:ssXXX",
  time: "HH:mm:ss.SSSXXX",
  time_no_millis: "HH:mm:ssXXX",
  t_time: "'T'HH:mm:ss.SSSXXX",
  t_time_no_millis: "'T'HH:mm:ssXXX",
  week_date: "YYYY-'W'ww-e",
  week_date_time: "YYYY-'W'ww-e'T'HH:mm:ss.SSSXXX",
  week_date_time_no_millis: "YYYY-'W'ww-e'T'HH:mm:ssXXX",
  weekyear: "YYYY",
  weekyear_week: "YYYY-'W'ww",
  weekyear_week_day: "YYYY-'W'ww-e",
  year: "yyyy",
  year_month: "yyyy-MM",
  year_month_day: "yyyy-MM-dd",
};

/** Formats without separators, which have one form only. */
const basicPatterns: Readonly<Record<string, string>> = {
  basic_date: "yyyyMMdd",
  basic_date_time: "yyyyMMdd'T'HHmmss.SSSX",
  basic_date_time_no_millis: "yyyyMMdd'T'HHmmssX",
  basic_ordinal_date: "yyyyDDD",
  basic_ordinal_date_time: "yyyyDDD'T'HHmmss.SSSX",
  basic_ordinal_date_time_no_millis: "yyyyDDD'T'HHmmssX",
  basic_time: "HHmmss.SSSX",
  basic_time_no_millis: "HHmmssX",
  basic_t_time: "'T'HHmmss.SSSX",
  basic_t_time_no_millis: "'T'HHmmssX",
  basic_week_date: "YYYY'W'wwe",
  basic_week_date_time: "YYYY'W'wwe'T'HHmmss.SSSX",
  basic_week_date_time_no_millis: "YYYY'W'wwe'T'HHmmssX",
};

const named: Readonly<Record<string, DateFormat>> = {
  strict_date_optional_time: isoFormat(strictIso),
  date_optional_time: isoFormat(lenientIso),
  strict_date_optional_time_nanos: isoFormat(wholeIso, printIso),
  iso8601: isoFormat(strictIso),
  epoch_millis: epochFormat(1),
  epoch_second: epochFormat(1000),
  ...Object.fromEntries(
    Object.entries(patterns).flatMap(([name, pattern]) => [
      [name, patternFormat(pattern, { isNamed: true, isLenient: true })],
      [`strict_${name}`, patternFormat(pattern, { isNamed: true })],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(basicPatterns).flatMap(([name, pattern]) => {
      const format = patternFormat(pattern, { isNamed: true });
      return [
        [name, format],
        [`strict_${name}`, format],
      ];
    }),
  ),
};
