/** Functions of SQL as expressions of ES|QL. */
import { dateFunctions } from "./date-functions.ts";
import { literalOf, type Write, type Written } from "./write.ts";

/** Whole numbers. */
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

/** A function of two numbers that gives a double. */
function ofNumbers(name: string): Write {
  return (...from) =>
    all(from, isNumber, 2)
      ? { text: `${name}(${from.map(({ text }) => text).join(", ")})`, type: "double" }
      : undefined;
}

/** A function of a text that stands in the query. */
function ofLiteral(compute: (text: string) => Written): Write {
  return (value, ...more) =>
    value?.literal === undefined || more.length > 0 ? undefined : compute(value.literal);
}

const sign: Write = (value, ...more) =>
  value !== undefined && isNumber(value.type) && more.length === 0
    ? { text: `to_integer(signum(${value.text}))`, type: "integer" }
    : undefined;

/** Cut off towards zero. */
const truncate: Write = (value, digits, ...more) => {
  if (value === undefined || more.length > 0 || value.type !== "double") return undefined;
  if (digits !== undefined && !/^-?\d$/.test(digits.text)) return undefined;
  const power = `pow(10, ${digits?.text ?? "0"})`;
  const scaled = `${value.text} * ${power}`;
  const cut = `case(${value.text} < 0, ceil(${scaled}), floor(${scaled}))`;
  return { text: `(${cut} / ${power})`, type: "double" };
};

/** `INSERT(text, start, length, other)` */
const insert: Write = (value, start, length, other, ...more) => {
  if (value === undefined || other === undefined || more.length > 0) return undefined;
  if (!isText(value.type) || !isText(other.type)) return undefined;
  if (!/^[1-9]\d*$/.test(start?.text ?? "") || !/^\d+$/.test(length?.text ?? "")) return undefined;
  const at = Number(start?.text);
  const behind = `substring(${value.text}, ${at + Number(length?.text)})`;
  const text = `concat(left(${value.text}, ${at - 1}), ${other.text}, ${behind})`;
  // Nothing is put behind the end.
  return {
    text: `case(length(${value.text}) < ${at - 1}, ${value.text}, ${text})`,
    type: "keyword",
  };
};

/** The greatest or least of what is not null. */
function extreme(name: string): Write {
  return (...from) => {
    const type = commonType(from);
    const values = from.filter((value) => value.type !== "null");
    if (type === undefined || from.length === 0) return undefined;
    if (values.length === 0) return { text: "null", type };
    const text = values
      .map((value) => inType(value, type))
      .reduce((a, b) => `case(${a} is null, ${b}, ${b} is null, ${a}, ${name}(${a}, ${b}))`);
    return { text, type };
  };
}

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
  power: ofNumbers("pow"),
  atan2: ofNumbers("atan2"),
  cot: (value, ...more) =>
    value !== undefined && isNumber(value.type) && more.length === 0
      ? { text: `(1.0 / tan(${value.text}))`, type: "double" }
      : undefined,
  sign,
  signum: sign,
  mod: (...from) => {
    const [left, right] = from;
    const type = all(from, isNumber, 2) ? commonType(from) : undefined;
    if (left === undefined || right === undefined || type === undefined) return undefined;
    return { text: `(${left.text} % ${right.text})`, type };
  },
  trunc: truncate,
  truncate,
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
    /^\d+$/.test(start?.text ?? "") &&
    /^\d+$/.test(length?.text ?? "")
      ? {
          // What begins before the text begins with it.
          text: `substring(${value.text}, ${Math.max(Number(start?.text), 1)}, ${length?.text})`,
          type: "keyword",
        }
      : undefined,
  insert,
  space: (count, ...more) =>
    count?.type === "integer" && more.length === 0
      ? { text: `space(${count.text})`, type: "keyword" }
      : undefined,
  ascii: ofLiteral((text) => ({ text: String(text.codePointAt(0) ?? 0), type: "integer" })),
  char: (code, ...more) =>
    /^\d+$/.test(code?.text ?? "") && Number(code?.text) < 256 && more.length === 0
      ? literalOf(String.fromCodePoint(Number(code?.text)))
      : undefined,
  coalesce,
  ifnull: (...from) => (from.length === 2 ? coalesce(...from) : undefined),
  isnull: (...from) => (from.length === 2 ? coalesce(...from) : undefined),
  nvl: (...from) => (from.length === 2 ? coalesce(...from) : undefined),
  nullif: nullIf,
  greatest: extreme("greatest"),
  least: extreme("least"),
  ...dateFunctions,
  histogram,
};
