/** Computes the values of expressions, within a number of steps. */
import {
  arithmetic,
  compared,
  converted,
  isNull,
  nullPointer,
  unary,
  whole,
} from "./arithmetic.ts";
import { checkOperands, isInstance, literalType, primitiveOf, zeroOf } from "./instances.ts";
import { classNames, constantOf, staticMethod } from "./library/classes.ts";
import { created } from "./library/constructors.ts";
import { methodOf } from "./library/methods.ts";
import { isPattern, matchesAll, matchesPart, patternOf } from "./library/patterns.ts";
import { requireLength, RuntimeProblem, ScriptProblem } from "./problems.ts";
import { Scopes } from "./scopes.ts";
import type { Expression, Statement } from "./syntax.ts";
import {
  Double,
  HashedMap,
  isEqual,
  isScriptObject,
  javaTypeOf,
  numberIn,
  textOfValue,
} from "./values.ts";

/** A function that scripts of a context can call by its name. */
export type ScriptFunction = (...from: readonly unknown[]) => unknown;

/** What a script sees. */
export interface Surroundings {
  /** Variables by name, such as `ctx`, `params`, `doc`, `_score`. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly functions?: Readonly<Record<string, ScriptFunction>>;
}

/** Most statements and expressions that a run may take. */
const maxSteps = 10_000_000;

type Of<Kind extends Expression["kind"]> = Extract<Expression, { readonly kind: Kind }>;

/** Computes expressions; statements, which lambdas may hold, are done by its subclass. */
export abstract class Evaluation {
  protected scopes = new Scopes();
  readonly #around: Surroundings;
  #steps = 0;
  protected place = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Runs the body of a lambda or function in scopes of its own, and gives what it returns. */
  protected abstract body(statement: Statement): unknown;

  /** A function that the script defines itself. */
  protected abstract ownFunction(name: string, count: number): ScriptFunction | undefined;

  protected step(at: number): void {
    this.place = at;
    if (++this.#steps <= maxSteps) return;
    throw new RuntimeProblem(
      "painless_error",
      "The maximum number of statements that can be executed in a loop has been reached.",
    );
  }

  protected truth(expression: Expression): boolean {
    const value = this.value(expression);
    if (typeof value === "boolean") return value;
    this.place = expression.at;
    if (expression.kind === "literal")
      throw new ScriptProblem(
        `Cannot cast from [${literalType(value)}] to [boolean].`,
        expression.at,
        false,
        "class_cast_exception",
      );
    if (isNull(value)) throw nullPointer("boolean");
    throw new RuntimeProblem(
      "class_cast_exception",
      `cannot cast def [${primitiveOf(value)}] to boolean`,
    );
  }

  protected value(expression: Expression): unknown {
    const { kind } = expression;
    // As in the server, names and literals leave no trace of their place.
    this.step(kind === "name" || kind === "literal" ? this.place : expression.at);
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "name":
        return this.#variable(expression.name, expression.at);
      case "list":
        return expression.items.map((item) => this.value(item));
      case "map":
        return new HashedMap(
          expression.entries.map(([key, value]) => [this.value(key), this.value(value)]),
        );
      case "new":
        return this.#create(expression);
      case "array":
        return this.#array(expression);
      case "pattern":
        return patternOf(expression.source, expression.flags);
      case "lambda":
        return this.#lambda(expression);
      case "reference":
        return this.#reference(expression);
      case "member":
        return this.#memberOf(expression);
      case "index": {
        const target = this.value(expression.target);
        const index = this.value(expression.index);
        this.place = expression.at;
        return this.#element(target, index);
      }
      case "call":
        return this.#call(expression);
      case "unary":
        if (expression.operator === "!") return !this.truth(expression.operand);
        return unary(expression.operator, this.value(expression.operand));
      case "binary":
        return this.#binary(expression);
      case "choice":
        return this.value(this.truth(expression.condition) ? expression.yes : expression.no);
      case "cast":
        return converted(expression.type, this.value(expression.operand), true);
      case "instance":
        return isInstance(this.value(expression.operand), expression.type, expression.at);
      case "assign":
        return this.#assign(expression);
    }
  }

  #variable(name: string, at: number): unknown {
    if (this.scopes.has(name)) return this.scopes.get(name);
    if (Object.hasOwn(this.#around.variables, name)) return this.#around.variables[name];
    throw new ScriptProblem(`cannot resolve symbol [${name}]`, at);
  }

  #isVariable(name: string): boolean {
    return this.scopes.has(name) || Object.hasOwn(this.#around.variables, name);
  }

  #create({ type, from, at }: Of<"new">): unknown {
    const made = created(
      type,
      from.map((item) => this.value(item)),
    );
    if (made === undefined) throw new ScriptProblem(`[new ${type}] in a script`, at, true);
    this.place = at;
    return made;
  }

  #array({ type, sizes, items }: Of<"array">): unknown {
    if (items !== undefined) return items.map((item) => converted(type, this.value(item)));
    const lengths = sizes.map((size) => whole(this.value(size)));
    const zero = zeroOf(type);
    const filled = (depth: number): unknown[] => {
      const length = lengths[depth] ?? 0;
      requireLength(lengths.reduce((product, own) => product * Math.max(1, own), 1));
      if (length < 0) throw new RuntimeProblem("negative_array_size_exception", String(length));
      return Array.from({ length }, () => (depth + 1 < lengths.length ? filled(depth + 1) : zero));
    };
    return filled(0);
  }

  #lambda({ parameters, body }: Of<"lambda">): ScriptFunction {
    const captured = this.scopes.fork();
    const run = (...from: readonly unknown[]): unknown =>
      this.#inScopes(captured, parameters, from, body);
    // Comparators tell by it whether they are given one item or two.
    return parameters.length === 1 ? (from: unknown) => run(from) : run;
  }

  #inScopes(
    captured: Scopes,
    parameters: readonly string[],
    from: readonly unknown[],
    body: Statement,
  ): unknown {
    const before = this.scopes;
    this.scopes = captured.fork();
    this.scopes.enter();
    for (const [at, name] of parameters.entries()) this.scopes.declare(name, from[at] ?? null);
    try {
      return this.body(body);
    } finally {
      this.scopes = before;
    }
  }

  /** Calls a function that the script defines: it sees nothing but its parameters. */
  protected callOwn(
    parameters: readonly string[],
    from: readonly unknown[],
    body: Statement,
  ): unknown {
    return this.#inScopes(new Scopes(), parameters, from, body);
  }

  #reference({ target, name, at }: Of<"reference">): ScriptFunction {
    if (target === "this") {
      return (...from) => {
        const own = this.ownFunction(name, from.length);
        if (own === undefined) throw new ScriptProblem(`[this::${name}]`, at, true);
        return own(...from);
      };
    }
    if (name === "new") return (...from) => created(target, from);
    const method = staticMethod(target, name);
    if (method !== undefined) return (...from) => method(undefined as never, ...from);
    if (this.#isVariable(target)) {
      const value = this.#variable(target, at);
      return (...from) => this.#invoke(value, name, from, at);
    }
    return (value, ...from) => this.#invoke(value, name, from, at);
  }

  #memberOf({ target, name, isSafe, at }: Of<"member">): unknown {
    if (target.kind === "name" && !this.#isVariable(target.name)) {
      if (!classNames.has(target.name))
        throw new ScriptProblem(`cannot resolve symbol [${target.name}]`, target.at);
      const constant = constantOf(target.name, name);
      if (constant === undefined) throw new ScriptProblem(`[${target.name}.${name}]`, at, true);
      return constant;
    }
    const value = this.value(target);
    this.place = at;
    if (isNull(value)) {
      if (isSafe) return null;
      throw nullPointer(name);
    }
    return this.#member(value, name, at);
  }

  #member(target: unknown, name: string, at: number): unknown {
    if (isScriptObject(target)) return target.member(name);
    if (target instanceof Map) return (target as Map<unknown, unknown>).get(name) ?? null;
    if (Array.isArray(target)) {
      if (name === "length") return target.length;
      if (/^\d+$/.test(name)) return this.#element(target, Number(name));
      const reason = `Illegal list shortcut value [${name}].`;
      throw new RuntimeProblem("illegal_argument_exception", reason);
    }
    const capital = name.charAt(0).toUpperCase() + name.slice(1);
    const getter = methodOf(target, `get${capital}`) ?? methodOf(target, `is${capital}`);
    if (getter !== undefined) return getter(target as never);
    throw new ScriptProblem(`the member [${name}]`, at, true);
  }

  #element(target: unknown, index: unknown): unknown {
    if (isNull(target)) throw nullPointer(textOfValue(index));
    if (isScriptObject(target)) return target.member(textOfValue(index));
    if (target instanceof Map) return (target as Map<unknown, unknown>).get(index) ?? null;
    if (Array.isArray(target)) {
      if (numberIn(index) === undefined)
        throw new ScriptProblem("an index that is no number", this.place, true);
      const at = whole(index);
      // Lists may be counted from their end (Painless Def.java, normalizeIndex).
      return methodOf(target, "get")?.(target as never, at < 0 ? at + target.length : at) ?? null;
    }
    const reason = `Attempting to address a non-array-like type [${javaTypeOf(target)}] as an array.`;
    throw new RuntimeProblem("illegal_argument_exception", reason);
  }

  #call({ target, name, from, isSafe, at }: Of<"call">): unknown {
    if (target === undefined) return this.#callByName(name, from, at);
    const className = this.#className(target);
    if (className !== undefined) {
      const method = staticMethod(className, name);
      if (method === undefined) throw new ScriptProblem(`[${className}.${name}]`, at, true);
      const given = from.map((item) => this.value(item));
      this.place = at;
      return method(undefined as never, ...given);
    }
    const value = this.value(target);
    if (isNull(value)) {
      this.place = at;
      if (isSafe) return null;
      throw nullPointer(name);
    }
    const given = from.map((item) => this.value(item));
    this.place = at;
    return this.#invoke(value, name, given, at);
  }

  #className(target: Expression): string | undefined {
    if (target.kind === "name" && !this.#isVariable(target.name)) {
      if (!classNames.has(target.name))
        throw new ScriptProblem(`cannot resolve symbol [${target.name}]`, target.at);
      return target.name;
    }
    const isEntry =
      target.kind === "member" &&
      target.name === "Entry" &&
      target.target.kind === "name" &&
      target.target.name === "Map";
    return isEntry ? "Map.Entry" : undefined;
  }

  #callByName(name: string, from: readonly Expression[], at: number): unknown {
    const own = this.ownFunction(name, from.length);
    const { functions = {} } = this.#around;
    const known = own ?? (Object.hasOwn(functions, name) ? functions[name] : undefined);
    if (known === undefined) throw new ScriptProblem(`the function [${name}]`, at, true);
    const given = from.map((item) => this.value(item));
    this.place = at;
    return known(...given);
  }

  #invoke(value: unknown, name: string, given: readonly unknown[], at: number): unknown {
    if (isNull(value)) throw nullPointer(name);
    if (isScriptObject(value)) {
      if (value.call === undefined) throw new ScriptProblem(`the method [${name}]`, at, true);
      return value.call(name, given);
    }
    const method = methodOf(value, name);
    if (method === undefined) throw new ScriptProblem(`the method [${name}]`, at, true);
    return method(value as never, ...given);
  }

  #binary({ operator, left, right, at }: Of<"binary">): unknown {
    if (operator === "&&") return this.truth(left) && this.truth(right);
    if (operator === "||") return this.truth(left) || this.truth(right);
    const a = this.value(left);
    if (operator === "?:") return a ?? this.value(right);
    const b = this.value(right);
    if (left.kind === "literal" || right.kind === "literal")
      checkOperands(operator, { expression: left, value: a }, { expression: right, value: b }, at);
    switch (operator) {
      case "==":
        return isEqual(a, b);
      case "!=":
        return !isEqual(a, b);
      case "===":
        return typeof a === "object" && a !== null && !(a instanceof Double)
          ? a === b
          : isEqual(a, b);
      case "!==":
        return typeof a === "object" && a !== null && !(a instanceof Double)
          ? a !== b
          : !isEqual(a, b);
      case "<":
      case ">":
      case "<=":
      case ">=":
        return compared(operator, a, b);
      case "=~":
      case "==~":
        if (!isPattern(b) || typeof a !== "string")
          throw new RuntimeProblem("class_cast_exception", "a text and a pattern are wanted");
        return operator === "=~" ? matchesPart(b, a) : matchesAll(b, a);
      default:
        return arithmetic(operator, a, b);
    }
  }

  #assign({ target, operator, value, isPostfix, at }: Of<"assign">): unknown {
    const before = operator === "=" ? null : this.value(target);
    const given = this.value(value);
    this.place = at;
    const after = operator === "=" ? given : arithmetic(operator, before, given);
    this.#store(target, after);
    return isPostfix ? before : after;
  }

  #store(target: Expression, value: unknown): void {
    if (target.kind === "name") {
      if (!this.scopes.set(target.name, value))
        throw new ScriptProblem(`cannot resolve symbol [${target.name}]`, target.at);
      return;
    }
    if (target.kind !== "member" && target.kind !== "index") return;
    const holder = this.value(target.target);
    const key = target.kind === "member" ? target.name : this.value(target.index);
    this.place = target.at;
    if (isNull(holder)) throw nullPointer(textOfValue(key));
    if (holder instanceof Map) {
      requireLength(holder.size);
      (holder as Map<unknown, unknown>).set(key, value);
    } else if (Array.isArray(holder)) {
      const index = numberIn(key) ?? Number(key);
      const place = index < 0 ? index + holder.length : index;
      methodOf(holder, "set")?.(holder as never, place, value);
    } else throw new ScriptProblem(`an assignment to [${textOfValue(key)}]`, target.at, true);
  }
}
