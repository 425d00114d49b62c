/** Regular expressions that were written for Java. */
import { notSupported } from "../es-error.ts";
import {
  classEscape,
  type Cursor,
  inBothCases,
  lineEnds,
  literal,
  type PatternFlags,
  PatternProblem,
  plain,
  readClass,
} from "./java-character-class.ts";

const flagNames: Readonly<Record<string, keyof PatternFlags | undefined>> = {
  CASE_INSENSITIVE: "i",
  COMMENTS: "x",
  DOTALL: "s",
  MULTILINE: "m",
  // Cases of letters beyond ASCII are refused where they would count.
  UNICODE_CASE: undefined,
};

/**
 * Compiles a pattern of `java.util.regex`; it has the groups that Java counts.
 *
 * @param flags `g` to find all matches
 * @param javaFlags names of flags, joined by `|`: `CASE_INSENSITIVE|COMMENTS`
 * @throws {EsError} 400 for a pattern that JavaScript cannot run, or that is none
 */
export function javaPattern(source: string, flags: "" | "g", javaFlags = ""): RegExp {
  const names = javaFlags.split("|").filter((name) => name !== "");
  const unknown = names.find((name) => !Object.hasOwn(flagNames, name));
  if (unknown !== undefined) throw notSupported(`the pattern flag [${unknown}]`);
  const has = (wanted: keyof PatternFlags): boolean =>
    names.some((name) => flagNames[name] === wanted);
  try {
    const translated = translate(source, { i: has("i"), m: has("m"), s: has("s"), x: has("x") });
    return new RegExp(translated, `${flags}v`);
  } catch (error) {
    if (!(error instanceof PatternProblem || error instanceof SyntaxError)) throw error;
    throw notSupported(`the pattern [${source}] (${error.message})`);
  }
}

/** A pattern that has to fit all of a text. */
export function wholePattern(source: string): RegExp {
  return javaPattern(String.raw`\A(?:${source})\z`, "");
}

function translate(source: string, flags: PatternFlags): string {
  const cursor = { source: withoutQuotes(source), at: 0 };
  const translated = readAlternatives(cursor, flags);
  if (cursor.at < cursor.source.length) throw new PatternProblem("an unmatched closing ')'");
  return translated;
}

/** With each character escaped that stands between `\\Q` and `\\E`. */
function withoutQuotes(source: string): string {
  return source.replaceAll(/\\(?:Q([\s\S]*?)(?:\\E|$)|[\s\S])/g, (whole, quoted?: string) =>
    quoted === undefined ? whole : quoted.replaceAll(/[^A-Za-z0-9]/gu, String.raw`\$&`),
  );
}

// Without the flag `m`, which is never set, these are of the whole text.
const [start, end] = ["^", "$"];
const lineBreak = `(?:\\r\\n|[${lineEnds}])`;
const lineStart = `(?:${start}|(?<=[${lineEnds}])(?<!\\r(?=\\n))(?=[\\s\\S]))`;
const lineEnd = `(?=${lineBreak}|${end})(?<!\\r(?=\\n))`;
const lastLineEnd = `(?=${lineBreak}?${end})(?<!\\r(?=\\n))`;

/** Up to the end of a group, or of the pattern. Flags may change on the way. */
function readAlternatives(cursor: Cursor, given: PatternFlags): string {
  const { source } = cursor;
  let flags = given;
  let out = "";
  while (cursor.at < source.length && source[cursor.at] !== ")") {
    const here = source[cursor.at] ?? "";
    if (flags.x && /[\t\n\v\f\r #]/.test(here)) {
      const comment = /^(?:#[^\n\r\u0085\u2028\u2029]*|.)/s.exec(source.slice(cursor.at));
      cursor.at += comment?.[0].length ?? 1;
      continue;
    }
    const changed = /^\(\?([imsx]*)(?:-([imsx]+))?\)/.exec(source.slice(cursor.at));
    if (changed !== null) {
      cursor.at += changed[0].length;
      flags = withFlags(flags, changed);
    } else if (here === "|") {
      cursor.at++;
      out += "|";
    } else out += readPiece(cursor, flags);
  }
  return out;
}

function withFlags(flags: PatternFlags, [, on = "", off = ""]: readonly string[]): PatternFlags {
  const is = (name: keyof PatternFlags): boolean =>
    on.includes(name) || (flags[name] && !off.includes(name));
  return { i: is("i"), m: is("m"), s: is("s"), x: is("x") };
}

/** Something with how often it may come. */
function readPiece(cursor: Cursor, flags: PatternFlags): string {
  const atom = readAtom(cursor, flags);
  const found = /^(?:[*+?]|\{\d+(?:,\d*)?\})[+?]?/.exec(cursor.source.slice(cursor.at));
  if (found === null) return atom;
  const [quantifier] = found;
  cursor.at += quantifier.length;
  if (/^.+\+$/.test(quantifier) && cursor.at < cursor.source.length)
    throw new PatternProblem("a possessive quantifier");
  return `(?:${atom})${quantifier.length > 1 ? quantifier.replace(/\+$/, "") : quantifier}`;
}

function readAtom(cursor: Cursor, flags: PatternFlags): string {
  const character = plain(cursor);
  switch (character) {
    case ".":
      return flags.s ? String.raw`[\s\S]` : `[^${lineEnds}]`;
    case "^":
      return flags.m ? lineStart : start;
    case "$":
      return flags.m ? lineEnd : lastLineEnd;
    case "[":
      return readClass(cursor, flags, readEscaped);
    case "(":
      return readGroup(cursor, flags);
    case "\\":
      return readEscape(cursor, flags);
    case "*":
    case "+":
    case "?":
    case "{":
      throw new PatternProblem(`a dangling ${character} at ${cursor.at - 1}`);
    default:
      return single(character, flags);
  }
}

function single(character: string, flags: PatternFlags): string {
  const cases = inBothCases(character, flags);
  return cases === literal(character) ? cases : `[${cases}]`;
}

const openings = /^\?(?:[:=!]|<[=!]|<([A-Za-z][A-Za-z0-9]*)>|([imsx]*)(?:-([imsx]+))?:)/;

function readGroup(cursor: Cursor, flags: PatternFlags): string {
  const begin = cursor.at;
  const rest = cursor.source.slice(begin);
  const opening = openings.exec(rest);
  if (opening === null && rest.startsWith("?")) throw new PatternProblem("such a group");
  const [text = "", name, on, off] = opening ?? [];
  cursor.at += text.length;
  const isFlags = on !== undefined || off !== undefined;
  const inner = readAlternatives(
    cursor,
    isFlags ? withFlags(flags, ["", on ?? "", off ?? ""]) : flags,
  );
  if (cursor.source[cursor.at] !== ")") throw new PatternProblem("an unclosed group");
  // Java wants to know how far it has to look back.
  const behind = /^\?<[=!]/.test(text) ? cursor.source.slice(begin, cursor.at) : "";
  if (/[*+]|\{\d+,\}|\\[1-9k]/.test(behind))
    throw new PatternProblem("a look behind without a bound");
  cursor.at++;
  const isPlain = isFlags && name === undefined;
  return `(${isPlain ? "?:" : text}${inner})`;
}

/** Places and classes that stand behind a backslash outside of classes. */
const places: Readonly<Record<string, string>> = {
  A: start,
  B: String.raw`\B`,
  R: String.raw`(?:\r\n|[\n\v\f\r\u0085\u2028\u2029])`,
  Z: lastLineEnd,
  b: String.raw`\b`,
  z: end,
};

function readEscape(cursor: Cursor, flags: PatternFlags): string {
  const { source } = cursor;
  const letter = source[cursor.at] ?? "";
  if (Object.hasOwn(places, letter)) {
    cursor.at++;
    return places[letter] ?? "";
  }
  const reference = /^(?:[1-9]|k<([A-Za-z][A-Za-z0-9]*)>)/.exec(source.slice(cursor.at));
  if (reference !== null) {
    checkReference(source, cursor.at, reference);
    cursor.at += reference[0].length;
    return `(?:\\${reference[0]})`;
  }
  const known = classEscape(cursor, flags);
  if (known !== undefined) return known.startsWith("[^") ? known : `[${known}]`;
  return single(readEscaped(cursor), flags);
}

/**
 * Where a group found nothing, what refers to it fails in Java and finds nothing in JavaScript.
 *
 * @throws {PatternProblem} for a group that may have found nothing
 */
function checkReference(source: string, at: number, [text, name]: RegExpExecArray): void {
  const before = source.slice(0, at).replaceAll(/\\./gs, "");
  const opened = [...before.matchAll(/\((?!\?)|\(\?<([A-Za-z]\w*)>/g)];
  const wanted =
    name === undefined ? opened[Number(text) - 1] : opened.find((one) => one[1] === name);
  const isClosed = wanted !== undefined && /^[^()]*\)/.test(before.slice(wanted.index + 1));
  if (!isClosed || /\||\)(?:[?*]|\{0)/.test(source))
    throw new PatternProblem("a reference to a group that may have found nothing");
}

const controls: Readonly<Record<string, string>> = {
  a: "\u0007",
  e: "\u001b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** The character that an escape stands for, behind its backslash. */
function readEscaped(cursor: Cursor): string {
  const rest = cursor.source.slice(cursor.at);
  const coded =
    /^(?:u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})|[ux]([0-9A-Fa-f]+)|x\{([0-9A-Fa-f]+)\}|0([0-3]?[0-7]{1,2})|c(.))/s.exec(
      rest,
    );
  if (coded !== null) return readCode(cursor, coded);
  const letter = plain(cursor);
  if (Object.hasOwn(controls, letter)) return controls[letter] ?? "";
  if (/^[A-Za-z0-9\0]$/.test(letter)) throw new PatternProblem(`the escape [\\${letter}]`);
  return letter;
}

function readCode(cursor: Cursor, found: RegExpExecArray): string {
  const [whole, high, low, digits, braced, octal, control] = found;
  const length = whole.startsWith("u") ? 5 : 3;
  cursor.at += digits === undefined ? whole.length : length;
  if (high !== undefined && low !== undefined)
    return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) ^ 64);
  if (digits !== undefined && digits.length < length - 1)
    throw new PatternProblem(`the escape [\\${whole}]`);
  const code = Number.parseInt(braced ?? digits?.slice(0, length - 1) ?? "0", 16);
  if (code > 0x10_ffff) throw new PatternProblem(`the escape [\\${whole}]`);
  return String.fromCodePoint(code);
}
