import { shardFailure, textOf } from "../search/problem.ts";
import { dateFormats, DEFAULT_DATE_FORMAT, type DateParts } from "./date-format.ts";

/** How a date expression of a query is read. */
export interface DateExpressionOptions {
  /** Index that error texts name. */
  readonly index: string;
  readonly format: string;
  /** The instant of `now`, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Minutes east of UTC for dates without a zone of their own and for rounding. */
  readonly offset: number;
  /** True for `gt` and `lte`: parts that are left out, and rounding, go to the last millisecond. */
  readonly roundUp: boolean;
}

const DAY_MS = 86_400_000;

/**
 * A date value of a document as milliseconds since the epoch; `undefined` when no alternative of
 * the format fits.
 */
export function parseDate(
  raw: unknown,
  format: string,
  offset = 0,
  roundUp = false,
): number | undefined {
  if (typeof raw !== "string" && typeof raw !== "number") return undefined;
  if (format === DEFAULT_DATE_FORMAT) {
    const epochMs =
      typeof raw === "string"
        ? parseUtc(raw)
        : raw >= FIRST_NUMBER_THAT_IS_NO_YEAR
          ? Math.floor(raw)
          : undefined;
    if (epochMs !== undefined) return epochMs;
  }
  const text = typeof raw === "string" ? raw : String(raw);
  for (const candidate of dateFormats(format)) {
    const parts = candidate.parse(text);
    const epochMs = parts === undefined ? undefined : toEpochMs(parts, offset, roundUp);
    if (epochMs !== undefined) return epochMs;
  }
  return undefined;
}

// A number of four digits reads as a year, as it does in Elasticsearch.
const FIRST_NUMBER_THAT_IS_NO_YEAR = 10_000;

/**
 * The quick way for the usual `2024-01-31T12:34:56.789Z`; `undefined` for every other shape and for
 * impossible dates.
 */
function parseUtc(text: string): number | undefined {
  if (
    text.length !== 24 ||
    text.charCodeAt(23) !== 90 ||
    text.charCodeAt(10) !== 84 ||
    text.charCodeAt(19) !== 46
  )
    return undefined;
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  )
    return undefined;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 7);
  const day = digitsAt(text, 8, 10);
  const hour = digitsAt(text, 11, 13);
  const minute = digitsAt(text, 14, 16);
  const second = digitsAt(text, 17, 19);
  const millisecond = digitsAt(text, 20, 23);
  // The month's length is left to the slow way for days that not every month has; years before 100
  // mean 19xx to Date.UTC.
  const isPlain =
    year >= 100 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 28 &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59;
  if (!isPlain || Number.isNaN(hour + minute + second + millisecond)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
}

function digitsAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Writes an instant in the first alternative of a format, `offset` minutes east of UTC. */
export function printDate(epochMs: number, format: string, offset = 0): string {
  return dateFormats(format)[0]?.print(epochMs, offset) ?? String(epochMs);
}

function toEpochMs(parts: DateParts, offset: number, roundUp: boolean): number | undefined {
  if (parts.epochMs !== undefined) return parts.epochMs;
  const { year = 1970, month = 1, day = 1 } = parts;
  // Rounding up fills time only, never month and day: 2099-12 becomes 2099-12-01T23:59:59.999.
  const { hour = roundUp ? 23 : 0, minute = roundUp ? 59 : 0, second = roundUp ? 59 : 0 } = parts;
  const millisecond = parts.millisecond ?? (roundUp ? 999 : 0);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second, millisecond);
  return date.getTime() - (parts.offset ?? offset) * 60_000;
}

/**
 * Evaluates a date of a query: a date in the format, or date math (`now-1d/d`,
 * `2024-01-01||+1M/d`).
 *
 * @throws {EsError} a shard's `parse_exception` for a date or math that does not parse
 */
export function evaluateDate(expression: unknown, options: DateExpressionOptions): number {
  if (typeof expression !== "string") return requireDate(expression, options);
  if (expression.startsWith("now")) return applyMath(expression.slice(3), options.nowMs, options);
  const at = expression.indexOf("||");
  if (at < 0) return requireDate(expression, options);
  const base = requireDate(expression.slice(0, at), { ...options, roundUp: false });
  return applyMath(expression.slice(at + 2), base, options);
}

function requireDate(raw: unknown, options: DateExpressionOptions): number {
  const epochMs = parseDate(raw, options.format, options.offset, options.roundUp);
  if (epochMs !== undefined) return epochMs;
  const text = typeof raw === "object" ? JSON.stringify(raw) : textOf(raw);
  const reason = `failed to parse date field [${text}] with format [${options.format}]`;
  const cause = options.format.includes("||")
    ? {
        caused_by: {
          type: "date_time_parse_exception",
          reason: "Failed to parse with all enclosed parsers",
        },
      }
    : {};
  throw shardFailure(options.index, "parse_exception", `${reason}: [${reason}]`, {
    caused_by: { type: "illegal_argument_exception", reason, ...cause },
  });
}

function applyMath(math: string, base: number, options: DateExpressionOptions): number {
  let epochMs = base;
  let at = 0;
  while (at < math.length) {
    const found = /([+\-/])(\d*)([a-zA-Z]?)/y;
    found.lastIndex = at;
    const [whole = "", operator, count, unit = ""] = found.exec(math) ?? [];
    if (operator === undefined) {
      throw shardFailure(
        options.index,
        "parse_exception",
        `operator not supported for date math [${math}]`,
      );
    }
    if (unit === "")
      throw shardFailure(options.index, "parse_exception", `truncated date math [${math}]`);
    if (!"yMwdhHms".includes(unit)) {
      throw shardFailure(
        options.index,
        "parse_exception",
        `unit [${unit}] not supported for date math [${math}]`,
      );
    }
    at += whole.length;
    if (operator === "/") {
      if (count !== "" && count !== "1") {
        throw shardFailure(
          options.index,
          "parse_exception",
          `rounding \`/\` can only be used on single unit types [${math}]`,
        );
      }
      epochMs = floorTo(epochMs, unit, options.offset);
      if (options.roundUp) epochMs = addUnits(epochMs, 1, unit, options.offset) - 1;
    } else {
      const size = count === "" ? 1 : Number(count);
      epochMs = addUnits(epochMs, operator === "-" ? -size : size, unit, options.offset);
    }
  }
  return epochMs;
}

/**
 * Adds calendar or clock units (`y M q w d h H m s`) to an instant; a month's end stays a month's
 * end.
 */
export function addUnits(epochMs: number, count: number, unit: string, offset = 0): number {
  if (unit === "y") return addMonths(epochMs, count * 12, offset);
  if (unit === "q") return addMonths(epochMs, count * 3, offset);
  if (unit === "M") return addMonths(epochMs, count, offset);
  return epochMs + count * (CLOCK_UNIT_MS[unit] ?? 0);
}

const CLOCK_UNIT_MS: Readonly<Record<string, number>> = {
  w: 7 * DAY_MS,
  d: DAY_MS,
  h: 3_600_000,
  H: 3_600_000,
  m: 60_000,
  s: 1000,
};

function addMonths(epochMs: number, count: number, offset: number): number {
  const local = new Date(epochMs + offset * 60_000);
  const day = local.getUTCDate();
  const moved = new Date(local);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + count);
  const lastDay = new Date(
    Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0),
  ).getUTCDate();
  moved.setUTCDate(Math.min(day, lastDay));
  return moved.getTime() - offset * 60_000;
}

/**
 * Start of the calendar or clock unit that an instant lies in, in a zone `offset` minutes east of
 * UTC; weeks start on Monday.
 */
export function floorTo(epochMs: number, unit: string, offset = 0): number {
  const local = epochMs + offset * 60_000;
  return floorLocal(local, unit) - offset * 60_000;
}

function floorLocal(local: number, unit: string): number {
  const date = new Date(local);
  switch (unit) {
    case "y":
      return new Date(local).setUTCMonth(0, 1) - timeOfDay(local);
    case "q":
      return (
        new Date(local).setUTCMonth(Math.floor(date.getUTCMonth() / 3) * 3, 1) - timeOfDay(local)
      );
    case "M":
      return new Date(local).setUTCDate(1) - timeOfDay(local);
    case "w":
      // Day 0 of the epoch was a Thursday.
      return (Math.floor((Math.floor(local / DAY_MS) + 3) / 7) * 7 - 3) * DAY_MS;
    default: {
      const size = CLOCK_UNIT_MS[unit] ?? 1;
      return Math.floor(local / size) * size;
    }
  }
}

function timeOfDay(local: number): number {
  return local - Math.floor(local / DAY_MS) * DAY_MS;
}
