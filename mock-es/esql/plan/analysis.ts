/** What the analysis of a query shares: its text, what is wrong with it, its warnings. */
import type { EsError } from "../../es-error.ts";
import { editDistance } from "../../text/edit-distance.ts";
import { inHashOrder } from "../../text/hash-order.ts";
import {
  type Failure,
  placeText,
  type Span,
  unsupported,
  verificationProblem,
} from "../syntax/span.ts";
import type { DataType } from "../values/types.ts";
import type { Cell, Row } from "../values/value.ts";

/** A column of the rows at some place of a query. */
export interface Attribute {
  readonly name: string;
  readonly type: DataType;
  /** Types of the mappings behind a column of type `unsupported`. */
  readonly originalTypes?: readonly string[];
  /** Name of the field that the values come from as they are; absent for computed ones. */
  readonly field?: string;
  /** True for a field whose queries read values otherwise than they are shown, as floats do. */
  readonly isReadAnew?: boolean;
  /** True for a field that cannot be searched. */
  readonly isUnindexed?: boolean;
  /** True for the number of the document, which no answer shows. */
  readonly isHidden?: boolean;
}

/** An expression whose columns and types are known. */
export interface Typed extends Span {
  readonly type: DataType;
  /** Text in the query. */
  readonly text: string;
  readonly evaluate: (row: Row) => Cell;
  /** True when no row is needed. */
  readonly isConstant: boolean;
  /** The column that it is, where it is nothing else. */
  readonly attribute?: Attribute | undefined;
  /** The condition as the index decides it; absent where the server does not ask it. */
  readonly pushed?: Pushed | undefined;
  /** The operator and operands of arithmetic of two numbers, or of a sign. */
  readonly arithmetic?: Arithmetic | undefined;
  /** Both sides of an AND. */
  readonly conjuncts?: readonly Typed[] | undefined;
  /** True for a value that stands in the query itself. */
  readonly isLiteral?: boolean | undefined;
}

/** A condition that the server asks of the index. */
export interface Pushed {
  /** Whether the query finds a document, be it by one of several values. */
  readonly fits: (row: Row) => boolean;
  /**
   * What is left of it: null, with a warning if the query finds it, for several values.
   *
   * @param isNegated whether a NOT stands in front of the condition, or around it
   * @param warn warns at the NOT that stands right in front of it
   */
  readonly evaluate: (row: Row, isNegated?: boolean, warn?: () => void) => Cell;
}

/** What a number is computed from. */
export interface Arithmetic {
  /** `negate` for a sign, whose operand is on the left. */
  readonly operator: "+" | "-" | "*" | "/" | "%" | "negate";
  readonly left: Typed;
  readonly right?: Typed;
}

/** Values that could not be computed: each becomes null, and is told of. */
export class Warnings {
  readonly #query: string;
  readonly #lines = new Set<string>();
  readonly #counts = new Map<string, number>();

  constructor(query: string) {
    this.#query = query;
  }

  /** In the order in which they came up, each once. */
  get lines(): readonly string[] {
    return [...this.#lines];
  }

  add(line: string): void {
    this.#lines.add(line);
  }

  /** Adds what a computation failed with; 20 at most for each place. */
  failed({ start, end }: Span, problem: string, result = "null"): void {
    const place = placeText(this.#query, start).replace("line", "Line");
    const span = `${start}-${end}`;
    const count = this.#counts.get(span) ?? 0;
    if (count === 0) {
      const text = this.#query.slice(start, end);
      this.add(
        `${place}: evaluation of [${text}] failed, treating result as ${result}. Only first ${maxFailures} failures recorded.`,
      );
    }
    this.#counts.set(span, count + 1);
    if (count < maxFailures) this.add(`${place}: ${problem}`);
  }
}

const maxFailures = 20;

/** A computation that has no result; becomes null, with a warning. */
export class Uncomputable extends Error {
  /** @param problem class and message, as in `java.lang.ArithmeticException: / by zero` */
  constructor(problem: string) {
    super(problem);
    this.name = "Uncomputable";
  }
}

/** `java.lang.ArithmeticException` */
export function arithmeticProblem(message: string): Uncomputable {
  return new Uncomputable(`java.lang.ArithmeticException: ${message}`);
}

/** `java.lang.IllegalArgumentException` */
export function argumentProblem(message: string): Uncomputable {
  return new Uncomputable(`java.lang.IllegalArgumentException: ${message}`);
}

/** The analysis of one query. */
export class Analysis {
  readonly query: string;
  /** The instant of `now()`, milliseconds since the epoch. */
  readonly nowMs: number;
  readonly warnings: Warnings;
  readonly #failures: Failure[] = [];
  #constants: readonly Typed[] = [];

  constructor(query: string, nowMs: number) {
    this.query = query;
    this.nowMs = nowMs;
    this.warnings = new Warnings(query);
  }

  /** Notes a failure; more may be found in the same command. */
  fail({ start }: Pick<Span, "start">, message: string): undefined {
    this.#failures.push({ at: start, message });
  }

  /** Notes an expression that the server computes, as a whole, before it reads any row. */
  addConstant(typed: Typed): void {
    const isApart = ({ start, end }: Typed): boolean => start < typed.start || end > typed.end;
    this.#constants = [...this.#constants.filter(isApart), typed];
  }

  /** @throws {EsError} 400 `verification_exception` for the failures that were noted */
  check(): void {
    if (this.#failures.length > 0) throw verificationProblem(this.query, this.#failures);
    const constants = this.#constants;
    this.#constants = [];
    for (const constant of constants) constant.evaluate([]);
  }

  unsupported({ start }: Pick<Span, "start">, what: string): EsError {
    return unsupported(this.query, start, what);
  }

  textOf({ start, end }: Span): string {
    return this.query.slice(start, end);
  }
}

/** `Unknown column [x], did you mean [y]?` */
export function unknownColumn(name: string, columns: readonly Attribute[]): string {
  return `Unknown column [${name}]${similar(name, visibleNames(columns))}`;
}

function visibleNames(columns: readonly Attribute[]): string[] {
  const names = columns.filter(({ isHidden }) => isHidden !== true).map(({ name }) => name);
  return inHashOrder(names, 1);
}

/** Least likeness of names that are offered in place of an unknown one. */
const leastLikeness = 0.5;

/** `, did you mean [a]?`, `, did you mean any of [a, b]?` or nothing. */
export function similar(unknown: string, names: readonly string[]): string {
  const near = names
    .map((name) => {
      const longest = Math.max(unknown.length, name.length, 1);
      return { name, likeness: 1 - editDistance(unknown, name) / longest };
    })
    .filter(({ likeness }) => likeness >= leastLikeness)
    .sort((a, b) => b.likeness - a.likeness)
    .map(({ name }) => name);
  if (near.length === 0) return "";
  const list = near.join(", ");
  return near.length === 1 ? `, did you mean [${list}]?` : `, did you mean any of [${list}]?`;
}
