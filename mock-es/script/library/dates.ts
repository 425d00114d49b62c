/** Dates of scripts: `java.time`, to the millisecond. */
import { notSupported } from "../../es-error.ts";
import { printDate, parseMoment } from "../../values/date.ts";
import { weekOf } from "../../values/date-parts.ts";
import { addUnits, floorTo } from "../../values/date-units.ts";
import { offsetText, type TimeZone, timeZone, utc } from "../../values/time-zone.ts";
import { whole } from "../arithmetic.ts";
import { RuntimeProblem } from "../problems.ts";
import { isScriptObject, numberIn, type ScriptObject } from "../values.ts";
import { type Callable, type Methods, objectOf, text } from "./method.ts";

/** UTC by its name: other than by its offset, it is shown. */
const utcRegion: TimeZone = { ...utc };

/** An instant, in a time zone or in none. */
interface Time extends ScriptObject {
  readonly epochMs: number;
  readonly zone: TimeZone;
}

function isTime(value: unknown): value is Time {
  return isScriptObject(value) && "epochMs" in value;
}

function timeOf(value: unknown): Time {
  if (isTime(value)) return value;
  throw new RuntimeProblem("class_cast_exception", "a date is wanted");
}

const dayNames = "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY".split(" ");
const monthNames =
  "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER".split(
    " ",
  );

/** A constant of an enumeration, with its number. */
function constant(javaType: string, name: string, number: number): ScriptObject {
  return objectOf(
    javaType,
    {
      getValue: () => number,
      name: () => name,
      ordinal: () => number - 1,
      getDisplayName: (style, locale) => {
        const long = name.charAt(0) + name.slice(1).toLowerCase();
        // The root locale has short names only (CLDR, JDK 23 and later).
        const isShort = text(style).startsWith("SHORT") || locale === "ROOT";
        return isShort ? long.slice(0, 3) : long;
      },
      compareTo: (other) => number - (isScriptObject(other) ? whole(other.member("value")) : 0),
      equals: (other) => isScriptObject(other) && other.text?.() === name,
    },
    () => name,
  );
}

/** Units of `ChronoUnit`: how they are added, and their milliseconds where these are fixed. */
const chronoUnits: Readonly<Record<string, { readonly unit: string; readonly ms?: number }>> = {
  MILLIS: { unit: "ms", ms: 1 },
  SECONDS: { unit: "s", ms: 1000 },
  MINUTES: { unit: "m", ms: 60_000 },
  HOURS: { unit: "h", ms: 3_600_000 },
  DAYS: { unit: "d", ms: 86_400_000 },
  WEEKS: { unit: "w", ms: 604_800_000 },
  MONTHS: { unit: "M" },
  YEARS: { unit: "y" },
};

function chronoUnit(name: string): ScriptObject {
  return objectOf(
    "java.time.temporal.ChronoUnit",
    { between: (from, to) => between(name, timeOf(from), timeOf(to)) },
    () => name,
  );
}

function between(name: string, from: Time, to: Time): bigint {
  const { unit = "ms", ms } = chronoUnits[name] ?? {};
  if (ms !== undefined) {
    // Days and weeks are counted by the clocks of a zone.
    const isClock = ms < 86_400_000;
    const local = ({ epochMs, zone }: Time): number =>
      isClock ? epochMs : epochMs + zone.offsetAt(epochMs);
    return BigInt(Math.trunc((local(to) - local(from)) / ms));
  }
  const sign = to.epochMs < from.epochMs ? -1 : 1;
  let count = Math.max(0, Math.floor(Math.abs(to.epochMs - from.epochMs) / 31_622_400_000) - 1);
  if (unit === "M") count *= 12;
  const isWithin = (steps: number): boolean =>
    sign * (addUnits(from.epochMs, sign * steps, unit, from.zone) - to.epochMs) <= 0;
  while (isWithin(count + 1)) count++;
  return BigInt(sign * count);
}

/** `2024-01-15T10:00`, with seconds and fractions where there are any. */
function localText(epochMs: number, zone: TimeZone): string {
  const date = new Date(epochMs + zone.offsetAt(epochMs));
  const iso = date.toISOString();
  if (date.getUTCMilliseconds() !== 0) return iso.slice(0, -1);
  return date.getUTCSeconds() === 0 ? iso.slice(0, 16) : iso.slice(0, 19);
}

const amounts: Readonly<Record<string, string>> = {
  Seconds: "s",
  Minutes: "m",
  Hours: "h",
  Days: "d",
  Weeks: "w",
  Months: "M",
  Years: "y",
};

/** `java.time.ZonedDateTime`. */
export function zonedDateTime(epochMs: number, zone: TimeZone = utc): ScriptObject {
  const local = new Date(epochMs + zone.offsetAt(epochMs));
  const again = (ms: number): ScriptObject => zonedDateTime(ms, zone);
  const moved: Record<string, Callable> = {};
  for (const [name, unit] of Object.entries(amounts)) {
    moved[`plus${name}`] = (count) => again(addUnits(epochMs, numberIn(count) ?? 0, unit, zone));
    moved[`minus${name}`] = (count) =>
      again(addUnits(epochMs, -(numberIn(count) ?? 0), unit, zone));
  }
  const set = (change: (date: Date) => void): ScriptObject => {
    const changed = new Date(local);
    change(changed);
    return again(zone.toInstant(changed.getTime()));
  };
  const day = local.getUTCDay() || 7;
  const isRegion = /[A-Za-z]{2}/.test(zone.name) && zone !== utc;
  const shown = (): string => {
    const offset = offsetText(zone.offsetAt(epochMs));
    return `${localText(epochMs, zone)}${offset}${isRegion ? `[${zone.name}]` : ""}`;
  };
  const object = objectOf(
    "java.time.ZonedDateTime",
    {
      ...moved,
      ...comparisons(epochMs),
      getYear: () => local.getUTCFullYear(),
      getMonthValue: () => local.getUTCMonth() + 1,
      getMonth: () =>
        constant("java.time.Month", monthNames[local.getUTCMonth()] ?? "", local.getUTCMonth() + 1),
      getDayOfMonth: () => local.getUTCDate(),
      getDayOfYear: () =>
        Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0)) / 86_400_000) + 1,
      getDayOfWeek: () => constant("java.time.DayOfWeek", dayNames[day - 1] ?? "", day),
      getDayOfWeekEnum: () => constant("java.time.DayOfWeek", dayNames[day - 1] ?? "", day),
      getHour: () => local.getUTCHours(),
      getMinute: () => local.getUTCMinutes(),
      getSecond: () => local.getUTCSeconds(),
      getNano: () => local.getUTCMilliseconds() * 1_000_000,
      toInstant: () => instant(epochMs),
      toEpochMilli: () => BigInt(epochMs),
      toEpochSecond: () => BigInt(Math.floor(epochMs / 1000)),
      toLocalDate: () => localDate(floorTo(epochMs, "d", zone) + zone.offsetAt(epochMs)),
      getZone: () => zoneObject(zone),
      getOffset: () => zoneObject(zone),
      withZoneSameInstant: (other) => zonedDateTime(epochMs, zoneIn(other)),
      withYear: (year) => set((date) => date.setUTCFullYear(whole(year))),
      withMonth: (month) => set((date) => date.setUTCMonth(whole(month) - 1)),
      withDayOfMonth: (own) => set((date) => date.setUTCDate(whole(own))),
      withHour: (hour) => set((date) => date.setUTCHours(whole(hour))),
      withMinute: (minute) => set((date) => date.setUTCMinutes(whole(minute))),
      withSecond: (second) => set((date) => date.setUTCSeconds(whole(second))),
      withNano: (nano) =>
        set((date) => date.setUTCMilliseconds(Math.floor(whole(nano) / 1_000_000))),
      truncatedTo: (unit) => again(floorTo(epochMs, unitOf(unit), zone)),
      plus: (count, unit) => again(addUnits(epochMs, numberIn(count) ?? 0, unitOf(unit), zone)),
      minus: (count, unit) => again(addUnits(epochMs, -(numberIn(count) ?? 0), unitOf(unit), zone)),
      format: (formatter) => printed(formatter, epochMs, zone),
      get: (field) => weekField(field, local),
    },
    shown,
  );
  return Object.assign(object, {
    epochMs,
    zone,
    json: () => printDate(epochMs, "strict_date_time", zone),
  });
}

function comparisons(epochMs: number): Readonly<Record<string, Callable>> {
  return {
    isBefore: (other) => epochMs < timeOf(other).epochMs,
    isAfter: (other) => epochMs > timeOf(other).epochMs,
    isEqual: (other) => epochMs === timeOf(other).epochMs,
    equals: (other) => isTime(other) && epochMs === other.epochMs,
    compareTo: (other) => Math.sign(epochMs - timeOf(other).epochMs),
  };
}

function unitOf(unit: unknown): string {
  const name = text(unit);
  const found = Object.hasOwn(chronoUnits, name) ? chronoUnits[name] : undefined;
  if (found !== undefined && found.unit !== "ms") return found.unit;
  throw notSupported(`the unit [${name}] in a script`);
}

function weekField(field: unknown, local: Date): number {
  const name = text(field);
  const { year, week } = weekOf(local);
  if (name === "WeekOfWeekBasedYear") return week;
  if (name === "WeekBasedYear") return year;
  throw notSupported(`the field [${name}] of a date in a script`);
}

/** `java.time.Instant`. */
export function instant(epochMs: number): ScriptObject {
  const shown = (): string => new Date(epochMs).toISOString().replace(".000Z", "Z");
  const object = objectOf(
    "java.time.Instant",
    {
      ...comparisons(epochMs),
      toEpochMilli: () => BigInt(epochMs),
      getEpochSecond: () => BigInt(Math.floor(epochMs / 1000)),
      getNano: () => (((epochMs % 1000) + 1000) % 1000) * 1_000_000,
      atZone: (zone) => zonedDateTime(epochMs, zoneIn(zone)),
      plusMillis: (count) => instant(epochMs + (numberIn(count) ?? 0)),
      plusSeconds: (count) => instant(epochMs + 1000 * (numberIn(count) ?? 0)),
      minusMillis: (count) => instant(epochMs - (numberIn(count) ?? 0)),
      minusSeconds: (count) => instant(epochMs - 1000 * (numberIn(count) ?? 0)),
      plus: (count, unit) => instant(addUnits(epochMs, numberIn(count) ?? 0, unitOf(unit))),
      minus: (count, unit) => instant(addUnits(epochMs, -(numberIn(count) ?? 0), unitOf(unit))),
      truncatedTo: (unit) => instant(floorTo(epochMs, unitOf(unit))),
    },
    shown,
  );
  return Object.assign(object, { epochMs, zone: utc });
}

/** `java.time.LocalDate`: the start of a day, as if in UTC. */
function localDate(epochMs: number): ScriptObject {
  const date = new Date(epochMs);
  const moved: Record<string, Callable> = {};
  for (const name of ["Days", "Weeks", "Months", "Years"]) {
    const unit = amounts[name] ?? "d";
    moved[`plus${name}`] = (count) => localDate(addUnits(epochMs, numberIn(count) ?? 0, unit));
    moved[`minus${name}`] = (count) => localDate(addUnits(epochMs, -(numberIn(count) ?? 0), unit));
  }
  const day = date.getUTCDay() || 7;
  const object = objectOf(
    "java.time.LocalDate",
    {
      ...moved,
      ...comparisons(epochMs),
      getYear: () => date.getUTCFullYear(),
      getMonthValue: () => date.getUTCMonth() + 1,
      getDayOfMonth: () => date.getUTCDate(),
      getDayOfWeek: () => constant("java.time.DayOfWeek", dayNames[day - 1] ?? "", day),
      toEpochDay: () => BigInt(Math.floor(epochMs / 86_400_000)),
      format: (formatter) => printed(formatter, epochMs, utc),
    },
    () => date.toISOString().slice(0, 10),
  );
  return Object.assign(object, { epochMs, zone: utc });
}

interface Zone extends ScriptObject {
  readonly zone: TimeZone;
}

function zoneObject(zone: TimeZone): ScriptObject {
  const name = zone === utc ? "Z" : zone.name;
  return Object.assign(
    objectOf("java.time.ZoneId", { getId: () => name }, () => name),
    { zone },
  );
}

function zoneIn(value: unknown): TimeZone {
  if (isScriptObject(value) && "zone" in value) return (value as Zone).zone;
  throw new RuntimeProblem("class_cast_exception", "a time zone is wanted");
}

function zoneNamed(value: unknown): ScriptObject {
  const name = text(value);
  const zone = timeZone(name);
  if (zone === utc && name !== "Z") return zoneObject(utcRegion);
  if (zone !== undefined) return zoneObject(zone);
  throw new RuntimeProblem("zone_rules_exception", `Unknown time-zone ID: ${name}`);
}

interface Formatter extends ScriptObject {
  readonly pattern: string;
  readonly zone: TimeZone;
}

function formatter(pattern: string, zone: TimeZone = utc): ScriptObject {
  const object = objectOf("java.time.format.DateTimeFormatter", {
    format: (date) => printed(object, timeOf(date).epochMs, timeOf(date).zone),
    withZone: (other) => formatter(pattern, zoneIn(other)),
  });
  return Object.assign(object, { pattern, zone });
}

function patternIn(value: unknown): Formatter {
  if (isScriptObject(value) && "pattern" in value) return value as Formatter;
  throw new RuntimeProblem("class_cast_exception", "a DateTimeFormatter is wanted");
}

function printed(format: unknown, epochMs: number, zone: TimeZone): string {
  return printDate(epochMs, patternIn(format).pattern, zone);
}

function parsed(value: unknown, format: string, zone: TimeZone = utc): number {
  const given = text(value);
  const moment = parseMoment(given, format, zone);
  if (moment !== undefined) return moment.ms;
  const reason = `Text '${given}' could not be parsed at index 0`;
  throw new RuntimeProblem("date_time_parse_exception", reason);
}

function zoneOfText(given: string): TimeZone {
  const [, offset = "Z"] = /(Z|[+-]\d\d:?\d\d)(?:\[.*\])?$/.exec(given) ?? [];
  return timeZone(/\[(.+)\]$/.exec(given)?.[1] ?? offset) ?? utc;
}

/** Static methods of `java.time`. */
export const ofTimeClasses: Methods = {
  "ZonedDateTime.parse": (_: unknown, given, format) => {
    const pattern = format === undefined ? "strict_date_optional_time" : patternIn(format).pattern;
    const plain = text(given).replace(/\[.*\]$/, "");
    return zonedDateTime(parsed(plain, pattern), zoneOfText(text(given)));
  },
  "ZonedDateTime.ofInstant": (_: unknown, at, zone) =>
    zonedDateTime(timeOf(at).epochMs, zoneIn(zone)),
  "ZonedDateTime.of": (_: unknown, ...from) => {
    const [year = 0, month = 1, ...rest] = from.slice(0, 7).map(whole);
    const [day = 1, hour = 0, minute = 0, second = 0, nano = 0] = rest;
    const zone = zoneIn(from[7]);
    const local = Date.UTC(year, month - 1, day, hour, minute, second, Math.floor(nano / 1e6));
    return zonedDateTime(zone.toInstant(local), zone);
  },
  "Instant.ofEpochMilli": (_: unknown, ms) => instant(numberIn(ms) ?? 0),
  "Instant.ofEpochSecond": (_: unknown, seconds) => instant(1000 * (numberIn(seconds) ?? 0)),
  "Instant.parse": (_: unknown, given) => instant(parsed(given, "strict_date_optional_time")),
  "LocalDate.parse": (_: unknown, given, format) =>
    localDate(parsed(given, format === undefined ? "yyyy-MM-dd" : patternIn(format).pattern)),
  "LocalDate.of": (_: unknown, year, month, day) =>
    localDate(Date.UTC(whole(year), whole(month) - 1, whole(day))),
  "ZoneId.of": (_: unknown, name) => zoneNamed(name),
  "ZoneOffset.of": (_: unknown, name) => zoneNamed(name),
  "DateTimeFormatter.ofPattern": (_: unknown, pattern) => formatter(text(pattern)),
  "Duration.between": (_: unknown, from, to) => duration(timeOf(to).epochMs - timeOf(from).epochMs),
  "Duration.ofMillis": (_: unknown, ms) => duration(numberIn(ms) ?? 0),
};

function duration(ms: number): ScriptObject {
  const inUnits = (length: number): bigint => BigInt(Math.trunc(ms / length));
  return objectOf("java.time.Duration", {
    toMillis: () => BigInt(ms),
    getSeconds: () => BigInt(Math.floor(ms / 1000)),
    toMinutes: () => inUnits(60_000),
    toHours: () => inUnits(3_600_000),
    toDays: () => inUnits(86_400_000),
    isNegative: () => ms < 0,
    isZero: () => ms === 0,
  });
}

/** Constants of `java.time`. */
export function timeConstant(type: string, name: string): unknown {
  if (type === "ChronoUnit" && Object.hasOwn(chronoUnits, name)) return chronoUnit(name);
  if (type === "ZoneOffset" && name === "UTC") return zoneObject(utc);
  if (type === "TextStyle" || type === "Locale") return name;
  if (type === "IsoFields") {
    if (name === "WEEK_OF_WEEK_BASED_YEAR") return "WeekOfWeekBasedYear";
    return name === "WEEK_BASED_YEAR" ? "WeekBasedYear" : undefined;
  }
  if (type === "DateTimeFormatter") {
    const formats: Readonly<Record<string, string>> = {
      ISO_INSTANT: "strict_date_time_no_millis",
      ISO_DATE_TIME: "strict_date_optional_time",
      ISO_OFFSET_DATE_TIME: "strict_date_optional_time",
      ISO_ZONED_DATE_TIME: "strict_date_optional_time",
      ISO_LOCAL_DATE: "yyyy-MM-dd",
    };
    return Object.hasOwn(formats, name) ? formatter(formats[name] ?? "") : undefined;
  }
  const at = type === "DayOfWeek" ? dayNames.indexOf(name) : -1;
  return at === -1 ? undefined : constant("java.time.DayOfWeek", name, at + 1);
}
