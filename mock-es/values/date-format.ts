import { notSupported } from "../search/problem.ts";

/**
 * A date as written: fields that the text leaves out are absent, so that the caller can fill them
 * up or down.
 */
export interface DateParts {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly millisecond?: number;
  /** Minutes east of UTC. */
  readonly offset?: number;
  /** The instant itself, for `epoch_millis` and `epoch_second`. */
  readonly epochMs?: number;
}

/** One of the alternatives of a format such as `yyyy-MM-dd||epoch_millis`. */
export interface DateFormat {
  parse(text: string): DateParts | undefined;
  /** Writes an instant, shown `offset` minutes east of UTC. */
  print(epochMs: number, offset: number): string;
}

/** Elasticsearch's format for date fields that name none. */
export const DEFAULT_DATE_FORMAT = "strict_date_optional_time||epoch_millis";

const cache = new Map<string, readonly DateFormat[]>();
const CACHE_LIMIT = 256;

/**
 * Parses a format of the mapping, a range query or an aggregation; the first alternative is the one
 * that prints.
 */
export function dateFormats(format: string): readonly DateFormat[] {
  const known = cache.get(format);
  if (known !== undefined) return known;
  const formats = format.split("||").map((name) => namedFormat(name.trim()));
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(format, formats);
  return formats;
}

function namedFormat(name: string): DateFormat {
  return (Object.hasOwn(NAMED, name) ? NAMED[name] : undefined) ?? patternFormat(name);
}

const ISO =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?$/;

/**
 * Minutes east of UTC of `Z`, `+01:00`, `-0530` or `+02`; `undefined` for anything else (named
 * zones too).
 */
export function utcOffset(zone: string): number | undefined {
  if (zone === "Z" || zone === "UTC" || zone === "GMT") return 0;
  const found = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?$/.exec(zone);
  if (found === null) return undefined;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
  if (minutes > 18 * 60) return undefined;
  return found[1] === "-" ? -minutes : minutes;
}

const pad = (value: number, width: number): string => String(value).padStart(width, "0");

function zoneText(offset: number): string {
  if (offset === 0) return "Z";
  const size = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
}

const isoFormat: DateFormat = {
  parse(text) {
    const found = ISO.exec(text);
    if (found === null) return undefined;
    const [, year, month, day, hour, minute, second, fraction, zone] = found;
    return {
      year: Number(year),
      ...(month === undefined ? {} : { month: Number(month) }),
      ...(day === undefined ? {} : { day: Number(day) }),
      ...(hour === undefined ? {} : { hour: Number(hour) }),
      ...(minute === undefined ? {} : { minute: Number(minute) }),
      ...(second === undefined ? {} : { second: Number(second) }),
      ...(fraction === undefined
        ? {}
        : { millisecond: Number(fraction.padEnd(3, "0").slice(0, 3)) }),
      ...(zone === undefined ? {} : { offset: utcOffset(zone) ?? 0 }),
    };
  },
  print(epochMs, offset) {
    const text = new Date(epochMs + offset * 60_000).toISOString();
    return offset === 0 ? text : text.slice(0, -1) + zoneText(offset);
  },
};

function epochFormat(unitMs: number): DateFormat {
  return {
    parse: (text) =>
      /^-?\d{1,19}(?:\.\d{1,9})?$/.test(text)
        ? { epochMs: Math.floor(Number(text) * unitMs) }
        : undefined,
    print: (epochMs) => String(epochMs / unitMs),
  };
}

const NAMED: Readonly<Record<string, DateFormat>> = {
  strict_date_optional_time: isoFormat,
  date_optional_time: isoFormat,
  strict_date_optional_time_nanos: isoFormat,
  iso8601: isoFormat,
  epoch_millis: epochFormat(1),
  epoch_second: epochFormat(1000),
  ...Object.fromEntries(
    Object.entries({
      date: "yyyy-MM-dd",
      year: "yyyy",
      year_month: "yyyy-MM",
      year_month_day: "yyyy-MM-dd",
      date_hour: "yyyy-MM-dd'T'HH",
      date_hour_minute: "yyyy-MM-dd'T'HH:mm",
      date_hour_minute_second: "yyyy-MM-dd'T'HH:mm:ss",
      date_hour_minute_second_millis: "yyyy-MM-dd'T'HH:mm:ss.SSS",
      date_time: "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
      date_time_no_millis: "yyyy-MM-dd'T'HH:mm:ssXXX",
      hour_minute_second: "HH:mm:ss",
    }).flatMap(([name, pattern]) => {
      const format = patternFormat(pattern);
      return [
        [name, format],
        [`strict_${name}`, format],
      ];
    }),
  ),
  basic_date: patternFormat("yyyyMMdd"),
};

type PartName = Exclude<keyof DateParts, "epochMs">;

interface Piece {
  readonly regExp: string;
  readonly part?: PartName;
  readonly read?: (text: string) => number;
  readonly print: (date: Date, offset: number) => string;
}

const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/**
 * Builds a format from a pattern of `java.time` letters; letters this engine does not know are
 * refused.
 */
function patternFormat(pattern: string): DateFormat {
  const pieces = [...pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']/g)].map((found) =>
    found[1] === undefined && /^[A-Za-z]/.test(found[0])
      ? letterPiece(found[0], pattern)
      : literalPiece(
          found[1] === undefined
            ? found[0]
            : found[1] === ""
              ? "'"
              : found[1].replaceAll("''", "'"),
        ),
  );
  const regExp = new RegExp(`^${pieces.map((piece) => `(${piece.regExp})`).join("")}$`);
  return {
    parse(text) {
      const found = regExp.exec(text);
      if (found === null) return undefined;
      const parts: { -readonly [Name in keyof DateParts]: number } = {};
      for (const [at, piece] of pieces.entries()) {
        if (piece.part !== undefined)
          parts[piece.part] = (piece.read ?? Number)(found[at + 1] ?? "");
      }
      return parts;
    },
    print(epochMs, offset) {
      const date = new Date(epochMs + offset * 60_000);
      return pieces.map((piece) => piece.print(date, offset)).join("");
    },
  };
}

function literalPiece(text: string): Piece {
  return { regExp: text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), print: () => text };
}

function letterPiece(run: string, pattern: string): Piece {
  const width = run.length;
  const digits = (part: PartName, get: (date: Date) => number): Piece => ({
    regExp: width === 1 ? String.raw`\d{1,4}` : String.raw`\d{${width}}`,
    part,
    print: (date) => pad(get(date), width),
  });
  switch (run.charAt(0)) {
    case "y":
    case "u":
      if (width === 2) {
        return {
          regExp: String.raw`\d\d`,
          part: "year",
          read: (text) => 2000 + Number(text),
          print: (date) => pad(date.getUTCFullYear() % 100, 2),
        };
      }
      return digits("year", (date) => date.getUTCFullYear());
    case "M":
    case "L":
      return width < 3
        ? digits("month", (date) => date.getUTCMonth() + 1)
        : namePiece(MONTHS, width, "month", 1);
    case "d":
      return digits("day", (date) => date.getUTCDate());
    case "H":
      return digits("hour", (date) => date.getUTCHours());
    case "m":
      return digits("minute", (date) => date.getUTCMinutes());
    case "s":
      return digits("second", (date) => date.getUTCSeconds());
    case "S":
      return {
        regExp: String.raw`\d{${width}}`,
        part: "millisecond",
        read: (text) => Number(text.padEnd(3, "0").slice(0, 3)),
        print: (date) => pad(date.getUTCMilliseconds(), 3).padEnd(width, "0").slice(0, width),
      };
    case "E":
    case "e":
      return namePiece(DAYS, width, undefined, 0);
    case "X":
    case "x":
    case "Z":
      return {
        regExp: String.raw`Z|[+-]\d\d(?::?\d\d)?`,
        part: "offset",
        read: (text) => utcOffset(text) ?? 0,
        print: (_, offset) =>
          offset === 0 && run[0] === "X"
            ? "Z"
            : width === 3
              ? zoneText(offset).replace("Z", "+00:00")
              : zoneText(offset).replace("Z", "+0000").replace(":", ""),
      };
    default:
      throw notSupported(`the letter [${run[0] ?? ""}] of the date format [${pattern}]`);
  }
}

function namePiece(
  names: readonly string[],
  width: number,
  part: "month" | undefined,
  base: number,
): Piece {
  const shown = width < 4 ? names.map((name) => name.slice(0, 3)) : names;
  return {
    regExp: shown.join("|"),
    ...(part === undefined ? {} : { part, read: (text: string) => shown.indexOf(text) + base }),
    print: (date) => shown[part === undefined ? date.getUTCDay() : date.getUTCMonth()] ?? "",
  };
}
