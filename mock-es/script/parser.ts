/** Reads Painless scripts: functions and statements. */
import { ExpressionParser } from "./expression-parser.ts";
import { ScriptProblem } from "./problems.ts";
import type { Catch, FunctionDefinition, ParsedScript, Statement } from "./syntax.ts";

/**
 * Parses a script.
 * @throws {ScriptProblem} with the place, for what does not parse or is not covered
 */
export function parseScript(source: string): ParsedScript {
  return new Parser(source).script();
}

class Parser extends ExpressionParser {
  readonly #starts = new Set<number>([0]);

  script(): ParsedScript {
    const functions = new Map<string, FunctionDefinition>();
    for (let found = this.#function(); found !== undefined; found = this.#function())
      functions.set(found.name, found);
    const statements: Statement[] = [];
    while (!this.is("end")) statements.push(this.#statement());
    if (statements.length === 0) {
      const what = "found no statements for function [execute] with [0] parameters";
      throw new ScriptProblem(`invalid function definition: ${what}`, this.token.at);
    }
    return { functions, statements, starts: [...this.#starts].sort((a, b) => a - b) };
  }

  /** `int twice(int x) { … }`, at the beginning of a script. */
  #function(): FunctionDefinition | undefined {
    const type = this.typeAt(0);
    if (type === undefined) return undefined;
    const isFunction =
      this.ahead(type.length)?.kind === "name" && this.ahead(type.length + 1)?.text === "(";
    if (!isFunction) return undefined;
    this.skip(type.length);
    const name = this.name();
    this.expect("(");
    const parameters: { readonly type: string; readonly name: string }[] = [];
    while (!this.takes(")")) {
      if (parameters.length > 0) this.expect(",");
      const own = this.typeAt(0);
      if (own === undefined) throw this.unexpected("was expecting a type");
      this.skip(own.length);
      parameters.push({ type: own.type, name: this.name() });
    }
    return { name, returns: type.type, parameters, body: this.block() };
  }

  protected override block(): Statement {
    const { at } = this.token;
    this.expect("{");
    const statements: Statement[] = [];
    while (!this.takes("}")) statements.push(this.#statement());
    return { kind: "block", statements, at };
  }

  /** What is done under a condition: a block, a statement or nothing. */
  #trailer(): Statement {
    const { at } = this.token;
    if (this.is("operator", "{")) return this.block();
    if (this.takes(";")) return { kind: "block", statements: [], at };
    return this.#statement();
  }

  #statement(): Statement {
    return this.within(() => this.#anyStatement());
  }

  #anyStatement(): Statement {
    const { at, text, kind } = this.token;
    if (kind === "operator" && text === "{") throw this.unexpected("was expecting one of [<EOF>]");
    this.#starts.add(at);
    if (this.takes("if")) return this.#conditional(at);
    if (this.takes("while")) {
      this.expect("(");
      const condition = this.expression();
      this.expect(")");
      const body = this.#trailer();
      return { kind: "loop", first: undefined, condition, next: undefined, body, at };
    }
    if (this.takes("do")) return this.#doLoop(at);
    if (this.takes("for")) return this.#loop(at);
    if (this.takes("try")) return this.#attempt(at);
    if (this.takes("throw")) {
      const value = this.expression();
      this.#endStatement();
      return { kind: "throw", value, at };
    }
    if (this.takes("return")) {
      const value = this.is("operator", ";") || this.is("end") ? undefined : this.expression();
      this.#endStatement();
      return { kind: "return", value, at };
    }
    if (kind === "name" && (text === "break" || text === "continue")) {
      this.skip();
      this.#endStatement();
      return { kind: text, at };
    }
    const statement = this.#simple();
    this.#endStatement();
    return statement;
  }

  #endStatement(): void {
    if (this.is("end") || this.is("operator", "}")) return;
    if (!this.takes(";")) throw this.unexpected("was expecting one of [{<EOF>, ';'}]");
  }

  #conditional(at: number): Statement {
    this.expect("(");
    const condition = this.expression();
    this.expect(")");
    const yes = this.#trailer();
    const no = this.takes("else") ? this.#trailer() : undefined;
    return { kind: "if", condition, yes, no, at };
  }

  #doLoop(at: number): Statement {
    const body = this.block();
    this.expect("while");
    this.expect("(");
    const condition = this.expression();
    this.expect(")");
    this.#endStatement();
    return { kind: "do", body, condition, at };
  }

  #attempt(at: number): Statement {
    const body = this.block();
    const catches: Catch[] = [];
    while (this.takes("catch")) {
      this.expect("(");
      const type = this.name();
      const name = this.name();
      this.expect(")");
      catches.push({ type, name, body: this.block() });
    }
    if (catches.length === 0) throw this.unexpected("was expecting one of ['catch']");
    return { kind: "try", body, catches, at };
  }

  /** Declarations or an expression, without the end. */
  #simple(): Statement {
    const { at } = this.token;
    const type = this.typeAt(0);
    if (type === undefined || this.ahead(type.length)?.kind !== "name") return this.#plain(at);
    this.skip(type.length);
    const all: Statement[] = [];
    do {
      const start = this.token.at;
      this.#starts.add(start);
      const name = this.name();
      const value = this.takes("=") ? this.expression() : undefined;
      all.push({ kind: "declare", type: type.type, name, value, at: start });
    } while (this.takes(","));
    const [only] = all;
    return all.length === 1 && only !== undefined ? only : { kind: "declarations", all, at };
  }

  #plain(at: number): Statement {
    const isUnknownType = this.is("name") && this.ahead(1)?.kind === "name";
    if (isUnknownType && this.ahead(1)?.text !== "instanceof")
      throw new ScriptProblem(`the type [${this.token.text}]`, at, true);
    return { kind: "expression", value: this.expression(), at };
  }

  #loop(at: number): Statement {
    this.expect("(");
    const type = this.typeAt(0)?.length ?? 0;
    const isEach = this.ahead(type)?.kind === "name" && this.ahead(type + 1)?.text === ":";
    if (isEach || (this.is("name") && this.ahead(1)?.text === "in")) {
      if (isEach) this.skip(type);
      const name = this.name();
      this.skip();
      const values = this.expression();
      this.expect(")");
      return { kind: "each", name, values, body: this.#trailer(), at };
    }
    const first = this.is("operator", ";") ? undefined : this.#simple();
    this.expect(";");
    const condition = this.is("operator", ";") ? undefined : this.expression();
    this.expect(";");
    const next = this.is("operator", ")") ? undefined : this.expression();
    this.expect(")");
    return { kind: "loop", first, condition, next, body: this.#trailer(), at };
  }
}
