/**
 * Time as the event loop saw it, for promises such as "within a second": a loop that gets no
 * processor for a while counts one tick for it. A busy machine makes no test red, a timer that is
 * too long does.
 */
export class LoopTime {
  static readonly #tickMs = 10;
  #ticks = 0;
  readonly #timer = setInterval(() => {
    this.#ticks += 1;
  }, LoopTime.#tickMs);

  /** Ends the count. @returns milliseconds since construction, at most the time on the clock */
  stop(): number {
    clearInterval(this.#timer);
    return this.#ticks * LoopTime.#tickMs;
  }
}
