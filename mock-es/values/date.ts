/** Dates of documents and queries: reading, writing, date math. */
import { EsError, type EsErrorCause } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { textOf } from "../json/json-value.ts";
import { doubleText, toLong } from "../json/java-number.ts";
import { dateFormats, DEFAULT_DATE_FORMAT } from "./date-format.ts";
import { type Moment, toMoment } from "./date-parts.ts";
import { addUnits, floorTo } from "./date-units.ts";
import { type TimeZone, utc } from "./time-zone.ts";

/** How a date expression of a query is read. */
export interface DateExpressionOptions {
  readonly format: string;
  /** The instant of `now`, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Zone of dates without a zone of their own, and of rounding. @default UTC */
  readonly zone?: TimeZone;
  /** True for `gt` and `lte`: what is left out, and rounding, goes to the last millisecond. */
  readonly roundUp?: boolean;
}

/**
 * A date value of a document as milliseconds since the epoch; `undefined` when no alternative of
 * the format fits.
 */
export function parseDate(
  raw: unknown,
  format: string,
  zone: TimeZone = utc,
  roundUp = false,
): number | undefined {
  if (format === DEFAULT_DATE_FORMAT) {
    const quick =
      typeof raw === "string" ? parseUtc(raw) : typeof raw === "number" ? epochOf(raw) : undefined;
    if (quick !== undefined) return quick;
  }
  return parseMoment(raw, format, zone, roundUp)?.ms;
}

/** As {@link parseDate}, with the nanoseconds. */
export function parseMoment(
  raw: unknown,
  format: string,
  zone: TimeZone = utc,
  roundUp = false,
): Moment | undefined {
  if (!isRawNumber(raw) && !/^(?:string|number|bigint)$/.test(typeof raw)) return undefined;
  const text = isRawNumber(raw) ? raw.rawJSON : String(raw);
  for (const candidate of dateFormats(format)) {
    const parts = candidate.parse(text);
    const moment = parts === undefined ? undefined : toMoment(parts, zone, roundUp);
    if (moment !== undefined) return moment;
  }
  return undefined;
}

/** A number of four digits reads as a year, as it does in Elasticsearch. */
const firstNumberThatIsNoYear = 10_000;

function epochOf(raw: number): number | undefined {
  return raw >= firstNumberThatIsNoYear ? Math.floor(raw) : undefined;
}

/** Nanoseconds since the epoch: what `date_nanos` fields hold. */
export function nanosOf({ ms, nanos }: Moment): number | bigint {
  return toLong(BigInt(ms) * 1_000_000n + BigInt(nanos));
}

/** The moment of nanoseconds since the epoch. */
export function momentOf(value: number | bigint): Moment {
  const all = BigInt(value);
  const ms = all >= 0n ? all / 1_000_000n : (all - 999_999n) / 1_000_000n;
  return { ms: Number(ms), nanos: Number(all - ms * 1_000_000n) };
}

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

/** Writes an instant in the first alternative of a format. */
export function printDate(
  epochMs: number,
  format: string,
  zone: TimeZone = utc,
  nanos = 0,
): string {
  return dateFormats(format)[0]?.print(epochMs, zone, nanos) ?? String(epochMs);
}

/**
 * Evaluates a date of a query: a date in the format, or date math (`now-1d/d`,
 * `2024-01-01||+1M/d`). Milliseconds since the epoch.
 *
 * @throws {EsError} 400 `parse_exception` for a date or math that does not parse
 */
export function evaluateDate(expression: unknown, options: DateExpressionOptions): number {
  return evaluateMoment(expression, options).ms;
}

/** As {@link evaluateDate}, with the nanoseconds. */
export function evaluateMoment(expression: unknown, options: DateExpressionOptions): Moment {
  if (typeof expression !== "string") return requireMoment(expression, options);
  if (expression.startsWith("now")) {
    const now = { ms: options.nowMs, nanos: 0 };
    return applyMath(expression.slice(3), now, options);
  }
  const at = expression.indexOf("||");
  if (at < 0) return requireMoment(expression, options);
  const base = requireMoment(expression.slice(0, at), { ...options, roundUp: false });
  return applyMath(expression.slice(at + 2), base, options);
}

function requireMoment(raw: unknown, options: DateExpressionOptions): Moment {
  const { format, zone = utc, roundUp = false } = options;
  const moment = parseMoment(raw, format, zone, roundUp);
  if (moment !== undefined) return moment;
  if (raw === "") throw parseProblem("cannot parse empty datetime");
  const shown =
    typeof raw === "number" && !Number.isSafeInteger(raw) ? doubleText(raw) : textOf(raw);
  const reason = `failed to parse date field [${shown}] with format [${format}]`;
  throw parseProblem(`${reason}: [${reason}]`, {
    caused_by: {
      type: "illegal_argument_exception",
      reason,
      caused_by: unreadableDate(shown, format),
    },
  });
}

/** Why a text is no date of a format, as the cause of a refusal. */
export function unreadableDate(text: string, format: string): EsErrorCause {
  const [only, ...others] = dateFormats(format);
  const problem = others.length === 0 ? only?.problemOf?.(text) : undefined;
  return {
    type: "date_time_parse_exception",
    reason: problem ?? "Failed to parse with all enclosed parsers",
  };
}

function parseProblem(reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(400, "parse_exception", reason, extra);
}

const lastNanos = 999_999;

function applyMath(math: string, base: Moment, options: DateExpressionOptions): Moment {
  const { zone = utc, roundUp = false } = options;
  let { ms, nanos } = base;
  let at = 0;
  while (at < math.length) {
    const found = /([+\-/])(\d*)([a-zA-Z]?)/y;
    found.lastIndex = at;
    const [whole = "", operator, count, unit = ""] = found.exec(math) ?? [];
    if (operator === undefined)
      throw parseProblem(`operator not supported for date math [${math}]`);
    if (unit === "") throw parseProblem(`truncated date math [${math}]`);
    if (!"yMwdhHms".includes(unit))
      throw parseProblem(`unit [${unit}] not supported for date math [${math}]`);
    at += whole.length;
    if (operator === "/") {
      if (count !== "" && count !== "1") {
        throw parseProblem(`rounding \`/\` can only be used on single unit types [${math}]`);
      }
      ms = floorTo(ms, unit, zone);
      if (roundUp) ms = addUnits(ms, 1, unit, zone) - 1;
      nanos = roundUp ? lastNanos : 0;
    } else {
      const size = count === "" ? 1 : Number(count);
      ms = addUnits(ms, operator === "-" ? -size : size, unit, zone);
    }
  }
  return { ms, nanos };
}
