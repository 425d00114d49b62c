/**
 * Keeps what was computed for keys that come again, such as targets and credentials. The memory is
 * bounded although clients choose the keys: entries live in two generations, the young one takes
 * new entries, and when it is full it becomes the old one, whose entries are forgotten unless they
 * were asked for meanwhile. A hit costs one lookup, or three for one that had grown old; there is
 * no list to reorder as in an LRU cache.
 */
export class GenerationCache<K, V extends object> {
  readonly #most: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  /** @param most entries of one generation; twice as many are kept at most. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Entries kept now; one that has moved to the young generation may count twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const known = this.#young.get(key);
    if (known !== undefined) return known;
    const aged = this.#old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#most && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /**
   * The value of a key; what `make` gives is kept where there is none.
   *
   * @param make gives `undefined` for a key that has no value, which is not kept.
   */
  getOrMake<M extends V | undefined>(key: K, make: (key: K) => M): V | M {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    if (made !== undefined) this.set(key, made);
    return made;
  }
}
