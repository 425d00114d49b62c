/** What a filter expects where it ends: read by rules that forgive an unfinished end. */
import { KqlError } from "./kql-error.ts";
import { LiteralScanner } from "./literal-scanner.ts";
import { textOf, type Literal } from "./syntax.ts";

interface Place {
  /** Offset from which a proposal replaces the text. */
  readonly from: number;
  /** What stands there already. */
  readonly prefix: string;
  /** The nested field around. */
  readonly scope: string | undefined;
}

/** What is expected at the end of a text. */
export type Context =
  /** A field, a value or `not`. */
  | (Place & { readonly expects: "operand" })
  /** An operator for the field, or a conjunction if it was a value. */
  | (Place & { readonly expects: "operator"; readonly field: string })
  | (Place & {
      readonly expects: "value";
      readonly field: string;
      readonly isQuoted: boolean;
      readonly isInList: boolean;
    })
  /** `and`, `or`, or the bracket that ends the group. */
  | (Place & { readonly expects: "conjunction"; readonly closes: ")" | "}" | undefined });

interface Group {
  readonly closes: ")" | "}";
  /** The field of a list of values. */
  readonly field: string | undefined;
  readonly scope: string | undefined;
}

const lastWord = /[ \t\r\n\u00a0]([a-z]*)$/i;

/** Describes the end of a text; `undefined` when what stands before it cannot be read. */
export function describeContext(text: string): Context | undefined {
  const reader = new ContextReader(text);
  try {
    return reader.read();
  } catch (error) {
    if (error instanceof KqlError) return undefined;
    throw error;
  }
}

class ContextReader {
  readonly #scanner: LiteralScanner;
  readonly #groups: Group[] = [];
  #expects: Context["expects"] = "operand";
  #field = "";

  constructor(text: string) {
    this.#scanner = new LiteralScanner(text);
  }

  read(): Context | undefined {
    const scanner = this.#scanner;
    for (;;) {
      scanner.skipBlanks();
      if (scanner.isAtEnd) return this.#atEnd(scanner.at, "", false);
      const context = this.#step();
      if (context !== undefined) return context === "broken" ? undefined : context;
    }
  }

  get #group(): Group | undefined {
    return this.#groups.at(-1);
  }

  /** Reads one word or sign; gives a context when the text ends inside it. */
  #step(): Context | "broken" | undefined {
    switch (this.#expects) {
      case "operand":
      case "value":
        return this.#operand();
      case "operator":
        return this.#operator();
      case "conjunction":
        return this.#conjunction();
    }
  }

  #operand(): Context | "broken" | undefined {
    const scanner = this.#scanner;
    const isValue = this.#expects === "value";
    if (scanner.takeText("(")) {
      this.#open(")", isValue ? this.#field : undefined, this.#group?.scope);
      return undefined;
    }
    if (isValue && this.#group?.field === undefined && scanner.takeText("{")) {
      const outer = this.#group?.scope;
      this.#open("}", undefined, outer === undefined ? this.#field : `${outer}.${this.#field}`);
      return undefined;
    }
    const start = scanner.at;
    if (scanner.takeKeyword("not") && !scanner.isAtEnd) return undefined;
    scanner.at = start;
    const literal = this.#literal(isValue ? "value" : "name");
    if (literal === undefined) return "broken";
    if (scanner.isAtEnd && !/\s$/.test(scanner.text)) return this.#inside(literal);
    this.#expects = isValue ? "conjunction" : "operator";
    if (!isValue) this.#field = textOf(literal);
    return undefined;
  }

  /** A literal; one without closing quote reaches to the end. */
  #literal(position: "name" | "value"): Literal | undefined {
    const scanner = this.#scanner;
    const start = scanner.at;
    const isOpen = scanner.character === '"';
    try {
      return scanner.takeLiteral(position);
    } catch (error) {
      if (!(error instanceof KqlError) || !isOpen) throw error;
      const end = scanner.text.length;
      scanner.at = end;
      return { parts: [scanner.text.slice(start + 1)], isQuoted: true, span: { start, end } };
    }
  }

  /** The text ends in a word: it may become longer, or its last part a conjunction. */
  #inside(literal: Literal): Context {
    const { start } = literal.span;
    const word = literal.isQuoted ? null : lastWord.exec(this.#scanner.text.slice(start));
    if (word === null) return this.#atEnd(start, textOf(literal), literal.isQuoted);
    this.#expects = "conjunction";
    const [, prefix = ""] = word;
    return this.#atEnd(this.#scanner.text.length - prefix.length, prefix, false);
  }

  #operator(): Context | "broken" | undefined {
    const scanner = this.#scanner;
    if ([":", "<=", ">=", "<", ">"].some((sign) => scanner.takeText(sign))) {
      this.#expects = "value";
      return undefined;
    }
    return this.#conjunction();
  }

  #conjunction(): Context | "broken" | undefined {
    const scanner = this.#scanner;
    const { at } = scanner;
    if (scanner.takeKeyword("and") || scanner.takeKeyword("or")) {
      if (scanner.isAtEnd) {
        this.#expects = "conjunction";
        return this.#atEnd(at, scanner.text.slice(at), false);
      }
      const field = this.#group?.field;
      this.#expects = field === undefined ? "operand" : "value";
      this.#field = field ?? "";
      return undefined;
    }
    const group = this.#group;
    if (group !== undefined && scanner.takeText(group.closes)) {
      this.#groups.pop();
      this.#expects = "conjunction";
      return undefined;
    }
    const rest = scanner.text.slice(at);
    if (!/^[a-z]+$/i.test(rest)) return "broken";
    this.#expects = "conjunction";
    return this.#atEnd(at, rest, false);
  }

  #open(closes: ")" | "}", field: string | undefined, scope: string | undefined): void {
    this.#groups.push({ closes, field, scope });
    this.#expects = field === undefined ? "operand" : "value";
  }

  #atEnd(from: number, prefix: string, isQuoted: boolean): Context {
    const group = this.#group;
    const place = { from, prefix, scope: group?.scope };
    switch (this.#expects) {
      case "operand":
        return { ...place, expects: "operand" };
      case "operator":
        return { ...place, expects: "operator", field: this.#field };
      case "value":
        return {
          ...place,
          expects: "value",
          field: this.#field,
          isQuoted,
          isInList: group?.field !== undefined,
        };
      case "conjunction":
        return { ...place, expects: "conjunction", closes: group?.closes };
    }
  }
}
