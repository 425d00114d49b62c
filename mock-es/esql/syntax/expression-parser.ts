/** Reads expressions. */
import { syntaxProblem } from "./span.ts";
import { negated, withSign } from "./literals.ts";
import { ParameterReader } from "./parameter-reader.ts";
import { integerLiteral, type Parameters } from "./parameters.ts";
import type { Scanner, Token } from "./scanner.ts";
import { comparisons, nameOf, primaries, reserved } from "./words.ts";
import type {
  BinaryOperator,
  Expression,
  LiteralValue,
  NamedExpression,
  SortKey,
} from "./syntax.ts";

const maxDepth = 400;

/** Reads expressions from a scanner. */
export class ExpressionParser {
  readonly #scanner: Scanner;
  readonly #parameters: ParameterReader;
  #depth = 0;

  constructor(scanner: Scanner, parameters: Parameters) {
    this.#scanner = scanner;
    this.#parameters = new ParameterReader(scanner.query, parameters);
  }

  /** A condition or value. */
  expression(): Expression {
    if (++this.#depth > maxDepth) {
      const scanner = this.#scanner;
      const message = `ES|QL statement exceeded the maximum expression depth allowed (${maxDepth})`;
      throw syntaxProblem(scanner.query, scanner.start, message);
    }
    const found = this.#or();
    this.#depth--;
    return found;
  }

  /** `a = x, y`, with `WHERE` behind each where filters are allowed. */
  namedList(allowsFilters = false): NamedExpression[] {
    const list = [this.#named(allowsFilters)];
    while (this.#scanner.accept(",")) list.push(this.#named(allowsFilters));
    return list;
  }

  sortKey(): SortKey {
    const scanner = this.#scanner;
    const expression = this.expression();
    const isDescending = scanner.acceptWord("desc");
    if (!isDescending) scanner.acceptWord("asc");
    let nullsFirst = isDescending;
    if (scanner.acceptWord("nulls")) {
      nullsFirst = scanner.acceptWord("first");
      if (!nullsFirst) scanner.expectWord("last");
    }
    return { expression, isDescending, nullsFirst };
  }

  /** A name with dots; `undefined` when none comes next. */
  qualifiedName(): { readonly name: string; readonly start: number; readonly end: number } {
    const scanner = this.#scanner;
    const start = scanner.start;
    const parts = [this.#identifier()];
    while (scanner.accept(".")) parts.push(this.#identifier());
    return { name: parts.join("."), start, end: scanner.lastEnd };
  }

  string(): string {
    const token = this.#scanner.peek();
    if (token.kind !== "param") return this.quoted();
    const [value] = this.#parameters.values(this.#scanner.take()).values;
    if (value?.type === "keyword") return value.value;
    throw this.#scanner.unsupported(token.start, "a parameter that is no string here");
  }

  /** A text between quotes, for which no parameter may stand. */
  quoted(): string {
    if (this.#scanner.peek().kind === "string") return this.#scanner.take().text;
    throw this.#scanner.unexpected("QUOTED_STRING");
  }

  /** A constant without sign: of options and limits. */
  constant(): LiteralValue {
    const scanner = this.#scanner;
    const at = scanner.start;
    const found = this.#unary();
    if (found.kind === "literal") return found.value;
    if (found.kind === "negate" && found.operand.kind === "literal")
      return negated(found.operand.value);
    throw scanner.unsupported(at, "an expression in the place of a constant");
  }

  /** Where the last of the named expressions begins. */
  #fieldStart = -1;

  #named(allowsFilters: boolean): NamedExpression {
    const scanner = this.#scanner;
    const start = scanner.start;
    this.#fieldStart = start;
    let name: string | undefined;
    const token = scanner.peek();
    if (token.kind === "name" || token.kind === "quoted" || token.kind === "param") {
      const isReserved = token.kind === "name" && reserved.has(token.text.toLowerCase());
      if (!isReserved && (token.kind !== "param" || this.#isName(token))) {
        const { used } = this.#parameters;
        ({ name } = this.qualifiedName());
        if (!scanner.accept("=")) {
          name = undefined;
          this.#parameters.used = used;
          scanner.reset(start);
        }
      }
    }
    const expression = this.expression();
    const filter = allowsFilters && scanner.acceptWord("where") ? this.expression() : undefined;
    return {
      name: name ?? nameOf(expression, scanner.query.slice(start, scanner.lastEnd)),
      expression,
      filter,
      start,
      end: scanner.lastEnd,
    };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#scanner.acceptWord("or")) left = this.#joined("or", left, this.#and());
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#scanner.acceptWord("and")) left = this.#joined("and", left, this.#not());
    return left;
  }

  #joined(operator: BinaryOperator, left: Expression, right: Expression): Expression {
    const start = this.#startOf(left);
    return { kind: "binary", operator, left, right, start, end: this.#scanner.lastEnd };
  }

  /** Where an operand begins, parentheses around it included. */
  readonly #outer = new WeakMap<Expression, number>();

  #startOf(expression: Expression): number {
    return this.#outer.get(expression) ?? expression.start;
  }

  #not(): Expression {
    const scanner = this.#scanner;
    const start = scanner.start;
    if (!scanner.acceptWord("not")) return this.#predicate();
    if (++this.#depth > maxDepth) throw scanner.unsupported(start, "so deep an expression");
    const operand = this.#not();
    this.#depth--;
    return { kind: "not", operand, start, end: scanner.lastEnd };
  }

  #predicate(): Expression {
    const scanner = this.#scanner;
    const value = this.#comparison();
    const start = this.#startOf(value);
    const negated = (found: Expression, isNegated: boolean): Expression =>
      isNegated ? { kind: "not", operand: found, start, end: scanner.lastEnd } : found;
    const isNegated = scanner.acceptWord("not");
    if (scanner.acceptWord("in")) return negated(this.#in(value, start), isNegated);
    for (const word of ["like", "rlike"]) {
      if (!scanner.acceptWord(word)) continue;
      const patterns = scanner.accept("(") ? this.#strings() : [this.string()];
      const isRegexp = word === "rlike";
      const end = scanner.lastEnd;
      return negated({ kind: "like", operand: value, isRegexp, patterns, start, end }, isNegated);
    }
    if (isNegated) throw scanner.unexpected("{'in', 'like', 'rlike'}");
    if (scanner.acceptWord("is")) {
      const isNotNull = scanner.acceptWord("not");
      scanner.expectWord("null");
      const end = scanner.lastEnd;
      return { kind: "isNull", operand: value, isNegated: isNotNull, start, end };
    }
    if (!scanner.accept(":")) return value;
    const query = this.#primary();
    return { kind: "match", field: value, query, start, end: scanner.lastEnd };
  }

  #in(operand: Expression, start: number): Expression {
    const scanner = this.#scanner;
    scanner.expect("(");
    const at = scanner.start;
    if (scanner.isWord("from") || scanner.isWord("row"))
      throw scanner.unsupported(at, "a subquery in IN");
    const list = [this.#comparison()];
    while (scanner.accept(",")) list.push(this.#comparison());
    scanner.expect(")");
    return { kind: "in", operand, list, start, end: scanner.lastEnd };
  }

  #strings(): string[] {
    const found = [this.string()];
    while (this.#scanner.accept(",")) found.push(this.string());
    this.#scanner.expect(")");
    return found;
  }

  #comparison(): Expression {
    const scanner = this.#scanner;
    const left = this.#sum();
    const { kind, text, start } = scanner.peek();
    if (kind !== "symbol") return left;
    if (text === "=~") throw scanner.unsupported(start, "the operator [=~]");
    if (!comparisons.has(text)) return left;
    scanner.take();
    return this.#joined(text as BinaryOperator, left, this.#sum());
  }

  #sum(): Expression {
    return this.#binary(["+", "-"], () => this.#product());
  }

  #product(): Expression {
    return this.#binary(["*", "/", "%"], () => this.#unary());
  }

  #binary(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const { kind, text } = this.#scanner.peek();
      if (kind !== "symbol" || !operators.includes(text)) return left;
      this.#scanner.take();
      left = this.#joined(text as BinaryOperator, left, operand());
    }
  }

  #unary(): Expression {
    const scanner = this.#scanner;
    const start = scanner.start;
    if (scanner.accept("+")) return this.#unary();
    if (!scanner.accept("-")) return this.#cast(this.#primary());
    // The sign of a number binds closer than `::`.
    if (/^(?:integer|decimal)$/.test(scanner.peek().kind))
      return this.#cast(withSign(this.#primary(), start));
    if (++this.#depth > maxDepth) throw scanner.unsupported(start, "so deep an expression");
    const operand = this.#unary();
    this.#depth--;
    return { kind: "negate", operand, start, end: scanner.lastEnd };
  }

  #cast(first: Expression): Expression {
    const scanner = this.#scanner;
    let found = first;
    while (scanner.accept("::")) {
      const typeAt = scanner.start;
      const type = this.#identifier().toLowerCase();
      const start = this.#startOf(found);
      found = { kind: "cast", operand: found, type, typeAt, start, end: scanner.lastEnd };
    }
    return found;
  }

  #primary(): Expression {
    const scanner = this.#scanner;
    const token = scanner.peek();
    switch (token.kind) {
      case "string":
        return this.#literal({ type: "keyword", value: scanner.take().text }, token.start);
      case "decimal":
        return this.#literal({ type: "double", value: Number(scanner.take().text) }, token.start);
      case "integer":
        return this.#integer();
      case "param":
        if (!this.#isName(token)) return this.#parameters.expression(scanner.take());
        break;
      case "symbol":
        if (scanner.accept("(")) {
          const inner = this.expression();
          scanner.expect(")");
          this.#outer.set(inner, token.start);
          return inner;
        }
        if (scanner.accept("[")) return this.#list(token.start);
        break;
      case "name": {
        const word = token.text.toLowerCase();
        if (word === "true" || word === "false") {
          scanner.take();
          return this.#literal({ type: "boolean", value: word === "true" }, token.start);
        }
        if (word === "null") {
          scanner.take();
          return this.#literal({ type: "null" }, token.start);
        }
        break;
      }
      default:
        break;
    }
    return this.#nameOrCall();
  }

  #literal(value: LiteralValue, start: number): Expression {
    return { kind: "literal", value, start, end: this.#scanner.lastEnd };
  }

  #integer(): Expression {
    const scanner = this.#scanner;
    const { text, start } = scanner.take();
    const unit = scanner.peek();
    const isUnit = unit.kind === "name" && !reserved.has(unit.text.toLowerCase());
    if (!isUnit) return this.#literal(integerLiteral(BigInt(text)), start);
    const value = { type: "period", count: Number(text), unit: scanner.take().text } as const;
    return this.#literal(value, start);
  }

  #list(start: number): Expression {
    const scanner = this.#scanner;
    const items = [this.#unary()];
    while (scanner.accept(",")) items.push(this.#unary());
    for (const item of items)
      if (item.kind !== "literal")
        throw scanner.unsupported(item.start, "an expression in a list of constants");
    scanner.expect("]");
    return { kind: "list", items, start, end: scanner.lastEnd };
  }

  #nameOrCall(): Expression {
    const scanner = this.#scanner;
    const first = scanner.peek();
    const word = first.text.toLowerCase();
    const isSpecial = first.kind === "name" && (word === "first" || word === "last");
    const name = isSpecial ? { ...scanner.take(), name: word } : this.qualifiedName();
    if (!scanner.accept("(")) {
      if (isSpecial) throw scanner.unexpected("'('");
      return { kind: "column", name: name.name, start: name.start, end: name.end };
    }
    if (scanner.accept("*")) {
      scanner.expect(")");
      return this.#call(name, [], true);
    }
    const from: Expression[] = [];
    let options: Map<string, LiteralValue> | undefined;
    if (!scanner.accept(")")) {
      do {
        if (scanner.accept("{")) options = this.#options();
        else from.push(this.expression());
      } while (options === undefined && scanner.accept(","));
      scanner.expect(")");
    }
    return this.#call(name, from, false, options);
  }

  #call(
    { name, start }: { readonly name: string; readonly start: number },
    from: readonly Expression[],
    isStar: boolean,
    options?: ReadonlyMap<string, LiteralValue>,
  ): Expression {
    const place = { start, end: this.#scanner.lastEnd, ...(options && { options }) };
    return { kind: "call", name: name.toLowerCase(), from, isStar, ...place };
  }

  #options(): Map<string, LiteralValue> {
    const scanner = this.#scanner;
    const options = new Map<string, LiteralValue>();
    do {
      const name = this.quoted();
      scanner.expect(":");
      options.set(name, this.constant());
    } while (scanner.accept(","));
    scanner.expect("}");
    return options;
  }

  #identifier(): string {
    const scanner = this.#scanner;
    const token = scanner.peek();
    if (token.kind === "quoted") return scanner.take().text;
    if (token.kind === "name" && !reserved.has(token.text.toLowerCase()))
      return scanner.take().text;
    if (token.kind === "param" && this.#isName(token)) {
      const parameter = this.#parameters.take(scanner.take());
      if (parameter.kind === "name") return parameter.name;
      const [value] = parameter.values;
      if (value?.type === "keyword") return value.value;
      throw scanner.unsupported(token.start, "a parameter that is no name here");
    }
    if (token.start === this.#fieldStart) throw scanner.unexpectedFor(primaries);
    throw scanner.unexpected("an identifier");
  }

  /** True for `??name`, and for a parameter that holds the name of a column. */
  #isName(token: Token): boolean {
    if (token.text.startsWith("??")) return true;
    const { used } = this.#parameters;
    const found = this.#parameters.take(token);
    this.#parameters.used = used;
    return found.kind === "name";
  }
}
