/** Words and signs of SQL. */
import type { EsError } from "../es-error.ts";
import { unsupported } from "../esql/syntax/span.ts";

/** A word or sign, with its place. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "symbol" | "end";
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

/** Reads a query word by word. */
export class SqlScanner {
  readonly query: string;
  /** Place behind what was taken last. */
  offset = 0;

  constructor(query: string) {
    this.query = query;
  }

  refuse(): EsError {
    const { text, at, kind } = this.peek();
    const shown = kind === "end" ? "the end" : `[${text}]`;
    return unsupported(this.query, at, `${shown} at this place of an SQL query`);
  }

  peek(): Token {
    const space = /(?:\s|--[^\n]*)*/y;
    space.lastIndex = this.offset;
    const at = this.offset + (space.exec(this.query)?.[0].length ?? 0);
    const found =
      /([A-Za-z_][A-Za-z0-9_@]*)|("(?:[^"]|"")+")|('(?:[^']|'')*')|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(::|<>|!=|<=|>=|[^])/y;
    found.lastIndex = at;
    const [text = "", word, quoted, string, number] = found.exec(this.query) ?? [];
    const kind =
      text === ""
        ? "end"
        : word !== undefined
          ? "word"
          : quoted !== undefined
            ? "quoted"
            : string !== undefined
              ? "string"
              : number !== undefined
                ? "number"
                : "symbol";
    return { kind, text, at, end: at + text.length };
  }

  take(): Token {
    const token = this.peek();
    this.offset = token.end;
    return token;
  }

  accept(symbol: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== "symbol" || text !== symbol) return false;
    this.take();
    return true;
  }

  acceptWord(word: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== "word" || text.toLowerCase() !== word) return false;
    this.take();
    return true;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.refuse();
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) throw this.refuse();
  }
}
