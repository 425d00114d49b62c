import type { Clock } from "./clock.ts";
import { IndexedSet } from "./indexed-set.ts";

/** Something with a deadline: a field is written on the hot path, one timer for all looks at it. */
export interface DeadlineOwner {
  /** Monotonic milliseconds; `Infinity`: none. */
  deadlineMs: number;
  /** The sweep's own; -1 at first. */
  sweepIndex: number;
  /** Called once after the deadline; `deadlineMs` is `Infinity` by then and may be set again. */
  expire(nowMs: number): void;
}

/**
 * Milliseconds between two looks at the deadlines. An expired one is noticed at most this much
 * later, which is little against the shortest timeouts (1 s), and the look costs nothing beside the
 * traffic of a quarter of a second.
 */
export const sweepIntervalMs = 250;
/**
 * Owners that expire in one turn of the event loop, and the milliseconds that they may take of it:
 * a record and an answer take 60 µs, and to close two connections whose buffers the system has
 * filled takes 300 µs. What thousands have missed at the same moment keeps no exchange waiting.
 */
const expiriesPerTurn = 32;
const expiryMs = 0.1;

/**
 * Checks the deadlines of all live owners four times a second. For deadlines of a second or more: a
 * timer for each request would cost fifty times the field write.
 */
export class DeadlineSweep {
  readonly #owners = new IndexedSet<"sweepIndex", DeadlineOwner>("sweepIndex");
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  #sweptMs: number;
  readonly #eachTick = new Set<() => void>();
  /** What the last sweep has found, as far as it has not been told yet. */
  readonly #due: DeadlineOwner[] = [];
  #isArmed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweptMs = clock.now();
    this.#timer = setInterval(() => this.sweep(clock.now()), sweepIntervalMs);
    this.#timer.unref();
  }

  /**
   * The deadline for something that may take `ms` from now on: without reading the clock, up to two
   * sweeps late, not early.
   */
  deadlineIn(ms: number): number {
    return this.#sweptMs + sweepIntervalMs + ms;
  }

  add(owner: DeadlineOwner): void {
    this.#owners.add(owner);
  }

  delete(owner: DeadlineOwner): void {
    this.#owners.delete(owner);
  }

  /** Also calls `tick` at each sweep. */
  onTick(tick: () => void): void {
    this.#eachTick.add(tick);
  }

  /** Undoes {@link onTick}. */
  offTick(tick: () => void): void {
    this.#eachTick.delete(tick);
  }

  get size(): number {
    return this.#owners.size;
  }

  /** Expires what is due at `nowMs`. */
  sweep(nowMs: number): void {
    this.#sweptMs = nowMs;
    this.#clock.reanchor();
    for (const tick of this.#eachTick) tick();
    // Those that are left from the last sweep are found again.
    this.#due.length = 0;
    for (const owner of this.#owners) if (owner.deadlineMs <= nowMs) this.#due.push(owner);
    this.#expire();
  }

  #expire(): void {
    const nowMs = this.#sweptMs;
    let untilMs = Infinity;
    let expired = 0;
    for (let owner = this.#due.pop(); owner !== undefined; owner = this.#due.pop()) {
      // It has gone meanwhile, or has more time now.
      if (owner.sweepIndex === -1 || owner.deadlineMs > nowMs) continue;
      if (expired === 0) untilMs = this.#clock.now() + expiryMs;
      owner.deadlineMs = Infinity;
      owner.expire(nowMs);
      expired += 1;
      if (expired === expiriesPerTurn || this.#clock.now() >= untilMs) break;
    }
    if (this.#due.length === 0 || this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isArmed = false;
    this.#expire();
  };

  close(): void {
    clearInterval(this.#timer);
    this.#owners.clear();
    this.#due.length = 0;
  }
}
