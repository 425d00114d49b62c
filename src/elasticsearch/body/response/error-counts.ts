import { CountByName } from "../count-by-name.ts";
import type { JsonScanner } from "../json-scanner.ts";
import type { ErrorFact } from "./response-facts.ts";

/** An error that is only a text is told by its beginning. */
const maxTypeLength = 200;

const places: readonly ErrorFact["where"][] = [
  "request",
  "root_cause",
  "shard",
  "search",
  "cluster",
  "failure",
  "item",
  "document",
];

/** Counts errors by place and type. */
export class ErrorCounts {
  readonly #scanner: JsonScanner;
  readonly #types = new CountByName(places.length);

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  /** Counts the error whose type is the scanner's last scalar. */
  add(where: ErrorFact["where"]): void {
    const { bytes, start, end } = this.#scanner;
    const stop = Math.min(end, start + maxTypeLength);
    this.#types.count(this.#types.numberOf(bytes, start, stop), places.indexOf(where));
  }

  facts(): { errors: ErrorFact[]; moreErrors: number } {
    const errors = this.#types.map((type, kind, count): ErrorFact => ({
      where: places[kind] ?? "request",
      type,
      count,
    }));
    return { errors, moreErrors: this.#types.more };
  }
}
