/** Parts of a text that are secrets. */

/** A list of ranges, reused: `[from[i], to[i])`, `i < count`. */
export class SecretSpans {
  count = 0;
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly keepsToken: boolean[] = [];

  clear(): void {
    this.count = 0;
  }

  add(from: number, to: number, keepsToken: boolean): void {
    this.from[this.count] = from;
    this.to[this.count] = to;
    this.keepsToken[this.count] = keepsToken;
    this.count += 1;
  }

  /** Puts them in order and makes one of those that overlap. */
  merge(): void {
    const order = Array.from({ length: this.count }, (_, at) => ({
      from: this.from[at] ?? 0,
      to: this.to[at] ?? 0,
      keepsToken: this.keepsToken[at] ?? true,
    })).toSorted((one, other) => one.from - other.from);
    this.clear();
    for (const { from, to, keepsToken } of order) {
      const last = this.count - 1;
      if (last < 0 || from >= (this.to[last] ?? 0)) this.add(from, to, keepsToken);
      else {
        this.to[last] = Math.max(to, this.to[last] ?? 0);
        this.keepsToken[last] = keepsToken && this.keepsToken[last] === true;
      }
    }
  }
}
