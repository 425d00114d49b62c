import { performance } from "node:perf_hooks";

/**
 * The one place that reads time.
 *
 * Monotonic milliseconds (fractional) measure durations and deadlines; wall milliseconds
 * (fractional) date records. The wall clock is derived from the monotonic one and re-anchored by
 * `reanchor`, so that within one anchor period records never go back in time.
 */
export interface Clock {
  /** Monotonic milliseconds, fractional. */
  now(): number;
  /** Milliseconds since the Unix epoch, fractional, for a monotonic instant. */
  wallAt(monotonicMs: number): number;
  /** Follows a stepped system clock; called about once a second by the deadline sweep. */
  reanchor(): void;
}

export class SystemClock implements Clock {
  #offsetMs = performance.timeOrigin;

  now(): number {
    return performance.now();
  }

  wallAt(monotonicMs: number): number {
    return this.#offsetMs + monotonicMs;
  }

  reanchor(): void {
    const offset = Date.now() - performance.now();
    // Date.now() has whole milliseconds only: smaller differences are its rounding, not a step.
    if (Math.abs(offset - this.#offsetMs) > 2) this.#offsetMs = offset;
  }
}
