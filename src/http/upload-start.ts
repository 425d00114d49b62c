import { Buffer } from "node:buffer";
import type { BodyPiece } from "../http1/body-piece.ts";
import { BodyScanner } from "../http1/body-scanner.ts";
import type { Route } from "./router.ts";

/** Room in bytes for what is announced and may never come: it grows with what does come. */
const firstRoom = 4096;
const scanner = new BodyScanner();

/**
 * The beginning of an upload as it will go upstream, kept until it is worth a connection to an
 * endpoint: whole, or as long as what could be sent again. A client that sends slowly, or nothing
 * any more, holds no more than this.
 */
export class UploadStart {
  readonly route: Route;
  #bytes: Buffer;
  #length: number;
  readonly #bodyAt: number;
  readonly #kind: number;
  readonly #announced: number;
  readonly #wanted: number;

  /**
   * @param outgoing the head to forward, and `bodyBytes` of the body behind it
   * @param kind how the body is framed, a `bodyKind`
   * @param announced its length in bytes, where it has one
   * @param wanted bytes of the body that are enough to go on
   */
  constructor(
    route: Route,
    outgoing: Buffer,
    bodyBytes: number,
    kind: number,
    announced: number,
    wanted: number,
  ) {
    this.route = route;
    this.#bodyAt = outgoing.length - bodyBytes;
    this.#kind = kind;
    this.#announced = announced;
    this.#wanted = wanted;
    this.#bytes = Buffer.allocUnsafe(outgoing.length + Math.min(wanted - bodyBytes, firstRoom));
    this.#length = outgoing.copy(this.#bytes);
  }

  /** Head and body so far. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get isEnough(): boolean {
    return this.#length - this.#bodyAt >= this.#wanted;
  }

  /** A further piece of the body. */
  add(piece: BodyPiece): void {
    const needed = this.#length + piece.room;
    if (needed > this.#bytes.length) {
      const most = this.#bodyAt + this.#wanted;
      const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(this.#bytes.length * 2, most)));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#length = piece.copyTo(this.#bytes, this.#length);
  }

  /** The body so far as one piece, which is valid until the next call. */
  body(): BodyPiece {
    scanner.reset(this.#kind, this.#announced);
    scanner.scan(this.#bytes, this.#bodyAt, this.#length);
    return scanner;
  }
}
