/** The functions of EQL, but those that are found by queries of the index alone. */
import { cidrRange, ipKey } from "../values/ip-address.ts";
import type { Constant } from "./syntax.ts";
import type { ValueType } from "./values.ts";

/** What a parameter takes. */
export type ParameterType = "string" | "integer" | "boolean" | "ip" | "any";

/** A function. */
export interface EqlFunction {
  readonly parameters: readonly ParameterType[];
  /** Arguments that have to be there. */
  readonly least: number;
  /** Arguments at most. @default as many as there are parameters */
  readonly most?: number;
  /** Says how many arguments it takes. */
  readonly expects: string;
  /** True for one with a form that ignores case, which ends with `~`. */
  readonly hasInsensitive?: boolean;
  readonly result: ValueType;
  readonly compute: (values: readonly Constant[], ignoresCase: boolean) => Constant;
}

const two = { least: 2, expects: "exactly two arguments" };

const texts = {
  result: "boolean",
  hasInsensitive: true,
  parameters: ["string", "string"],
} as const;

/** Functions by their names in lower case. */
export const functions: Readonly<Record<string, EqlFunction>> = {
  between: {
    parameters: ["string", "string", "string", "boolean"],
    least: 3,
    expects: "three or four arguments",
    hasInsensitive: true,
    result: "string",
    compute: ([source = null, left = null, right = null, greedy = false], ignoresCase) =>
      typeof source !== "string" || typeof left !== "string" || typeof right !== "string"
        ? null
        : between(source, left, right, greedy === true, ignoresCase),
  },
  cidrmatch: {
    parameters: ["ip", "string"],
    least: 2,
    most: Infinity,
    expects: "at least two arguments",
    result: "boolean",
    compute: ([address = null, ...blocks]) =>
      typeof address === "string" ? blocks.some((block) => isWithin(address, block)) : null,
  },
  concat: {
    parameters: ["any"],
    least: 1,
    most: Infinity,
    expects: "at least one argument",
    result: "string",
    compute: (values) => (values.includes(null) ? null : values.map(String).join("")),
  },
  endswith: {
    ...two,
    ...texts,
    compute: ofTexts((text, part) => text.endsWith(part)),
  },
  startswith: {
    ...two,
    ...texts,
    compute: ofTexts((text, part) => text.startsWith(part)),
  },
  stringcontains: {
    ...two,
    ...texts,
    compute: ofTexts((text, part) => text !== "" && part !== "" && text.includes(part)),
  },
  indexof: {
    parameters: ["string", "string", "integer"],
    least: 2,
    expects: "two or three arguments",
    hasInsensitive: true,
    result: "integer",
    compute: ([text = null, part = null, from = 0], ignoresCase) => {
      if (typeof text !== "string" || typeof part !== "string") return null;
      const [a, b] = ignoresCase ? [text.toLowerCase(), part.toLowerCase()] : [text, part];
      const found = a.indexOf(b, typeof from === "number" ? from : 0);
      return found < 0 ? null : found;
    },
  },
  length: {
    parameters: ["string"],
    least: 1,
    expects: "exactly one argument",
    result: "integer",
    compute: ([text = null]) => (typeof text === "string" ? text.length : null),
  },
  number: {
    parameters: ["string", "integer"],
    least: 1,
    expects: "one or two arguments",
    result: "decimal",
    compute: ([text = null, base = null]) => numberOf(text, base),
  },
  string: {
    parameters: ["any"],
    least: 1,
    expects: "exactly one argument",
    result: "string",
    compute: ([value = null]) => (value === null ? null : String(value)),
  },
  substring: {
    parameters: ["string", "integer", "integer"],
    least: 2,
    expects: "two or three arguments",
    result: "string",
    compute: ([text = null, start = null, end = null]) => {
      if (typeof text !== "string" || typeof start !== "number") return null;
      return text.slice(start, typeof end === "number" ? end : text.length);
    },
  },
};

function ofTexts(test: (text: string, part: string) => boolean): EqlFunction["compute"] {
  return ([text = null, part = null], ignoresCase) => {
    if (typeof text !== "string" || typeof part !== "string") return null;
    return ignoresCase ? test(text.toLowerCase(), part.toLowerCase()) : test(text, part);
  };
}

function between(
  source: string,
  left: string,
  right: string,
  isGreedy: boolean,
  ignoresCase: boolean,
): string {
  if (source === "" || left === "" || right === "") return source;
  const [text, from, to] = ignoresCase
    ? [source.toLowerCase(), left.toLowerCase(), right.toLowerCase()]
    : [source, left, right];
  const start = text.indexOf(from);
  if (start < 0) return "";
  const begin = start + from.length;
  const end = isGreedy ? text.lastIndexOf(to) : text.indexOf(to, begin);
  return end < begin ? "" : source.slice(begin, end);
}

/** A number from its text: decimal, or of another base, hexadecimal with `0x` in front. */
function numberOf(text: Constant, base: Constant): Constant {
  if (typeof text !== "string") return null;
  const isHex = text.startsWith("0x");
  if (base === null && !isHex) {
    const isNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
    return isNumber ? Number(text) : null;
  }
  const radix = typeof base === "number" ? base : 16;
  const digits = isHex && radix === 16 ? text.slice(2) : text;
  if (radix < 2 || radix > 36 || !/^[+-]?[0-9a-z]+$/i.test(digits)) return null;
  const found = parseInt(digits, radix);
  return found.toString(radix) === digits.toLowerCase().replace(/^\+|^(-?)0+(?=.)/, "$1")
    ? found
    : null;
}

function isWithin(address: string, block: Constant): boolean {
  const key = ipKey(address);
  const range = typeof block === "string" ? cidrRange(block) : undefined;
  if (key === undefined || range === undefined) return false;
  return key >= range[0] && key <= range[1];
}
