/** Values of members called `value` that stand before the neighbour which says what they are. */

/** One of them; positions in bytes of the body. */
export interface UndecidedValue {
  /** Depth of the object that it is a member of. */
  readonly depth: number;
  readonly from: number;
  /** -1: it has not ended. */
  to: number;
  readonly isString: boolean;
}

/** A stack: inner objects end before outer ones. */
export class UndecidedValues {
  readonly #list: UndecidedValue[] = [];

  /** Position of the first; `otherwise` when there is none. */
  first(otherwise: number): number {
    return this.#list[0]?.from ?? otherwise;
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  /** All of them have ended. */
  get areWhole(): boolean {
    return this.#list.every(({ to }) => to >= 0);
  }

  add(depth: number, from: number, to: number, isString: boolean): void {
    this.#list.push({ depth, from, to, isString });
  }

  /** An object or array at `depth` ended before `end`: its own values are no secrets. */
  close(depth: number, end: number): void {
    const list = this.#list;
    while ((list.at(-1)?.depth ?? -1) >= depth) list.pop();
    const last = list.at(-1);
    if (last !== undefined && last.to < 0 && last.depth === depth - 1) last.to = end;
  }

  /** Takes those of the object at `depth`, whose neighbour says that they are secrets. */
  take(depth: number): UndecidedValue[] {
    const list = this.#list;
    const taken: UndecidedValue[] = [];
    while ((list.at(-1)?.depth ?? -1) >= depth) {
      const last = list.pop();
      if (last !== undefined && last.to >= 0) taken.push(last);
    }
    return taken;
  }

  /** Takes all, the outermost first; those that have not ended go to `end`. */
  takeAll(end: number): UndecidedValue[] {
    for (const value of this.#list) if (value.to < 0) value.to = end;
    return this.#list.splice(0);
  }
}
