import type { Clock } from "./clock.ts";
import { WaitingLine } from "./waiting-line.ts";

/** A connection that may read much. */
export interface PacedReader {
  /** Bytes of the message which is being read: announced, or come so far. */
  readonly messageBytes: number;
  /** Read nothing more until {@link goOn}. */
  hold(): void;
  /**
   * Read again.
   *
   * @returns false: it reads nothing now, because it has ended meanwhile, or because its other side
   *   takes nothing; the turn is another one's
   */
  goOn(): boolean;
}

/**
 * Milliseconds that large reads may take of one turn of the event loop, with what stands between
 * them. A small exchange passes through some four turns, and beside large transfers its p99 is to
 * be no more than 4 ms: with 0.5 ms its median was 2.5. A turn costs 20 µs of its own, so that
 * shorter ones would cost throughput.
 */
const turnMs = 0.3;
/** Bytes that a turn has in any case: time also passes while others have the processor. */
const turnBytes = 65_536;
/** Connections that go on in one turn: so many as its time allows, within these bounds. */
const leastPerTurn = 1;
const mostPerTurn = 16;
/** Smaller reads are not counted: they are requests and answers that nobody waits for. */
const leastBytes = 16_384;
/** Messages that are no longer than this take turns with long ones, however many of those wait. */
export const shortBytes = 262_144;
/**
 * More than two systems keep of a message that is not read, which is 4 MiB where buffers grow: of
 * which so much has been passed on is read.
 */
export const provenBytes = 8_388_608;
/**
 * Milliseconds from one turn of long messages that may never be read to the next, while others are
 * served. Hundreds of them at once are gigabytes, which would fill a core here, and another one at
 * the endpoint, whatever the turns are: what others wait for is then the processor.
 */
const restMs = 2;
/** Milliseconds: so long after an exchange others count as being served. */
const servedWithinMs = 100;

/**
 * Shares the turns of the event loop among connections that carry much, so that small exchanges
 * wait for a turn of bounded length, however many large ones there are. Without it libuv reads up
 * to 32 times from each connection in a turn (`uv__read` in libuv's unix/stream.c): 2 MiB each.
 *
 * What is shared is time, because a byte costs five times as much with TLS, redaction and an audit
 * as without. As soon as somebody waits, each connection reads once in its turn. Who may never take
 * what is read leaves most of the time to the others, as long as there are others.
 */
export class ReadPacer {
  readonly #clock: Pick<Clock, "now">;
  readonly #short = new WaitingLine<PacedReader>();
  readonly #long = new WaitingLine<PacedReader>();
  readonly #unproven = new WaitingLine<PacedReader>();
  #isLongNext = false;
  /** No unproven one goes on now. */
  #isResting = false;
  #isArmed = false;
  /** When the present turn began. */
  #startedMs = 0;
  #bytes = 0;
  #isUsedUp = false;
  #perTurn = leastPerTurn;
  #served = 0;
  /** {@link #served}, when it was looked at last. */
  #servedBefore = 0;
  #othersUntilMs = -Infinity;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Connections that wait for their turn. */
  get waitingCount(): number {
    return this.#short.size + this.#long.size + this.#unproven.size;
  }

  /** A client has been served that is known to take what it asks for. */
  countServed(): void {
    this.#served += 1;
  }

  /**
   * `reader` has read so much; it is held when the turn is used up, or others wait.
   *
   * @param isUnproven nothing shows that the other side takes what is read
   */
  spend(reader: PacedReader, bytes: number, isUnproven = false): void {
    if (bytes < leastBytes) return;
    const nowMs = this.#clock.now();
    if (!this.#isArmed) this.#begin(nowMs);
    this.#bytes += bytes;
    if (this.#bytes >= turnBytes && nowMs - this.#startedMs >= turnMs) this.#isUsedUp = true;
    if (!this.#isUsedUp && this.waitingCount === 0) return;
    reader.hold();
    if (reader.messageBytes <= shortBytes) this.#short.add(reader);
    else if (isUnproven && this.#isServing(nowMs)) this.#unproven.add(reader);
    else this.#long.add(reader);
  }

  #begin(nowMs: number): void {
    this.#isArmed = true;
    this.#isUsedUp = false;
    this.#bytes = 0;
    this.#startedMs = nowMs;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#perTurn = this.#isUsedUp
      ? Math.max(leastPerTurn, this.#perTurn - 1)
      : Math.min(mostPerTurn, this.#perTurn + 1);
    this.#isArmed = false;
    this.#go();
  };

  readonly #onRested = (): void => {
    this.#isResting = false;
    if (!this.#isArmed) this.#go();
  };

  /** Has those go on whose turn it is. */
  #go(): void {
    if (this.waitingCount === 0) return;
    const nowMs = this.#clock.now();
    const isLeftOut = this.#isResting || this.#unproven.size === 0;
    let going = 0;
    while (going < this.#perTurn) {
      const reader = (isLeftOut ? undefined : this.#unproven.take()) ?? this.#take();
      if (reader === undefined) break;
      if (reader.goOn()) going += 1;
    }
    if (!isLeftOut && this.#isServing(nowMs)) {
      this.#isResting = true;
      setTimeout(this.#onRested, restMs);
    }
    // Otherwise only unproven ones are left, and the rest ends with a turn.
    if (going > 0 || !this.#isResting) this.#begin(nowMs);
  }

  #isServing(nowMs: number): boolean {
    if (this.#served !== this.#servedBefore) {
      this.#servedBefore = this.#served;
      this.#othersUntilMs = nowMs + servedWithinMs;
    }
    return nowMs < this.#othersUntilMs;
  }

  /** Short messages and long ones in turn. */
  #take(): PacedReader | undefined {
    const isLong = this.#short.size === 0 || (this.#isLongNext && this.#long.size > 0);
    this.#isLongNext = !isLong;
    return isLong ? this.#long.take() : this.#short.take();
  }
}
