/** Reads queries of EQL: events, sequences and samples, with pipes behind them. */
import { ExpressionParser } from "./expression-parser.ts";
import { EqlScanner, type Token } from "./scanner.ts";
import type { EqlQuery, EventFilter, FieldName, Pipe, Term } from "./syntax.ts";
import { similar } from "../esql/plan/analysis.ts";

/** Pipes that the language knows; those but `head` and `tail` are refused by the server, too. */
const pipes = ["count", "filter", "head", "sort", "tail", "unique", "unique_count"];

/** Milliseconds of the units of `maxspan`. */
const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Terms of a sequence at most, as in the server. */
const maxRuns = 100;

/**
 * Reads a query.
 *
 * @throws {EsError} 400 `parsing_exception` with line and column
 */
export function parseEql(text: string): EqlQuery {
  return new EqlParser(text).query();
}

type WithoutPipes<T> = T extends unknown ? Omit<T, "pipes"> : never;

class EqlParser {
  readonly #scanner: EqlScanner;
  readonly #expressions: ExpressionParser;

  constructor(text: string) {
    this.#scanner = new EqlScanner(text);
    this.#expressions = new ExpressionParser(this.#scanner);
  }

  query(): EqlQuery {
    const scanner = this.#scanner;
    const found = this.#body();
    const list: Pipe[] = [];
    if (found.kind === "sample" && scanner.isAt("|"))
      throw scanner.refusal(scanner.peek().start, "Samples do not support pipes yet");
    while (scanner.accept("|")) list.push(this.#pipe());
    if (scanner.peek().kind !== "end") throw scanner.unexpected("<EOF>");
    return { ...found, pipes: list };
  }

  #body(): WithoutPipes<EqlQuery> {
    const scanner = this.#scanner;
    if (scanner.acceptWord("sequence")) return this.#sequence();
    if (scanner.acceptWord("sample")) return this.#sample();
    if (scanner.isAtWord("join")) throw scanner.unsupported(scanner.peek().start, "[join] of EQL");
    return { kind: "event", filter: this.#filter() };
  }

  #sequence(): WithoutPipes<EqlQuery> {
    const scanner = this.#scanner;
    const start = scanner.lastEnd - "sequence".length;
    const keys = this.#keys();
    const maxSpanMs = this.#maxSpan();
    if (maxSpanMs !== undefined && keys.length === 0 && scanner.isAtWord("by"))
      throw scanner.refusal(start, "Please specify sequence [by] before [with] not after");
    const terms: Term[] = [];
    while (scanner.isAt("[") || scanner.isAt("!["))
      for (const term of this.#sequenceTerm(keys)) terms.push(term);
    const [until] = scanner.acceptWord("until") ? this.#sequenceTerm(keys) : [];
    if (terms.length === 0) throw scanner.unexpected("{'![', '['}");
    if (terms.length < 2) {
      const message = `A sequence requires a minimum of 2 queries, found [${terms.length}]`;
      throw scanner.refusal(start, message);
    }
    this.#checkKeys([...terms, ...(until === undefined ? [] : [until])], keys.length);
    const isPositive = terms.some(({ isMissing }) => !isMissing);
    const missing = terms.find(({ isMissing }) => isMissing);
    if (!isPositive)
      throw scanner.refusal(start, "A sequence requires at least one positive event");
    if (missing !== undefined && maxSpanMs === undefined)
      throw scanner.refusal(
        start,
        "[maxspan] is required for sequences with missing events queries; found none",
      );
    return { kind: "sequence", terms, maxSpanMs, until };
  }

  #sample(): WithoutPipes<EqlQuery> {
    const scanner = this.#scanner;
    const start = scanner.lastEnd - "sample".length;
    const keys = this.#keys();
    const terms: Term[] = [];
    while (scanner.isAt("[")) terms.push(this.#term(keys));
    if (terms.length < 2) throw scanner.unexpected("'['");
    if (terms.some((term) => term.keys.length === 0))
      throw scanner.refusal(start, "A sample must have at least one join key, found none");
    this.#checkKeys(terms, keys.length);
    return { kind: "sample", terms };
  }

  /** All terms have as many keys. */
  #checkKeys(terms: readonly Term[], common: number): void {
    const wanted = terms[0]?.keys.length ?? 0;
    for (const { keys, start } of terms) {
      if (keys.length === wanted) continue;
      const [own] = keys.slice(common);
      const counts = `expected [${wanted - common}] but found [${keys.length - common}]`;
      throw this.#scanner.refusal(
        own?.start ?? start,
        `Inconsistent number of join keys specified; ${counts}`,
      );
    }
  }

  #sequenceTerm(keys: readonly FieldName[]): Term[] {
    const scanner = this.#scanner;
    const term = this.#term(keys);
    if (!scanner.acceptWord("with")) return [term];
    const word = scanner.take();
    if (word.text !== "runs")
      throw scanner.refusal(word.start, `Unrecognized option [${word.text}], expecting [runs]`);
    scanner.expect("=");
    const { kind, text, start } = scanner.peek();
    if (kind !== "integer") throw scanner.unexpected("INTEGER_VALUE");
    scanner.take();
    const runs = Number(text);
    if (runs < 1)
      throw scanner.refusal(start, `A positive runs value is required; found [${text}]`);
    if (runs > maxRuns)
      throw scanner.refusal(start, `A query cannot be repeated more than [${maxRuns}] times`);
    return Array.from({ length: runs }, () => term);
  }

  #term(keys: readonly FieldName[]): Term {
    const scanner = this.#scanner;
    const { start } = scanner.peek();
    const isMissing = scanner.accept("![");
    if (!isMissing) scanner.expect("[");
    const filter = this.#filter();
    scanner.expect("]");
    const own = this.#keys();
    return { filter, isMissing, keys: [...keys, ...own], start, end: scanner.lastEnd };
  }

  #keys(): FieldName[] {
    const scanner = this.#scanner;
    if (!scanner.acceptWord("by")) return [];
    const keys: FieldName[] = [];
    do {
      const { name, isOptional, start, end } = this.#expressions.field();
      keys.push({ name, isOptional, start, end });
    } while (scanner.accept(","));
    return keys;
  }

  #maxSpan(): number | undefined {
    const scanner = this.#scanner;
    if (!scanner.acceptWord("with")) return undefined;
    scanner.expectWord("maxspan");
    scanner.expect("=");
    const { kind, text, start } = scanner.take();
    if (kind === "decimal") {
      const message = `Decimal time interval [${text}] not supported; please use an positive integer`;
      throw scanner.refusal(start, message);
    }
    if (kind !== "integer") {
      scanner.reset(start);
      throw scanner.unexpected("{INTEGER_VALUE, DECIMAL_VALUE}");
    }
    const value = Number(text);
    if (value <= 0)
      throw scanner.refusal(start, `A positive maxspan value is required; found [${value}]`);
    const unit = scanner.peek();
    if (unit.kind !== "name")
      throw scanner.refusal(start, `No time unit specified, did you mean [s] as in [${text}s]?`);
    return value * this.#unit(scanner.take(), text);
  }

  #unit({ text, start }: Token, number: string): number {
    const ms = Object.hasOwn(units, text) ? units[text] : undefined;
    if (ms !== undefined) return ms;
    const list = Object.keys(units).join(", ");
    const message = `Unrecognized time unit [${text}] in [${number}${text}], please specify one of [${list}]`;
    throw this.#scanner.refusal(start, message);
  }

  #filter(): EventFilter {
    const scanner = this.#scanner;
    const { start: at } = scanner.peek();
    const category = scanner.acceptWord("any") ? undefined : this.#category();
    scanner.expectWord("where");
    return { category, at, condition: this.#expressions.expression() };
  }

  #category(): string {
    const scanner = this.#scanner;
    return scanner.peek().kind === "string" ? scanner.take().text : scanner.identifier();
  }

  #pipe(): Pipe {
    const scanner = this.#scanner;
    const at = scanner.lastEnd - 1;
    const { kind, text, start } = scanner.peek();
    if (kind !== "name") throw scanner.unexpected("IDENTIFIER");
    scanner.take();
    if (!pipes.includes(text))
      throw scanner.refusal(start, `Unrecognized pipe [${text}]${similar(text, pipes)}`);
    if (text !== "head" && text !== "tail")
      throw scanner.refusal(at, `Pipe [${text}] is not supported`);
    return { kind: text, count: this.#count(text, at) };
  }

  #count(name: string, at: number): number {
    const scanner = this.#scanner;
    const { kind } = scanner.peek();
    if (kind === "end" || scanner.isAt("|")) {
      const message = `Pipe [${name}] expects exactly one argument but found [0]`;
      throw scanner.refusal(at, message);
    }
    const value = this.#expressions.expression();
    if (value.kind === "constant" && typeof value.value === "number" && !value.isDecimal)
      if (value.value >= 0) return value.value;
    const found = scanner.query.slice(value.start, value.end);
    throw scanner.refusal(
      value.start,
      `Pipe [${name}] expects a positive integer but found [${found}]`,
    );
  }
}
