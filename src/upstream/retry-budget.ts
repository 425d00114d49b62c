/**
 * Seconds that the budget looks back, as in Finagle's `RetryBudget`: long enough to even out
 * bursts, short enough to follow an outage.
 */
const windowSeconds = 10;
/**
 * Retries a second that are always allowed: a share of very little traffic would be less than one
 * retry.
 */
const floorPerSecond = 3;

/**
 * Bounds retries to a share of the requests of the last ten seconds, so that retries cannot
 * multiply the load on endpoints that already fail. Three a second are always allowed, unless the
 * share is nothing.
 */
export class RetryBudget {
  readonly #percent: number;
  readonly #requests = new Float64Array(windowSeconds);
  readonly #retries = new Float64Array(windowSeconds);
  #second = 0;

  /** @param percent 0: no retries at all. */
  constructor(percent: number) {
    this.#percent = percent;
  }

  countRequest(nowMs: number): void {
    this.#advance(nowMs);
    const slot = this.#second % windowSeconds;
    this.#requests[slot] = (this.#requests[slot] ?? 0) + 1;
  }

  /**
   * Takes one retry out of the budget; false: none is left.
   *
   * @param percent a route's own share of the same requests.
   */
  take(nowMs: number, percent: number = this.#percent): boolean {
    if (percent === 0) return false;
    this.#advance(nowMs);
    const allowed = Math.max(floorPerSecond * windowSeconds, (sum(this.#requests) * percent) / 100);
    if (sum(this.#retries) >= allowed) return false;
    const slot = this.#second % windowSeconds;
    this.#retries[slot] = (this.#retries[slot] ?? 0) + 1;
    return true;
  }

  #advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second - this.#second >= windowSeconds) {
      this.#requests.fill(0);
      this.#retries.fill(0);
      this.#second = second;
    }
    while (this.#second < second) {
      this.#second += 1;
      const slot = this.#second % windowSeconds;
      this.#requests[slot] = 0;
      this.#retries[slot] = 0;
    }
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
