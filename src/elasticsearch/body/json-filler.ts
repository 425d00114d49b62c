/** Reads over comments and byte order marks between the tokens of JSON. */
import type { Buffer } from "node:buffer";

const state = {
  start: 0,
  block: 1,
  star: 2,
  line: 3,
  mark: 4,
  markEnd: 5,
  over: 6,
  fault: 7,
} as const;

/**
 * Reads over what tells nothing: comments, which Elasticsearch's JSON parser allows between tokens
 * (ALLOW_COMMENTS), and the byte order mark of UTF-8 before the first one.
 */
export class JsonFiller {
  #state: number = state.start;

  /** @param first the byte before: a slash, or the first one of a mark */
  begin(first: number): void {
    this.#state = first === 0x2f ? state.start : state.mark;
  }

  /** It has ended. */
  get isOver(): boolean {
    return this.#state === state.over;
  }

  /** It was none: behind the slash stands neither a slash nor a star, or the mark is another. */
  get isFault(): boolean {
    return this.#state === state.fault;
  }

  /** @returns index behind it, of the byte at fault, or `end` */
  read(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end) {
      const byte = bytes[at];
      switch (this.#state) {
        case state.start:
          this.#state = byte === 0x2a ? state.block : byte === 0x2f ? state.line : state.fault;
          if (this.#state === state.fault) return at;
          break;
        case state.mark:
          this.#state = byte === 0xbb ? state.markEnd : state.fault;
          if (this.#state === state.fault) return at;
          break;
        case state.markEnd:
          this.#state = byte === 0xbf ? state.over : state.fault;
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
