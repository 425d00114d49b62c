import type { BulkActionView } from "../rest/es-request.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import type { Fault, FaultRule } from "./fault.ts";
import { createRandom, type Random } from "./random.ts";

/** Decides for one action of a bulk request: a status to fail with, or nothing. */
export type BulkItemCallback = (action: BulkActionView) => number | undefined;

interface CountedRule {
  readonly rule: FaultRule;
  readonly path: RegExp | undefined;
  seen: number;
  struck: number;
}

/**
 * The scripted faults of a mock. Which requests they strike depends on the rules, the order of
 * requests and the seed only.
 */
export class FaultPlan {
  readonly seed: number;
  /** Asked for every action of every bulk request when set; its status wins over rules. */
  onBulkItem: BulkItemCallback | undefined;
  #rules: CountedRule[] = [];
  #random: Random;

  constructor(seed: number, rules: readonly FaultRule[] = []) {
    this.seed = seed;
    this.#random = createRandom(seed);
    for (const rule of rules) this.add(rule);
  }

  /** True when nothing can strike, so that the path of a request need not ask. */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** The rules in force, with how often each was considered and struck. */
  rules(): { readonly rule: FaultRule; readonly seen: number; readonly struck: number }[] {
    return this.#rules.map(({ rule, seen, struck }) => ({ rule, seen, struck }));
  }

  add(rule: FaultRule): void {
    this.#rules.push({
      rule,
      path: rule.path === undefined ? undefined : simplePattern(rule.path),
      seen: 0,
      struck: 0,
    });
  }

  /** Removes all rules and starts the random numbers again from the seed. */
  clear(): void {
    this.#rules = [];
    this.onBulkItem = undefined;
    this.#random = createRandom(this.seed);
  }

  /** A number from 0 up to 1 of the seeded sequence. */
  draw(): number {
    return this.#random();
  }

  /** Faults that strike a request. Every call counts as one request. */
  strike(method: string, target: string): Fault[] {
    const struck: Fault[] = [];
    if (this.#rules.length === 0) return struck;
    const mark = target.indexOf("?");
    const path = mark === -1 ? target : target.slice(0, mark);
    for (const counted of this.#rules)
      if (this.#strikes(counted, method, path)) struck.push(counted.rule.fault);
    return struck;
  }

  #strikes(counted: CountedRule, method: string, path: string): boolean {
    const { rule } = counted;
    if (rule.method !== undefined && rule.method !== method) return false;
    if (counted.path !== undefined && !counted.path.test(path)) return false;
    counted.seen++;
    if (rule.nth !== undefined && counted.seen !== rule.nth) return false;
    if (rule.every !== undefined && counted.seen % rule.every !== 0) return false;
    if (rule.times !== undefined && counted.struck >= rule.times) return false;
    if (rule.odds !== undefined && this.#random() >= rule.odds) return false;
    counted.struck++;
    return true;
  }
}
