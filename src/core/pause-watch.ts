import { IndexedSet } from "./indexed-set.ts";

/** Something that goes on for as long as more keeps coming. */
export interface PausingOwner {
  /** Set it to 0 whenever something comes. */
  quietTicks: number;
  /** The watch's own; -1 at first. */
  pauseIndex: number;
  /** Nothing has come for {@link pauseMs}; the owner is not watched any more. */
  onPause(): void;
}

/** A pause: long enough for pieces of one answer, too short for a person to notice. */
export const pauseMs = 100;
const tickMs = 25;

/**
 * Tells owners that nothing has come for {@link pauseMs}, at most one tick of 25 ms later. One
 * timer serves all of them, and there is none while nobody is watched. It counts its own ticks
 * instead of reading the clock: a process that was held up is no pause.
 */
export class PauseWatch {
  readonly #owners = new IndexedSet<"pauseIndex", PausingOwner>("pauseIndex");
  #timer: NodeJS.Timeout | undefined = undefined;

  /** Begins to watch `owner`. */
  add(owner: PausingOwner): void {
    owner.quietTicks = 0;
    this.#owners.add(owner);
    this.#timer ??= setInterval(() => this.#tick(), tickMs).unref();
  }

  /** Does nothing for an owner that is not watched. */
  delete(owner: PausingOwner): void {
    this.#owners.delete(owner);
  }

  #tick(): void {
    for (const owner of this.#owners) {
      owner.quietTicks += 1;
      // The first tick may come at once.
      if (owner.quietTicks * tickMs <= pauseMs) continue;
      this.#owners.delete(owner);
      owner.onPause();
    }
    if (this.#owners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
