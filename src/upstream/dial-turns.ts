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

/**
 * When hundreds of exchanges want a new connection at the same moment, because as many clients have
 * come, or because room for them has, others do not wait for all of that. Clients that have taken
 * an answer before go first.
 */
export class DialTurns {
  readonly #setup: DialSetup;
  readonly #onUnwanted: (endpoint: Endpoint) => void;
  readonly #known: PendingDial[] = [];
  readonly #fresh: PendingDial[] = [];
  #begun = 0;

  /** @param onUnwanted the exchange has gone before its turn: there is no connection */
  constructor(setup: DialSetup, onUnwanted: (endpoint: Endpoint) => void) {
    this.#setup = setup;
    this.#onUnwanted = onUnwanted;
  }

  /** Begins now, or in one of the next turns. */
  add(dial: PendingDial): void {
    if (this.#begun === 0) setImmediate(this.#onTurn);
    if (this.#begun === perTurn) {
      (dial.waiter?.isFresh === true ? this.#fresh : this.#known).push(dial);
      return;
    }
    this.#begun += 1;
    this.#start(dial);
  }

  readonly #onTurn = (): void => {
    this.#begun = 0;
    const due = this.#known.splice(0, perTurn);
    due.push(...this.#fresh.splice(0, perTurn - due.length));
    if (due.length === 0) return;
    this.#begun = perTurn;
    setImmediate(this.#onTurn);
    for (const dial of due) this.#start(dial);
  };

  #start(dial: PendingDial): void {
    const { endpoint, waiter } = dial;
    if (waiter === undefined) this.#onUnwanted(endpoint);
    else void new Connector(endpoint, waiter.peer, dial, this.#setup);
  }
}
