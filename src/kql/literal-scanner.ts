/**
 * Reads the words of a filter: quoted texts, and unquoted ones, which may hold blanks and end at a
 * special character or before `and`, `or` and `not`.
 */
import { KqlError } from "./kql-error.ts";
import type { Literal } from "./syntax.ts";

/** Characters that end an unquoted literal unless a backslash stands before them; `*` does not. */
const special = '\\():<>"*{}';
const blank = /[ \t\r\n\u00a0]/;
const blanks = /[ \t\r\n\u00a0]+/y;
const keyword = /(?:and|or|not)(?=[ \t\r\n\u00a0(]|$)/iy;
// `\n` is a line feed unless the whole word is `\not`.
const escapedKeyword = /and|or|not(?![\p{L}\p{N}_])/iuy;
const escapedUnicode = /u([0-9a-f]{4})/iy;
// Values with colons that need no quotes here, because nothing else could be meant: in Kibana they
// are syntax errors.
const valueEnd = String.raw`(?=[ \t\r\n\u00a0)}]|$)`;
const time = String.raw`\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?`;
const dateTime = new RegExp(String.raw`\d{4}-\d\d-\d\dT${time}(?:\|\|[+\-/\w]*)?${valueEnd}`, "iy");
const addressV6 = new RegExp(
  String.raw`(?=[0-9a-f.]*:[0-9a-f.]*:)[0-9a-f:.]{2,45}(?:\/\d{1,3})?${valueEnd}`,
  "iy",
);

const whitespaceEscapes: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };

/** A place in the text of a filter that moves forward. */
export class LiteralScanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The character here; empty at the end. */
  get character(): string {
    return this.text.charAt(this.at);
  }

  skipBlanks(): void {
    this.#take(blanks);
  }

  /** Whether the characters stand here; if so, moves behind them. */
  takeText(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Whether this keyword stands here as a word of its own; if so, moves behind it. */
  takeKeyword(word: "and" | "or" | "not"): boolean {
    const end = this.at + word.length;
    if (this.text.slice(this.at, end).toLowerCase() !== word) return false;
    const next = this.text.charAt(end);
    if (next !== "" && next !== "(" && !blank.test(next)) return false;
    this.at = end;
    return true;
  }

  /** A quoted or unquoted literal; `undefined` when none begins here. */
  takeLiteral(position: "name" | "value"): Literal | undefined {
    if (this.character === '"') return this.#takeQuoted();
    const start = this.at;
    if (position === "value") {
      const whole = this.#take(dateTime) ?? this.#take(addressV6);
      if (whole !== undefined)
        return { parts: [whole], isQuoted: false, span: { start, end: this.at } };
    }
    return this.#takeUnquoted();
  }

  /** An error about a part of the text. */
  error(start: number, end: number, message: string, suggestion?: string): KqlError {
    return new KqlError(this.text, { start, end }, message, suggestion);
  }

  #takeQuoted(): Literal {
    const start = this.at;
    let text = "";
    this.at += 1;
    while (!this.isAtEnd) {
      const character = this.character;
      this.at += 1;
      if (character === '"')
        return { parts: [text], isQuoted: true, span: { start, end: this.at } };
      text += character === "\\" ? this.#quotedEscape() : character;
    }
    throw this.error(
      start,
      this.text.length,
      "the quoted text has no end",
      'end it with "; a quote inside it is written \\"',
    );
  }

  /** What a backslash inside quotes means; before anything else it stands for itself. */
  #quotedEscape(): string {
    const next = this.character;
    if (next === '"' || next === "\\") {
      this.at += 1;
      return next;
    }
    return this.#commonEscape() ?? "\\";
  }

  #commonEscape(): string | undefined {
    const whitespace = whitespaceEscapes[this.character];
    if (whitespace !== undefined) {
      this.at += 1;
      return whitespace;
    }
    const unicode = this.#take(escapedUnicode);
    return unicode === undefined
      ? undefined
      : String.fromCharCode(Number.parseInt(unicode.slice(1), 16));
  }

  #takeUnquoted(): Literal | undefined {
    const start = this.at;
    const parts: string[] = [];
    let part = "";
    // Blanks count only when something of the literal follows them.
    let pendingBlanks = "";
    let end = start;
    for (;;) {
      const character = this.character;
      if (blank.test(character)) {
        pendingBlanks = this.#take(blanks) ?? "";
        if (this.#isBefore(keyword)) break;
        continue;
      }
      if (character === "" || (special.includes(character) && !"\\*".includes(character))) break;
      part += pendingBlanks;
      pendingBlanks = "";
      this.at += 1;
      if (character === "*") {
        parts.push(part);
        part = "";
      } else part += character === "\\" ? this.#unquotedEscape() : character;
      end = this.at;
    }
    this.at = end;
    if (end === start) return undefined;
    parts.push(part);
    return { parts, isQuoted: false, span: { start, end } };
  }

  #unquotedEscape(): string {
    const word = this.#take(escapedKeyword);
    if (word !== undefined) return word;
    const common = this.#commonEscape();
    if (common !== undefined) return common;
    const next = this.character;
    if (next !== "" && special.includes(next)) {
      this.at += 1;
      return next;
    }
    const start = this.at - 1;
    throw this.error(
      start,
      Math.min(this.at + 1, this.text.length),
      next === "" ? "a backslash with nothing behind it" : `\\${next} is no escape`,
      'write \\\\ for a backslash, or put the value in quotes: "…"',
    );
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  #isBefore(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }
}
