import type { Clock } from "./clock.ts";

/** Milliseconds that one kind of such work may take of a turn of the event loop. */
const sliceMs = 0.1;
/** Steps in one turn, however little they take: what they bring about later takes time as well. */
const mostPerTurn = 32;

/**
 * Work of many small steps that are all due at once, such as telling thousands that their time is
 * over (a record and an answer take 60 µs): it goes on from turn to turn, so that no exchange waits
 * for all of it.
 */
export class TurnSlices {
  readonly #clock: Pick<Clock, "now">;
  readonly #step: () => boolean;
  #isArmed = false;

  /** @param step does one step; false: there is nothing more to do */
  constructor(clock: Pick<Clock, "now">, step: () => boolean) {
    this.#clock = clock;
    this.#step = step;
  }

  /** Begins now, unless it is under way. */
  run(): void {
    if (this.#isArmed) return;
    const untilMs = this.#clock.now() + sliceMs;
    for (let steps = 0; steps < mostPerTurn; steps += 1) {
      if (!this.#step()) return;
      if (this.#clock.now() >= untilMs) break;
    }
    this.#isArmed = true;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isArmed = false;
    this.run();
  };
}
