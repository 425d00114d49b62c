/** Reads conditions and values of EQL. */
import type { EqlScanner } from "./scanner.ts";
import type {
  ArithmeticOperator,
  Comparison,
  Constant,
  Expression,
  ListOperator,
} from "./syntax.ts";

/** Conditions within conditions, so that a query cannot exhaust the stack. */
const maxDepth = 200;

const comparisons: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">=", ":"]);
const listOperators: ReadonlySet<string> = new Set([
  "in",
  "in~",
  "like",
  "like~",
  "regex",
  "regex~",
]);

/** Reads expressions from a scanner. */
export class ExpressionParser {
  readonly #scanner: EqlScanner;
  #depth = 0;

  constructor(scanner: EqlScanner) {
    this.#scanner = scanner;
  }

  /** A condition or value. */
  expression(): Expression {
    if (++this.#depth > maxDepth)
      throw this.#scanner.unsupported(this.#start, `a condition of more than ${maxDepth} levels`);
    let left = this.#and();
    while (this.#scanner.acceptWord("or")) {
      const right = this.#and();
      left = { kind: "or", left, right, start: left.start, end: right.end };
    }
    this.#depth--;
    return left;
  }

  get #start(): number {
    return this.#scanner.peek().start;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#scanner.acceptWord("and")) {
      const right = this.#not();
      left = { kind: "and", left, right, start: left.start, end: right.end };
    }
    return left;
  }

  #not(): Expression {
    const start = this.#start;
    let count = 0;
    while (this.#scanner.acceptWord("not")) count++;
    let found = this.#comparison();
    for (; count > 0; count--) found = { kind: "not", operand: found, start, end: found.end };
    return found;
  }

  #comparison(): Expression {
    const left = this.#sum();
    const scanner = this.#scanner;
    const { kind, text } = scanner.peek();
    if (kind !== "symbol" || !comparisons.has(text)) return left;
    scanner.take();
    const right = this.#sum();
    const operator = text as Comparison;
    return { kind: "comparison", operator, left, right, start: left.start, end: right.end };
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const { kind, text } = this.#scanner.peek();
      if (kind !== "symbol" || (text !== "+" && text !== "-")) return left;
      this.#scanner.take();
      left = arithmetic(text, left, this.#product());
    }
  }

  #product(): Expression {
    let left = this.#signed();
    for (;;) {
      const { kind, text } = this.#scanner.peek();
      if (kind !== "symbol" || (text !== "*" && text !== "/" && text !== "%")) return left;
      this.#scanner.take();
      left = arithmetic(text, left, this.#signed());
    }
  }

  #signed(): Expression {
    const start = this.#start;
    let isNegative = false;
    let isSigned = false;
    for (;;) {
      const isMinus = this.#scanner.isAt("-");
      if (!isMinus && !this.#scanner.isAt("+")) break;
      this.#scanner.take();
      isSigned = true;
      if (isMinus) isNegative = !isNegative;
    }
    const operand = this.#predicate();
    if (!isSigned || !isNegative) return operand;
    const { end } = operand;
    return operand.kind === "constant" && typeof operand.value === "number"
      ? { ...operand, value: -operand.value, start }
      : { kind: "negation", operand, start, end };
  }

  /** A value, with the list behind it that it is compared with. */
  #predicate(): Expression {
    const operand = this.#primary();
    const scanner = this.#scanner;
    const at = scanner.lastEnd;
    const isNot = scanner.acceptWord("not");
    const { kind, text } = scanner.peek();
    const isList =
      (kind === "name" && listOperators.has(text)) || (text === ":" && kind === "symbol");
    if (!isList) {
      if (isNot) scanner.reset(at);
      return operand;
    }
    const operator = text as ListOperator;
    if (isNot && !operator.startsWith("in")) throw scanner.unexpected("{'in', 'in~'}");
    scanner.take();
    const isOne = !scanner.isAt("(");
    if (isOne && operator === ":") {
      // One value is compared as by any other operator.
      scanner.reset(at);
      return operand;
    }
    if (isOne && operator.startsWith("in")) throw scanner.unexpected("'('");
    const items = isOne ? [this.#constant()] : this.#items(operator.startsWith("in"));
    const list: Expression = {
      kind: "list",
      operator,
      operand,
      items,
      start: operand.start,
      end: scanner.lastEnd,
    };
    return isNot ? { kind: "not", operand: list, start: list.start, end: list.end } : list;
  }

  #items(allowsExpressions: boolean): Expression[] {
    const scanner = this.#scanner;
    scanner.expect("(");
    const items: Expression[] = [];
    do items.push(allowsExpressions ? this.expression() : this.#constant());
    while (scanner.accept(","));
    scanner.expect(")");
    return items;
  }

  #constant(): Expression {
    const { kind } = this.#scanner.peek();
    const isConstant = kind === "string" || kind === "integer" || kind === "decimal";
    const isWord = ["null", "true", "false"].some((word) => this.#scanner.isAtWord(word));
    if (isConstant || isWord) return this.#primary();
    throw this.#scanner.unexpected("{'null', 'true', 'false', STRING, INTEGER_VALUE}");
  }

  #primary(): Expression {
    const scanner = this.#scanner;
    const { kind, text, start } = scanner.peek();
    if (kind === "string") return this.#literal(start, scanner.take().text);
    if (kind === "integer" || kind === "decimal") {
      const value = Number(text);
      if (kind === "integer" && !Number.isSafeInteger(value))
        throw scanner.unsupported(start, `the number [${text}]`);
      scanner.take();
      return this.#literal(start, value, kind === "decimal");
    }
    if (scanner.acceptWord("true")) return this.#literal(start, true);
    if (scanner.acceptWord("false")) return this.#literal(start, false);
    if (scanner.acceptWord("null")) return this.#literal(start, null);
    if (scanner.accept("(")) {
      const inner = this.expression();
      scanner.expect(")");
      return { ...inner, start, end: scanner.lastEnd };
    }
    if (kind === "name" && this.#isCall()) return this.#call();
    return this.field();
  }

  #literal(start: number, value: Constant, isDecimal = false): Expression {
    return { kind: "constant", value, isDecimal, start, end: this.#scanner.lastEnd };
  }

  #isCall(): boolean {
    const scanner = this.#scanner;
    const { lastEnd } = scanner;
    const isName = scanner.isAtIdentifier();
    scanner.take();
    const isCall = isName && scanner.isAt("(");
    scanner.reset(lastEnd);
    return isCall;
  }

  #call(): Expression {
    const scanner = this.#scanner;
    const { text, start } = scanner.take();
    scanner.expect("(");
    const parts: Expression[] = [];
    if (!scanner.isAt(")"))
      do parts.push(this.expression());
      while (scanner.accept(","));
    scanner.expect(")");
    const ignoresCase = text.endsWith("~");
    const name = ignoresCase ? text.slice(0, -1) : text;
    return { kind: "call", name, ignoresCase, parts, start, end: scanner.lastEnd };
  }

  /** `name[0]`, which is not the next term of a sequence. */
  #refuseElement(): void {
    const scanner = this.#scanner;
    const { lastEnd } = scanner;
    const { start } = scanner.peek();
    if (!scanner.accept("[")) return;
    if (scanner.peek().kind === "integer")
      throw scanner.refusal(start, "Array indexes are not supported");
    scanner.reset(lastEnd);
  }

  /** A field: `name.of.it`, with `?` in front where it need not be mapped. */
  field(): Extract<Expression, { kind: "field" }> {
    const scanner = this.#scanner;
    const { start } = scanner.peek();
    const isOptional = scanner.accept("?");
    let name = scanner.identifier();
    while (scanner.accept(".")) name += `.${scanner.identifier()}`;
    this.#refuseElement();
    return { kind: "field", name, isOptional, start, end: scanner.lastEnd };
  }
}

function arithmetic(operator: ArithmeticOperator, left: Expression, right: Expression): Expression {
  return { kind: "arithmetic", operator, left, right, start: left.start, end: right.end };
}
