/** Parses the expressions and conditions of SQL; everything else is refused with its place. */
import { EsError } from "../es-error.ts";
import { integerLiteral } from "../esql/syntax/parameters.ts";
import { unsupported } from "../esql/syntax/span.ts";
import type { LiteralValue } from "../esql/syntax/syntax.ts";
import { SqlScanner, type Token } from "./scanner.ts";
import type { Condition, Operand, Scalar } from "./select.ts";

/** Words that are no names. */
const reserved: ReadonlySet<string> = new Set(
  (
    "all and any as asc between by case cast convert current_date desc describe distinct escape " +
    "exists explain extract false first from full group having in inner interval is join left " +
    "like limit match natural not null on or order outer right rlike query select session show " +
    "sys table tables then top true type using when where with"
  ).split(" "),
);

const aggregates: ReadonlySet<string> = new Set(
  "count sum avg min max stddev_pop var_pop sum_of_squares mad percentile".split(" "),
);

/** Functions that are called without parentheses, too. */
const bareCalls: ReadonlySet<string> = new Set([
  "current_date",
  "current_time",
  "current_timestamp",
]);

/** Reads expressions, operands and conditions. */
export class SqlExpressions extends SqlScanner {
  readonly #parameters: readonly LiteralValue[];
  #used = 0;
  #depth = 0;

  /** @param parameters values of the `?`, one after the other */
  constructor(query: string, parameters: readonly LiteralValue[]) {
    super(query);
    this.#parameters = parameters;
  }

  condition(): Condition {
    const { at } = this.peek();
    if (++this.#depth > 100) throw this.refuse();
    const parts = [this.#and()];
    while (this.acceptWord("or")) parts.push(this.#and());
    this.#depth--;
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: "or", parts, at };
  }

  #and(): Condition {
    const { at } = this.peek();
    const parts = [this.#not()];
    while (this.acceptWord("and")) parts.push(this.#not());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: "and", parts, at };
  }

  #not(): Condition {
    const { at } = this.peek();
    if (++this.#depth > 100) throw this.refuse();
    const found: Condition = this.acceptWord("not")
      ? { kind: "not", part: this.#not(), at }
      : this.#predicate();
    this.#depth--;
    return found;
  }

  #predicate(): Condition {
    const { at } = this.peek();
    if (this.peek().text === "(") {
      const inner = this.#parenthesised();
      if (inner !== undefined) return inner;
    }
    for (const word of ["match", "query"] as const) {
      if (!this.acceptWord(word)) continue;
      this.expect("(");
      const found: Condition =
        word === "query"
          ? { kind: "query", query: this.#string(), at }
          : { kind: "match", left: this.#column(), query: this.#afterComma(), at };
      this.expect(")");
      return found;
    }
    const left = this.operand();
    const isNegated = this.acceptWord("not");
    const found = this.#behind(left, at);
    return isNegated ? { kind: "not", part: found, at } : found;
  }

  /** A condition in parentheses; `undefined` for a value in parentheses, which is left unread. */
  #parenthesised(): Condition | undefined {
    const { offset } = this;
    const depth = this.#depth;
    const used = this.#used;
    try {
      this.expect("(");
      const inner = this.condition();
      this.expect(")");
      const { kind, text } = this.peek();
      if (kind !== "symbol" || text === ")" || text === ";") return inner;
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
    }
    this.offset = offset;
    this.#depth = depth;
    this.#used = used;
    return undefined;
  }

  #afterComma(): string {
    this.expect(",");
    return this.#string();
  }

  #behind(left: Operand, at: number): Condition {
    if (this.acceptWord("between")) {
      const low = this.#right();
      this.expectWord("and");
      const parts: Condition[] = [
        { kind: "compare", operator: ">=", left, right: low, at },
        { kind: "compare", operator: "<=", left, right: this.#right(), at },
      ];
      return { kind: "and", parts, at };
    }
    if (this.acceptWord("in")) {
      this.expect("(");
      const list = [this.#literal()];
      while (this.accept(",")) list.push(this.#literal());
      this.expect(")");
      return { kind: "in", left, list, at };
    }
    for (const word of ["like", "rlike"])
      if (this.acceptWord(word))
        return { kind: "like", left, pattern: this.#string(), isRegexp: word === "rlike", at };
    if (this.acceptWord("is")) {
      const isNegated = this.acceptWord("not");
      this.expectWord("null");
      return { kind: "null", left, isNegated, at };
    }
    const { kind, text } = this.peek();
    const operators = ["=", "<>", "!=", "<", "<=", ">", ">="];
    if (kind !== "symbol" || !operators.includes(text)) throw this.refuse();
    this.take();
    const operator = text === "=" ? "==" : text === "<>" ? "!=" : text;
    return { kind: "compare", operator, left, right: this.#right(), at };
  }

  /** A literal by itself, or a value that is computed. */
  #right(): LiteralValue | Operand {
    const found = this.#sum();
    return found.kind === "literal" ? found.value : this.#operandOf(found);
  }

  /** An aggregate by itself, or an expression. */
  operand(): Operand {
    const { at } = this.peek();
    const found = this.#sum();
    // As it is written, parentheses are none of its business.
    return found.kind === "aggregate" && found.at === at ? found.operand : this.#operandOf(found);
  }

  #aggregate(): Operand {
    const token = this.take();
    const name = token.text.toLowerCase();
    this.expect("(");
    const isDistinct = name === "count" && this.acceptWord("distinct");
    if (!isDistinct && name === "count") this.acceptWord("all");
    const isStar = name === "count" && !isDistinct && this.accept("*");
    const inner = isStar ? undefined : this.#operandOf(this.#sum());
    const percent = name === "percentile" && this.accept(",") ? this.#percent() : undefined;
    if (name === "percentile" && percent === undefined) throw this.refuse();
    this.expect(")");
    const text = this.query.slice(token.at, this.offset);
    const aggregate = isDistinct ? "count_distinct" : name;
    return { at: token.at, aggregate, column: inner?.column, text, scalar: inner?.scalar, percent };
  }

  #percent(): number {
    const { type, ...literal } = this.#literal();
    if ((type === "integer" || type === "double") && "value" in literal)
      return Number(literal.value);
    throw this.refuse();
  }

  /** True where a name stands that is no word of the language. */
  isAlias(): boolean {
    const { kind, text } = this.peek();
    return kind === "quoted" || (kind === "word" && !reserved.has(text.toLowerCase()));
  }

  #operandOf(scalar: Scalar): Operand {
    const { at } = scalar;
    if (scalar.kind === "column")
      return { at, aggregate: undefined, column: scalar.column, text: scalar.column };
    const text = this.query.slice(at, this.offset);
    return { at, aggregate: undefined, column: undefined, text, scalar };
  }

  #isCall({ end }: Token): boolean {
    return this.query.slice(end).trimStart().startsWith("(");
  }

  #sum(): Scalar {
    return this.#chain(["+", "-"], () => this.#chain(["*", "/", "%"], () => this.#factor()));
  }

  #chain(operators: readonly string[], part: () => Scalar): Scalar {
    let left = part();
    for (;;) {
      const { kind, text } = this.peek();
      if (kind !== "symbol" || !operators.includes(text)) return left;
      this.take();
      left = { kind: "binary", operator: text, left, right: part(), at: left.at };
    }
  }

  #factor(): Scalar {
    const { at } = this.peek();
    if (++this.#depth > 100) throw this.refuse();
    const isNumber = /^-\s*[\d.]/.test(this.query.slice(at));
    let found: Scalar =
      !isNumber && this.accept("-")
        ? { kind: "negate", operand: this.#factor(), at }
        : this.#primary();
    while (this.accept("::")) found = { kind: "cast", operand: found, type: this.take().text, at };
    this.#depth--;
    return found;
  }

  #primary(): Scalar {
    const token = this.peek();
    const { at, kind } = token;
    if (this.accept("(")) {
      const inner = this.#sum();
      this.expect(")");
      return inner;
    }
    const word = token.text.toLowerCase();
    const isLiteral = kind === "string" || kind === "number" || "-?".includes(token.text);
    if ((isLiteral && kind !== "end") || /^(?:true|false|interval)$/.test(word))
      return { kind: "literal", value: this.#literal(), at };
    if (this.acceptWord("null")) return { kind: "literal", value: { type: "null" }, at };
    if (this.acceptWord("case")) return this.#case(at);
    if (kind === "word" && this.#isCall(token))
      return aggregates.has(word)
        ? { kind: "aggregate", operand: this.#aggregate(), at }
        : this.#call();
    if (kind === "word" && bareCalls.has(word)) {
      this.take();
      return { kind: "call", name: word, from: [], at };
    }
    return { kind: "column", column: this.#column().column ?? "", at };
  }

  #call(): Scalar {
    const { text, at } = this.take();
    const name = text.toLowerCase();
    this.expect("(");
    if (this.accept(")")) return { kind: "call", name, from: [], at };
    if (name === "extract") return this.#extract(at);
    if (name === "iif") return this.#iif(at);
    const first = this.#sum();
    if (name === "cast" || name === "convert") {
      if (name === "cast") this.expectWord("as");
      else this.expect(",");
      const type = this.take().text;
      this.expect(")");
      return { kind: "cast", operand: first, type, at };
    }
    const from = [first];
    while (this.accept(",")) from.push(this.#sum());
    this.expect(")");
    return { kind: "call", name, from, at };
  }

  /** `EXTRACT(part FROM date)` */
  #extract(at: number): Scalar {
    const { text } = this.take();
    this.expectWord("from");
    const from = [this.#sum()];
    this.expect(")");
    return { kind: "call", name: text.toLowerCase(), from, at };
  }

  /** `IIF(condition, value)`, `IIF(condition, value, other)` */
  #iif(at: number): Scalar {
    const when = this.condition();
    this.expect(",");
    const value = this.#sum();
    const otherwise = this.accept(",") ? this.#sum() : undefined;
    this.expect(")");
    return { kind: "case", branches: [{ when, value }], otherwise, at };
  }

  #case(at: number): Scalar {
    const subject = this.peek().text.toLowerCase() === "when" ? undefined : this.operand();
    const branches: { when: Condition; value: Scalar }[] = [];
    while (this.acceptWord("when")) {
      const place = this.peek().at;
      const when: Condition =
        subject === undefined
          ? this.condition()
          : { kind: "compare", operator: "==", left: subject, right: this.#right(), at: place };
      this.expectWord("then");
      branches.push({ when, value: this.#sum() });
    }
    const otherwise = this.acceptWord("else") ? this.#sum() : undefined;
    this.expectWord("end");
    if (branches.length === 0) throw this.refuse();
    return { kind: "case", branches, otherwise, at };
  }

  #column(): Operand {
    const { at } = this.peek();
    const parts = [this.name().text];
    while (this.accept(".")) parts.push(this.name().text);
    const column = parts.join(".");
    return { at, aggregate: undefined, column, text: column };
  }

  #literal(): LiteralValue {
    const token = this.peek();
    if (this.accept("?")) {
      const value = this.#parameters[this.#used++];
      if (value === undefined) throw unsupported(this.query, token.at, "a missing parameter");
      return value;
    }
    if (token.kind === "string") return { type: "keyword", value: this.#string() };
    if (this.acceptWord("true")) return { type: "boolean", value: true };
    if (this.acceptWord("false")) return { type: "boolean", value: false };
    if (this.acceptWord("interval")) return this.#interval();
    const sign = this.accept("-") ? "-" : "";
    const number = this.peek();
    if (number.kind !== "number") throw this.refuse();
    this.take();
    return /^\d+$/.test(number.text)
      ? integerLiteral(BigInt(sign + number.text))
      : { type: "double", value: Number(sign + number.text) };
  }

  /** `INTERVAL 1 DAY`, `INTERVAL '1' DAY`, `INTERVAL '2-8' YEAR TO MONTH` */
  #interval(): LiteralValue {
    const { text } = this.take();
    const digits = text.replaceAll("'", "");
    const unit = this.take().text.toLowerCase();
    const parts = /^(\d+)-(\d+)$/.exec(digits);
    if (unit === "year" && parts !== null && this.acceptWord("to")) {
      this.expectWord("month");
      return { type: "period", count: Number(parts[1]) * 12 + Number(parts[2]), unit: "month" };
    }
    if (!/^\d+$/.test(digits) || !/^(?:year|month|day|hour|minute|second)s?$/.test(unit))
      throw this.refuse();
    return { type: "period", count: Number(digits), unit: unit.replace(/s$/, "") };
  }

  whole(): number {
    const token = this.take();
    if (token.kind === "number" && /^\d+$/.test(token.text)) return Number(token.text);
    throw unsupported(this.query, token.at, `[${token.text}] behind LIMIT`);
  }

  #string(): string {
    const token = this.peek();
    if (token.kind !== "string") throw this.refuse();
    this.take();
    return token.text.slice(1, -1).replaceAll("''", "'");
  }

  name(): Token {
    const token = this.peek();
    if (token.kind === "quoted") {
      this.take();
      return { ...token, text: token.text.slice(1, -1).replaceAll('""', '"') };
    }
    if (token.kind !== "word" || reserved.has(token.text.toLowerCase())) throw this.refuse();
    return this.take();
  }
}
