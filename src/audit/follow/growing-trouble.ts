/** When the same trouble is told again: at once, then at growing intervals. */

const firstIntervalMs = 60_000;
/** A trouble that lasts for days is told every hour. */
const longestIntervalMs = 3_600_000;

/** One kind of trouble, which may last; between two of its signs nothing is known of it. */
export class GrowingTrouble {
  readonly #now: () => number;
  #kind = "";
  #toldMs = 0;
  #intervalMs = 0;
  #untold = 0;
  #times = 0;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * The trouble has shown itself. Another kind than the last one is told at once.
   *
   * @returns how often it came back since it was told; `undefined`: it is not to be told now
   */
  again(kind: string): number | undefined {
    const nowMs = this.#now();
    this.#times += 1;
    if (kind === this.#kind && nowMs - this.#toldMs < this.#intervalMs) {
      this.#untold += 1;
      return undefined;
    }
    const isSame = kind === this.#kind;
    this.#intervalMs = isSame ? Math.min(2 * this.#intervalMs, longestIntervalMs) : firstIntervalMs;
    this.#kind = kind;
    this.#toldMs = nowMs;
    const untold = this.#untold;
    this.#untold = 0;
    return untold;
  }

  /** It is over. @returns how often it has shown itself; 0: there was none */
  over(): number {
    const times = this.#times;
    this.#kind = "";
    this.#times = 0;
    this.#untold = 0;
    return times;
  }
}
