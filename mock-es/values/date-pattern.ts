/** Date formats from patterns of `java.time` letters, such as `dd/MM/yyyy HH:mm`. */
import { type EsError, illegalArgument, notSupported } from "../es-error.ts";
import {
  type DateFormat,
  type DateParts,
  isoWeeks,
  rootWeeks,
  weekOf,
  type WeekRule,
} from "./date-parts.ts";
import { localDate, type LocalDate, yearText } from "./local-date.ts";
import { offsetText, timeZone, type TimeZone, utcOffset } from "./time-zone.ts";

/** A moment as a format writes it. */
export interface Shown extends LocalDate {
  /** Nanoseconds of the millisecond. */
  readonly nanos: number;
  readonly offset: number;
  readonly zone: TimeZone;
}

/** One letter run or literal of a pattern. */
interface Piece {
  readonly regExp: string;
  readonly read?: (text: string, parts: DateParts) => void;
  readonly print: (shown: Shown) => string;
}

const months =
  "January February March April May June July August September October November December".split(
    " ",
  );
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const pad = (value: number, width: number): string =>
  value < 0 ? `-${String(-value).padStart(width, "0")}` : String(value).padStart(width, "0");

/** Letters that patterns of Java have. */
const javaLetters = "GuyDMLdQqYwWEecFaBhKkHmsSAnNVvzOXxZgp";

/** Characters that patterns of Java do not take as they are. */
const reserved = /[#{}]/;

/** What goes with a pattern. */
interface PatternOptions {
  /** Numbers may have fewer digits than letters. */
  readonly isLenient?: boolean;
  /** The format has a name of its own, and its weeks are those of ISO 8601. */
  readonly isNamed?: boolean;
  /** Years beyond four digits cannot be written. */
  readonly hasShortYears?: boolean;
  /** Years beyond four digits are written without a sign. */
  readonly isUnsigned?: boolean;
}

/** What the pieces of a pattern have to know of it. */
interface PieceOptions extends PatternOptions {
  readonly pattern: string;
  readonly weeks: WeekRule;
}

/**
 * Builds a format. Optional sections stand in square brackets; letters this engine does not know
 * are refused.
 *
 * @throws {EsError} 400 that names the letter
 */
export function patternFormat(pattern: string, given: PatternOptions = {}): DateFormat {
  const options = { ...given, pattern, weeks: given.isNamed === true ? isoWeeks : rootWeeks };
  const pieces: Piece[] = [];
  let source = "";
  // What Java does not know is told before what is not imitated.
  const letters = pattern.replaceAll(/'[^']*'|[^A-Za-z]/g, "").split("");
  const unknown = letters.find((letter) => !javaLetters.includes(letter));
  if (unknown !== undefined) throw invalidFormat(pattern, `Unknown pattern letter: ${unknown}`);
  for (const found of pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[[\]]|[^A-Za-z'[\]]/g)) {
    const [text, quoted] = found;
    if (text === "[") source += "(?:";
    else if (text === "]") source += ")?";
    else {
      if (quoted === undefined && reserved.test(text))
        throw invalidFormat(pattern, `Pattern includes reserved character: '${text}'`);
      const piece =
        quoted === undefined && /^[A-Za-z]/.test(text)
          ? letterPiece(text, options)
          : literalPiece(
              quoted === undefined ? text : quoted === "" ? "'" : quoted.replaceAll("''", "'"),
            );
      pieces.push(piece);
      source += `(${piece.regExp})`;
    }
  }
  const regExp = new RegExp(`^${source}$`);
  return {
    parse(text) {
      const found = regExp.exec(text);
      if (found === null) return undefined;
      const parts: DateParts = {};
      for (const [at, piece] of pieces.entries()) {
        const part = found[at + 1];
        if (part !== undefined) piece.read?.(part, parts);
      }
      return parts;
    },
    problemOf: (text) => `Text '${text}' could not be parsed${whereItStops(pieces, text)}`,
    print: (epochMs, zone, nanos) => {
      const offset = zone.offsetAt(epochMs);
      const shown = { ...localDate(epochMs + offset), nanos, offset, zone };
      return pieces.map((piece) => piece.print(shown)).join("");
    },
  };
}

/** What java.time says behind `could not be parsed`. */
function whereItStops(pieces: readonly Piece[], text: string): string {
  let at = 0;
  const parts: DateParts = {};
  for (const { regExp, read } of pieces) {
    const found = new RegExp(regExp, "y");
    found.lastIndex = at;
    const part = found.exec(text)?.[0];
    if (part === undefined) return ` at index ${at}`;
    read?.(part, parts);
    at += part.length;
  }
  if (at < text.length) return `, unparsed text found at index ${at}`;
  for (const [name, shown, least, most] of ranges) {
    const value = parts[name];
    if (typeof value === "number" && (value < least || value > most))
      return `: Invalid value for ${shown} (valid values ${least} - ${most}): ${value}`;
  }
  return " at index 0";
}

const ranges: readonly (readonly [PartName, string, number, number])[] = [
  ["month", "MonthOfYear", 1, 12],
  ["day", "DayOfMonth", 1, 31],
  ["hour", "HourOfDay", 0, 23],
  ["minute", "MinuteOfHour", 0, 59],
  ["second", "SecondOfMinute", 0, 59],
];

function literalPiece(text: string): Piece {
  return { regExp: text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), print: () => text };
}

type PartName = "month" | "day" | "hour" | "minute" | "second" | "week" | "dayOfYear";

function letterPiece(run: string, options: PieceOptions): Piece {
  const width = run.length;
  const { isLenient = false, weeks, pattern } = options;
  const digits = (part: PartName, get: (date: Date) => number, shift = 0): Piece => ({
    regExp: width === 1 || isLenient ? String.raw`\d{1,3}` : String.raw`\d{${width}}`,
    read: (text, parts) => (parts[part] = Number(text) + shift),
    print: ({ date }) => pad(get(date) - shift, width),
  });
  switch (run.charAt(0)) {
    case "y":
      return yearPiece(run, "year", options, yearOfEra);
    case "u":
      return yearPiece(run, "year", options, yearOf);
    case "Y":
      return weekYearPiece(run, options);
    case "M":
    case "L":
      return width < 3
        ? digits("month", (date) => date.getUTCMonth() + 1)
        : namePiece(
            months,
            width,
            (name, parts) => (parts.month = name + 1),
            (date) => date.getUTCMonth(),
          );
    case "d":
      return digits("day", (date) => date.getUTCDate());
    case "D":
      return digits("dayOfYear", dayOfYearOf);
    case "w":
      return digits("week", (date) => weekOf(date, weeks).week);
    case "H":
      return digits("hour", (date) => date.getUTCHours());
    case "h":
      return digits("hour", (date) => ((date.getUTCHours() + 11) % 12) + 1);
    case "K":
      return digits("hour", (date) => date.getUTCHours() % 12);
    case "k":
      return digits("hour", (date) => (date.getUTCHours() === 0 ? 24 : date.getUTCHours()));
    case "a":
      return {
        regExp: "[AaPp][Mm]",
        read: (text, parts) => (parts.halfDay = /^a/i.test(text) ? 0 : 1),
        print: ({ date }) => (date.getUTCHours() < 12 ? "AM" : "PM"),
      };
    case "m":
      return digits("minute", (date) => date.getUTCMinutes());
    case "s":
      return digits("second", (date) => date.getUTCSeconds());
    case "S":
      return fractionPiece(width, isLenient);
    case "e":
    case "c":
      return weekdayPiece(width, weeks);
    case "E":
      return namePiece(days, width, undefined, (date) => date.getUTCDay());
    case "X":
    case "x":
    case "Z":
      return offsetPiece(run);
    case "V":
      if (width !== 2)
        throw invalidFormat(pattern, `Pattern letter count must be 2: ${run.charAt(0)}`);
      return zonePiece(run);
    case "z":
      return zonePiece(run);
    case "G":
      return {
        regExp: "AD|CE|Anno Domini|BC|BCE|Before Christ",
        read(text) {
          if (text.startsWith("B")) throw notSupported(`the era [${text}]`);
        },
        print: (shown) => (yearOf(shown) < 1 ? "BC" : "AD"),
      };
    default:
      throw refusedLetter(run.charAt(0), pattern);
  }
}

function refusedLetter(letter: string, pattern: string): EsError {
  return notSupported(`the letter [${letter}] of the date format [${pattern}]`);
}

function invalidFormat(pattern: string, reason: string): EsError {
  return illegalArgument(`Invalid format: [${pattern}]: ${reason}`, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}

function yearOf({ date, years }: Shown): number {
  return date.getUTCFullYear() + years;
}

/** Before the year 1 of our era, years count backwards from 1. */
function yearOfEra(shown: Shown): number {
  const year = yearOf(shown);
  return year < 1 ? 1 - year : year;
}

/** A year of more digits than four has a sign there. */
function yearsOf(width: number, isOfEra: boolean, options: PatternOptions): string {
  const minus = isOfEra ? "" : "-?";
  if (options.hasShortYears === true) return String.raw`-?\d{${width}}`;
  if (options.isLenient === true) return String.raw`${minus}\d{1,9}`;
  if (width < 4) return String.raw`${minus}\d{${width},9}`;
  const longer = String.raw`${isOfEra ? String.raw`\+` : "[+-]"}\d{${width + 1},9}`;
  return String.raw`${longer}|${minus}\d{${width}}`;
}

function yearPiece(
  run: string,
  part: "year" | "weekYear",
  options: PieceOptions,
  get: (shown: Shown) => number,
): Piece {
  const width = run.length;
  if (width === 2) {
    return {
      regExp: String.raw`\d\d`,
      read: (text, parts) => (parts[part] = 2000 + Number(text)),
      print: (shown) => pad(Math.abs(get(shown)) % 100, 2),
    };
  }
  const { hasShortYears = false, isUnsigned = false, pattern } = options;
  const isOfEra = run.startsWith("y");
  return {
    regExp: yearsOf(width, isOfEra, options),
    read(text, parts) {
      const year = Number(text);
      // No year is written as a negative 0, and no era has a year 0.
      const isNone = Object.is(year, -0) || (isOfEra && year === 0);
      parts[part] = isNone && !hasShortYears ? NaN : year;
    },
    print(shown) {
      const year = get(shown);
      if (hasShortYears && Math.abs(year) > 9999)
        throw notSupported(`a year beyond four digits in the date format [${pattern}]`);
      return yearText(year, width, !isUnsigned);
    },
  };
}

function dayOfYearOf(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1;
}

function fractionPiece(width: number, isLenient: boolean): Piece {
  return {
    regExp: isLenient ? String.raw`\d{1,9}` : String.raw`\d{${width}}`,
    read: (text, parts) => (parts.nano = Number(text.padEnd(9, "0").slice(0, 9))),
    print: ({ date, nanos }) =>
      `${pad(date.getUTCMilliseconds(), 3)}${pad(nanos, 6)}`.padEnd(width, "0").slice(0, width),
  };
}

function weekYearPiece(run: string, options: PieceOptions): Piece {
  const { weeks } = options;
  const { read, ...piece } = yearPiece(
    run,
    "weekYear",
    options,
    ({ date, years }) => weekOf(date, weeks).year + years,
  );
  return {
    ...piece,
    read(text, parts) {
      read?.(text, parts);
      parts.weeks = weeks;
    },
  };
}

function weekdayPiece(width: number, weeks: WeekRule): Piece {
  if (width > 2) return namePiece(days, width, undefined, (date) => date.getUTCDay());
  return {
    regExp: "[1-7]",
    read: (text, parts) => (parts.dayOfWeek = Number(text)),
    print: ({ date }) => pad(weekOf(date, weeks).day, width),
  };
}

function namePiece(
  names: readonly string[],
  width: number,
  read: ((name: number, parts: DateParts) => void) | undefined,
  get: (date: Date) => number,
): Piece {
  const shown = width < 4 ? names.map((name) => name.slice(0, 3)) : names;
  return {
    regExp: shown.join("|"),
    ...(read === undefined
      ? {}
      : { read: (text: string, parts: DateParts) => read(shown.indexOf(text), parts) }),
    print: ({ date }) => shown[get(date)] ?? "",
  };
}

function offsetPiece(run: string): Piece {
  const hasColon = run.length === 3 || run.length === 5;
  const shown = (offset: number): string => {
    if (offset === 0) {
      if (run.startsWith("X") || run === "ZZZZZ") return "Z";
      return hasColon ? "+00:00" : run.length === 1 && !run.startsWith("Z") ? "+00" : "+0000";
    }
    const text = offsetText(offset);
    if (run === "X" || run === "x") return text.replace(/:00$/, "").replace(":", "");
    return hasColon ? text : text.replaceAll(":", "");
  };
  return {
    regExp: String.raw`[Zz]|[+-]\d\d(?::?\d\d(?::?\d\d)?)?`,
    read: (text, parts) => (parts.offset = utcOffset(text) ?? 0),
    print: ({ offset }) => shown(offset),
  };
}

function zonePiece(run: string): Piece {
  return {
    regExp: String.raw`[A-Za-z][\w/+-]*|[+-]\d\d:?\d\d`,
    read(text, parts) {
      const zone = timeZone(text);
      if (zone !== undefined) parts.zone = zone;
    },
    print: ({ zone, offset }) =>
      run.startsWith("V") ? zone.name : zone === undefined ? offsetText(offset) : zone.name,
  };
}
