import { Buffer } from "node:buffer";
/**
 * Longer answers to writes are passed on while they arrive: Elasticsearch's answers to single
 * writes and most bulks are far shorter.
 */
const maxHeldBytes = 65_536;

/**
 * The response to a write, kept until it is whole. Official clients send a request again when its
 * response is cut, a bulk included; kept back, a cut response can still become a 500 that says the
 * outcome is unknown, which they don't repeat.
 */
export class BufferedResponse {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  /**
   * Keeps a copy of `piece`. @returns false: it has grown too long, {@link take} it and go on
   * without
   */
  add(piece: Buffer): boolean {
    this.#pieces.push(Buffer.from(piece));
    this.#bytes += piece.length;
    return this.#bytes <= maxHeldBytes;
  }

  /** Everything kept, and `last` behind it. */
  take(last: Buffer): Buffer {
    return Buffer.concat([...this.#pieces, last]);
  }
}
