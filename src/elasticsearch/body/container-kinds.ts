import { maxJsonDepth } from "./json-visitor.ts";

/** Levels that one number has bits for: hardly a body has more. */
const usualDepth = 30;
const noArrays = new Uint8Array(0);

/** Which of the open containers of a JSON text are arrays; the others are objects. */
export class ContainerKinds {
  #bits = 0;
  /** Of deeper levels. */
  #arrays = noArrays;

  /** @param depth at most {@link maxJsonDepth} */
  set(depth: number, isArray: boolean): void {
    if (depth <= usualDepth) {
      const bit = 1 << depth;
      this.#bits = isArray ? this.#bits | bit : this.#bits & ~bit;
      return;
    }
    if (this.#arrays.length === 0) this.#arrays = new Uint8Array(maxJsonDepth + 1);
    this.#arrays[depth] = isArray ? 1 : 0;
  }

  isArray(depth: number): boolean {
    if (depth <= usualDepth) return (this.#bits & (1 << depth)) !== 0;
    return this.#arrays[depth] === 1;
  }
}
