/** Reads Painless: statements, and expressions by precedence. */
import type { Expression, Statement } from "./syntax.ts";
import {
  ScriptProblem,
  type Token,
  type TokenKind,
  toNumber,
  tokensOf,
  unquoted,
} from "./tokens.ts";

/** Types that variables may have and values may be cast to. */
const typeNames: ReadonlySet<string> = new Set([
  "def",
  "int",
  "long",
  "short",
  "byte",
  "float",
  "double",
  "boolean",
  "String",
  "List",
  "Map",
  "ArrayList",
  "HashMap",
  "Object",
  "Integer",
  "Long",
  "Double",
  "Float",
  "Boolean",
]);

/** Words of the language that are refused by name. */
const uncovered: ReadonlySet<string> = new Set([
  "try",
  "catch",
  "throw",
  "do",
  "instanceof",
  "function",
  "switch",
  "this",
]);

/** Binary operators by how closely they bind. */
const precedence: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "===": 3,
  "!==": 3,
  "<": 4,
  ">": 4,
  "<=": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "%": 6,
};

/** Deepest nesting of a script. */
const maxDepth = 100;

/**
 * Parses a script.
 * @throws {ScriptProblem} with the place, for what does not parse or is not covered
 */
export function parseScript(source: string): readonly Statement[] {
  return new Parser(tokensOf(source)).script();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  script(): Statement[] {
    const statements: Statement[] = [];
    while (!this.#is("end")) statements.push(this.#statement());
    return statements;
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", text: "", at: 0 };
  }

  #ahead(count: number): Token | undefined {
    return this.#tokens[this.#next + count];
  }

  #is(kind: TokenKind, text?: string): boolean {
    return this.#token.kind === kind && (text === undefined || this.#token.text === text);
  }

  #takes(text: string): boolean {
    if (this.#token.kind === "string" || this.#token.text !== text) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected(`was expecting [${text}]`);
  }

  #name(): string {
    if (!this.#is("name")) throw this.#unexpected("was expecting a name");
    const { text } = this.#token;
    this.#next++;
    return text;
  }

  #unexpected(what: string): ScriptProblem {
    const { kind, text, at } = this.#token;
    const shown = kind === "end" ? "end of script" : `token ['${text}']`;
    return new ScriptProblem(`invalid sequence of tokens: unexpected ${shown}, ${what}`, at);
  }

  #within<T>(parse: () => T): T {
    if (++this.#depth > maxDepth)
      throw new ScriptProblem(`nesting of more than ${maxDepth} levels`, this.#token.at, true);
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  #statement(): Statement {
    return this.#within(() => this.#anyStatement());
  }

  #anyStatement(): Statement {
    const { at, text, kind } = this.#token;
    if (kind === "name" && uncovered.has(text))
      throw new ScriptProblem(`[${text}] in a script`, at, true);
    if (this.#takes("{")) {
      const statements: Statement[] = [];
      while (!this.#takes("}")) statements.push(this.#statement());
      return { kind: "block", statements, at };
    }
    if (this.#takes(";")) return { kind: "block", statements: [], at };
    if (this.#takes("if")) return this.#conditional(at);
    if (this.#takes("while")) {
      this.#expect("(");
      const condition = this.#expression();
      this.#expect(")");
      const body = this.#statement();
      return { kind: "loop", first: undefined, condition, next: undefined, body, at };
    }
    if (this.#takes("for")) return this.#loop(at);
    if (this.#takes("return")) {
      const value = this.#is("operator", ";") || this.#is("end") ? undefined : this.#expression();
      this.#endStatement();
      return { kind: "return", value, at };
    }
    if (kind === "name" && (text === "break" || text === "continue")) {
      this.#next++;
      this.#endStatement();
      return { kind: text, at };
    }
    const statement = this.#simple();
    this.#endStatement();
    return statement;
  }

  #endStatement(): void {
    if (this.#is("end") || this.#is("operator", "}")) return;
    this.#expect(";");
  }

  #conditional(at: number): Statement {
    this.#expect("(");
    const condition = this.#expression();
    this.#expect(")");
    const yes = this.#statement();
    const no = this.#takes("else") ? this.#statement() : undefined;
    return { kind: "if", condition, yes, no, at };
  }

  /** A declaration or an expression, without the end. */
  #simple(): Statement {
    const { at } = this.#token;
    const isArray = this.#ahead(1)?.text === "[" && this.#ahead(2)?.text === "]";
    if (isArray && typeNames.has(this.#token.text)) throw new ScriptProblem("an array", at, true);
    if (!this.#declares()) return { kind: "expression", value: this.#expression(), at };
    const type = this.#name();
    const name = this.#name();
    const value = this.#takes("=") ? this.#expression() : undefined;
    if (this.#is("operator", ",")) throw new ScriptProblem("several variables at once", at, true);
    return { kind: "declare", type, name, value, at };
  }

  /** `def x`, `List x`: a type and a name behind it. */
  #declares(): boolean {
    return this.#is("name") && typeNames.has(this.#token.text) && this.#ahead(1)?.kind === "name";
  }

  #loop(at: number): Statement {
    this.#expect("(");
    if (this.#is("name") && (this.#ahead(1)?.text === "in" || this.#ahead(2)?.text === ":")) {
      if (this.#ahead(1)?.text !== "in") this.#name();
      const name = this.#name();
      this.#next++;
      const values = this.#expression();
      this.#expect(")");
      return { kind: "each", name, values, body: this.#statement(), at };
    }
    const first = this.#is("operator", ";") ? undefined : this.#simple();
    this.#expect(";");
    const condition = this.#is("operator", ";") ? undefined : this.#expression();
    this.#expect(";");
    const next = this.#is("operator", ")") ? undefined : this.#expression();
    this.#expect(")");
    return { kind: "loop", first, condition, next, body: this.#statement(), at };
  }

  #expression(): Expression {
    return this.#within(() => this.#assignment());
  }

  #assignment(): Expression {
    const { at } = this.#token;
    const target = this.#choice();
    const operator = this.#token.text;
    if (!this.#is("operator") || !/^(?:[-+*/%]?=)$/.test(operator)) return target;
    this.#requirePlace(target);
    this.#next++;
    const value = this.#expression();
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
    throw new ScriptProblem("invalid assignment: cannot assign a value", target.at);
  }

  #choice(): Expression {
    const { at } = this.#token;
    const condition = this.#binary(1);
    if (this.#takes("?:")) {
      const no = this.#expression();
      return { kind: "binary", operator: "?:", left: condition, right: no, at };
    }
    if (!this.#takes("?")) return condition;
    const yes = this.#expression();
    this.#expect(":");
    return { kind: "choice", condition, yes, no: this.#expression(), at };
  }

  #binary(least: number): Expression {
    let left = this.#unary();
    for (;;) {
      const { at, text: operator, kind } = this.#token;
      if (kind === "name" && operator === "instanceof")
        throw new ScriptProblem("[instanceof] in a script", at, true);
      if (kind === "operator" && /^(?:&|\||\^|<<|>>|->|::)$/.test(operator))
        throw new ScriptProblem(`[${operator}] in a script`, at, true);
      const binding = kind === "operator" ? precedence[operator] : undefined;
      if (binding === undefined || binding < least) return left;
      this.#next++;
      left = { kind: "binary", operator, left, right: this.#binary(binding + 1), at };
    }
  }

  #unary(): Expression {
    return this.#within(() => this.#anyUnary());
  }

  #anyUnary(): Expression {
    const { at, text } = this.#token;
    if (this.#is("operator")) {
      if (text === "!" || text === "-" || text === "+") {
        this.#next++;
        return { kind: "unary", operator: text, operand: this.#unary(), at };
      }
      if (text === "++" || text === "--") {
        this.#next++;
        return this.#step(this.#unary(), text, false, at);
      }
      const isCast =
        text === "(" && typeNames.has(this.#ahead(1)?.text ?? "") && this.#ahead(2)?.text === ")";
      if (isCast) {
        this.#next++;
        const type = this.#name();
        this.#expect(")");
        return { kind: "cast", type, operand: this.#unary(), at };
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
    let value = this.#primary();
    for (;;) {
      const { at, text } = this.#token;
      if (this.#takes(".") || this.#takes("?.")) {
        const isSafe = text === "?.";
        const name = this.#is("number") ? this.#number() : this.#name();
        value = this.#takes("(")
          ? { kind: "call", target: value, name, from: this.#list(")"), isSafe, at }
          : { kind: "member", target: value, name, isSafe, at };
      } else if (this.#takes("[")) {
        const index = this.#expression();
        this.#expect("]");
        value = { kind: "index", target: value, index, at };
      } else if (this.#is("operator") && (text === "++" || text === "--")) {
        this.#next++;
        value = this.#step(value, text, true, at);
      } else return value;
    }
  }

  #number(): string {
    return this.#tokens[this.#next++]?.text ?? "";
  }

  #list(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.#takes(end)) {
      if (items.length > 0) this.#expect(",");
      const isLambda = this.#is("name") && this.#ahead(1)?.text === "->";
      if (isLambda) throw new ScriptProblem("a lambda", this.#token.at, true);
      items.push(this.#expression());
    }
    return items;
  }

  #primary(): Expression {
    const { at, kind, text } = this.#token;
    if (kind === "number") return { kind: "literal", value: toNumber(this.#number()), at };
    if (kind === "string") {
      this.#next++;
      return { kind: "literal", value: unquoted(text), at };
    }
    if (this.#takes("(")) {
      const value = this.#expression();
      this.#expect(")");
      return value;
    }
    if (this.#takes("[")) return this.#listOrMap(at);
    if (kind === "operator" && text === "/")
      throw new ScriptProblem("a regular expression", at, true);
    const name = this.#name();
    if (uncovered.has(name)) throw new ScriptProblem(`[${name}] in a script`, at, true);
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true", at };
    if (name === "null") return { kind: "literal", value: null, at };
    if (name === "new") {
      const type = this.#name();
      if (this.#is("operator", "[")) throw new ScriptProblem("an array", at, true);
      this.#expect("(");
      return { kind: "new", type, from: this.#list(")"), at };
    }
    if (this.#takes("(")) {
      return { kind: "call", target: undefined, name, from: this.#list(")"), isSafe: false, at };
    }
    return { kind: "name", name, at };
  }

  #listOrMap(at: number): Expression {
    if (this.#takes(":")) {
      this.#expect("]");
      return { kind: "map", entries: [], at };
    }
    if (this.#takes("]")) return { kind: "list", items: [], at };
    const first = this.#expression();
    if (!this.#takes(":")) {
      const rest = this.#takes(",") ? this.#list("]") : (this.#expect("]"), []);
      return { kind: "list", items: [first, ...rest], at };
    }
    const entries: [Expression, Expression][] = [[first, this.#expression()]];
    while (!this.#takes("]")) {
      this.#expect(",");
      const key = this.#expression();
      this.#expect(":");
      entries.push([key, this.#expression()]);
    }
    return { kind: "map", entries, at };
  }
}
