import type { Clock } from "./clock.ts";
import { IndexedSet } from "./indexed-set.ts";
import { TurnSlices } from "./turn-slices.ts";

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
  /** To close two connections whose buffers the system has filled takes 300 µs. */
  readonly #expiries: TurnSlices;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweptMs = clock.now();
    this.#expiries = new TurnSlices(clock, () => this.#expireNext());
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
    this.#expiries.run();
  }

  #expireNext(): boolean {
    for (let owner = this.#due.pop(); owner !== undefined; owner = this.#due.pop()) {
      // It has gone meanwhile, or has more time now.
      if (owner.sweepIndex === -1 || owner.deadlineMs > this.#sweptMs) continue;
      owner.deadlineMs = Infinity;
      owner.expire(this.#sweptMs);
      return true;
    }
    return false;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#owners.clear();
    this.#due.length = 0;
  }
}
