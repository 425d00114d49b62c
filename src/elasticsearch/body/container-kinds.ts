import { maxJsonDepth } from "./json-visitor.ts";

/** Levels for which there is room from the beginning: hardly a body has more. */
const usualDepth = 64;

/** Which of the open containers of a JSON text are arrays; the others are objects. */
export class ContainerKinds {
  #arrays = new Uint8Array(usualDepth);

  /** @param depth at most {@link maxJsonDepth} */
  set(depth: number, isArray: boolean): void {
    if (depth >= this.#arrays.length) {
      const larger = new Uint8Array(maxJsonDepth + 1);
      larger.set(this.#arrays);
      this.#arrays = larger;
    }
    this.#arrays[depth] = isArray ? 1 : 0;
  }

  isArray(depth: number): boolean {
    return this.#arrays[depth] === 1;
  }
}
