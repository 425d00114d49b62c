/** Tokens of ES|QL. What a character means depends on the command that it stands in. */
import { EsqlModes } from "./esql-modes.ts";
import { PromqlPart } from "./promql-part.ts";
import type { QueryToken, QueryTokenKind, QueryTokens } from "./query-token.ts";
import { maxQueryLength } from "./query-token.ts";
import { TextCursor } from "./text-cursor.ts";

/**
 * Splits an ES|QL query into tokens, by the rules of EsqlBaseLexer (Elasticsearch 9.5) and, where
 * they do not contradict, of the versions before. Keywords ignore case. Never throws; linear.
 */
export function tokenizeEsql(query: string): QueryTokens {
  const lexer = new EsqlLexer(query.slice(0, maxQueryLength));
  const tokens = lexer.run();
  const isWhole = !lexer.cursor.isBroken && query.length <= maxQueryLength;
  return { query: lexer.cursor.text, tokens, isWhole };
}

interface Lexeme {
  readonly kind: QueryTokenKind;
  readonly text: string;
}

class EsqlLexer {
  readonly cursor: TextCursor;
  readonly #modes = new EsqlModes();
  readonly #promql = new PromqlPart();

  constructor(query: string) {
    this.cursor = new TextCursor(query, "//");
  }

  run(): QueryToken[] {
    const { cursor } = this;
    const tokens: QueryToken[] = [];
    for (cursor.skipBlank(); !cursor.isAtEnd; cursor.skipBlank()) {
      if (this.#modes.mode === "promql" && cursor.take(promqlComment) !== undefined) continue;
      const start = cursor.at;
      const { kind, text } = this.#token();
      const ahead = kind === "operator" && text === "(" ? this.#sourceCommandAhead() : "";
      tokens.push({ kind, text, start, opensPipeline: this.#modes.pass(kind, text, ahead) });
    }
    return tokens;
  }

  #token(): Lexeme {
    switch (this.#modes.mode) {
      case "command":
        this.#promql.reset();
        return this.#take("command", commandWord) ?? this.#expressionToken();
      case "source":
      case "join":
        return this.#sourceToken(this.#modes.sourceKeywords) ?? this.#expressionToken();
      case "policy":
        return this.#policyToken() ?? this.#expressionToken();
      case "project":
        return this.#take("word", wordWithStars) ?? this.#expressionToken();
      case "promql":
        return this.#promqlToken();
      case "expression":
        return this.#expressionToken();
    }
  }

  #take(kind: QueryTokenKind, sticky: RegExp): Lexeme | undefined {
    const text = this.cursor.take(sticky);
    return text === undefined ? undefined : { kind, text };
  }

  #quoted(kind: QueryTokenKind): Lexeme | undefined {
    const { cursor } = this;
    if (cursor.text[cursor.at] !== '"') return undefined;
    return { kind, text: cursor.takeTripleQuoted() ?? cursor.takeEscaped('"') };
  }

  #sourceToken(keywords: ReadonlySet<string>): Lexeme | undefined {
    const quoted = this.#quoted("source");
    if (quoted !== undefined) return quoted;
    const text = this.cursor.take(unquotedSource);
    if (text === undefined) return undefined;
    return { kind: keywords.has(text.toLowerCase()) ? "word" : "source", text };
  }

  #policyToken(): Lexeme | undefined {
    return (
      this.#quoted("source") ??
      this.#take("word", policyKeyword) ??
      this.#take("source", policyName)
    );
  }

  #expressionToken(): Lexeme {
    const { cursor } = this;
    const quoted = this.#quoted("string");
    if (quoted !== undefined) return quoted;
    if (cursor.text[cursor.at] === "`") {
      const name = cursor.takeDoubling("`");
      if (name !== undefined) return { kind: "name", text: name };
      cursor.isBroken = true;
    }
    return (
      this.#take("number", number) ??
      this.#take("word", word) ??
      this.#take("name_parameter", nameParameter) ??
      this.#take("parameter", parameter) ??
      this.#take("operator", operator) ?? { kind: "operator", text: cursor.takeCharacter() }
    );
  }

  /** Parameters (`index=logs step=5m`) first, then the query in PromQL's own language. */
  #promqlToken(): Lexeme {
    const { cursor } = this;
    switch (this.#promql.next(cursor)) {
      case "name":
        return this.#take("word", word) ?? this.#expressionToken();
      case "value":
        return this.#sourceToken(noKeywords) ?? this.#expressionToken();
      case "mark":
        return { kind: "operator", text: cursor.take(operator) ?? cursor.takeCharacter() };
      case "query": {
        const quoted = this.#quoted("string");
        if (quoted !== undefined) return quoted;
        const first = cursor.text[cursor.at];
        if (first === "'") return { kind: "string", text: cursor.takeEscaped("'") };
        const raw = first === "`" ? cursor.takeDoubling("`") : undefined;
        if (raw !== undefined) return { kind: "string", text: raw };
        return (
          this.#take("number", promqlNumber) ??
          this.#take("word", promqlWord) ??
          this.#expressionToken()
        );
      }
    }
  }

  /** The source command behind an opening bracket with what follows it, in lower case. */
  #sourceCommandAhead(): string {
    const { cursor } = this;
    const start = cursor.at;
    cursor.skipBlank();
    const command = cursor.take(sourceCommand);
    if (command !== undefined) cursor.skipBlank();
    const next = command === undefined ? "" : (cursor.take(wordOrMark) ?? "");
    cursor.at = start;
    return command === undefined ? "" : `${command} ${next}`.toLowerCase();
  }
}

const noKeywords: ReadonlySet<string> = new Set();
const commandWord = /[A-Za-z_][A-Za-z0-9_]*/y;
const word = /[A-Za-z_@\x80-\uffff][A-Za-z0-9_\x80-\uffff]*/y;
const wordWithStars = /[A-Za-z0-9_@*\x80-\uffff]+/y;
const number = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const nameParameter = /\?\?[A-Za-z0-9_]*/y;
const parameter = /\?[A-Za-z0-9_]*/y;
const operator = /::|==|=~|!=|<=|>=/y;
/** A slash may stand in date math unless it begins a comment; it takes the next character along. */
const unquotedSource = /(?:[^:"=|,[\]/() \t\r\n]|\/[^*/])+/y;
const policyKeyword = /(?:on|with)(?![^\\/?"<>| ,#\t\r\n:()])/iy;
const policyName = /[^\\/?"<>| ,#\t\r\n:()]+(?::[^\\/?"<>| ,#\t\r\n:()]+)?/y;
/** Names of recording rules hold colons; `[5m:1m]` has no name. */
const promqlWord = /:?[A-Za-z_][A-Za-z0-9_:]*/y;
const promqlNumber = /\.?[0-9][A-Za-z0-9_.]*/y;
const promqlComment = /#[^\r\n]*/y;
const sourceCommand = /(?:from|row|show|ts|promql)(?![A-Za-z0-9_])/iy;
const wordOrMark = /[A-Za-z_@][A-Za-z0-9_]*|["<`(?.]/y;
