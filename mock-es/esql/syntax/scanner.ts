/** Words of an ES|QL query, read one by one in the way that the place asks for. */
import { placeText, syntaxProblem, unsupported, type Span } from "./span.ts";
import type { EsError } from "../../es-error.ts";

/** One word. */
export interface Token extends Span {
  readonly kind: "end" | "name" | "quoted" | "string" | "integer" | "decimal" | "param" | "symbol";
  /** Names as written, strings without quotes and escapes, symbols as they are. */
  readonly text: string;
}

const symbols = ["::", "==", "=~", "!=", "<=", ">=", ...Array.from("|,.=<>+-*/%(){}[]:")];
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  '"': '"',
  "\\": "\\",
};

/** Reads a query from left to right. */
export class Scanner {
  readonly query: string;
  #at = 0;
  #peeked: Token | undefined;
  /** End of the last token that was taken. */
  lastEnd = 0;

  constructor(query: string) {
    this.query = query;
  }

  /** Goes back to an earlier place. */
  reset(at: number): void {
    this.#at = at;
    this.#peeked = undefined;
  }

  /** The next token, which stays. */
  peek(): Token {
    return (this.#peeked ??= this.#read());
  }

  take(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    this.#at = token.end;
    this.lastEnd = token.end;
    return token;
  }

  /** Takes a symbol if it comes next. */
  accept(symbol: string): boolean {
    const token = this.peek();
    if (token.kind !== "symbol" || token.text !== symbol) return false;
    this.take();
    return true;
  }

  /** True when a word comes next, in any case of letters. */
  isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === "name" && token.text.toLowerCase() === word;
  }

  acceptWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.take();
    return true;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.unexpected(`'${symbol}'`);
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) throw this.unexpected(`'${word}'`);
  }

  /**
   * A refusal of the token that comes next. The server lists all that it would have taken, which is
   * not imitated.
   */
  unexpected(expected: string): EsError {
    return this.unexpectedFor(`${expected} (the complete list is not told by mock-es)`);
  }

  /** As {@link unexpected}, where the server's list is known. */
  unexpectedFor(expected: string): EsError {
    const token = this.peek();
    const shown = token.kind === "end" ? "<EOF>" : this.query.slice(token.start, token.end);
    const message = `mismatched input '${shown}' expecting ${expected}`;
    return syntaxProblem(this.query, token.start, message);
  }

  unsupported(at: number, what: string): EsError {
    return unsupported(this.query, at, what);
  }

  /** Where the next token begins. */
  get start(): number {
    return this.peek().start;
  }

  /** Matches a pattern at the next place that is no space or comment; `undefined` for no match. */
  takePattern(pattern: RegExp): Token | undefined {
    this.#peeked = undefined;
    this.#skipSpace();
    const start = this.#at;
    const sticky = new RegExp(pattern.source, "uy");
    sticky.lastIndex = start;
    const found = sticky.exec(this.query)?.[0];
    if (found === undefined || found === "") return undefined;
    this.reset(start + found.length);
    this.lastEnd = start + found.length;
    return { kind: "name", text: found, start, end: start + found.length };
  }

  #skipSpace(): void {
    for (;;) {
      const found = /[ \t\r\n]*(?:\/\/[^\r\n]*)?/y;
      found.lastIndex = this.#at;
      const length = found.exec(this.query)?.[0].length ?? 0;
      this.#at += length;
      if (this.query.startsWith("/*", this.#at)) this.#skipComment();
      else if (length === 0) return;
    }
  }

  /** Comments may stand in comments. */
  #skipComment(): void {
    const start = this.#at;
    let depth = 0;
    do {
      if (this.query.startsWith("/*", this.#at)) depth++;
      else if (this.query.startsWith("*/", this.#at)) depth--;
      else {
        this.#at++;
        if (this.#at >= this.query.length)
          throw syntaxProblem(this.query, start, `token recognition error at: '/*'`);
        continue;
      }
      this.#at += 2;
    } while (depth > 0);
  }

  #read(): Token {
    this.#skipSpace();
    const start = this.#at;
    const token = (kind: Token["kind"], length: number, text?: string): Token => ({
      kind,
      start,
      end: start + length,
      text: text ?? this.query.slice(start, start + length),
    });
    if (start >= this.query.length) return token("end", 0);
    const match = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = start;
      return pattern.exec(this.query)?.[0];
    };
    const name = match(/[A-Za-z][A-Za-z0-9_]*|[_@][A-Za-z0-9_]+/y);
    if (name !== undefined) return token("name", name.length);
    const quoted = match(/`(?:[^`]|``)*`/y);
    if (quoted !== undefined)
      return token("quoted", quoted.length, quoted.slice(1, -1).replaceAll("``", "`"));
    const decimal = match(/(?:\d+\.\d*|\.\d+)(?:[Ee][+-]?\d+)?|\d+[Ee][+-]?\d+/y);
    if (decimal !== undefined) return token("decimal", decimal.length);
    const integer = match(/\d+/y);
    if (integer !== undefined) return token("integer", integer.length);
    const raw = match(/"""[\s\S]*?"""(?:"(?:"(?!")|(?!"))|(?!"))/y) ?? match(/"""[\s\S]*?"""/y);
    if (raw !== undefined) return token("string", raw.length, raw.slice(3, -3));
    const string = match(/"(?:\\[tnr"\\]|[^\r\n"\\])*"/y);
    if (string !== undefined) return token("string", string.length, unescaped(string));
    const param = match(/\?\??(?:[A-Za-z_][A-Za-z0-9_]*|\d+)?/y);
    if (param !== undefined) return token("param", param.length);
    const symbol = symbols.find((candidate) => this.query.startsWith(candidate, start));
    if (symbol !== undefined) return token("symbol", symbol.length);
    throw syntaxProblem(
      this.query,
      start,
      `token recognition error at: '${/["`][^\r\n]*|[^]/.exec(this.query.slice(start))?.[0] ?? ""}'`,
    );
  }
}

function unescaped(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replaceAll(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter);
}

/** Where something stands, for messages that name another place. */
export function lineAndColumn(query: string, at: number): string {
  return placeText(query, at).slice("line ".length);
}
