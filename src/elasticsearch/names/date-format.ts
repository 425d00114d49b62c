/** Formatting of local times by the patterns that date math in index names may hold. */

/**
 * Formats a time by a pattern of java.time.format.DateTimeFormatter, or by one of Elasticsearch's
 * names that make sense in an index name (`basic_date`, `strict_year_month`).
 *
 * @param local a Date whose UTC fields hold the local time
 * @returns undefined for patterns whose result is not certain: unknown letters, optional sections,
 *   and week fields where the rules of Elasticsearch 8 (ISO) and 9 (CLDR, English) disagree
 */
export function formatDate(pattern: string, local: Date): string | undefined {
  if (pattern === "") return undefined;
  const named = namedFormats.get(pattern.startsWith("strict_") ? pattern.slice(7) : pattern);
  let text = "";
  for (const part of formatParts(named ?? pattern)) {
    const piece = part.letter === "" ? part.text : field(part.letter, part.text.length, local);
    if (piece === undefined) return undefined;
    text += piece;
  }
  return text;
}

const namedFormats = new Map([
  ["date", "uuuu-MM-dd"],
  ["basic_date", "uuuuMMdd"],
  ["year", "uuuu"],
  ["year_month", "uuuu-MM"],
  ["year_month_day", "uuuu-MM-dd"],
  ["ordinal_date", "uuuu-DDD"],
  ["basic_ordinal_date", "uuuuDDD"],
]);

/** A field (letter, repeated) or literal text (letter is empty). */
interface FormatPart {
  readonly letter: string;
  readonly text: string;
}

function* formatParts(pattern: string): Generator<FormatPart> {
  const token = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']|'/g;
  for (const match of pattern.matchAll(token)) {
    const [text, quoted, letter = ""] = match;
    if (quoted === "") yield { letter: "", text: "'" };
    else if (quoted !== undefined) yield { letter: "", text: quoted.replaceAll("''", "'") };
    // Reserved or unbalanced: `unknown` makes the caller give up.
    else if (letter === "" && "'[]#{}".includes(text)) yield { letter: "unknown", text };
    else yield { letter, text };
  }
}

function field(letter: string, count: number, local: Date): string | undefined {
  const hour = local.getUTCHours();
  switch (letter) {
    case "y":
    case "u":
      return year(local.getUTCFullYear(), count);
    case "M":
    case "L":
      return textOrNumber(local.getUTCMonth() + 1, count, months[local.getUTCMonth()]);
    case "d":
      return numeric(local.getUTCDate(), count, 2);
    case "D":
      return numeric(dayOfYear(local), count, 3);
    case "E":
      return weekday(count, local);
    case "a":
      return count > 1 ? undefined : hour < 12 ? "AM" : "PM";
    case "H":
      return numeric(hour, count, 2);
    case "k":
      return numeric(hour === 0 ? 24 : hour, count, 2);
    case "K":
      return numeric(hour % 12, count, 2);
    case "h":
      return numeric(hour % 12 === 0 ? 12 : hour % 12, count, 2);
    case "m":
      return numeric(local.getUTCMinutes(), count, 2);
    case "s":
      return numeric(local.getUTCSeconds(), count, 2);
    case "S":
      return count > 9 ? undefined : fraction(local.getUTCMilliseconds(), count);
    case "Q":
    case "q":
      return numeric(Math.floor(local.getUTCMonth() / 3) + 1, count, 2);
    case "Y":
    case "w":
      return weekField(letter, count, local);
    default:
      return undefined;
  }
}

const months = [
  "January February March April May June July",
  "August September October November December",
]
  .join(" ")
  .split(" ");
const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

function year(value: number, count: number): string | undefined {
  if (value < 0 || value > 9999) return undefined;
  return count === 2 ? padded(value % 100, 2) : String(value).padStart(count, "0");
}

/** Java refuses more letters than a field has digits. */
function numeric(value: number, count: number, maxCount: number): string | undefined {
  return count > maxCount ? undefined : padded(value, count);
}

function fraction(milliseconds: number, count: number): string {
  return padded(milliseconds, 3).padEnd(9, "0").slice(0, count);
}

function padded(value: number, count: number): string {
  return String(value).padStart(count, "0");
}

function textOrNumber(value: number, count: number, name = ""): string | undefined {
  if (count <= 2) return padded(value, count);
  if (count === 3) return name.slice(0, 3);
  return count === 4 ? name : undefined;
}

function weekday(count: number, local: Date): string | undefined {
  const name = weekdays[local.getUTCDay()] ?? "";
  if (count <= 3) return name.slice(0, 3);
  return count === 4 ? name : undefined;
}

function dayOfYear(local: Date): number {
  const first = new Date(local.getTime());
  first.setUTCMonth(0, 1);
  return Math.round((local.getTime() - first.getTime()) / 86_400_000) + 1;
}

/**
 * Custom patterns follow the locale's weeks, which changed with the JDK (release notes of 8.16).
 */
function weekField(letter: string, count: number, local: Date): string | undefined {
  const iso = weekOf(local, 1, 4);
  const english = weekOf(local, 0, 1);
  if (letter === "Y") return iso.year === english.year ? year(iso.year, count) : undefined;
  return iso.week === english.week ? numeric(iso.week, count, 2) : undefined;
}

/**
 * Week-based year and week.
 *
 * @param firstDay of a week, 0 is Sunday
 * @param minimalDays that the first week must have in its year
 */
function weekOf(
  local: Date,
  firstDay: number,
  minimalDays: number,
): { year: number; week: number } {
  const midnight = Math.floor(local.getTime() / 86_400_000) * 86_400_000;
  const calendarYear = local.getUTCFullYear();
  for (const year of [calendarYear + 1, calendarYear]) {
    const start = weekYearStart(year, firstDay, minimalDays);
    if (midnight >= start) return { year, week: Math.floor((midnight - start) / 604_800_000) + 1 };
  }
  const start = weekYearStart(calendarYear - 1, firstDay, minimalDays);
  return { year: calendarYear - 1, week: Math.floor((midnight - start) / 604_800_000) + 1 };
}

function weekYearStart(year: number, firstDay: number, minimalDays: number): number {
  const newYear = new Date(0);
  newYear.setUTCFullYear(year, 0, 1);
  const daysIntoWeek = (newYear.getUTCDay() - firstDay + 7) % 7;
  const start = newYear.getTime() - daysIntoWeek * 86_400_000;
  return 7 - daysIntoWeek >= minimalDays ? start : start + 604_800_000;
}
