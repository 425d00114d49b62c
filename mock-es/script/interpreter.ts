/** Runs scripts, within a number of steps. */
import { arithmetic, compared, converted, isNull, nullPointer } from "./arithmetic.ts";
import { classNames, methodOf, requireLength, RuntimeProblem, staticMethod } from "./methods.ts";
import type { Expression, Statement } from "./syntax.ts";
import { ScriptProblem } from "./tokens.ts";
import { isEqual, textOfValue } from "./values.ts";

/** A function that scripts of a context can call by its name. */
export type ScriptFunction = (...from: readonly unknown[]) => unknown;

/** What a script sees. */
export interface Surroundings {
  /** Variables by name, such as `ctx`, `params`, `doc`, `_score`. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly functions?: Readonly<Record<string, ScriptFunction>>;
}

/** An object of the surroundings, whose members are not those of a list or map. */
export interface ScriptObject {
  readonly isScriptObject: true;
  member(name: string): unknown;
  call?(name: string, from: readonly unknown[]): unknown;
}

/** Most statements and expressions that a run may take. */
const maxSteps = 1_000_000;

type Signal =
  | { readonly kind: "return"; readonly value: unknown }
  | "break"
  | "continue"
  | undefined;

/**
 * Runs a script. The value is that of `return`, or of the last expression.
 *
 * @throws {RuntimeProblem} what the script runs into
 * @throws {ScriptProblem} for what is not covered, with its place
 */
export function runStatements(statements: readonly Statement[], around: Surroundings): unknown {
  return new Run(around).script(statements);
}

class Run {
  readonly #around: Surroundings;
  readonly #scopes: Map<string, unknown>[] = [new Map()];
  #steps = 0;
  #place = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  script(statements: readonly Statement[]): unknown {
    try {
      return this.#run(statements);
    } catch (error) {
      if (error instanceof RuntimeProblem) error.at = this.#place;
      throw error;
    }
  }

  #run(statements: readonly Statement[]): unknown {
    let last: unknown;
    for (const statement of statements) {
      if (statement.kind === "expression") {
        last = this.#value(statement.value);
        continue;
      }
      const signal = this.#do(statement);
      if (typeof signal === "object") return signal.value;
    }
    return last;
  }

  #step(at: number): void {
    this.#place = at;
    if (++this.#steps <= maxSteps) return;
    throw new RuntimeProblem(
      "painless_error",
      "The maximum number of statements that can be executed in a loop has been reached.",
    );
  }

  #do(statement: Statement): Signal {
    this.#step(statement.at);
    switch (statement.kind) {
      case "expression":
        this.#value(statement.value);
        return undefined;
      case "declare": {
        const value = statement.value === undefined ? null : this.#value(statement.value);
        this.#scopes.at(-1)?.set(statement.name, converted(statement.type, value));
        return undefined;
      }
      case "if":
        if (this.#truth(statement.condition)) return this.#do(statement.yes);
        return statement.no === undefined ? undefined : this.#do(statement.no);
      case "block":
        return this.#inScope(() => {
          for (const inner of statement.statements) {
            const signal = this.#do(inner);
            if (signal !== undefined) return signal;
          }
          return undefined;
        });
      case "return":
        return {
          kind: "return",
          value: statement.value === undefined ? null : this.#value(statement.value),
        };
      case "loop":
        return this.#inScope(() => this.#loop(statement));
      case "each":
        return this.#inScope(() => this.#each(statement));
      default:
        return statement.kind;
    }
  }

  #inScope(run: () => Signal): Signal {
    this.#scopes.push(new Map());
    const signal = run();
    this.#scopes.pop();
    return signal;
  }

  #loop(statement: Extract<Statement, { readonly kind: "loop" }>): Signal {
    if (statement.first !== undefined) this.#do(statement.first);
    while (statement.condition === undefined || this.#truth(statement.condition)) {
      const signal = this.#do(statement.body);
      if (typeof signal === "object") return signal;
      if (signal === "break") break;
      if (statement.next !== undefined) this.#value(statement.next);
    }
    return undefined;
  }

  #each(statement: Extract<Statement, { readonly kind: "each" }>): Signal {
    const values = this.#value(statement.values);
    if (!Array.isArray(values))
      throw new RuntimeProblem("illegal_argument_exception", "Cannot iterate over a value");
    for (const value of values.slice() as readonly unknown[]) {
      this.#scopes.at(-1)?.set(statement.name, value);
      const signal = this.#do(statement.body);
      if (typeof signal === "object") return signal;
      if (signal === "break") break;
    }
    return undefined;
  }

  #truth(expression: Expression): boolean {
    const value = this.#value(expression);
    if (typeof value === "boolean") return value;
    throw new RuntimeProblem(
      "class_cast_exception",
      `Cannot cast [${textOfValue(value)}] to [boolean].`,
    );
  }

  #value(expression: Expression): unknown {
    this.#step(expression.at);
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "name":
        return this.#variable(expression.name, expression.at);
      case "list":
        return expression.items.map((item) => this.#value(item));
      case "map":
        return new Map(
          expression.entries.map(([key, value]) => [this.#value(key), this.#value(value)]),
        );
      case "new":
        return this.#create(expression);
      case "member": {
        const target = this.#value(expression.target);
        if (isNull(target) && expression.isSafe) return null;
        return this.#member(target, expression.name, expression.at);
      }
      case "index":
        return this.#element(this.#value(expression.target), this.#value(expression.index));
      case "call":
        return this.#call(expression);
      case "unary":
        return this.#unary(expression.operator, expression.operand);
      case "binary":
        return this.#binary(expression);
      case "choice":
        return this.#value(this.#truth(expression.condition) ? expression.yes : expression.no);
      case "cast":
        return converted(expression.type, this.#value(expression.operand));
      case "assign":
        return this.#assign(expression);
    }
  }

  #variable(name: string, at: number): unknown {
    for (let level = this.#scopes.length - 1; level >= 0; level--) {
      const scope = this.#scopes[level];
      if (scope?.has(name) === true) return scope.get(name);
    }
    if (Object.hasOwn(this.#around.variables, name)) return this.#around.variables[name];
    throw new ScriptProblem(`cannot resolve symbol [${name}]`, at);
  }

  #create({ type, from, at }: Extract<Expression, { readonly kind: "new" }>): unknown {
    const [given] = from.map((item) => this.#value(item));
    if (type === "ArrayList") return Array.isArray(given) ? [...(given as unknown[])] : [];
    if (type === "HashMap" || type === "LinkedHashMap")
      return given instanceof Map ? new Map(given as Map<unknown, unknown>) : new Map();
    throw new ScriptProblem(`[new ${type}] in a script`, at, true);
  }

  #member(target: unknown, name: string, at: number): unknown {
    if (isNull(target)) throw nullPointer(name);
    if (isScriptObject(target)) return target.member(name);
    if (target instanceof Map) return (target as Map<unknown, unknown>).get(name) ?? null;
    if (Array.isArray(target)) {
      if (name === "length") return target.length;
      if (/^\d+$/.test(name)) return this.#element(target, Number(name));
    }
    throw new ScriptProblem(`the member [${name}]`, at, true);
  }

  #element(target: unknown, index: unknown): unknown {
    if (isNull(target)) throw nullPointer(textOfValue(index));
    if (isScriptObject(target)) return target.member(textOfValue(index));
    if (target instanceof Map) return (target as Map<unknown, unknown>).get(index) ?? null;
    if (Array.isArray(target)) return methodOf(target, "get")?.(target as never, index) ?? null;
    throw new RuntimeProblem("illegal_argument_exception", "Attempting to address a non-array");
  }

  #call({
    target,
    name,
    from,
    isSafe,
    at,
  }: Extract<Expression, { readonly kind: "call" }>): unknown {
    if (target === undefined) {
      const { functions = {} } = this.#around;
      const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
      if (known === undefined) throw new ScriptProblem(`the function [${name}]`, at, true);
      return known(...from.map((item) => this.#value(item)));
    }
    if (target.kind === "name" && classNames.has(target.name)) {
      const method = staticMethod(target.name, name);
      if (method === undefined) throw new ScriptProblem(`[${target.name}.${name}]`, at, true);
      return method(undefined as never, ...from.map((item) => this.#value(item)));
    }
    const value = this.#value(target);
    if (isNull(value)) {
      if (isSafe) return null;
      throw nullPointer(name);
    }
    const args = from.map((item) => this.#value(item));
    if (isScriptObject(value)) {
      if (value.call === undefined) throw new ScriptProblem(`the method [${name}]`, at, true);
      return value.call(name, args);
    }
    const method = methodOf(value, name);
    if (method === undefined) throw new ScriptProblem(`the method [${name}]`, at, true);
    return method(value as never, ...args);
  }

  #unary(operator: string, operand: Expression): unknown {
    if (operator === "!") return !this.#truth(operand);
    const value = this.#value(operand);
    return operator === "-" ? arithmetic("-", 0, value) : value;
  }

  #binary({ operator, left, right }: Extract<Expression, { readonly kind: "binary" }>): unknown {
    if (operator === "&&") return this.#truth(left) && this.#truth(right);
    if (operator === "||") return this.#truth(left) || this.#truth(right);
    const a = this.#value(left);
    if (operator === "?:") return a ?? this.#value(right);
    const b = this.#value(right);
    switch (operator) {
      case "==":
        return isEqual(a, b);
      case "!=":
        return !isEqual(a, b);
      case "===":
        return isEqual(a, b);
      case "!==":
        return !isEqual(a, b);
      case "<":
      case ">":
      case "<=":
      case ">=":
        return compared(operator, a, b);
      default:
        return arithmetic(operator, a, b);
    }
  }

  #assign(expression: Extract<Expression, { readonly kind: "assign" }>): unknown {
    const { target, operator, isPostfix } = expression;
    const before = operator === "=" ? null : this.#value(target);
    const given = this.#value(expression.value);
    const after = operator === "=" ? given : arithmetic(operator, before, given);
    this.#store(target, after);
    return isPostfix ? before : after;
  }

  #store(target: Expression, value: unknown): void {
    if (target.kind === "name") {
      const scope = this.#scopes.findLast((level) => level.has(target.name));
      if (scope === undefined)
        throw new ScriptProblem(`cannot resolve symbol [${target.name}]`, target.at);
      scope.set(target.name, value);
      return;
    }
    if (target.kind !== "member" && target.kind !== "index") return;
    const holder = this.#value(target.target);
    const key = target.kind === "member" ? target.name : this.#value(target.index);
    if (isNull(holder)) throw nullPointer(textOfValue(key));
    if (holder instanceof Map) {
      requireLength(holder.size);
      (holder as Map<unknown, unknown>).set(key, value);
    } else if (Array.isArray(holder)) methodOf(holder, "set")?.(holder as never, key, value);
    else throw new ScriptProblem(`an assignment to [${textOfValue(key)}]`, target.at, true);
  }
}

function isScriptObject(value: unknown): value is ScriptObject {
  return typeof value === "object" && value !== null && "isScriptObject" in value;
}
