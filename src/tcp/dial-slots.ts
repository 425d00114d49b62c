/** Something that waits for a slot. */
export interface SlotWaiter {
  /** The slot is yours: give it back with exactly one `release`. */
  slotGranted(): void;
}

/**
 * Bounds how many attempts to connect are under way at once; the others wait in the order in which
 * they came.
 */
export class DialSlots {
  readonly #waiting = new Set<SlotWaiter>();
  #free: number;
  #isGranting = false;

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Calls `slotGranted` at once, or when a slot becomes free. */
  acquire(waiter: SlotWaiter): void {
    if (this.#free === 0) {
      this.#waiting.add(waiter);
      return;
    }
    this.#free -= 1;
    waiter.slotGranted();
  }

  /** Takes a waiter out of the queue; one that already has its slot is not there. */
  forget(waiter: SlotWaiter): void {
    this.#waiting.delete(waiter);
  }

  release(): void {
    this.#free += 1;
    // A waiter that fails at once releases again from within its grant: the loop goes on, and the
    // stack does not grow.
    if (this.#isGranting) return;
    this.#isGranting = true;
    for (const waiter of this.#waiting) {
      if (this.#free === 0) break;
      this.#waiting.delete(waiter);
      this.#free -= 1;
      waiter.slotGranted();
    }
    this.#isGranting = false;
  }
}
