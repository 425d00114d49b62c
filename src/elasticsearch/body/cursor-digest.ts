import { createHmac } from "node:crypto";

/** Hexadecimal digits of a digest: 64 bits, enough to tell the reads of years apart. */
const digestDigits = 16;

/**
 * Names a scroll, a point in time or another cursor without giving it away: whoever has its id can
 * go on reading. Equal ids give equal digests under one key, so that calls can be joined.
 */
export class CursorDigest {
  readonly #key: Uint8Array;

  /** @param key secret; the same for all records that are to be joined */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  of(id: string): string {
    return createHmac("sha256", this.#key).update(id).digest("hex").slice(0, digestDigits);
  }
}
