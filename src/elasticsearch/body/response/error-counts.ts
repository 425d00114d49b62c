import type { ErrorFact } from "./response-facts.ts";

/** Types of errors that are told apart; Elasticsearch has some hundreds. */
const maxErrors = 200;
/** An error that is only a text is told by its beginning. */
const maxTypeLength = 200;

/** Counts errors by place and type. */
export class ErrorCounts {
  readonly #counts = new Map<string, { where: ErrorFact["where"]; type: string; count: number }>();
  #more = 0;

  add(where: ErrorFact["where"], text: string): void {
    const type = text.slice(0, maxTypeLength);
    const key = `${where} ${type}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#counts.size === maxErrors) this.#more += 1;
    else this.#counts.set(key, { where, type, count: 1 });
  }

  facts(): { errors: ErrorFact[]; moreErrors: number } {
    return { errors: [...this.#counts.values()], moreErrors: this.#more };
  }
}
