/** Functions of SQL as expressions of ES|QL. */

/** An expression of ES|QL with its type in SQL. */
export interface Written {
  readonly text: string;
  readonly type: string;
  /** The text of a literal. */
  readonly literal?: string | undefined;
}

/** Writes a call; `undefined` for arguments that it does not take. */
type Write = (...from: readonly Written[]) => Written | undefined;

const whole: ReadonlySet<string> = new Set(["byte", "short", "integer", "long"]);

/** True for numbers whose arithmetic has the type of the columns of ES|QL. */
export function isNumber(type: string): boolean {
  return whole.has(type) || type === "double";
}

function isText(type: string): boolean {
  return type === "keyword";
}

const all = (from: readonly Written[], fits: (type: string) => boolean, count: number): boolean =>
  from.length === count && from.every(({ type }) => fits(type));

/** A function of one number that gives a double. */
function ofNumber(name: string): Write {
  return (...from) =>
    all(from, isNumber, 1) ? { text: `${name}(${from[0]?.text})`, type: "double" } : undefined;
}

/** A function of one text. */
function ofText(template: string, type = "keyword"): Write {
  return (...from) =>
    all(from, isText, 1)
      ? { text: template.replaceAll("$", () => from[0]?.text ?? ""), type }
      : undefined;
}

/** A part of a date as a whole number. */
function ofDate(template: string): Write {
  return (...from) => {
    if (!all(from, (type) => type === "datetime", 1)) return undefined;
    const text = template.replaceAll(
      /\{(\w+)\}/g,
      (_, part: string) => `to_integer(date_extract("${part}", ${from[0]?.text}))`,
    );
    return { text, type: "integer" };
  };
}

/** Down or up to whole numbers, which are longs. */
function toWhole(name: string): Write {
  return (value, ...more) => {
    if (value === undefined || more.length > 0 || !isNumber(value.type)) return undefined;
    if (value.type !== "double") return value;
    return { text: `to_long(${name}(${value.text}))`, type: "long" };
  };
}

function keeping(name: string, most = 1): Write {
  return (value, ...more) => {
    if (value === undefined || more.length >= most || !isNumber(value.type)) return undefined;
    if (more.some(({ type }) => !whole.has(type))) return undefined;
    return {
      text: `${name}(${[value, ...more].map(({ text }) => text).join(", ")})`,
      type: value.type,
    };
  };
}

const sized =
  (name: string): Write =>
  (value, count, ...more) =>
    value !== undefined &&
    count !== undefined &&
    more.length === 0 &&
    isText(value.type) &&
    whole.has(count.type)
      ? { text: `${name}(${value.text}, ${count.text})`, type: "keyword" }
      : undefined;

/** Texts that are missing count as empty ones. */
const concat: Write = (...from) =>
  all(from, isText, 2)
    ? {
        text: `concat(${from.map(({ text }) => `coalesce(${text}, "")`).join(", ")})`,
        type: "keyword",
      }
    : undefined;

const locate: Write = (part, value, start) => {
  if (part === undefined || value === undefined || !isText(part.type) || !isText(value.type))
    return undefined;
  const from = start === undefined ? "" : `, ${start.text}`;
  return { text: `locate(${value.text}, ${part.text}${from})`, type: "integer" };
};

const replace: Write = (value, part, other, ...more) => {
  if (value === undefined || part?.literal === undefined || other?.literal === undefined)
    return undefined;
  if (more.length > 0 || part.literal === "" || !isText(value.type)) return undefined;
  const pattern = JSON.stringify(part.literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  const template = JSON.stringify(other.literal.replaceAll(/[\\$]/g, String.raw`\$&`));
  return { text: `replace(${value.text}, ${pattern}, ${template})`, type: "keyword" };
};

/** The type that values have in common; `undefined` when they have none. */
export function commonType(from: readonly Written[]): string | undefined {
  const types = [...new Set(from.map(({ type }) => type).filter((type) => type !== "null"))];
  const [first = "null"] = types;
  if (types.length < 2) return first;
  if (!types.every(isNumber)) return undefined;
  if (types.includes("double")) return "double";
  return types.includes("long") ? "long" : "integer";
}

const coalesce: Write = (...from) => {
  const type = commonType(from);
  if (type === undefined || from.length === 0) return undefined;
  return { text: `coalesce(${from.map((part) => inType(part, type)).join(", ")})`, type };
};

/** A value in a wider type of number. */
export function inType({ text, type }: Written, wanted: string): string {
  if (type === wanted || !isNumber(wanted)) return text;
  return wanted === "integer" ? text : `to_${wanted}(${text})`;
}

const nullIf: Write = (value, other, ...more) =>
  value !== undefined &&
  other !== undefined &&
  more.length === 0 &&
  commonType([value, other]) !== undefined
    ? { text: `case(${value.text} == ${other.text}, null, ${value.text})`, type: value.type }
    : undefined;

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
  if (found === undefined || date?.type !== "datetime" || more.length > 0) return undefined;
  return { text: `date_trunc(1 ${found}, ${date.text})`, type: "datetime" };
};

/** How many borders of the unit lie between two dates. */
const dateDiff: Write = (unit, from, to, ...more) => {
  const found = unitOf(unit);
  if (found === undefined || found === "week" || more.length > 0) return undefined;
  if (from?.type !== "datetime" || to?.type !== "datetime") return undefined;
  const [a, b] = [from, to].map(({ text }) => `date_trunc(1 ${found}, ${text})`);
  return { text: `date_diff("${found}", ${a}, ${b})`, type: "integer" };
};

const dateAdd: Write = (unit, count, date, ...more) => {
  const found = unitOf(unit);
  if (found === undefined || !/^-?\d+$/.test(count?.text ?? "") || more.length > 0)
    return undefined;
  if (date?.type !== "datetime") return undefined;
  return { text: `(${date.text} + ${count?.text} ${found})`, type: "datetime" };
};

/** `HISTOGRAM(field, interval)`: of a number, or of a date with an interval of one unit. */
const histogram: Write = (field, interval, ...more) => {
  if (field === undefined || interval === undefined || more.length > 0) return undefined;
  if (field.type === "datetime" && /^1 (?:year|month|day|hour|minute|second)$/.test(interval.text))
    return { text: `date_trunc(${interval.text}, ${field.text})`, type: "datetime" };
  if (!whole.has(field.type) || !whole.has(interval.type) || !/^[1-9]\d*$/.test(interval.text))
    return undefined;
  const bucket = `floor(to_double(${field.text}) / ${interval.text}) * ${interval.text}`;
  return { text: `to_${field.type === "long" ? "long" : "integer"}(${bucket})`, type: field.type };
};

const constant =
  (text: string): Write =>
  (...from) =>
    from.length === 0 ? { text, type: "double" } : undefined;

const doubles =
  "acos asin atan cbrt cos cosh degrees:to_degrees exp log log10 radians:to_radians sin sinh sqrt tan"
    .split(" ")
    .map((entry) => entry.split(":"));

/** Functions by their names in lower case. */
export const sqlFunctions: Readonly<Record<string, Write>> = {
  ...Object.fromEntries(doubles.map(([name = "", own = name]) => [name, ofNumber(own)])),
  abs: keeping("abs"),
  ceil: toWhole("ceil"),
  ceiling: toWhole("ceil"),
  floor: toWhole("floor"),
  round: keeping("round", 2),
  pi: constant("pi()"),
  e: constant("e()"),
  power: (...from) =>
    all(from, isNumber, 2)
      ? { text: `pow(${from.map(({ text }) => text).join(", ")})`, type: "double" }
      : undefined,
  bit_length: ofText("bit_length($)", "integer"),
  octet_length: ofText("byte_length($)", "integer"),
  // Blanks at the end do not count.
  length: ofText("length(rtrim($))", "integer"),
  char_length: ofText("length($)", "integer"),
  character_length: ofText("length($)", "integer"),
  lcase: ofText("to_lower($)"),
  ucase: ofText("to_upper($)"),
  ltrim: ofText("ltrim($)"),
  rtrim: ofText("rtrim($)"),
  trim: ofText("trim($)"),
  concat,
  left: sized("left"),
  right: sized("right"),
  repeat: sized("repeat"),
  locate,
  position: (part, value, ...more) => (more.length > 0 ? undefined : locate(part, value)),
  replace,
  starts_with: (...from) =>
    all(from, isText, 2)
      ? { text: `starts_with(${from.map(({ text }) => text).join(", ")})`, type: "boolean" }
      : undefined,
  substring: (value, start, length, ...more) =>
    value !== undefined &&
    isText(value.type) &&
    more.length === 0 &&
    /^[1-9]\d*$/.test(start?.text ?? "") &&
    /^\d+$/.test(length?.text ?? "")
      ? { text: `substring(${value.text}, ${start?.text}, ${length?.text})`, type: "keyword" }
      : undefined,
  coalesce,
  ifnull: (...from) => (from.length === 2 ? coalesce(...from) : undefined),
  isnull: (...from) => (from.length === 2 ? coalesce(...from) : undefined),
  nvl: (...from) => (from.length === 2 ? coalesce(...from) : undefined),
  nullif: nullIf,
  year: ofDate("{year}"),
  month_of_year: ofDate("{month_of_year}"),
  month: ofDate("{month_of_year}"),
  day_of_month: ofDate("{day_of_month}"),
  dom: ofDate("{day_of_month}"),
  day: ofDate("{day_of_month}"),
  // Weeks begin on Sunday here.
  day_of_week: ofDate("({day_of_week} % 7 + 1)"),
  dow: ofDate("({day_of_week} % 7 + 1)"),
  iso_day_of_week: ofDate("{day_of_week}"),
  isodow: ofDate("{day_of_week}"),
  day_of_year: ofDate("{day_of_year}"),
  doy: ofDate("{day_of_year}"),
  hour_of_day: ofDate("{hour_of_day}"),
  hour: ofDate("{hour_of_day}"),
  minute_of_hour: ofDate("{minute_of_hour}"),
  minute: ofDate("{minute_of_hour}"),
  minute_of_day: ofDate("{minute_of_day}"),
  second_of_minute: ofDate("{second_of_minute}"),
  second: ofDate("{second_of_minute}"),
  quarter: ofDate("(({month_of_year} + 2) / 3)"),
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
  histogram,
};
