/** Functions of SQL that take dates. */
import { quotedText, type Write, type Written } from "./write.ts";

/** True for dates with a time of day, and for those without. */
function isDate(written: Written | undefined): written is Written {
  return written?.type === "datetime" || written?.type === "date";
}

/** A part of a date as a whole number. */
function ofDate(template: string): Write {
  return (...from) => {
    const [date] = from;
    if (!isDate(date) || from.length > 1) return undefined;
    const text = template.replaceAll(
      /\{(\w+)\}/g,
      (_, part: string) => `to_integer(date_extract("${part}", ${date.text}))`,
    );
    return { text, type: "integer" };
  };
}

const units: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    year: "year years yy yyyy",
    quarter: "quarter quarters qq q",
    month: "month months mm m",
    week: "week weeks wk ww",
    day: "day days dd d",
    hour: "hour hours hh",
    minute: "minute minutes mi n",
    second: "second seconds ss s",
  }).flatMap(([unit, names]) => names.split(" ").map((name) => [name, unit])),
);

function unitOf(written: Written | undefined): string | undefined {
  const name = written?.literal?.toLowerCase() ?? "";
  return Object.hasOwn(units, name) ? units[name] : undefined;
}

const dateTrunc: Write = (unit, date, ...more) => {
  const found = unitOf(unit);
  if (found === undefined || !isDate(date) || more.length > 0) return undefined;
  return { text: `date_trunc(1 ${found}, ${date.text})`, type: "datetime" };
};

/** The day before the Sunday of a week, as a number. */
function firstDayOfWeek(date: string): string {
  const weekday = `(date_extract("day_of_week", ${date}) % 7 + 1)`;
  return `(date_extract("epoch_day", ${date}) - ${weekday})`;
}

/** How many borders of the unit lie between two dates. */
const dateDiff: Write = (unit, from, to, ...more) => {
  const found = unitOf(unit);
  if (found === undefined || more.length > 0) return undefined;
  if (!isDate(from) || !isDate(to)) return undefined;
  if (found === "week") {
    const [first, last] = [from, to].map(({ text }) => firstDayOfWeek(text));
    return { text: `to_integer((${last} - ${first}) / 7)`, type: "integer" };
  }
  const [a, b] = [from, to].map(({ text }) => `date_trunc(1 ${found}, ${text})`);
  return { text: `date_diff("${found}", ${a}, ${b})`, type: "integer" };
};

const dateAdd: Write = (unit, count, date, ...more) => {
  const found = unitOf(unit);
  if (found === undefined || !/^-?\d+$/.test(count?.text ?? "") || more.length > 0)
    return undefined;
  if (!isDate(date)) return undefined;
  return { text: `(${date.text} + ${count?.text} ${found})`, type: "datetime" };
};

/** `DATE_PART('year', date)` */
const datePart: Write = (unit, date, ...more) => {
  const found = unitOf(unit);
  const write = found === undefined || more.length > 0 ? undefined : dateFunctions[found];
  return date === undefined ? undefined : write?.(date);
};

/** Patterns of Java as they are, and those of others by their letters. */
function formatOf(translate: (pattern: string) => string | undefined): Write {
  return (date, pattern, ...more) => {
    const own = translate(pattern?.literal ?? "");
    if (!isDate(date) || own === undefined || own === "" || more.length > 0) return undefined;
    return { text: `date_format(${quotedText(own)}, ${date.text})`, type: "keyword" };
  };
}

/** Letters of which Java has the same, but for `Y` and `f`. */
function formatPattern(pattern: string): string | undefined {
  if (!/^(?:[dMyYHhmsf]+|[^A-Za-z'\\%"])+$/.test(pattern)) return undefined;
  return pattern.replaceAll("Y", "y").replaceAll("f", "S");
}

const toCharWords: Readonly<Record<string, string>> = {
  YYYY: "yyyy",
  MM: "MM",
  DD: "dd",
  HH24: "HH",
  HH12: "hh",
  MI: "mm",
  SS: "ss",
  FF1: "S",
  FF2: "SS",
  FF3: "SSS",
};

function toCharPattern(pattern: string): string | undefined {
  const words = /YYYY|MM|DD|HH24|HH12|MI|SS|FF[123]|[^A-Za-z'"\\]/g;
  if (pattern.replaceAll(words, "") !== "") return undefined;
  return pattern.replaceAll(words, (word) => toCharWords[word] ?? word);
}

const datetimeFormat = formatOf((pattern) => pattern);

const datetimeParse: Write = (text, pattern, ...more) =>
  text?.literal === undefined || pattern?.literal === undefined || more.length > 0
    ? undefined
    : { text: `date_parse(${pattern.text}, ${text.text})`, type: "datetime" };

const dateParse: Write = (text, pattern, ...more) => {
  const parsed = datetimeParse(text, pattern, ...more);
  return parsed && { text: `date_trunc(1 day, ${parsed.text})`, type: "date" };
};

const now: Write = (...from) =>
  from.length === 0 ? { text: "now()", type: "datetime" } : undefined;
const today: Write = (...from) =>
  from.length === 0 ? { text: "date_trunc(1 day, now())", type: "date" } : undefined;

/** Weeks begin on Sunday, the first with the year. */
const week: Write = (...from) => {
  const [date] = from;
  if (!isDate(date) || from.length > 1) return undefined;
  const before = `(date_extract("day_of_year", ${date.text}) - 1)`;
  const first = `(((date_extract("day_of_week", ${date.text}) - ${before}) % 7 + 7) % 7)`;
  return { text: `to_integer((${before} + ${first}) / 7 + 1)`, type: "integer" };
};

/** The week of the Thursday. */
const isoWeek: Write = (...from) => {
  const [date] = from;
  if (!isDate(date) || from.length > 1) return undefined;
  const thursday = `(date_trunc(1 week, ${date.text}) + 3 days)`;
  const text = `to_integer((date_extract("day_of_year", ${thursday}) - 1) / 7 + 1)`;
  return { text, type: "integer" };
};

function ofName(name: string): Write {
  return (...from) => {
    const [date] = from;
    if (!isDate(date) || from.length > 1) return undefined;
    return { text: `${name}(${date.text})`, type: "keyword" };
  };
}

const dayOfMonth = ofDate("{day_of_month}");
// Weeks begin on Sunday here.
const dayOfWeek = ofDate("({day_of_week} % 7 + 1)");
const isoDayOfWeek = ofDate("{day_of_week}");
const dayOfYear = ofDate("{day_of_year}");

/** Functions of dates by their names in lower case. */
export const dateFunctions: Readonly<Record<string, Write>> = {
  year: ofDate("{year}"),
  month_of_year: ofDate("{month_of_year}"),
  month: ofDate("{month_of_year}"),
  day_of_month: dayOfMonth,
  dayofmonth: dayOfMonth,
  dom: dayOfMonth,
  day: dayOfMonth,
  day_of_week: dayOfWeek,
  dayofweek: dayOfWeek,
  dow: dayOfWeek,
  iso_day_of_week: isoDayOfWeek,
  isodayofweek: isoDayOfWeek,
  isodow: isoDayOfWeek,
  idow: isoDayOfWeek,
  day_of_year: dayOfYear,
  dayofyear: dayOfYear,
  doy: dayOfYear,
  week,
  week_of_year: week,
  iso_week_of_year: isoWeek,
  isoweekofyear: isoWeek,
  isoweek: isoWeek,
  iwoy: isoWeek,
  iw: isoWeek,
  day_name: ofName("day_name"),
  dayname: ofName("day_name"),
  month_name: ofName("month_name"),
  monthname: ofName("month_name"),
  hour_of_day: ofDate("{hour_of_day}"),
  hour: ofDate("{hour_of_day}"),
  minute_of_hour: ofDate("{minute_of_hour}"),
  minute: ofDate("{minute_of_hour}"),
  minute_of_day: ofDate("{minute_of_day}"),
  second_of_minute: ofDate("{second_of_minute}"),
  second: ofDate("{second_of_minute}"),
  quarter: ofDate("(({month_of_year} + 2) / 3)"),
  date_part: datePart,
  datepart: datePart,
  date_trunc: dateTrunc,
  datetrunc: dateTrunc,
  date_diff: dateDiff,
  datediff: dateDiff,
  timestamp_diff: dateDiff,
  timestampdiff: dateDiff,
  date_add: dateAdd,
  dateadd: dateAdd,
  timestamp_add: dateAdd,
  timestampadd: dateAdd,
  datetime_format: datetimeFormat,
  format: formatOf(formatPattern),
  to_char: formatOf(toCharPattern),
  datetime_parse: datetimeParse,
  date_parse: dateParse,
  now,
  current_timestamp: now,
  current_date: today,
  curdate: today,
  today,
};
