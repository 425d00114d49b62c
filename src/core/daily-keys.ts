/** Remembers what was said today, so that it is said once a day. */

/** Keys that are remembered for a day: 10,000 of some 100 bytes each. */
const maxKeys = 10_000;
const dayMs = 86_400_000;

/** Keys of one day (UTC), 10,000 at most; what comes after those is not new. */
export class DailyKeys {
  readonly #known = new Set<string>();
  #day = 0;

  /** @param wallMs milliseconds since the Unix epoch */
  isNew(key: string, wallMs: number): boolean {
    const day = Math.floor(wallMs / dayMs);
    if (day !== this.#day) {
      this.#day = day;
      this.#known.clear();
    }
    if (this.#known.size >= maxKeys || this.#known.has(key)) return false;
    this.#known.add(key);
    return true;
  }
}
