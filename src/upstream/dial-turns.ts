/** Spreads dials over the turns of the event loop. */
import { Connector } from "./connector.ts";
import type { DialSetup } from "./connector.ts";
import type { Endpoint } from "./endpoint.ts";
import type { PendingDial } from "./pending-dial.ts";

/**
 * Dials that begin in one turn. One takes 0.15 ms, and what follows it, up to the first 64 KiB of
 * its response, as much again in each of three later turns.
 */
const perTurn = 2;
/** Of them, for clients that have not taken an answer before. */
const freshPerTurn = 1;
/**
 * Milliseconds: after a turn that took longer no dial begins for a fresh client. A small exchange
 * passes through some four turns, and is to take no longer than 4 ms.
 */
const longTurnMs = 0.5;
/** Turns that are left out in a row: time also passes while other processes have the processor. */
const mostLeftOut = 3;

/**
 * When hundreds of exchanges want a new connection at the same moment, because as many clients have
 * come, or because room for them has, others do not wait for all of that. Clients that have taken
 * an answer before go first; the others go on as fast as turns stay short.
 */
export class DialTurns {
  readonly #setup: DialSetup;
  readonly #onUnwanted: (endpoint: Endpoint) => void;
  readonly #known: PendingDial[] = [];
  readonly #fresh: PendingDial[] = [];
  #isArmed = false;
  #begun = 0;
  #freshBegun = 0;
  #leftOut = 0;
  /** When the present turn began, or the first dial in it. */
  #startedMs = 0;

  /** @param onUnwanted the exchange has gone before its turn: there is no connection */
  constructor(setup: DialSetup, onUnwanted: (endpoint: Endpoint) => void) {
    this.#setup = setup;
    this.#onUnwanted = onUnwanted;
  }

  /** Begins now, or in one of the next turns. */
  add(dial: PendingDial): void {
    if (!this.#isArmed) {
      this.#arm(this.#setup.clock.now());
      this.#begun = 0;
      this.#freshBegun = 0;
    }
    if (dial.waiter?.isFresh === true) {
      if (this.#begun === perTurn || this.#freshBegun === freshPerTurn) {
        this.#fresh.push(dial);
        return;
      }
      this.#freshBegun += 1;
    } else if (this.#begun === perTurn) {
      this.#known.push(dial);
      return;
    }
    this.#begun += 1;
    this.#start(dial);
  }

  #arm(nowMs: number): void {
    this.#isArmed = true;
    this.#startedMs = nowMs;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isArmed = false;
    if (this.#known.length + this.#fresh.length === 0) return;
    const nowMs = this.#setup.clock.now();
    const due = this.#known.splice(0, perTurn);
    due.push(...this.#freshDue(nowMs - this.#startedMs, perTurn - due.length));
    this.#begun = perTurn;
    this.#arm(nowMs);
    for (const dial of due) this.#start(dial);
  };

  #freshDue(turnMs: number, room: number): PendingDial[] {
    if (turnMs > longTurnMs && this.#leftOut < mostLeftOut) {
      this.#leftOut += 1;
      return [];
    }
    this.#leftOut = 0;
    return this.#fresh.splice(0, Math.min(freshPerTurn, room));
  }

  #start(dial: PendingDial): void {
    const { endpoint, waiter } = dial;
    if (waiter === undefined) this.#onUnwanted(endpoint);
    else void new Connector(endpoint, waiter.peer, dial, this.#setup);
  }
}
