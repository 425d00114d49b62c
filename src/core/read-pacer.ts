/** A connection that may read much. */
export interface PacedReader {
  /** Read nothing more until {@link goOn}. */
  hold(): void;
  /** Read again; the connection may have ended meanwhile. */
  goOn(): void;
}

/**
 * Bytes that all connections together read in one turn of the event loop before further ones wait
 * for the next turn: about a quarter of a millisecond of relaying. A small exchange passes through
 * some six turns; with twice as many bytes large transfers cost the same CPU time, and small ones
 * wait twice as long.
 */
const turnBytes = 262_144;
/** Connections that go on in the next turn; each reads at least 64 KiB when there is as much. */
const perTurn = 4;
/** Smaller reads are not counted: they are requests and answers that nobody waits for. */
const leastBytes = 16_384;

/**
 * Shares the turns of the event loop among connections that carry much, so that small exchanges
 * wait for a turn of bounded length, however many large ones there are. Without it libuv reads up
 * to 32 times from each connection in a turn (`uv__read` in libuv's unix/stream.c): 2 MiB each.
 */
export class ReadPacer {
  #spent = 0;
  #isArmed = false;
  #waiting: PacedReader[] = [];
  #next = 0;

  /** Connections that wait for their turn. */
  get waitingCount(): number {
    return this.#waiting.length - this.#next;
  }

  /** `reader` has read so much; it is held when the turn's share is used up. */
  spend(reader: PacedReader, bytes: number): void {
    if (bytes < leastBytes) return;
    this.#spent += bytes;
    if (!this.#isArmed) {
      this.#isArmed = true;
      setImmediate(this.#onTurn);
    }
    if (this.#spent < turnBytes) return;
    reader.hold();
    this.#waiting.push(reader);
  }

  readonly #onTurn = (): void => {
    this.#spent = 0;
    const end = Math.min(this.#next + perTurn, this.#waiting.length);
    while (this.#next < end) {
      const reader = this.#waiting[this.#next];
      this.#next += 1;
      reader?.goOn();
    }
    this.#isArmed = this.#next < this.#waiting.length;
    if (this.#isArmed) setImmediate(this.#onTurn);
    // Half of the list is behind: cut it off, so that it does not grow for ever.
    if (this.#next * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, this.#next);
    this.#next = 0;
  };
}
