/** Sets of synonyms, which filters of analyzers name. */

/** A rule of a set, in the format of Solr. */
export interface SynonymRule {
  readonly id: string;
  readonly synonyms: string;
}

/** The sets of a cluster. */
export class SynonymSets {
  readonly #sets = new Map<string, ReadonlyMap<string, string>>();
  /** Texts of the rules; the same list as long as the set is the same. */
  readonly #lines = new Map<string, readonly string[]>();

  /** Names, in order. */
  names(): string[] {
    return [...this.#sets.keys()].sort();
  }

  has(name: string): boolean {
    return this.#sets.has(name);
  }

  /** The rules of a set in the order of their ids; `undefined`: there is no such set. */
  rules(name: string): readonly SynonymRule[] | undefined {
    const set = this.#sets.get(name);
    if (set === undefined) return undefined;
    return [...set]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, synonyms]) => ({ id, synonyms }));
  }

  /** What a filter that names a set reads; the same list as long as the set is the same. */
  lines(name: string): readonly string[] | undefined {
    let lines = this.#lines.get(name);
    if (lines === undefined) {
      lines = this.rules(name)?.map(({ synonyms }) => synonyms);
      if (lines !== undefined) this.#lines.set(name, lines);
    }
    return lines;
  }

  /** Makes a set, or replaces it. */
  put(name: string, rules: readonly SynonymRule[]): void {
    this.#sets.set(name, new Map(rules.map(({ id, synonyms }) => [id, synonyms])));
    this.#lines.delete(name);
  }

  delete(name: string): void {
    this.#sets.delete(name);
    this.#lines.delete(name);
  }

  clear(): void {
    this.#sets.clear();
    this.#lines.clear();
  }
}
