import { Buffer } from "node:buffer";
import { parseIndexExpressions, type IndexExpressions } from "../../names/index-expression.ts";
import { coversIndex, mayOverlap } from "../../names/index-matcher.ts";
import { FieldAutomaton } from "./field-automaton.ts";

/** Which fields are watched, in which indices. */
export interface WatchRule {
  /** An index expression, such as `patients-*,-patients-test`. */
  readonly indices: string;
  /**
   * Names of fields; `*` stands for any characters, dots included. A name stands for everything
   * below it, too.
   */
  readonly fields: readonly string[];
}

/** A set of rules is a number with one bit a rule. */
export const maxWatchRules = 30;

/** Rules made ready, to be used for many answers. */
export class WatchRules {
  readonly fields: FieldAutomaton;
  /** The set of all rules. */
  readonly all: number;
  readonly #indices: readonly IndexExpressions[];

  /**
   * @param nowMs time for date math in the indices, milliseconds since 1970
   * @throws {RangeError} more than {@link maxWatchRules} rules
   */
  constructor(rules: readonly WatchRule[], nowMs: number) {
    if (rules.length > maxWatchRules)
      throw new RangeError(`at most ${maxWatchRules} watch rules, not ${rules.length}`);
    this.all = 2 ** rules.length - 1;
    this.fields = new FieldAutomaton(rules.map(({ fields }) => fields));
    this.#indices = rules.map(({ indices }) => parseIndexExpressions(indices, nowMs));
  }

  /** The rules that may cover an index. @param index concrete name, as in answers */
  ofIndex(index: string): number {
    let set = 0;
    for (const [at, expressions] of this.#indices.entries())
      if (coversIndex(expressions, index) !== "no") set |= 1 << at;
    return set;
  }

  /**
   * The rules that may cover an index of a list.
   *
   * @param list index expressions; empty: all indices
   * @param nowMs time for date math, milliseconds since 1970
   */
  ofExpressions(list: readonly string[], nowMs: number): number {
    const asked = parseIndexExpressions(list, nowMs);
    let set = 0;
    for (const [at, expressions] of this.#indices.entries())
      if (mayOverlap(expressions, asked)) set |= 1 << at;
    return set;
  }

  /** The rules that watch a field. @param name its whole name */
  ofField(name: string): number {
    const bytes = Buffer.from(name);
    return this.fields.walk(this.fields.start, bytes, 0, bytes.length)?.accepted ?? 0;
  }
}
