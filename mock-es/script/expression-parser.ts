/** Reads the expressions of Painless, by precedence. */
import { ScriptProblem } from "./problems.ts";
import type { Expression, Statement } from "./syntax.ts";
import { type Token, type TokenKind, toNumber, tokensOf, unquoted } from "./tokens.ts";
import { isType } from "./types.ts";

/** Binary operators by how closely they bind. */
const precedence: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "|": 3,
  "^": 4,
  "&": 5,
  "==": 6,
  "!=": 6,
  "===": 6,
  "!==": 6,
  "<": 7,
  ">": 7,
  "<=": 7,
  ">=": 7,
  instanceof: 7,
  "<<": 8,
  ">>": 8,
  ">>>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
  "=~": 11,
  "==~": 11,
};

/** Deepest nesting of a script. */
const maxDepth = 100;

/** Words that are no names of variables. */
const words: ReadonlySet<string> = new Set(
  "if else while do for in continue break return new try catch throw this instanceof".split(" "),
);

/** Reads expressions; statements, which bodies of lambdas hold, are read by its subclass. */
export abstract class ExpressionParser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#tokens = tokensOf(source);
  }

  protected abstract block(): Statement;

  protected get token(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", text: "", at: 0 };
  }

  protected ahead(count: number): Token | undefined {
    return this.#tokens[this.#next + count];
  }

  protected skip(count = 1): void {
    this.#next += count;
  }

  protected is(kind: TokenKind, text?: string): boolean {
    return this.token.kind === kind && (text === undefined || this.token.text === text);
  }

  protected takes(text: string): boolean {
    const { kind } = this.token;
    if (kind === "string" || kind === "pattern" || this.token.text !== text) return false;
    this.#next++;
    return true;
  }

  protected expect(text: string): void {
    if (!this.takes(text)) throw this.unexpected(`was expecting one of ['${text}']`);
  }

  protected name(): string {
    if (!this.is("name")) throw this.unexpected("was expecting one of [ID]");
    const { text } = this.token;
    this.#next++;
    return text;
  }

  protected unexpected(what: string): ScriptProblem {
    const { kind, text, at } = this.token;
    if (kind === "end") return new ScriptProblem("unexpected end of script.", at);
    return new ScriptProblem(`unexpected token ['${text}'] ${what}.`, at);
  }

  #noValue(): ScriptProblem {
    const { kind, text, at } = this.token;
    if (kind === "end") return new ScriptProblem("unexpected end of script.", at);
    return new ScriptProblem(`invalid sequence of tokens near ['${text}'].`, at);
  }

  protected within<T>(parse: () => T): T {
    if (++this.#depth > maxDepth)
      throw new ScriptProblem(`nesting of more than ${maxDepth} levels`, this.token.at, true);
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  /** A type, if one stands here: `def`, `Map.Entry`, `int[]`. */
  protected typeAt(offset: number): { readonly type: string; readonly length: number } | undefined {
    const first = this.ahead(offset);
    if (first?.kind !== "name") return undefined;
    let length = 1;
    let type = first.text;
    if (this.ahead(offset + 1)?.text === "." && this.ahead(offset + 2)?.text === "Entry") {
      type = `${type}.Entry`;
      length = 3;
    }
    if (!isType(type)) return undefined;
    while (
      this.ahead(offset + length)?.text === "[" &&
      this.ahead(offset + length + 1)?.text === "]"
    ) {
      type = `${type}[]`;
      length += 2;
    }
    return { type, length };
  }

  protected expression(): Expression {
    return this.within(() => this.#assignment());
  }

  #assignment(): Expression {
    const { at } = this.token;
    const target = this.#choice();
    const operator = this.token.text;
    if (!this.is("operator") || !/^(?:[-+*/%&|^]|<<|>>>?)?=$/.test(operator)) return target;
    this.#requirePlace(target);
    this.#next++;
    const value = this.expression();
    return {
      kind: "assign",
      target,
      operator: operator.slice(0, -1) || "=",
      value,
      isPostfix: false,
      at,
    };
  }

  #requirePlace(target: Expression): void {
    if (target.kind === "name" || target.kind === "member" || target.kind === "index") return;
    const shown =
      target.kind === "literal" && typeof target.value === "number"
        ? ` to numeric constant [${target.value}]`
        : "";
    throw new ScriptProblem(`invalid assignment: cannot assign a value${shown}`, target.at);
  }

  #choice(): Expression {
    const { at } = this.token;
    const condition = this.#binary(1);
    if (this.takes("?:"))
      return { kind: "binary", operator: "?:", left: condition, right: this.expression(), at };
    if (!this.takes("?")) return condition;
    const yes = this.expression();
    this.expect(":");
    return { kind: "choice", condition, yes, no: this.expression(), at };
  }

  #binary(least: number): Expression {
    const { at } = this.token;
    let left = this.#unary();
    for (;;) {
      const { text: operator, kind } = this.token;
      const isOperator = kind === "operator" || operator === "instanceof";
      const binding =
        isOperator && Object.hasOwn(precedence, operator) ? precedence[operator] : undefined;
      if (binding === undefined || binding < least) return left;
      this.#next++;
      if (operator === "instanceof") left = this.#instance(left, at);
      else left = { kind: "binary", operator, left, right: this.#binary(binding + 1), at };
    }
  }

  #instance(operand: Expression, at: number): Expression {
    const found = this.typeAt(0);
    if (found === undefined)
      throw new ScriptProblem(`the type [${this.token.text}]`, this.token.at, true);
    this.skip(found.length);
    return { kind: "instance", operand, type: found.type, at };
  }

  #unary(): Expression {
    return this.within(() => this.#anyUnary());
  }

  #anyUnary(): Expression {
    const { at, text } = this.token;
    if (this.is("operator")) {
      if (text === "!" || text === "-" || text === "+" || text === "~") {
        this.#next++;
        return { kind: "unary", operator: text, operand: this.#unary(), at };
      }
      if (text === "++" || text === "--") {
        this.#next++;
        return this.#step(this.#unary(), text, false, at);
      }
      const cast = text === "(" ? this.typeAt(1) : undefined;
      if (cast !== undefined && this.ahead(cast.length + 1)?.text === ")" && !this.#isLambda()) {
        this.skip(cast.length + 2);
        return { kind: "cast", type: cast.type, operand: this.#unary(), at };
      }
    }
    return this.#postfix();
  }

  #step(target: Expression, text: string, isPostfix: boolean, at: number): Expression {
    this.#requirePlace(target);
    const value: Expression = { kind: "literal", value: 1, at };
    return { kind: "assign", target, operator: text.charAt(0), value, isPostfix, at };
  }

  #postfix(): Expression {
    const start = this.token.at;
    let value = this.#primary();
    for (;;) {
      const { at, text } = this.token;
      if (this.takes(".") || this.takes("?.")) {
        const isSafe = text === "?.";
        const name = this.is("number") ? this.#number() : this.name();
        value = this.takes("(")
          ? { kind: "call", target: value, name, from: this.#list(")"), isSafe, at }
          : { kind: "member", target: value, name, isSafe, at };
      } else if (this.takes("[")) {
        const index = this.expression();
        this.expect("]");
        value = { kind: "index", target: value, index, at };
      } else if (this.is("operator") && (text === "++" || text === "--")) {
        this.#next++;
        value = this.#step(value, text, true, start);
      } else return value;
    }
  }

  #number(): string {
    return this.#tokens[this.#next++]?.text ?? "";
  }

  #list(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.takes(end)) {
      if (items.length > 0) this.expect(",");
      items.push(this.#argument());
    }
    return items;
  }

  /** An argument: a lambda, a reference to a method, or any expression. */
  #argument(): Expression {
    const { at } = this.token;
    if (this.#isLambda()) return this.#lambda(at);
    const isReference = this.is("name") && this.ahead(1)?.text === "::";
    if (!isReference) return this.expression();
    const target = this.name();
    this.skip();
    return { kind: "reference", target, name: this.name(), at };
  }

  /** `x ->`, `(x, y) ->`, `(int x) ->`. */
  #isLambda(): boolean {
    if (this.is("name")) return this.ahead(1)?.text === "->";
    if (!this.is("operator", "(")) return false;
    let offset = 1;
    while (this.ahead(offset)?.kind === "name" || this.ahead(offset)?.text === ",") offset++;
    return this.ahead(offset)?.text === ")" && this.ahead(offset + 1)?.text === "->";
  }

  #lambda(at: number): Expression {
    const parameters: string[] = [];
    if (this.takes("(")) {
      while (!this.takes(")")) {
        if (parameters.length > 0) this.expect(",");
        if (this.ahead(1)?.kind === "name") this.name();
        parameters.push(this.name());
      }
    } else parameters.push(this.name());
    this.expect("->");
    if (this.is("operator", "{")) return { kind: "lambda", parameters, body: this.block(), at };
    const start = this.token.at;
    const value = this.expression();
    const body: Statement = { kind: "return", value, at: start };
    return { kind: "lambda", parameters, body, at };
  }

  #primary(): Expression {
    const { at, kind, text } = this.token;
    if (kind === "number") return { kind: "literal", value: toNumber(this.#number(), at), at };
    if (kind === "string") {
      this.#next++;
      return { kind: "literal", value: unquoted(text), at };
    }
    if (kind === "pattern") {
      this.#next++;
      const end = text.lastIndexOf("/");
      return { kind: "pattern", source: text.slice(1, end), flags: text.slice(end + 1), at };
    }
    if (this.takes("(")) {
      const value = this.expression();
      this.expect(")");
      return value;
    }
    if (this.takes("[")) return this.#listOrMap(at);
    if (kind === "name" && text !== "new" && words.has(text)) throw this.#noValue();
    if (kind !== "name" && kind !== "operator") throw this.#noValue();
    if (this.takes("$")) {
      if (!this.takes("(")) throw new ScriptProblem("such a [$] in a script", at, true);
      return {
        kind: "call",
        target: undefined,
        name: "$",
        from: this.#list(")"),
        isSafe: false,
        at,
      };
    }
    if (kind === "operator") throw this.#noValue();
    const name = this.name();
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true", at };
    if (name === "null") return { kind: "literal", value: null, at };
    if (name === "new") return this.#creation(at);
    if (this.takes("("))
      return { kind: "call", target: undefined, name, from: this.#list(")"), isSafe: false, at };
    return { kind: "name", name, at };
  }

  #creation(at: number): Expression {
    const type = this.name();
    if (this.takes("(")) return { kind: "new", type, from: this.#list(")"), at };
    const sizes: Expression[] = [];
    while (this.takes("[")) {
      if (this.takes("]")) continue;
      sizes.push(this.expression());
      this.expect("]");
    }
    const items = sizes.length === 0 && this.takes("{") ? this.#list("}") : undefined;
    if (sizes.length === 0 && items === undefined) throw this.unexpected("was expecting a size");
    return { kind: "array", type, sizes, items, at };
  }

  #listOrMap(at: number): Expression {
    if (this.takes(":")) {
      this.expect("]");
      return { kind: "map", entries: [], at };
    }
    if (this.takes("]")) return { kind: "list", items: [], at };
    const first = this.expression();
    if (!this.takes(":")) {
      const rest = this.takes(",") ? this.#list("]") : (this.expect("]"), []);
      return { kind: "list", items: [first, ...rest], at };
    }
    const entries: [Expression, Expression][] = [[first, this.expression()]];
    while (!this.takes("]")) {
      this.expect(",");
      const key = this.expression();
      this.expect(":");
      entries.push([key, this.expression()]);
    }
    return { kind: "map", entries, at };
  }
}
