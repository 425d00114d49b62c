/** Bodies that a pack holds already. */
import type { BodyPointer } from "../record/body-pointer.ts";

/** So many are remembered at least, and twice as many at most: some 300 bytes each. */
const generation = 512;

/**
 * Where bodies lie, by their SHA-256. The oldest are forgotten half of all at a time, because a map
 * that loses an entry for each that it gains is built anew again and again.
 */
export class KnownBodies {
  #young = new Map<string, BodyPointer>();
  #old = new Map<string, BodyPointer>();

  get(sha256: string): BodyPointer | undefined {
    return this.#young.get(sha256) ?? this.#old.get(sha256);
  }

  add(pointer: BodyPointer): void {
    if (this.#young.size >= generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(pointer.sha256, pointer);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
