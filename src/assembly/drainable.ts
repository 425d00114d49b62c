/** A listener that ends. */
export interface Drainable {
  /** Accepts nothing more; resolves when nothing is left. */
  drain(idleMs: number): Promise<void>;
  /** Ends what is left. */
  destroy(): void;
}

/** Waits for `work`, but not longer than `timeoutMs`. */
export async function withTimeout(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  if (timeoutMs === Infinity) {
    await work;
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
