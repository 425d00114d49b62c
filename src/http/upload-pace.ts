import type { HttpContext } from "./http-context.ts";

/** Milliseconds that a client has at least when its body is read again after a pause of ours. */
const leastLeftMs = 1000;

/**
 * How long a client may take for its body. It has the grace, and each byte that comes earns it the
 * time that the minimum rate allows for it, at most the idle time ahead: who sends slower than the
 * rate runs out of time, and who stops does so at once or a little later. Time in which the proxy
 * itself does not read is not counted.
 */
export class UploadPace {
  /** Monotonic milliseconds by which more must have come; accurate to half a second. */
  dueMs = Infinity;
  readonly #context: HttpContext;
  #pausedMs = 0;

  constructor(context: HttpContext) {
    this.#context = context;
  }

  /** The head has come, and not the whole body. */
  begins(): void {
    const { sweep, timeouts, minRate } = this.#context;
    const { bodyIdleMs } = timeouts;
    this.dueMs = sweep.deadlineIn(
      minRate.requestBodyBytes === 0 ? bodyIdleMs : Math.min(minRate.graceMs, bodyIdleMs),
    );
  }

  /** Bytes of the body have come. */
  came(count: number): void {
    const { sweep, timeouts, minRate } = this.#context;
    const idleMs = sweep.deadlineIn(timeouts.bodyIdleMs);
    const rate = minRate.requestBodyBytes;
    this.dueMs = rate === 0 ? idleMs : Math.min(idleMs, this.dueMs + (count * 1000) / rate);
  }

  /** Nothing is read for now. */
  pauses(): void {
    this.#pausedMs = this.#context.sweep.deadlineIn(0);
  }

  resumes(): void {
    const { sweep } = this.#context;
    const later = this.dueMs + sweep.deadlineIn(0) - this.#pausedMs;
    this.dueMs = Math.max(later, sweep.deadlineIn(leastLeftMs));
  }
}

/**
 * Milliseconds that a client has for taking bytes that wait for it: what the minimum rate allows,
 * not less than the grace and not more than `timeouts.write`. How much of them the system has taken
 * on cannot be seen, only that all of them have gone.
 */
export function takingMs({ timeouts, minRate }: HttpContext, waitingBytes: number): number {
  const rate = minRate.responseBodyBytes;
  if (rate === 0) return timeouts.writeMs;
  return Math.min(timeouts.writeMs, Math.max(minRate.graceMs, (waitingBytes * 1000) / rate));
}
