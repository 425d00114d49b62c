import { illegalArgument, notSupported } from "../es-error.ts";
import { anyOne, literal, type Pattern } from "./automaton.ts";

/** Options of {@link parseRegexp}. */
export interface RegexpOptions {
  /**
   * True when `~ & @ # < >` are operators (flags `ALL`, the default); they are then refused unless
   * escaped.
   */
  readonly hasOperators: boolean;
  readonly ignoreCase: boolean;
}

/**
 * Reads Lucene's regular expression syntax: `. ? + * {n,m} | ( ) [ ] \ "…"` and the classes `\d \w
 * \s`.
 *
 * @throws {EsError} for broken syntax, and for the operators complement, interval, intersection,
 *   any string and empty
 */
export function parseRegexp(source: string, options: RegexpOptions): Pattern {
  const input = Array.from(source);
  let at = 0;

  const fail = (reason: string): Error => illegalArgument(`${reason} at position ${at}`);
  const one = (character: string): Pattern => characterPattern(character, options.ignoreCase);

  function alternatives(): Pattern {
    const parts = [sequence()];
    while (input[at] === "|") {
      at++;
      parts.push(sequence());
    }
    const [first = { kind: "empty" }] = parts;
    return parts.length === 1 ? first : { kind: "either", parts };
  }

  function sequence(): Pattern {
    const parts: Pattern[] = [];
    while (at < input.length && input[at] !== "|" && input[at] !== ")") parts.push(repetition());
    return { kind: "sequence", parts };
  }

  function repetition(): Pattern {
    let part = atom();
    for (;;) {
      const operator = input[at];
      if (operator === "?") part = { kind: "repeat", part, from: 0, to: 1 };
      else if (operator === "*") part = { kind: "repeat", part, from: 0, to: Infinity };
      else if (operator === "+") part = { kind: "repeat", part, from: 1, to: Infinity };
      else if (operator === "{") {
        part = braces(part);
        continue;
      } else return part;
      at++;
    }
  }

  function braces(part: Pattern): Pattern {
    const close = input.indexOf("}", at);
    const found = /^(\d+)(,?)(\d*)$/.exec(close < 0 ? "" : input.slice(at + 1, close).join(""));
    if (found === null) throw fail("integer expected");
    at = close + 1;
    const from = Number(found[1]);
    const to = found[2] === "" ? from : found[3] === "" ? Infinity : Number(found[3]);
    if (to < from) throw illegalArgument(`invalid repetition range(out of order): ${from}..${to}`);
    return { kind: "repeat", part, from, to };
  }

  function atom(): Pattern {
    const character = input[at++];
    switch (character) {
      case ".":
        return anyOne;
      case "(": {
        if (input[at] === ")") {
          at++;
          return { kind: "empty" };
        }
        const inner = alternatives();
        if (input[at] !== ")") throw fail("expected ')'");
        at++;
        return inner;
      }
      case "[":
        return characterClass();
      case '"': {
        const close = input.indexOf('"', at);
        if (close < 0) throw fail("expected '\"'");
        const parts = input.slice(at, close).map(one);
        at = close + 1;
        return { kind: "sequence", parts };
      }
      case "\\":
        return escaped();
      case "~":
      case "&":
      case "@":
      case "#":
      case "<":
      case ">":
        if (options.hasOperators) throw notSupported(`the operator [${character}] in [regexp]`);
        return one(character);
      case undefined:
        throw fail("unexpected end-of-string");
      default:
        return one(character);
    }
  }

  function escaped(): Pattern {
    const character = input[at++];
    if (character === undefined) throw fail("unexpected end-of-string");
    const shorthand = SHORTHANDS[character];
    return shorthand === undefined ? one(character) : { kind: "one", accepts: shorthand };
  }

  function characterClass(): Pattern {
    const isNegated = input[at] === "^";
    if (isNegated) at++;
    const members: ((codePoint: number) => boolean)[] = [];
    while (at < input.length && (input[at] !== "]" || members.length === 0)) members.push(member());
    if (input[at] === undefined) throw illegalArgument("unexpected end-of-string");
    if (input[at] !== "]") throw fail("expected ']'");
    at++;
    return {
      kind: "one",
      accepts: (candidate) => members.some((accepts) => accepts(candidate)) !== isNegated,
    };
  }

  function member(): (codePoint: number) => boolean {
    const shorthand = input[at] === "\\" ? SHORTHANDS[input[at + 1] ?? ""] : undefined;
    if (shorthand !== undefined) {
      at += 2;
      return shorthand;
    }
    const first = classCharacter();
    if (input[at] !== "-" || input[at + 1] === "]" || input[at + 1] === undefined) {
      const pattern = one(first);
      return pattern.kind === "one" ? pattern.accepts : () => false;
    }
    at++;
    const low = first.codePointAt(0) ?? 0;
    const high = classCharacter().codePointAt(0) ?? 0;
    if (high < low) throw illegalArgument(`invalid range: from (${low}) cannot be > to (${high})`);
    return (candidate) => candidate >= low && candidate <= high;
  }

  function classCharacter(): string {
    if (input[at] === "\\") at++;
    const character = input[at++];
    if (character === undefined) throw fail("unexpected end-of-string");
    return character;
  }

  const pattern = alternatives();
  if (at < input.length) throw fail("end-of-string expected");
  return pattern;
}

const within = (ranges: readonly (readonly [string, string])[]) => (codePoint: number) =>
  ranges.some(
    ([from, to]) =>
      codePoint >= (from.codePointAt(0) ?? 0) && codePoint <= (to.codePointAt(0) ?? 0),
  );
const isDigit = within([["0", "9"]]);
const isWord = within([
  ["0", "9"],
  ["a", "z"],
  ["A", "Z"],
  ["_", "_"],
]);
const isSpace = within([
  [" ", " "],
  ["\t", "\n"],
  ["\r", "\r"],
]);

const SHORTHANDS: Readonly<Record<string, (codePoint: number) => boolean>> = {
  d: isDigit,
  D: (codePoint) => !isDigit(codePoint),
  w: isWord,
  W: (codePoint) => !isWord(codePoint),
  s: isSpace,
  S: (codePoint) => !isSpace(codePoint),
};

/** Matches one character, in either case when `ignoreCase` says so. */
export function characterPattern(character: string, ignoreCase: boolean): Pattern {
  const codePoint = character.codePointAt(0) ?? 0;
  const lower = character.toLowerCase().codePointAt(0) ?? 0;
  const upper = character.toUpperCase().codePointAt(0) ?? 0;
  if (!ignoreCase || lower === upper) return literal(codePoint);
  return { kind: "one", accepts: (candidate) => candidate === lower || candidate === upper };
}

/**
 * Reads a `wildcard` pattern: `*` any text, `?` any one character, `\` takes the next character as
 * it is.
 */
export function parseWildcard(source: string, ignoreCase: boolean): Pattern {
  const parts: Pattern[] = [];
  const input = Array.from(source);
  for (let at = 0; at < input.length; at++) {
    const character = input[at] ?? "";
    if (character === "*") parts.push({ kind: "repeat", part: anyOne, from: 0, to: Infinity });
    else if (character === "?") parts.push(anyOne);
    else if (character === "\\" && at + 1 < input.length)
      parts.push(characterPattern(input[++at] ?? "", ignoreCase));
    else parts.push(characterPattern(character, ignoreCase));
  }
  return { kind: "sequence", parts };
}
