import { toPosition } from "../store/json-position.ts";

/** What is wrong with a JSON text, in the words of the server's parser. */
export interface JsonProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Where a text stops being JSON; carries the offset out of the recursion. */
class Stop {
  readonly offset: number;
  readonly message: string;

  constructor(offset: number, message: string) {
    this.offset = offset;
    this.message = message;
  }
}

const values = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";
const literal = /true|false|null/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these characters in texts (RFC 8259 section 7)
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /[A-Za-z_$][\w$]*/y;

/**
 * Finds the first place where a text is not JSON. Only called for texts that `JSON.parse` has refused, whose own complaint does not
 * always name the place.
 */
export function findJsonProblem(source: string): JsonProblem {
  const stop = firstStop(source);
  const { line, column } = toPosition(source, stop.offset);
  return { line, column, message: stop.message };
}

function firstStop(source: string): Stop {
  try {
    const end = skipSpace(source, readValue(source, skipSpace(source, 0)));
    return new Stop(end, "Unexpected trailing content");
  } catch (error) {
    if (error instanceof Stop) return error;
    return new Stop(0, "the document is nested too deeply");
  }
}

function readValue(source: string, at: number): number {
  const character = source[at];
  if (character === "{") return readMembers(source, at, "}");
  if (character === "[") return readMembers(source, at, "]");
  if (character === '"') return readText(source, at);
  const end = matchAt(literal, source, at) ?? matchAt(number, source, at);
  if (end !== undefined && !/[\w$]/.test(source[end] ?? "")) return end;
  const wordEnd = matchAt(word, source, at);
  if (wordEnd !== undefined)
    throw new Stop(at, `Unrecognized token '${source.slice(at, wordEnd)}': was expecting (${values})`);
  throw unexpected(source, at, `expected a valid value (${values})`, "Unexpected end-of-input");
}

function readMembers(source: string, start: number, close: "}" | "]"): number {
  const isObject = close === "}";
  const kind = isObject ? "Object" : "Array";
  const { line, column } = toPosition(source, start);
  const unclosed = `Unexpected end-of-input: expected close marker for ${kind} (start marker at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: ${line}, column: ${column}])`;
  let at = skipSpace(source, start + 1);
  if (source[at] === close) return at + 1;
  for (;;) {
    if (at >= source.length) throw new Stop(at, unclosed);
    if (isObject) at = readName(source, at, unclosed);
    at = skipSpace(source, readValue(source, at));
    if (source[at] === close) return at + 1;
    if (source[at] !== ",") throw unexpected(source, at, `was expecting comma to separate ${kind} entries`, unclosed);
    at = skipSpace(source, at + 1);
  }
}

function readName(source: string, at: number, unclosed: string): number {
  if (source[at] !== '"') throw unexpected(source, at, "was expecting double-quote to start field name", unclosed);
  const colon = skipSpace(source, readText(source, at));
  if (source[colon] !== ":") {
    throw unexpected(source, colon, "was expecting a colon to separate field name and value", unclosed);
  }
  return skipSpace(source, colon + 1);
}

function readText(source: string, at: number): number {
  const end = matchAt(text, source, at);
  if (end !== undefined) return end;
  for (let bad = at + 1; bad < source.length; bad++) {
    if (source[bad] === "\\") {
      if (!/["\\/bfnrtu]/.test(source[bad + 1] ?? "")) {
        throw new Stop(
          bad + 1,
          `Unrecognized character escape '${source[bad + 1] ?? ""}' (code ${source.charCodeAt(bad + 1)})`,
        );
      }
      bad++;
    } else if (source.charCodeAt(bad) < 32) {
      throw new Stop(
        bad,
        `Illegal unquoted character ((CTRL-CHAR, code ${source.charCodeAt(bad)})): has to be escaped using backslash to be included in string value`,
      );
    }
  }
  throw new Stop(source.length, "Unexpected end-of-input in VALUE_STRING");
}

function unexpected(source: string, at: number, expectation: string, atEnd: string): Stop {
  const character = source[at];
  if (character === undefined) return new Stop(at, atEnd);
  return new Stop(at, `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): ${expectation}`);
}

function matchAt(pattern: RegExp, source: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(source) ? pattern.lastIndex : undefined;
}

function skipSpace(source: string, from: number): number {
  let at = from;
  while (" \t\r\n".includes(source[at] ?? "x")) at++;
  return at;
}
