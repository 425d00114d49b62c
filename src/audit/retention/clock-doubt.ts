/** Whether the wall clock is believed: what is old is deleted by it. */

/** Two clocks, in milliseconds. */
export interface TwoClocks {
  /** Since the epoch; can be set. */
  readonly wallMs: () => number;
  /** Never set. */
  readonly monotonicMs: () => number;
}

/** The clocks of the system. */
export const systemClocks: TwoClocks = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** More than what time servers correct without a step, and a change to summer time. */
const stepMs = 2 * 3_600_000;
/** Enough for somebody to see it and to set the clock right. */
const doubtMs = 86_400_000;

/** After a long step forward the clock is in doubt for a day, or until it was set back. */
export class ClockDoubt {
  readonly #clocks: TwoClocks;
  #offsetMs: number;
  #untilMs = -Infinity;

  constructor(clocks: TwoClocks) {
    this.#clocks = clocks;
    this.#offsetMs = clocks.wallMs() - clocks.monotonicMs();
  }

  /** Looks at both. @returns by how much the wall clock was set forward since; 0: it was not */
  look(): number {
    const monotonicMs = this.#clocks.monotonicMs();
    const offsetMs = this.#clocks.wallMs() - monotonicMs;
    const forwardMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    if (forwardMs < -stepMs) this.#untilMs = -Infinity;
    if (forwardMs <= stepMs) return 0;
    this.#untilMs = monotonicMs + doubtMs;
    return forwardMs;
  }

  get isDoubted(): boolean {
    return this.#clocks.monotonicMs() < this.#untilMs;
  }
}
