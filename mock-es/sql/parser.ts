/** Parses the simple selects of SQL; everything else is refused with its place. */
import type { EsError } from "../es-error.ts";
import { integerLiteral } from "../esql/syntax/parameters.ts";
import { unsupported } from "../esql/syntax/span.ts";
import type { LiteralValue } from "../esql/syntax/syntax.ts";
import type { Condition, Operand, Select, SelectItem } from "./select.ts";

interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "symbol" | "end";
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

const reserved: ReadonlySet<string> = new Set(
  (
    "all and any as asc between by case cast convert current_date desc describe distinct escape " +
    "exists explain extract false first from full group having in inner interval is join left " +
    "like limit match natural not null on or order outer right rlike query select session show " +
    "sys table tables then top true type using when where with"
  ).split(" "),
);

const aggregates: ReadonlySet<string> = new Set(["count", "sum", "avg", "min", "max"]);

/**
 * Parses a SELECT.
 *
 * @param parameters values of the `?`, one after the other
 * @throws {EsError} 400 that names the place, for what is not covered
 */
export function parseSelect(query: string, parameters: readonly LiteralValue[]): Select {
  return new SqlParser(query, parameters).select();
}

class SqlParser {
  readonly #query: string;
  readonly #parameters: readonly LiteralValue[];
  #used = 0;
  #at = 0;
  #depth = 0;

  constructor(query: string, parameters: readonly LiteralValue[]) {
    this.#query = query;
    this.#parameters = parameters;
  }

  select(): Select {
    this.#expectWord("select");
    const top = this.#acceptWord("top") ? this.#whole() : undefined;
    const distinctAt = this.#peek().at;
    const isDistinct = this.#acceptWord("distinct");
    const items = [this.#item()];
    while (this.#accept(",")) items.push(this.#item());
    this.#expectWord("from");
    const table = this.#table();
    const where = this.#acceptWord("where") ? this.#or() : undefined;
    const groups: Operand[] = [];
    if (this.#acceptWord("group")) {
      this.#expectWord("by");
      do groups.push(this.#column());
      while (this.#accept(","));
    }
    if (isDistinct) {
      const columns = items.flatMap(({ operand }) => operand ?? []);
      const isPlain = columns.every(({ aggregate }) => aggregate === undefined);
      if (groups.length > 0 || columns.length < items.length || !isPlain)
        throw unsupported(this.#query, distinctAt, "[DISTINCT] of anything but columns");
      groups.push(...columns);
    }
    const having = this.#acceptWord("having") ? this.#or() : undefined;
    const orders: Select["orders"][number][] = [];
    if (this.#acceptWord("order")) {
      this.#expectWord("by");
      do orders.push(this.#order());
      while (this.#accept(","));
    }
    if (top !== undefined && this.#peek().text.toLowerCase() === "limit") throw this.#refuse();
    const limit = this.#acceptWord("limit") ? this.#whole() : top;
    this.#accept(";");
    if (this.#peek().kind !== "end") throw this.#refuse();
    return { items, table, where, groups, having, orders, limit };
  }

  #item(): SelectItem {
    if (this.#accept("*")) return { operand: undefined, name: "*" };
    const operand = this.#operand();
    if (this.#acceptWord("as")) return { operand, name: this.#name().text };
    const next = this.#peek();
    const isAlias =
      next.kind === "quoted" || (next.kind === "word" && !reserved.has(next.text.toLowerCase()));
    return { operand, name: isAlias ? this.#name().text : operand.text };
  }

  #table(): Select["table"] {
    const { at } = this.#peek();
    const parts = [this.#name().text];
    while (this.#accept(".")) parts.push(this.#name().text);
    return { name: parts.join("."), at };
  }

  #order(): Select["orders"][number] {
    const operand = this.#operand();
    const isDescending = this.#acceptWord("desc");
    if (!isDescending) this.#acceptWord("asc");
    if (!this.#acceptWord("nulls")) return { operand, isDescending, nullsFirst: isDescending };
    const nullsFirst = this.#acceptWord("first");
    if (!nullsFirst) this.#expectWord("last");
    return { operand, isDescending, nullsFirst };
  }

  #or(): Condition {
    const { at } = this.#peek();
    if (++this.#depth > 100) throw this.#refuse();
    const parts = [this.#and()];
    while (this.#acceptWord("or")) parts.push(this.#and());
    this.#depth--;
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: "or", parts, at };
  }

  #and(): Condition {
    const { at } = this.#peek();
    const parts = [this.#not()];
    while (this.#acceptWord("and")) parts.push(this.#not());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: "and", parts, at };
  }

  #not(): Condition {
    const { at } = this.#peek();
    if (++this.#depth > 100) throw this.#refuse();
    const found: Condition = this.#acceptWord("not")
      ? { kind: "not", part: this.#not(), at }
      : this.#predicate();
    this.#depth--;
    return found;
  }

  #predicate(): Condition {
    const { at } = this.#peek();
    if (this.#accept("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    for (const word of ["match", "query"] as const) {
      if (!this.#acceptWord(word)) continue;
      this.#expect("(");
      const found: Condition =
        word === "query"
          ? { kind: "query", query: this.#string(), at }
          : { kind: "match", left: this.#column(), query: this.#afterComma(), at };
      this.#expect(")");
      return found;
    }
    const left = this.#operand();
    const isNegated = this.#acceptWord("not");
    const found = this.#behind(left, at);
    return isNegated ? { kind: "not", part: found, at } : found;
  }

  #afterComma(): string {
    this.#expect(",");
    return this.#string();
  }

  #behind(left: Operand, at: number): Condition {
    if (this.#acceptWord("between")) {
      const low = this.#literal();
      this.#expectWord("and");
      const parts: Condition[] = [
        { kind: "compare", operator: ">=", left, right: low, at },
        { kind: "compare", operator: "<=", left, right: this.#literal(), at },
      ];
      return { kind: "and", parts, at };
    }
    if (this.#acceptWord("in")) {
      this.#expect("(");
      const list = [this.#literal()];
      while (this.#accept(",")) list.push(this.#literal());
      this.#expect(")");
      return { kind: "in", left, list, at };
    }
    for (const word of ["like", "rlike"])
      if (this.#acceptWord(word))
        return { kind: "like", left, pattern: this.#string(), isRegexp: word === "rlike", at };
    if (this.#acceptWord("is")) {
      const isNegated = this.#acceptWord("not");
      this.#expectWord("null");
      return { kind: "null", left, isNegated, at };
    }
    const { kind, text } = this.#peek();
    const operators = ["=", "<>", "!=", "<", "<=", ">", ">="];
    if (kind !== "symbol" || !operators.includes(text)) throw this.#refuse();
    this.#take();
    const operator = text === "=" ? "==" : text === "<>" ? "!=" : text;
    return { kind: "compare", operator, left, right: this.#literal(), at };
  }

  #operand(): Operand {
    const token = this.#peek();
    const name = token.text.toLowerCase();
    const next = this.#query.slice(token.end).trimStart();
    if (token.kind !== "word" || !aggregates.has(name) || !next.startsWith("("))
      return this.#column();
    this.#take();
    this.#expect("(");
    const isStar = name === "count" && this.#accept("*");
    const column = isStar ? undefined : this.#column().column;
    this.#expect(")");
    const text = this.#query.slice(token.at, this.#at);
    return { at: token.at, aggregate: name, column, text };
  }

  #column(): Operand {
    const { at } = this.#peek();
    const parts = [this.#name().text];
    while (this.#accept(".")) parts.push(this.#name().text);
    const column = parts.join(".");
    return { at, aggregate: undefined, column, text: column };
  }

  #literal(): LiteralValue {
    const token = this.#peek();
    if (this.#accept("?")) {
      const value = this.#parameters[this.#used++];
      if (value === undefined) throw unsupported(this.#query, token.at, "a missing parameter");
      return value;
    }
    if (token.kind === "string") return { type: "keyword", value: this.#string() };
    if (this.#acceptWord("true")) return { type: "boolean", value: true };
    if (this.#acceptWord("false")) return { type: "boolean", value: false };
    const sign = this.#accept("-") ? "-" : "";
    const number = this.#peek();
    if (number.kind !== "number") throw this.#refuse();
    this.#take();
    return /^\d+$/.test(number.text)
      ? integerLiteral(BigInt(sign + number.text))
      : { type: "double", value: Number(sign + number.text) };
  }

  #whole(): number {
    const token = this.#take();
    if (token.kind === "number" && /^\d+$/.test(token.text)) return Number(token.text);
    throw unsupported(this.#query, token.at, `[${token.text}] behind LIMIT`);
  }

  #string(): string {
    const token = this.#peek();
    if (token.kind !== "string") throw this.#refuse();
    this.#take();
    return token.text.slice(1, -1).replaceAll("''", "'");
  }

  #name(): Token {
    const token = this.#peek();
    if (token.kind === "quoted") {
      this.#take();
      return { ...token, text: token.text.slice(1, -1).replaceAll('""', '"') };
    }
    if (token.kind !== "word" || reserved.has(token.text.toLowerCase())) throw this.#refuse();
    return this.#take();
  }

  #refuse(): EsError {
    const { text, at, kind } = this.#peek();
    const shown = kind === "end" ? "the end" : `[${text}]`;
    return unsupported(this.#query, at, `${shown} at this place of an SQL query`);
  }

  #peek(): Token {
    const space = /(?:\s|--[^\n]*)*/y;
    space.lastIndex = this.#at;
    const at = this.#at + (space.exec(this.#query)?.[0].length ?? 0);
    const found =
      /([A-Za-z_][A-Za-z0-9_@]*)|("(?:[^"]|"")+")|('(?:[^']|'')*')|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(<>|!=|<=|>=|[^])/y;
    found.lastIndex = at;
    const [text = "", word, quoted, string, number] = found.exec(this.#query) ?? [];
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

  #take(): Token {
    const token = this.#peek();
    this.#at = token.end;
    return token;
  }

  #accept(symbol: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== "symbol" || text !== symbol) return false;
    this.#take();
    return true;
  }

  #acceptWord(word: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== "word" || text.toLowerCase() !== word) return false;
    this.#take();
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol)) throw this.#refuse();
  }

  #expectWord(word: string): void {
    if (!this.#acceptWord(word)) throw this.#refuse();
  }
}
