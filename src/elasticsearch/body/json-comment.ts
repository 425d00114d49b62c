import type { Buffer } from "node:buffer";

const state = { start: 0, block: 1, star: 2, line: 3, over: 4, fault: 5 } as const;

/**
 * Reads over a comment, which Elasticsearch's JSON parser allows between tokens (ALLOW_COMMENTS).
 * Begins behind the first slash.
 */
export class JsonComment {
  #state: number = state.start;

  begin(): void {
    this.#state = state.start;
  }

  /** The comment has ended. */
  get isOver(): boolean {
    return this.#state === state.over;
  }

  /** It was no comment: behind the slash stands neither a slash nor a star. */
  get isFault(): boolean {
    return this.#state === state.fault;
  }

  /** @returns index behind the comment, of the byte at fault, or `end` */
  read(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end) {
      const byte = bytes[at];
      switch (this.#state) {
        case state.start:
          this.#state = byte === 0x2a ? state.block : byte === 0x2f ? state.line : state.fault;
          if (this.#state === state.fault) return at;
          break;
        case state.block:
          if (byte === 0x2a) this.#state = state.star;
          break;
        case state.star:
          this.#state = byte === 0x2f ? state.over : byte === 0x2a ? state.star : state.block;
          break;
        default:
          if (byte === 0x0a || byte === 0x0d) this.#state = state.over;
      }
      at += 1;
      if (this.#state === state.over) return at;
    }
    return at;
  }
}
