/** Functions of texts. */
import { createHash, getHashes } from "node:crypto";
import { javaPattern } from "../../text/java-pattern.ts";
import { EsError, illegalArgument } from "../../es-error.ts";
import { argumentProblem } from "../plan/analysis.ts";
import { constant, ofCells, ofSingles } from "../plan/typed.ts";
import { type Cell, cellOf, isList, plainText, type Scalar } from "../values/value.ts";
import {
  type Call,
  checkArgument,
  checkArguments,
  checkingConstant,
  type FunctionDefinition,
  optional,
  type Parameter,
  scalarFunction,
  takes,
} from "./definition.ts";

/** Characters of a text, as code points. */
const points = (text: Scalar | undefined): string[] => Array.from(text as string);
const bytes = (text: Scalar | undefined): number => Buffer.byteLength(text as string, "utf8");

function ofText(
  compute: (text: string, call: Call) => Scalar,
  returns: "keyword" | "integer" | "boolean" = "keyword",
): FunctionDefinition {
  return scalarFunction(
    [takes.string],
    returns,
    (_types, call) => (text) => compute(text as string, call),
  );
}

/** Longest text that a function makes, in bytes. */
const maxBytes = 1_048_576;

const negative = (name: string, value: Scalar): string =>
  `${name} parameter cannot be negative, found [${plainText(value)}]`;

/** How many characters are made; a negative constant ends the query. */
function countOf(call: Call, at: number, value: Scalar): number {
  if ((value as number) >= 0) return value as number;
  const problem = negative("Number", value);
  throw call.from[at]?.isConstant === true ? illegalArgument(problem) : argumentProblem(problem);
}

const concat: FunctionDefinition = {
  least: 2,
  most: 1000,
  build(call) {
    // The server does not tell the number of the argument here.
    for (let at = 0; at < call.from.length; at++)
      if (!checkArgument(call, at, 1, takes.string)) return undefined;
    return ofSingles(call.analysis, call, "keyword", call.from, (...texts) => {
      const joined = texts.map(plainText).join("");
      if (Buffer.byteLength(joined) > maxBytes)
        throw argumentProblem(`concatenating more than [${maxBytes}] bytes is not supported`);
      return joined;
    });
  },
};

const substring = scalarFunction(
  [takes.string, takes.integer, optional(takes.integer)],
  "keyword",
  () =>
    (text, start = 0, length = Infinity) => {
      const from = start as number;
      const count = length as number;
      // The server does not warn of it, but ends the query.
      if (count < 0) throw illegalArgument(negative("Length", count));
      const characters = points(text);
      const size = characters.length;
      const first = startOf(from, size);
      return characters.slice(first, Math.min(first + count, size)).join("");
    },
);

/** Where a text is read from: counted from 1, or from the end. */
function startOf(start: number, size: number): number {
  const first = start > 0 ? start - 1 : start < 0 ? size + start : 0;
  return Math.min(Math.max(first, 0), size);
}

const left = scalarFunction(
  [takes.string, takes.integer],
  "keyword",
  () =>
    (text, length = 0) =>
      points(text)
        .slice(0, Math.max(length as number, 0))
        .join(""),
);

const right = scalarFunction([takes.string, takes.integer], "keyword", () => (text, length = 0) => {
  const count = Math.max(length as number, 0);
  return count === 0 ? "" : points(text).slice(-count).join("");
});

/** What Java takes for a space: no space that does not break. */
const white = String.raw`[\t-\r\u001c-\u0020\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+`;

const leading = new RegExp(`^${white}`, "u");
const trailing = new RegExp(`${white}$`, "u");

const trims = {
  both: (text: string) => text.replace(leading, "").replace(trailing, ""),
  start: (text: string) => text.replace(leading, ""),
  end: (text: string) => text.replace(trailing, ""),
};

const locate = scalarFunction(
  [takes.string, takes.string, optional(takes.integer)],
  "integer",
  () =>
    (text, part, start = 0) => {
      const characters = points(text);
      const from = startOf(start as number, characters.length);
      if (bytes(text) < bytes(part)) return 0;
      const rest = characters.slice(from).join("");
      const found = rest.indexOf(part as string);
      return found < 0 ? 0 : Array.from(rest.slice(0, found)).length + from + 1;
    },
);

const replace: FunctionDefinition = scalarFunction(
  [takes.string, takes.string, takes.string],
  "keyword",
  (_types, call) => (text, pattern, replacement) => {
    const source = pattern as string;
    const expression = javaExpression(call, source);
    refuseWithinPairs(call, expression, text as string);
    const template = javaTemplate(call, replacement as string);
    const missing = missingGroup(expression, template);
    if (missing !== undefined && expression.test(text as string))
      throw new EsError(500, "index_out_of_bounds_exception", `No group ${missing}`);
    expression.lastIndex = 0;
    return (text as string).replace(expression, template);
  },
);

/** Patterns are Java's; what JavaScript reads in another way is refused. */
function javaExpression(call: Call, source: string): RegExp {
  if (/[*+?}]\+|\\[pPQEGXRNhHvVzZAk0]|\(\?[^:=!<]|&&|\[[^\]]*\[/.test(source))
    throw call.analysis.unsupported(call, `the pattern [${source}]`);
  try {
    return javaPattern(source, "g");
  } catch {
    throw call.analysis.unsupported(call, `the pattern [${source}]`);
  }
}

/**
 * Java looks for a match within a pair of surrogates, too, JavaScript does not: what is found there
 * is refused.
 */
function refuseWithinPairs(call: Call, expression: RegExp, text: string): void {
  const pairs = [...text.matchAll(/[\u{10000}-\u{10ffff}]/gu)].map(({ index }) => index + 1);
  if (pairs.length === 0) return;
  const found = [...text.matchAll(expression)];
  const isPassed = (at: number): boolean =>
    found.some(({ index, 0: { length } }) => index < at && at < index + length);
  const atStart = new RegExp(`^(?:${expression.source})`, "v");
  for (const at of pairs) {
    if (isPassed(at) || !atStart.test(text.slice(at))) continue;
    throw call.analysis.unsupported(call, `a match within a character of [${text}]`);
  }
}

/** The number of the first group that a template names and an expression has not. */
function missingGroup({ source }: RegExp, template: string): string | undefined {
  const numbers = [...template.replaceAll("$$", "").matchAll(/\$(\d)/g)].map(
    ([, number]) => number,
  );
  if (numbers.length === 0) return undefined;
  const groups = (new RegExp(`${source}|`, "v").exec("")?.length ?? 1) - 1;
  return numbers.find((number) => Number(number) > groups);
}

/** `$1` and `\$` as Java reads them, for JavaScript. */
function javaTemplate(call: Call, template: string): string {
  if (/\$(?!\d)|\$\d\d/.test(template.replaceAll(/\\./gs, "")))
    throw call.analysis.unsupported(call, `the replacement [${template}]`);
  return template.replaceAll(/\\(.)|\$(\d)/gs, (_, escaped?: string, group?: string) =>
    group === undefined
      ? escaped === "$"
        ? "$$"
        : (escaped ?? "")
      : group === "0"
        ? "$&"
        : `$${group}`,
  );
}

const repeat = scalarFunction(
  [takes.string, takes.integer],
  "keyword",
  (_types, call) =>
    (text, count = 0) => {
      const times = countOf(call, 1, count);
      if (bytes(text) * times > maxBytes)
        throw argumentProblem(
          `Creating repeated strings with more than [${maxBytes}] bytes is not supported`,
        );
      return (text as string).repeat(times);
    },
);

const space = scalarFunction([takes.integer], "keyword", (_types, call) => (count = 0) => {
  const times = countOf(call, 0, count);
  const problem = `Creating strings longer than [${maxBytes}] bytes is not supported`;
  if (times > maxBytes)
    throw call.from[0]?.isConstant === true ? illegalArgument(problem) : argumentProblem(problem);
  return " ".repeat(times);
});

function checkDelimiter(delimiter: Scalar): void {
  const problem = "delimiter must be single byte for now";
  if (bytes(delimiter) !== 1) throw new EsError(400, "invalid_argument_exception", problem);
}

const split: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    if (!checkArguments(call, [takes.string, takes.string])) return undefined;
    return ofSingles(call.analysis, call, "keyword", call.from, (text, delimiter) => {
      checkDelimiter(delimiter ?? "");
      return cellOf((text as string).split(delimiter as string));
    });
  },
};

const reversed = ofText((text) => {
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
    .toReversed()
    .join("");
});

const algorithms: ReadonlySet<string> = new Set(getHashes().map((name) => name.toLowerCase()));

/** Names that Java gives to digests. */
function digest(call: Call, algorithm: string, text: string): string {
  const name = algorithm.toLowerCase().replace(/^sha-(\d)/, "sha$1");
  if (
    !/^(?:md5|sha(?:1|224|256|384|512)|sha$)/.test(name) ||
    !algorithms.has(name.replace(/^sha$/, "sha1"))
  )
    throw call.analysis.unsupported(call, `the digest [${algorithm}]`);
  return createHash(name === "sha" ? "sha1" : name)
    .update(text)
    .digest("hex");
}

const reverse: FunctionDefinition = {
  ...reversed,
  build: (call) =>
    call.from[0]?.type === "null" ? constant(call, "null", null) : reversed.build(call),
};

const hash = scalarFunction(
  [takes.string, takes.string],
  "keyword",
  (_types, call) => (name, text) => digest(call, name as string, text as string),
);

function digestOf(name: string): FunctionDefinition {
  return scalarFunction(
    [takes.string],
    "keyword",
    (_types, call) => (text) => digest(call, name, text as string),
  );
}

const toBase64 = ofText((text) => Buffer.from(text).toString("base64"));

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Fails as `java.util.Base64`, which ends the query. */
const fromBase64 = ofText((text, call) => {
  if (text.length === 1)
    throw illegalArgument("Input byte[] should at least have 2 bytes for base64 bytes");
  const wrong = /[^A-Za-z0-9+/=]/u.exec(text.split("=", 1)[0] ?? "")?.[0];
  if (wrong !== undefined) {
    const [first = 0] = Buffer.from(wrong);
    throw illegalArgument(
      `Illegal base64 character ${(first > 127 ? first - 256 : first).toString(16)}`,
    );
  }
  const [, data = "", padding = "", rest = ""] = /^([^=]*)(=*)(.*)$/s.exec(text) ?? [];
  const left = data.length % 4;
  if (left === 1) throw illegalArgument("Last unit does not have enough valid bits");
  const wanted = left === 0 ? 0 : 4 - left;
  if (rest !== "" || (padding !== "" && padding.length !== wanted))
    throw illegalArgument("Input byte array has wrong 4-byte ending unit");
  try {
    return utf8.decode(Buffer.from(data, "base64"));
  } catch {
    throw call.analysis.unsupported(call, `the text [${text}], which holds no UTF-8,`);
  }
});

const anyTexts: Parameter = takes.string;

/** A text made of each value. */
function ofEach(change: (text: string) => string): FunctionDefinition {
  return {
    least: 1,
    most: 1,
    build(call) {
      if (!checkArguments(call, [anyTexts])) return undefined;
      const [argument] = call.from;
      if (argument === undefined) return undefined;
      return ofCells(call, "keyword", call.from, (row): Cell => {
        const cell = argument.evaluate(row);
        if (isList(cell)) return cell.map((value) => change(value as string));
        return cell === null ? null : change(cell as string);
      });
    },
  };
}

/** All but letters, digits and `-._~` is encoded (RFC 3986 §2.3). */
const urlEncoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function urlDecoded(text: string, call: Call): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw call.analysis.unsupported(call, `the text [${text}], which is not encoded,`);
  }
}

/** Functions of texts by their names. */
export const stringFunctions: Readonly<Record<string, FunctionDefinition>> = {
  bit_length: ofText((text) => bytes(text) * 8, "integer"),
  byte_length: ofText((text) => bytes(text), "integer"),
  concat,
  contains: scalarFunction(
    [takes.string, takes.string],
    "boolean",
    () => (text, part) => (text as string).includes(part as string),
  ),
  ends_with: scalarFunction(
    [takes.string, takes.string],
    "boolean",
    () => (text, end) => (text as string).endsWith(end as string),
  ),
  from_base64: fromBase64,
  hash: checkingConstant(hash, 0, (name, call) => digest(call, name as string, "")),
  left,
  length: ofText((text) => points(text).length, "integer"),
  locate,
  ltrim: ofText(trims.start),
  md5: digestOf("md5"),
  repeat: checkingConstant(repeat, 1, (count, call) => countOf(call, 1, count)),
  replace: checkingConstant(replace, 1, (source, call) => javaExpression(call, source as string)),
  reverse,
  right,
  rtrim: ofText(trims.end),
  sha1: digestOf("sha1"),
  sha256: digestOf("sha256"),
  space,
  split: checkingConstant(split, 1, checkDelimiter),
  starts_with: scalarFunction(
    [takes.string, takes.string],
    "boolean",
    () => (text, start) => (text as string).startsWith(start as string),
  ),
  substring,
  to_base64: toBase64,
  to_lower: ofEach((text) => text.toLowerCase()),
  to_upper: ofEach((text) => text.toUpperCase()),
  trim: ofText(trims.both),
  url_decode: ofText(urlDecoded),
  url_encode: ofText((text) => urlEncoded(text).replaceAll("%20", "+")),
  url_encode_component: ofText(urlEncoded),
};
