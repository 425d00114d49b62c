/** Finds the parameters that the `?` of a query mean. */
import type { Parameter, Parameters } from "./parameters.ts";
import type { Token } from "./scanner.ts";
import { syntaxProblem, unsupported } from "./span.ts";
import type { Expression } from "./syntax.ts";

/** Hands out parameters; those without name or number one after the other. */
export class ParameterReader {
  readonly #query: string;
  readonly #parameters: Parameters;
  /** How many of those without name or number were taken. */
  used = 0;
  #kind: string | undefined;

  constructor(query: string, parameters: Parameters) {
    this.#query = query;
    this.#parameters = parameters;
  }

  /** @throws {EsError} 400 for one that was not sent */
  take({ text, start }: Token): Parameter {
    const { positional, named } = this.#parameters;
    const name = text.replace(/^\?\??/, "");
    this.#checkKind(name === "" ? "anonymous" : /^\d+$/.test(name) ? "positional" : "named", start);
    const found =
      name === ""
        ? positional[this.used++]
        : /^\d+$/.test(name)
          ? positional[Number(name) - 1]
          : named.get(name);
    if (found !== undefined) return found;
    const query = this.#query;
    if (name === "") {
      const message = `Not enough actual parameters ${positional.length}`;
      throw syntaxProblem(query, start, message);
    }
    if (/^\d+$/.test(name)) {
      const count = positional.length;
      const hint =
        count === 0
          ? ""
          : `, did you mean ${count === 1 ? "position 1" : `any position between 1 and ${count}`}?`;
      throw syntaxProblem(query, start, `No parameter is defined for position ${name}${hint}`);
    }
    throw syntaxProblem(query, start, `Unknown query parameter [${name}]`);
  }

  /** All parameters of a query are written in one way. */
  #checkKind(kind: string, start: number): void {
    const first = this.#kind ?? kind;
    this.#kind = first;
    if (first === kind) return;
    throw syntaxProblem(
      this.#query,
      start,
      `Inconsistent parameter declaration, use one of positional, named or anonymous params but not a combination of ${kind} and ${first}`,
    );
  }

  /** The values of a parameter. */
  values(token: Token): Extract<Parameter, { kind: "values" }> {
    const parameter = this.take(token);
    if (parameter.kind === "values") return parameter;
    throw unsupported(this.#query, token.start, "the name of a column here");
  }

  /** A parameter in the place of a constant. */
  expression(token: Token): Expression {
    const { start, end } = token;
    const { values, isList } = this.values(token);
    const items = values.map((value): Expression => ({ kind: "literal", value, start, end }));
    const [only] = items;
    if (!isList && only !== undefined) return only;
    return { kind: "list", items, start, end };
  }
}
