import { toPosition } from "./json-position.ts";

/**
 * What is wrong with a JSON text, in the words of the server's parser (Jackson). Columns count
 * bytes, from 1.
 */
export interface JsonProblem {
  readonly line: number;
  readonly column: number;
  /**
   * Place of the token that the parser stood on when it met the problem; errors about documents
   * begin with it.
   */
  readonly tokenLine: number;
  readonly tokenColumn: number;
  /**
   * The problem with the place and the begin of the text, as the server's parser ends its messages.
   */
  readonly message: string;
  /** The text ended in the middle of a value. */
  readonly isEndOfInput: boolean;
  /** The first value is complete; the problem is in what follows it. */
  readonly isTrailing: boolean;
  /**
   * Name of the token with which a second complete value begins, where that is all that is wrong.
   */
  readonly extraToken: string | undefined;
}

/** Where a text stops being JSON; carries the place out of the recursion. */
class Stop {
  readonly offset: number;
  readonly message: string;
  readonly isEndOfInput: boolean;
  /** Set where the parser already stood on the bad token. */
  token: number | undefined;
  extraToken: string | undefined;

  constructor(offset: number, message: string, isEndOfInput = false, token?: number) {
    this.offset = offset;
    this.message = message;
    this.isEndOfInput = isEndOfInput;
    this.token = token;
  }
}

const values = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";
const literal = /(?:true|false|null)(?![\w$])/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// oxlint-disable-next-line no-control-regex -- JSON excludes them (RFC 8259 section 7)
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*/y;
/** Bytes of the text that an error message shows. */
const shownBytes = 500;

/**
 * Finds the first place where a text is not one JSON value, or repeats a name. Only called for
 * texts that are refused; the complaint of `JSON.parse` does not always name the place.
 */
export function findJsonProblem(source: string): JsonProblem {
  const reader = new Reader(source);
  const stop = reader.firstStop();
  const { line, column } = reader.place(stop.offset);
  const token = reader.place(stop.token ?? reader.token);
  return {
    line,
    column,
    tokenLine: token.line,
    tokenColumn: token.column,
    message: `${stop.message}\n at ${reader.source(stop.offset)}`,
    isEndOfInput: stop.isEndOfInput,
    isTrailing: reader.isRootComplete,
    extraToken: stop.extraToken,
  };
}

class Reader {
  /**
   * Offset of the last token that was read completely, or is a text, which the parser reads late.
   */
  token = 0;
  isRootComplete = false;
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  firstStop(): Stop {
    try {
      const end = this.#skipSpace(this.#readValue(this.#skipSpace(0), false));
      this.isRootComplete = true;
      return this.#trailing(end);
    } catch (error) {
      if (error instanceof Stop) return error;
      return new Stop(0, "Document nesting depth (1001) exceeds the maximum allowed");
    }
  }

  place(offset: number): { line: number; column: number } {
    const { line, column } = toPosition(this.#source, offset);
    return { line, column };
  }

  source(offset: number): string {
    const { line, column } = this.place(offset);
    return `${this.#shown()}; line: ${line}, column: ${column}]`;
  }

  /** What stands behind a complete value: the parser reads it as a further root value. */
  #trailing(at: number): Stop {
    const character = this.#source[at];
    if (character === undefined) return new Stop(at, "nothing is wrong");
    if (character === "}" || character === "]") {
      return this.#closeMarker(at, `root starting at ${this.#shown()}; line: 1, column: 0]`);
    }
    const isOpener = '{["'.includes(this.#source[at] ?? "");
    try {
      // Of a text, object or array only the first token is read.
      if (!isOpener) this.#readValue(at, true);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      error.token = error.offset;
      return error;
    }
    const extra = new Stop(at, "found extra data");
    extra.extraToken = tokenAt(this.#source, at);
    return extra;
  }

  #shown(): string {
    const bytes = Buffer.from(this.#source);
    const begin = bytes.toString("utf8", 0, shownBytes).replaceAll(controls, (found) => {
      return `\\u${found.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`;
    });
    const rest = bytes.length > shownBytes ? `[truncated ${bytes.length - shownBytes} bytes]` : "";
    return `[Source: (byte[])"${begin}"${rest}`;
  }

  #readValue(at: number, isElement: boolean): number {
    const character = this.#source[at];
    if (character === "{" || character === "[") return this.#readMembers(at, character === "{");
    if (character === '"') {
      this.token = at;
      return this.#readText(at);
    }
    try {
      const end = matchAt(literal, this.#source, at) ?? this.#readNumber(at);
      if (end !== undefined) {
        this.token = at;
        return end;
      }
      throw this.#notAValue(at);
    } catch (error) {
      if (error instanceof Stop && isElement && !error.isEndOfInput) error.token = at;
      throw error;
    }
  }

  #notAValue(at: number): Stop {
    const end = matchAt(word, this.#source, at);
    if (end === undefined) {
      const character = this.#source[at];
      if (character === "}" || character === "]" || character === ",")
        return this.#unexpected(at, "expected a value", "");
      return this.#unexpected(at, `expected a valid value (${values})`, "Unexpected end-of-input");
    }
    // The parser has taken one character more, unless there is none.
    const offset = end < this.#source.length ? end + 1 : end;
    const name = this.#source.slice(at, end);
    if (/^(NaN|Infinity|INF)$/.test(name)) {
      const feature = "enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow";
      return new Stop(end, `Non-standard token '${name}': ${feature}`);
    }
    return new Stop(offset, `Unrecognized token '${name}': was expecting (${values})`);
  }

  #readNumber(at: number): number | undefined {
    const first = this.#source[at];
    if (first === "+") {
      const allow = "enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow";
      throw this.#inNumber(
        at + 1,
        `JSON spec does not allow numbers to have plus signs: ${allow}`,
        at,
      );
    }
    const end = matchAt(number, this.#source, at);
    if (end === undefined) {
      if (first !== "-") return undefined;
      throw this.#inNumber(
        at + 1,
        "expected digit (0-9) to follow minus sign, for valid numeric value",
      );
    }
    const isZero = /^-?0$/.test(this.#source.slice(at, end));
    if (isZero && /\d/.test(this.#source[end] ?? "")) {
      throw new Stop(end, "Invalid numeric value: Leading zeroes not allowed");
    }
    const next = this.#source[end];
    const digits = this.#source.slice(at, end);
    if (next === "." && !/[.eE]/.test(digits)) {
      throw this.#inNumber(end + 1, "Decimal point not followed by a digit");
    }
    if ((next === "e" || next === "E") && !/[eE]/.test(digits)) {
      throw this.#inNumber(end + 1, "Exponent indicator not followed by a digit");
    }
    return end;
  }

  #inNumber(at: number, message: string, shown = at): Stop {
    const character = this.#source[shown];
    if (character === undefined)
      return new Stop(at, "Unexpected end-of-input in a Number value", true);
    const code = character.charCodeAt(0);
    return new Stop(
      at,
      `Unexpected character ('${character}' (code ${code})) in numeric value: ${message}`,
    );
  }

  #readMembers(start: number, isObject: boolean): number {
    const close = isObject ? "}" : "]";
    const kind = isObject ? "Object" : "Array";
    const unclosed = `expected close marker for ${kind} (start marker at ${this.source(start)})`;
    const between = `Unexpected end-of-input within/between ${kind} entries`;
    const names = new Set<string>();
    this.token = start;
    let at = this.#skipSpace(start + 1);
    if (this.#source[at] === close) return this.#closed(at);
    for (;;) {
      this.#checkEnd(at, `Unexpected end-of-input: ${unclosed}`, true);
      this.#checkClose(at, start, isObject);
      if (isObject) at = this.#readName(at, between, names);
      at = this.#skipSpace(this.#readValue(at, !isObject));
      if (this.#source[at] === close) return this.#closed(at);
      this.#checkEnd(at, `Unexpected end-of-input: ${unclosed}`, true);
      this.#checkClose(at, start, isObject);
      if (this.#source[at] !== ",")
        throw this.#unexpected(at, `was expecting comma to separate ${kind} entries`, "");
      at = this.#skipSpace(at + 1);
      this.#checkEnd(at, between, false);
      if (!isObject && this.#source[at] === close) {
        throw new Stop(at, `Unexpected character (']' (code 93)): expected a value`, false, at);
      }
    }
  }

  #closed(at: number): number {
    this.token = at;
    return at + 1;
  }

  #checkEnd(at: number, message: string, isEndOfInput: boolean): void {
    if (at >= this.#source.length) throw new Stop(at, message, isEndOfInput);
  }

  /** The other kind's close marker. */
  #checkClose(at: number, start: number, isObject: boolean): void {
    if (this.#source[at] !== (isObject ? "]" : "}")) return;
    throw this.#closeMarker(
      at,
      `${isObject ? "Object" : "Array"} starting at ${this.source(start)}`,
    );
  }

  #closeMarker(at: number, opened: string): Stop {
    const found = this.#source[at] ?? "";
    const wanted = found === "}" ? "]" : "}";
    return new Stop(
      at,
      `Unexpected close marker '${found}': expected '${wanted}' (for ${opened})`,
      false,
      at,
    );
  }

  #readName(at: number, between: string, names: Set<string>): number {
    if (this.#source[at] !== '"')
      throw this.#unexpected(at, "was expecting double-quote to start field name", "");
    const end = this.#readText(at);
    const name = nameIn(this.#source.slice(at, end));
    if (names.has(name)) throw new Stop(end, `Duplicate field '${name}'`);
    names.add(name);
    this.token = at;
    const colon = this.#skipSpace(end);
    this.#checkEnd(colon, between, true);
    if (this.#source[colon] !== ":") {
      throw this.#unexpected(colon, "was expecting a colon to separate field name and value", "");
    }
    const value = this.#skipSpace(colon + 1);
    this.#checkEnd(value, between, true);
    return value;
  }

  #readText(at: number): number {
    const end = matchAt(text, this.#source, at);
    if (end !== undefined) return end;
    const { length } = this.#source;
    for (let bad = at + 1; bad < length; bad++) {
      const character = this.#source[bad] ?? "";
      if (character === "\\") {
        this.#checkEscape(bad + 1);
        bad++;
      } else if (character.charCodeAt(0) < 32) {
        const code = `(CTRL-CHAR, code ${character.charCodeAt(0)})`;
        const rule = "has to be escaped using backslash to be included in string value";
        throw new Stop(bad, `Illegal unquoted character (${code}): ${rule}`);
      }
    }
    throw new Stop(length, "Unexpected end-of-input in VALUE_STRING", true);
  }

  #checkEscape(at: number): void {
    const inEscape = "Unexpected end-of-input in character escape sequence";
    const character = this.#source[at];
    if (character === undefined) throw new Stop(at, inEscape, true);
    if (!/["\\/bfnrtu]/.test(character)) {
      throw new Stop(
        at,
        `Unrecognized character escape '${character}' (code ${character.charCodeAt(0)})`,
      );
    }
    if (character !== "u") return;
    for (let digit = at + 1; digit <= at + 4; digit++) {
      const found = this.#source[digit];
      if (found === undefined) throw new Stop(digit, inEscape, true);
      if (!/[\da-fA-F]/.test(found)) {
        throw this.#unexpected(digit, "expected a hex-digit for character escape sequence", "");
      }
    }
  }

  #unexpected(at: number, expectation: string, atEnd: string): Stop {
    const character = this.#source[at];
    if (character === undefined) return new Stop(at, atEnd, true);
    return new Stop(
      at,
      `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): ${expectation}`,
    );
  }

  #skipSpace(from: number): number {
    let at = from;
    while (" \t\r\n".includes(this.#source[at] ?? "x")) at++;
    return at;
  }
}

/** The name that a quoted text means: two spellings can be one name. */
function nameIn(quoted: string): string {
  return quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

/** The parser's name for the token that begins at an offset. */
function tokenAt(source: string, at: number): string {
  switch (source[at]) {
    case "{":
      return "START_OBJECT";
    case "[":
      return "START_ARRAY";
    case '"':
      return "VALUE_STRING";
    case "n":
      return "VALUE_NULL";
    case "t":
    case "f":
      return "VALUE_BOOLEAN";
    default:
      return "VALUE_NUMBER";
  }
}

// oxlint-disable-next-line no-control-regex -- the server shows these escaped
const controls = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

function matchAt(pattern: RegExp, source: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(source) ? pattern.lastIndex : undefined;
}
