/** The formats that dates are read and written in: named ones, and patterns. */
import { illegalArgument } from "../es-error.ts";
import { LruMap } from "./lru-map.ts";
import type { DateFormat, DateParts } from "./date-parts.ts";
import { localDate, yearText } from "./local-date.ts";
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
  /^(-?\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?)?)?$/;
/** A time has its seconds. */
const wholeIso =
  /^(-?\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?)?)?$/;
const lenientIso =
  /^(-(?!0+\b)\d{1,9}|\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2})(?:T(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?)?)?$/;

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

/** `Date.toISOString` writes years beyond four digits with a sign and six; java.time does not. */
function isoText(localMs: number): string {
  const { date, years } = localDate(localMs);
  const text = date.toISOString();
  if (years === 0 && text.length === usualLength) return text;
  return `${yearText(date.getUTCFullYear() + years, 4)}${text.slice(text.length - behindYear)}`;
}

const usualLength = "2020-01-01T00:00:00.000Z".length;
const behindYear = "-01-01T00:00:00.000Z".length;

function epochFormat(unitMs: number): DateFormat {
  return {
    parse(text) {
      const found = /^(-?)(\d{1,19})(?:\.(\d{1,9}))?$/.exec(text);
      if (found === null) return undefined;
      const [, sign = "", whole = "", fraction = ""] = found;
      if (fraction.length > (unitMs === 1 ? 6 : 9)) return undefined;
      // Digits behind the point are fractions of a millisecond, or of a second.
      const nanosPerUnit = unitMs * 1e6;
      const rest = fraction === "" ? 0 : Math.round(Number(`0.${fraction}`) * nanosPerUnit);
      const nanos = sign === "-" ? -rest : rest;
      const ms = Number(`${sign}${whole}`) * unitMs + Math.floor(nanos / 1e6);
      const restNanos = fraction === "" ? nanosPerUnit - 1 : 0;
      return { epochMs: ms, nano: ((nanos % 1e6) + 1e6) % 1e6, restNanos };
    },
    print(epochMs, zone, nanos) {
      if (nanos === 0 && epochMs % unitMs === 0) return String(epochMs / unitMs);
      if (epochMs < 0) {
        const isBetween = nanos > 0;
        const size = isBetween ? -epochMs - 1 : -epochMs;
        return `-${this.print(size, zone, isBetween ? 1e6 - nanos : 0)}`;
      }
      const digits = unitMs === 1 ? 6 : 9;
      const below = (epochMs % unitMs) * 1e6 + nanos;
      const fraction = String(below).padStart(digits, "0").replace(/0+$/, "");
      return `${BigInt(epochMs) / BigInt(unitMs)}.${fraction}`;
    },
  };
}

/** Patterns of the named formats; each is there with `strict_` in front, too. */
const patterns: Readonly<Record<string, string>> = {
  date: "uuuu-MM-dd",
  date_hour: "uuuu-MM-dd'T'HH",
  date_hour_minute: "uuuu-MM-dd'T'HH:mm",
  date_hour_minute_second: "uuuu-MM-dd'T'HH:mm:ss",
  date_hour_minute_second_fraction: "uuuu-MM-dd'T'HH:mm:ss.SSS",
  date_hour_minute_second_millis: "uuuu-MM-dd'T'HH:mm:ss.SSS",
  date_time: "uuuu-MM-dd'T'HH:mm:ss.SSSXXX",
  date_time_no_millis: "uuuu-MM-dd'T'HH:mm:ssXXX",
  hour: "HH",
  hour_minute: "HH:mm",
  hour_minute_second: "HH:mm:ss",
  hour_minute_second_fraction: "HH:mm:ss.SSS",
  hour_minute_second_millis: "HH:mm:ss.SSS",
  ordinal_date: "uuuu-DDD",
  ordinal_date_time: "uuuu-DDD'T'HH:mm:ss.SSSXXX",
  ordinal_date_time_no_millis: "uuuu-DDD'T'HH:mm:ssXXX",
  time: "HH:mm:ss.SSSXXX",
  time_no_millis: "HH:mm:ssXXX",
  t_time: "'T'HH:mm:ss.SSSXXX",
  t_time_no_millis: "'T'HH:mm:ssXXX",
  week_date: "YYYY-'W'ww-e",
  week_date_time: "YYYY-'W'ww-e'T'HH:mm:ss.SSSXXX",
  week_date_time_no_millis: "YYYY-'W'ww-e'T'HH:mm:ssXXX",
  weekyear_week: "YYYY-'W'ww",
  weekyear_week_day: "YYYY-'W'ww-e",
  year_month: "uuuu-MM",
  year_month_day: "uuuu-MM-dd",
};

/** Names of formats that write years of four digits only, some of them where they are strict. */
const shortYears: ReadonlySet<string> = new Set(
  [
    "date_hour_minute_second_fraction date_hour_minute_second_millis ordinal_date_time",
    "ordinal_date_time_no_millis strict_date_hour_minute_second_fraction",
    "strict_date_hour_minute_second_millis strict_date_time strict_date_time_no_millis",
    "strict_ordinal_date strict_ordinal_date_time strict_ordinal_date_time_no_millis strict_year",
    "strict_year_month strict_year_month_day year_month_day",
  ].flatMap((names) => names.split(" ")),
);

/** Formats without separators, which have one form only; those of weeks are called strict, too. */
const basicPatterns: Readonly<Record<string, string>> = {
  basic_date: "uuuuMMdd",
  basic_date_time: "uuuuMMdd'T'HHmmss.SSSX",
  basic_date_time_no_millis: "uuuuMMdd'T'HHmmssX",
  basic_ordinal_date: "uuuuDDD",
  basic_ordinal_date_time: "yyyyDDD'T'HHmmss.SSSX",
  basic_ordinal_date_time_no_millis: "uuuuDDD'T'HHmmssX",
  basic_time: "HHmmss.SSSX",
  basic_time_no_millis: "HHmmssX",
  basic_t_time: "'T'HHmmss.SSSX",
  basic_t_time_no_millis: "'T'HHmmssX",
  basic_week_date: "YYYY'W'wwe",
  basic_week_date_time: "YYYY'W'wwe'T'HHmmss.SSSX",
  basic_week_date_time_no_millis: "YYYY'W'wwe'T'HHmmssX",
};

/** Builds a format that has a name. */
function builtIn(name: string, pattern: string, isLenient: boolean): DateFormat {
  const hasShortYears = shortYears.has(name);
  return patternFormat(pattern, {
    isNamed: true,
    isLenient,
    hasShortYears,
    isUnsigned: /^basic_(?!ordinal)|^strict_basic/.test(name),
  });
}

const strictDate = patternFormat("uuuu-MM-dd", { isNamed: true });

const named: Readonly<Record<string, DateFormat>> = {
  strict_date_optional_time: isoFormat(strictIso),
  date_optional_time: isoFormat(lenientIso),
  strict_date_optional_time_nanos: isoFormat(wholeIso, printIso),
  iso8601: isoFormat(strictIso),
  epoch_millis: epochFormat(1),
  epoch_second: epochFormat(1000),
  ...Object.fromEntries(
    Object.entries(patterns).flatMap(([name, pattern]) => [
      [name, builtIn(name, pattern, true)],
      [`strict_${name}`, builtIn(`strict_${name}`, pattern, false)],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(basicPatterns).flatMap(([name, pattern]) => {
      const format = builtIn(name, pattern, false);
      return name.startsWith("basic_week")
        ? [
            [name, format],
            [`strict_${name}`, format],
          ]
        : [[name, format]];
    }),
  ),
  // What follows the year may be left out.
  date: {
    ...builtIn("date", "uuuu[-MM[-dd]]", true),
    print: (epochMs, zone, nanos) => strictDate.print(epochMs, zone, nanos),
  },
  year: builtIn("year", "u", true),
  strict_year: builtIn("strict_year", "uuuu", false),
  weekyear: builtIn("weekyear", "Y", true),
  strict_weekyear: builtIn("strict_weekyear", "YYYY", false),
};
