/** Finds where the name before a separator ends, in texts that are rows of separators, too. */
import { lettersEnd } from "./name-matcher.ts";

/** Goes through one text; looks at none of its bytes twice. */
export class LastLetter {
  /** What stands before this index was looked at. */
  #lookedTo = 0;
  /** Behind the last letter there. */
  #end = 0;

  /** A text begins at `start`. */
  reset(start: number): void {
    this.#lookedTo = start;
    this.#end = start;
  }

  /** Index behind the last letter before `at`, which never falls; up to `lowest`: there is none. */
  before(bytes: Uint8Array, lowest: number, at: number): number {
    const from = this.#lookedTo > lowest ? this.#lookedTo : lowest;
    const end = lettersEnd(bytes, from, at);
    if (end > from) this.#end = end;
    this.#lookedTo = at;
    return this.#end;
  }
}
