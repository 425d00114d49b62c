/** Words and signs of EQL. */
import { syntaxProblem, unsupported } from "../esql/syntax/span.ts";
import type { EsError } from "../es-error.ts";

/** A word or sign, with its place. */
export interface Token {
  readonly kind: "name" | "quoted" | "string" | "integer" | "decimal" | "symbol" | "end";
  /** Of strings and quoted names: what stands between the quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const symbols = "== != <= >= ![ < > = : + - * / % . , [ ] ( ) | ?".split(" ");

/** Words that are no names unless they are quoted. */
const reserved: ReadonlySet<string> = new Set(
  "and any by false in join like maxspan not null of or regex sample sequence true until where with".split(
    " ",
  ),
);

const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
};

/** Reads a query word by word. */
export class EqlScanner {
  readonly query: string;
  /** Place behind what was taken last. */
  lastEnd = 0;
  #peeked: Token | undefined;

  constructor(query: string) {
    this.query = query;
  }

  peek(): Token {
    return (this.#peeked ??= this.#read());
  }

  take(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    this.lastEnd = token.end;
    return token;
  }

  /** Goes back to a place. */
  reset(at: number): void {
    this.#peeked = undefined;
    this.lastEnd = at;
  }

  /** True for a sign that comes next. */
  isAt(symbol: string): boolean {
    const { kind, text } = this.peek();
    return kind === "symbol" && text === symbol;
  }

  /** True for a word of the language that comes next. */
  isAtWord(word: string): boolean {
    const { kind, text } = this.peek();
    return kind === "name" && text === word;
  }

  accept(symbol: string): boolean {
    const isThere = this.isAt(symbol);
    if (isThere) this.take();
    return isThere;
  }

  acceptWord(word: string): boolean {
    const isThere = this.isAtWord(word);
    if (isThere) this.take();
    return isThere;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.unexpected(`'${symbol}'`);
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) throw this.unexpected(`'${word}'`);
  }

  /** A name of a field, or of a part of one; quoted where it is no plain word. */
  identifier(): string {
    const { kind, text } = this.peek();
    const isName = kind === "name" && !reserved.has(text) && !text.endsWith("~");
    if (!isName && kind !== "quoted") throw this.unexpected("{QUOTED_IDENTIFIER, IDENTIFIER}");
    return this.take().text;
  }

  /** True where a name can begin. */
  isAtIdentifier(): boolean {
    const { kind, text } = this.peek();
    return kind === "quoted" || (kind === "name" && !reserved.has(text));
  }

  /** The refusal of what comes next. */
  unexpected(expected: string): EsError {
    const { kind, start, end } = this.peek();
    const shown = kind === "end" ? "<EOF>" : this.query.slice(start, end);
    const list = `${expected} (the complete list is not told by mock-es)`;
    return this.problem(start, `mismatched input '${shown}' expecting ${list}`);
  }

  problem(at: number, message: string): EsError {
    return syntaxProblem(this.query, at, message);
  }

  /** A refusal of something that the grammar has: such ones name the column behind the first. */
  refusal(at: number, message: string): EsError {
    return syntaxProblem(this.query, at + 1, message);
  }

  unsupported(at: number, what: string): EsError {
    return unsupported(this.query, at, what);
  }

  #read(): Token {
    const space = /(?:[ \r\n\t]+|\/\/[^\r\n]*|\/\*[^]*?\*\/)*/y;
    space.lastIndex = this.lastEnd;
    const start = this.lastEnd + (space.exec(this.query)?.[0].length ?? 0);
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
    const name = match(/[A-Za-z_@][A-Za-z0-9_]*~?/y);
    if (name !== undefined) return token("name", name.length);
    const quoted = match(/`(?:[^`]|``)*`/y);
    if (quoted !== undefined)
      return token("quoted", quoted.length, quoted.slice(1, -1).replaceAll("``", "`"));
    const decimal = match(/(?:\d+\.\d*|\.\d+)(?:[Ee][+-]?\d+)?|\d+[Ee][+-]?\d+/y);
    if (decimal !== undefined) return token("decimal", decimal.length);
    const integer = match(/\d+/y);
    if (integer !== undefined) return token("integer", integer.length);
    this.#refuseOldStrings(start);
    const raw = match(/"""[^\r\n]*?"""+/y);
    if (raw !== undefined) return token("string", raw.length, raw.slice(3, -3));
    const string = match(/"(?:\\(?:[btnfr"\\]|u\{[0-9A-Fa-f]{2,8}\})|[^\r\n"\\])*"/y);
    if (string !== undefined) return token("string", string.length, unescaped(string));
    const symbol = symbols.find((candidate) => this.query.startsWith(candidate, start));
    if (symbol !== undefined) return token("symbol", symbol.length);
    const rest = /["`][^\r\n]*|[^]/.exec(this.query.slice(start))?.[0] ?? "";
    throw this.problem(start, `token recognition error at: '${rest}'`);
  }

  /** Ways to write strings that the language had before it was released. */
  #refuseOldStrings(start: number): void {
    const opening = /\?"|\?'|'/y;
    opening.lastIndex = start;
    const found = opening.exec(this.query)?.[0];
    if (found === undefined) return;
    const isRaw = found.startsWith("?");
    throw this.problem(
      start,
      isRaw
        ? `Use triple double quotes ["""] to define unescaped string literals, not [${found}]`
        : `Use double quotes ["] to define string literals, not single quotes [']`,
    );
  }
}

function unescaped(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replaceAll(
      /\\(?:u\{([0-9A-Fa-f]+)\}|(.))/gs,
      (_, code: string | undefined, letter: string | undefined) =>
        code === undefined
          ? (escapes[letter ?? ""] ?? letter ?? "")
          : String.fromCodePoint(Math.min(parseInt(code, 16), 0x10_ff_ff)),
    );
}
