/** Random ES|QL over the documents of `documents.ts`. */
import { createRandom, type Random } from "../../../mock-es/faults/random.ts";
import { fieldNames, prelude } from "./documents.ts";
import { leaves, templates, valueTypes } from "./grammar.ts";

/** Part of the expressions that are of a type which does not fit. */
const wrongTypes = 0.02;

const rules = new Map<string, string[]>();
for (const template of templates) {
  const [type = "", ...rest] = template.split(" = ");
  rules.set(type, [...(rules.get(type) ?? []), rest.join(" = ")]);
}

/** Makes queries; the same seed makes the same ones. */
export class QueryMaker {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  /** A query of one of the kinds: expressions, conditions, aggregates, pipelines. */
  make(): string {
    const made = this.#pick([
      () => this.#evaluation(),
      () => this.#evaluation(),
      () => `WHERE ${this.#expression("bool", 2)} | SORT id | KEEP id | LIMIT 50`,
      () => this.#stats(),
      () => this.#pipeline(),
    ])();
    return `FROM gen | ${prelude} | ${made}`;
  }

  #pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.#random() * list.length)];
    if (found === undefined) throw new Error("nothing to pick from");
    return found;
  }

  #filled(template: string, depth: number): string {
    return template.replaceAll(/\{(\w+)\}/g, (_, type: string) => this.#expression(type, depth));
  }

  #expression(wanted: string, depth: number): string {
    const type = this.#random() < wrongTypes ? this.#pick(valueTypes) : wanted;
    const fitting = rules.get(type);
    if (depth <= 0 || fitting === undefined || this.#random() < 0.15)
      return this.#pick(leaves[type] ?? ["null"]);
    return this.#filled(this.#pick(fitting), depth - 1);
  }

  #any(depth: number): string {
    return this.#expression(this.#pick(valueTypes), depth);
  }

  #evaluation(): string {
    const computed = this.#filled(this.#pick([...rules.values()].flat()), this.#pick([0, 0, 1, 2]));
    return `EVAL x = ${computed} | SORT id | KEEP id, x | LIMIT 50`;
  }

  #aggregate(): string {
    const number = this.#expression(this.#pick(["int", "long", "dbl"]), 0);
    const ordered = this.#expression(this.#pick(["int", "str", "date", "ip", "bool", "dbl"]), 0);
    return this.#pick([
      "COUNT(*)",
      `COUNT(${this.#any(1)})`,
      `COUNT_DISTINCT(${this.#expression(this.#pick(["int", "str", "date", "ver"]), 1)})`,
      `SUM(${number})`,
      `AVG(${number})`,
      `MIN(${ordered})`,
      `MAX(${ordered})`,
      `MEDIAN(${number})`,
      `PERCENTILE(${number}, ${this.#pick(["50", "90", "0"])})`,
      `STD_DEV(${number})`,
      `WEIGHTED_AVG(${number}, sh)`,
      `MEDIAN_ABSOLUTE_DEVIATION(${number})`,
      `MV_SORT(VALUES(${ordered}))`,
      `TOP(${ordered}, 3, ${this.#pick(['"asc"', '"desc"'])})`,
      `MIN(${ordered}) WHERE ${this.#expression("bool", 1)}`,
      `ROUND(AVG(${number}), 2)`,
    ]);
  }

  #group(): string {
    return this.#pick([
      this.#any(0),
      `BUCKET(a1, ${this.#pick(["1 year", "1 month", "1 day", "1 week"])})`,
      `BUCKET(i1, ${this.#pick(["10", "5", "100."])})`,
      `BUCKET(a1, ${this.#pick(["5", "20"])}, "2019-01-01", "2024-01-01")`,
      "BUCKET(l1, 20, 0, 1000)",
    ]);
  }

  #stats(): string {
    const groups = ["", ` BY g = ${this.#group()}`, ` BY g = ${this.#group()}, h = b1`];
    return `STATS s = ${this.#aggregate()}, t = ${this.#aggregate()}${this.#pick(groups)}`;
  }

  #command(): string {
    const field = this.#pick(fieldNames);
    const order = this.#pick(["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
    return this.#pick([
      `WHERE ${this.#expression("bool", 1)}`,
      `EVAL ${this.#pick(["y", field])} = ${this.#any(1)}`,
      `SORT ${field}${order}, id`,
      `KEEP id, ${this.#pick(["*", "a*", "*m", "k1, *", "*1", "tm*", field])}`,
      `DROP ${this.#pick(["a*", "*m", "d*", "nope", field])}`,
      `RENAME ${field} AS ${this.#pick(["r", this.#pick(fieldNames)])}`,
      `MV_EXPAND ${this.#pick(["im", "km", "bm", "pm"])}`,
      `DISSECT ${this.#pick(["k1", "km"])} ${this.#pick(['"%{p} %{q}"', '"%{p},%{q->} %{r}"'])}`,
      `GROK ${this.#pick(["k1", "km"])} ${this.#pick(['"%{WORD:p}"', '"%{WORD:p} %{WORD:p}"'])}`,
      "STATS c = COUNT(*), id = MIN(id) BY k1",
      `LOOKUP JOIN lk ON ${this.#pick(["i1", "k1"])}`,
    ]);
  }

  #pipeline(): string {
    const count = this.#pick([1, 2, 3]);
    return `${Array.from({ length: count }, () => this.#command()).join(" | ")} | LIMIT 500`;
  }
}
