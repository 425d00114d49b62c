/** Variables of a script that runs, by the blocks that they are declared in. */

interface Variable {
  readonly type: string;
  value: unknown;
}

/** The blocks around a place, the innermost last. */
export class Scopes {
  readonly #levels: Map<string, Variable>[];

  constructor(levels: readonly Map<string, Variable>[] = [new Map()]) {
    this.#levels = [...levels];
  }

  /** The same blocks, for what is entered from here. */
  fork(): Scopes {
    return new Scopes(this.#levels);
  }

  enter(): void {
    this.#levels.push(new Map());
  }

  leave(): void {
    this.#levels.pop();
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  get(name: string): unknown {
    return this.#find(name)?.value;
  }

  declare(name: string, value: unknown, type = "def"): void {
    this.#levels.at(-1)?.set(name, { type, value });
  }

  /** False where there is no such variable. */
  set(name: string, value: unknown): boolean {
    const variable = this.#find(name);
    if (variable === undefined) return false;
    variable.value = value;
    return true;
  }

  /** The type that a variable was declared with. */
  typeOf(name: string): string | undefined {
    return this.#find(name)?.type;
  }

  #find(name: string): Variable | undefined {
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const found = this.#levels[level]?.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
