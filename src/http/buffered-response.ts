import { Buffer } from "node:buffer";
import type { PauseWatch, PausingOwner } from "../core/pause-watch.ts";

/**
 * Longer answers to writes are passed on while they arrive: Elasticsearch's answers to single
 * writes and most bulks are far shorter.
 */
const maxHeldBytes = 65_536;

/**
 * The response to a write, kept until it is whole, too long, or pauses. Official clients send a
 * request again when its response is cut, a bulk included; kept back, a cut response can still
 * become a 500 that says the outcome is unknown, which they don't repeat. A response that pauses
 * may be read while it grows, by a person or a program.
 */
export class BufferedResponse implements PausingOwner {
  quietTicks = 0;
  pauseIndex = -1;
  readonly #watch: PauseWatch;
  readonly #owner: { releaseHeld(): void };
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  /** @param owner is called when the response pauses: {@link take} it and go on without */
  constructor(watch: PauseWatch, owner: { releaseHeld(): void }) {
    this.#watch = watch;
    this.#owner = owner;
    watch.add(this);
  }

  /**
   * Keeps a copy of `piece`. @returns false: it has grown too long, {@link take} it and go on
   * without
   */
  add(piece: Buffer): boolean {
    this.quietTicks = 0;
    this.#pieces.push(Buffer.from(piece));
    this.#bytes += piece.length;
    return this.#bytes <= maxHeldBytes;
  }

  onPause(): void {
    this.#owner.releaseHeld();
  }

  /** Everything kept, and `last` behind it. Nothing follows. */
  take(last: Buffer): Buffer {
    this.drop();
    return Buffer.concat([...this.#pieces, last]);
  }

  /** It is not wanted. */
  drop(): void {
    this.#watch.delete(this);
  }
}
