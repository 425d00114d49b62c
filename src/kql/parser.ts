/**
 * Reads Kibana's query language (KQL) into a syntax tree. Precedence as in Kibana: `or` binds
 * weakest, then `and`, then `not`. One look ahead decides everywhere, so the work is linear.
 */
import { KqlError, type Span } from "./kql-error.ts";
import { LiteralScanner } from "./literal-scanner.ts";
import {
  hasWildcard,
  isExistence,
  textOf,
  type Literal,
  type RangeOperator,
  type SyntaxNode,
} from "./syntax.ts";

/** Longer filters are refused: nobody types them, and work must stay bounded. UTF-16 code units. */
export const maxFilterLength = 65_536;
/** Deeper nesting is refused, so that no filter exhausts the stack. Parentheses, braces, `not`. */
export const maxFilterDepth = 100;

const operators: readonly (readonly [text: string, operator: RangeOperator])[] = [
  ["<=", "lte"],
  [">=", "gte"],
  ["<", "lt"],
  [">", "gt"],
];

/**
 * Parses a filter.
 *
 * @throws {KqlError} with the place of the first thing that is wrong, and nothing else
 */
export function parseKql(text: string): SyntaxNode {
  if (text.length > maxFilterLength) {
    const span = { start: maxFilterLength, end: text.length };
    throw new KqlError(text, span, `a filter has at most ${maxFilterLength} characters`);
  }
  return new Parser(text).parse();
}

/** Reads one operand of `and`, `or` or `not`: a whole query, or a value in a list of values. */
type OperandReader = () => SyntaxNode;

class Parser {
  readonly #scanner: LiteralScanner;
  #depth = 0;

  constructor(text: string) {
    this.#scanner = new LiteralScanner(text);
  }

  parse(): SyntaxNode {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    if (scanner.isAtEnd) return { kind: "all", span: { start: 0, end: scanner.text.length } };
    const node = this.#or(this.#query);
    scanner.skipBlanks();
    if (!scanner.isAtEnd) throw this.#surplus();
    return node;
  }

  #or(operand: OperandReader): SyntaxNode {
    return this.#chain("or", () => this.#chain("and", () => this.#not(operand)));
  }

  #chain(word: "and" | "or", next: OperandReader): SyntaxNode {
    const scanner = this.#scanner;
    const first = next();
    const nodes = [first];
    for (;;) {
      scanner.skipBlanks();
      if (!scanner.takeKeyword(word)) break;
      nodes.push(next());
    }
    if (nodes.length === 1) return first;
    const end = nodes.at(-1)?.span.end ?? first.span.end;
    return { kind: word, nodes, span: { start: first.span.start, end } };
  }

  #not(operand: OperandReader): SyntaxNode {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const start = scanner.at;
    if (!scanner.takeKeyword("not")) return operand();
    const node = this.#deeper(start, () => this.#not(operand));
    return { kind: "not", node, span: { start, end: node.span.end } };
  }

  readonly #query: OperandReader = () => {
    const scanner = this.#scanner;
    if (scanner.character === "(") return this.#enclosed(")", () => this.#or(this.#query));
    const name = this.#literal("name", "a field or a value");
    scanner.skipBlanks();
    if (scanner.takeText(":")) return this.#afterColon(name);
    const operator = this.#rangeOperator();
    if (operator !== undefined) return this.#range(name, operator);
    return { kind: "is", field: undefined, value: this.#value(name), span: name.span };
  };

  #afterColon(field: Literal): SyntaxNode {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    if (scanner.character === "{") {
      const node = this.#enclosed("}", () => this.#or(this.#query));
      return { kind: "nested", field, node, span: this.#from(field) };
    }
    if (scanner.character === "<" || scanner.character === ">" || scanner.character === "=") {
      const start = scanner.at;
      throw scanner.error(
        start,
        start + 1,
        `":" and "${scanner.character}" do not go together`,
        `write ${textOf(field)} ${scanner.character === "=" ? ": value" : ">= value"}`,
      );
    }
    return this.#values(field);
  }

  /** A value, or values in parentheses joined by `and`, `or` and `not`. */
  #values(field: Literal): SyntaxNode {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    if (scanner.character === "(")
      return this.#enclosed(")", () => this.#or(() => this.#values(field)));
    const value = this.#literal("value", `a value for ${textOf(field)}`);
    return { kind: "is", field, value: this.#value(value), span: this.#from(field) };
  }

  #range(field: Literal, operator: RangeOperator): SyntaxNode {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const value = this.#literal("value", `a value to compare ${textOf(field)} with`);
    if (hasWildcard(value)) {
      const { start, end } = value.span;
      const hint = isExistence(value) ? `write ${textOf(field)}: *` : undefined;
      throw scanner.error(start, end, "a value to compare with has no wildcards", hint);
    }
    return { kind: "range", field, operator, value, span: this.#from(field) };
  }

  #rangeOperator(): RangeOperator | undefined {
    const scanner = this.#scanner;
    return operators.find(([text]) => scanner.takeText(text))?.[1];
  }

  /** What stands between brackets; the opening one is here. */
  #enclosed(close: ")" | "}", read: OperandReader): SyntaxNode {
    const scanner = this.#scanner;
    const start = scanner.at;
    const open = scanner.character;
    scanner.at += 1;
    const node = this.#deeper(start, read);
    scanner.skipBlanks();
    if (scanner.takeText(close)) return node;
    if (!scanner.isAtEnd) throw this.#surplus();
    throw scanner.error(start, start + 1, `"${open}" is never closed`, `add "${close}"`);
  }

  #deeper(start: number, read: OperandReader): SyntaxNode {
    if (this.#depth === maxFilterDepth) {
      const message = `a filter is nested at most ${maxFilterDepth} deep`;
      throw this.#scanner.error(start, start + 1, message);
    }
    this.#depth += 1;
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #literal(position: "name" | "value", expected: string): Literal {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const start = scanner.at;
    for (const word of ["and", "or", "not"] as const) {
      if (!scanner.takeKeyword(word)) continue;
      const hint = `as a value write "${word}" in quotes, or \\${word}`;
      throw scanner.error(start, scanner.at, `expected ${expected} before "${word}"`, hint);
    }
    const literal = scanner.takeLiteral(position);
    if (literal !== undefined) return literal;
    if (scanner.isAtEnd) throw scanner.error(start, start, `expected ${expected} at the end`);
    const { character } = scanner;
    const hint = `a "${character}" that belongs to a value stands in quotes, or behind a backslash`;
    throw scanner.error(start, start + 1, `expected ${expected} before "${character}"`, hint);
  }

  /** Refuses the one unquoted word that is no value. */
  #value(value: Literal): Literal {
    if (value.isQuoted || hasWildcard(value) || textOf(value) !== "null") return value;
    const { start, end } = value.span;
    throw this.#scanner.error(
      start,
      end,
      "null is no value",
      'for a field without value write: not field: *   (for the word: "null")',
    );
  }

  #from(field: Literal): Span {
    return { start: field.span.start, end: this.#scanner.at };
  }

  /** The error about what stands behind a complete expression. */
  #surplus(): KqlError {
    const scanner = this.#scanner;
    const start = scanner.at;
    if (scanner.takeKeyword("not"))
      return scanner.error(
        start,
        scanner.at,
        'expected "and" or "or" before "not"',
        "write and not",
      );
    const { character } = scanner;
    if (character === ")" || character === "}")
      return scanner.error(start, start + 1, `"${character}" closes nothing`);
    if (character === ":")
      return scanner.error(
        start,
        start + 1,
        'unexpected ":" inside a value',
        'put a value that holds ":" in quotes: "…"',
      );
    const what = JSON.stringify(String.fromCodePoint(scanner.text.codePointAt(start) ?? 0));
    const hint = "join expressions with and, or; put values with special characters in quotes";
    return scanner.error(start, start + 1, `unexpected ${what}`, hint);
  }
}
