/** How long a worker that has died is not replaced. */

/**
 * Milliseconds. A worker that lived this long did not die of its start: its successor starts at
 * once.
 */
const settledMs = 10_000;
/** Milliseconds before a worker that died of its start is replaced; doubled with each death. */
const firstDelayMs = 100;
/** The longest such wait: an operator who repairs the cause sees it within ten seconds. */
const longestDelayMs = 10_000;

/** Lets workers that die of their start come back in growing intervals. */
export class RestartDelay {
  #quickDeaths = 0;

  /** @returns milliseconds to wait after the death of a worker that lived `livedMs` */
  next(livedMs: number): number {
    this.#quickDeaths = livedMs < settledMs ? this.#quickDeaths + 1 : 0;
    return this.#quickDeaths <= 1
      ? 0
      : Math.min(longestDelayMs, firstDelayMs * 2 ** (this.#quickDeaths - 2));
  }
}
