import type { Log } from "../../core/log.ts";
import type { RecordWaiter } from "./audit-options.ts";

/** What a waiter will be told. */
const told = { refused: 0, stored: 1, storedOrRefused: 2 } as const;

/** Those who wait for the records of a turn, in order. */
export class RecordWaiters {
  readonly #waiters: RecordWaiter[] = [];
  readonly #results: number[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  get count(): number {
    return this.#waiters.length;
  }

  /**
   * Adds one; gives its number.
   *
   * @param mayBeRefused its request must not go on when it turns out later that the record is not
   *   on the device
   */
  add(waiter: RecordWaiter, mayBeRefused: boolean): number {
    this.#results.push(mayBeRefused ? told.storedOrRefused : told.stored);
    return this.#waiters.push(waiter) - 1;
  }

  refuse(number: number): void {
    this.#results[number] = told.refused;
  }

  /** The records are not on the device: refuses all that may be refused. */
  refuseAll(): void {
    for (const [at, result] of this.#results.entries())
      if (result === told.storedOrRefused) this.#results[at] = told.refused;
  }

  /**
   * Tells all and forgets them. What they append belongs to the next turn, so it must go to another
   * list.
   */
  tell(): void {
    for (let at = 0; at < this.#waiters.length; at += 1) {
      try {
        this.#waiters[at]?.recordStored(this.#results[at] !== told.refused);
      } catch (error) {
        // One exchange that fails must not keep the others of its turn waiting.
        const name = error instanceof Error ? error.name : "unknown";
        this.#log.error({ error: name }, "an exchange failed after its record");
      }
    }
    this.#waiters.length = 0;
    this.#results.length = 0;
  }
}
