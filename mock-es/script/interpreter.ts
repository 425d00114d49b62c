/** Runs scripts. */
import { converted } from "./arithmetic.ts";
import { Evaluation, type ScriptFunction, type Surroundings } from "./evaluation.ts";
import { literalType } from "./instances.ts";
import { exceptionOf, thrown } from "./library/constructors.ts";
import { RuntimeProblem, ScriptProblem } from "./problems.ts";
import type { FunctionDefinition, ParsedScript, Statement } from "./syntax.ts";
import { isCaught } from "./types.ts";
import { isScriptObject, ScriptSet } from "./values.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { readonly kind: Kind }>;

type Signal =
  | { readonly kind: "return"; readonly value: unknown }
  | "break"
  | "continue"
  | undefined;

/** Most rounds of a loop (Painless, `maximum loop counter`). */
const maxRounds = 1_000_000;
const tooManyRounds =
  "The maximum number of statements that can be executed in a loop has been reached.";

/** Deepest calls of functions within each other. */
const maxCalls = 500;

/**
 * Runs a script. The value is that of `return`, or of the last expression.
 *
 * @throws {RuntimeProblem} what the script runs into
 * @throws {ScriptProblem} for what is not covered, with its place
 */
export function runParsed(script: ParsedScript, around: Surroundings): unknown {
  return new Run(script, around).script();
}

class Run extends Evaluation {
  readonly #script: ParsedScript;
  #calls = 0;

  constructor(script: ParsedScript, around: Surroundings) {
    super(around);
    this.#script = script;
  }

  script(): unknown {
    try {
      return this.#run(this.#script.statements);
    } catch (error) {
      if (error instanceof RuntimeProblem) error.at ??= this.place;
      throw error;
    }
  }

  #run(statements: readonly Statement[]): unknown {
    let last: unknown;
    for (const [at, statement] of statements.entries()) {
      if (statement.kind === "expression") {
        const value = this.value(statement.value);
        if (at === statements.length - 1 && statement.value.kind !== "assign") last = value;
        continue;
      }
      const signal = this.#do(statement);
      if (typeof signal === "object") return signal.value;
    }
    return last;
  }

  protected override body(statement: Statement): unknown {
    const signal = this.#do(statement);
    return typeof signal === "object" ? signal.value : null;
  }

  protected override ownFunction(name: string, count: number): ScriptFunction | undefined {
    const found = this.#script.functions.get(name);
    if (found === undefined || found.parameters.length !== count) return undefined;
    return (...from) => this.#callFunction(found, from);
  }

  #callFunction(
    { parameters, returns, body }: FunctionDefinition,
    from: readonly unknown[],
  ): unknown {
    if (++this.#calls > maxCalls) throw new RuntimeProblem("stack_overflow_error", "null");
    const given = parameters.map(({ type }, at) => converted(type, from[at] ?? null));
    const names = parameters.map(({ name }) => name);
    const value = this.callOwn(names, given, body);
    this.#calls--;
    return returns === "void" ? null : converted(returns, value);
  }

  #do(statement: Statement): Signal {
    this.step(statement.at);
    switch (statement.kind) {
      case "expression":
        this.value(statement.value);
        return undefined;
      case "declare":
        this.#declare(statement);
        return undefined;
      case "declarations":
        for (const one of statement.all) this.#do(one);
        return undefined;
      case "if":
        if (this.truth(statement.condition)) return this.#do(statement.yes);
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
          value: statement.value === undefined ? null : this.value(statement.value),
        };
      case "throw": {
        const problem = thrown(this.value(statement.value));
        problem.at = statement.value.at;
        throw problem;
      }
      case "try":
        return this.#attempt(statement);
      case "loop":
        return this.#inScope(() => this.#loop(statement));
      case "do":
        return this.#doLoop(statement);
      case "each":
        return this.#inScope(() => this.#each(statement));
      default:
        return statement.kind;
    }
  }

  #declare({ type, name, value }: Of<"declare">): void {
    const given = value === undefined ? undefined : this.value(value);
    if (value !== undefined) this.place = value.at;
    if (value?.kind === "literal") requireLiteral(type, value.value, value.at);
    const own = given === undefined ? undefined : converted(type, given);
    this.scopes.declare(name, own ?? (isPrimitive(type) ? converted(type, 0) : null), type);
  }

  #attempt({ body, catches }: Of<"try">): Signal {
    const before = this.scopes.fork();
    try {
      return this.#do(body);
    } catch (error) {
      if (!(error instanceof RuntimeProblem)) throw error;
      const found = catches.find(({ type }) => isCaught(type, error.type));
      error.at ??= this.place;
      if (found === undefined) throw error;
      this.scopes = before;
      return this.#inScope(() => {
        this.scopes.declare(found.name, exceptionOf(error));
        return this.#do(found.body);
      });
    }
  }

  #inScope(run: () => Signal): Signal {
    this.scopes.enter();
    const signal = run();
    this.scopes.leave();
    return signal;
  }

  #loop(statement: Of<"loop">): Signal {
    if (statement.first !== undefined) this.#do(statement.first);
    for (let count = 0; ; count++) {
      if (count > maxRounds) throw this.#tooLong(statement.at);
      if (statement.condition !== undefined && !this.truth(statement.condition)) break;
      const signal = this.#do(statement.body);
      if (typeof signal === "object") return signal;
      if (signal === "break") break;
      if (statement.next !== undefined) this.value(statement.next);
    }
    return undefined;
  }

  #tooLong(at: number): RuntimeProblem {
    const problem = new RuntimeProblem("painless_error", tooManyRounds);
    problem.at = at;
    return problem;
  }

  #doLoop({ body, condition, at }: Of<"do">): Signal {
    let count = 0;
    do {
      if (++count > maxRounds) throw this.#tooLong(at);
      const signal = this.#do(body);
      if (typeof signal === "object") return signal;
      if (signal === "break") break;
    } while (this.truth(condition));
    return undefined;
  }

  #each(statement: Of<"each">): Signal {
    const values = this.value(statement.values);
    const hasItems = values instanceof ScriptSet || isScriptObject(values);
    const items = hasItems ? values.items : values;
    if (!Array.isArray(items)) {
      this.place = statement.at;
      throw new RuntimeProblem("illegal_argument_exception", "Cannot iterate over a value");
    }
    for (const value of items.slice() as readonly unknown[]) {
      this.scopes.declare(statement.name, value);
      const signal = this.#do(statement.body);
      if (typeof signal === "object") return signal;
      if (signal === "break") break;
    }
    return undefined;
  }
}

function isPrimitive(type: string): boolean {
  return /^(?:int|long|short|byte|float|double)$/.test(type);
}

/** Refuses a literal that a variable of a type cannot hold, as the compiler does. */
function requireLiteral(type: string, value: unknown, at: number): void {
  if (value === null) return;
  const own = literalType(value);
  const isWhole = type === "int" || type === "long" || type === "short" || type === "byte";
  const fits = isWhole
    ? own === "int" || own === type
    : type === "boolean"
      ? own === "boolean"
      : type !== "String" || own === "java.lang.String";
  if (fits) return;
  const wanted = type === "String" ? "java.lang.String" : type;
  const reason = `Cannot cast from [${own}] to [${wanted}].`;
  throw new ScriptProblem(reason, at, false, "class_cast_exception");
}
