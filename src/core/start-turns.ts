import type { Clock } from "./clock.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Work that waits for its turn. */
export interface PacedStart {
  /** Called once, perhaps at once. */
  start(): void;
}

/**
 * Milliseconds that a turn of the event loop is to take while something waits. A small exchange
 * passes through some four turns, and beside such work it is to take no longer than 4 ms.
 */
const turnMs = 0.5;
/** Starts in one turn: so many as its time allows, within these bounds. */
const leastPerTurn = 1;
const mostPerTurn = 32;
const firstPerTurn = 4;

/**
 * Spreads the beginnings of work over the turns of the event loop, first in, first out. What work
 * costs later counts as well: what is measured is how long whole turns take.
 */
export class StartTurns {
  readonly #clock: Pick<Clock, "now">;
  readonly #line = new WaitingLine<PacedStart>();
  #perTurn = firstPerTurn;
  #begun = 0;
  #isArmed = false;
  /** When the present turn began, or the first start in it. */
  #startedMs = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Starts `work` now, or in one of the next turns. */
  add(work: PacedStart): void {
    if (!this.#isArmed) this.#arm(this.#clock.now());
    this.#line.add(work);
    this.#begin();
  }

  #arm(nowMs: number): void {
    this.#isArmed = true;
    this.#begun = 0;
    this.#startedMs = nowMs;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isArmed = false;
    if (this.#line.size === 0) return;
    const nowMs = this.#clock.now();
    this.#perTurn =
      nowMs - this.#startedMs > turnMs
        ? Math.max(leastPerTurn, Math.floor(this.#perTurn * 0.75))
        : Math.min(mostPerTurn, this.#perTurn + 1);
    this.#arm(nowMs);
    this.#begin();
  };

  #begin(): void {
    while (this.#begun < this.#perTurn) {
      const work = this.#line.take();
      if (work === undefined) return;
      this.#begun += 1;
      work.start();
    }
  }
}
