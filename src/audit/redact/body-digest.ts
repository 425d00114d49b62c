/** The keyed digest of a body as received. */
import { Buffer } from "node:buffer";
import { createHmac, type Hmac } from "node:crypto";

/** Digits of the digest that are recorded, 128 bits. */
const digits = 32;
/** A first piece of up to this size is copied, in bytes: to begin an HMAC costs more. */
const maxCopied = 4096;

/** Costs next to nothing for a small body whose digest is never asked for. */
export class BodyDigest {
  readonly #key: Uint8Array;
  #first: Buffer | undefined = undefined;
  #hmac: Hmac | undefined = undefined;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  update(bytes: Buffer, start: number, end: number): void {
    if (this.#hmac === undefined && this.#first === undefined && end - start <= maxCopied) {
      this.#first = Buffer.from(bytes.subarray(start, end));
      return;
    }
    this.#begin().update(bytes.subarray(start, end));
  }

  /** HMAC-SHA256, its first 32 hexadecimal digits. Once. */
  hex(): string {
    return this.#begin().digest("hex").slice(0, digits);
  }

  #begin(): Hmac {
    if (this.#hmac !== undefined) return this.#hmac;
    const hmac = createHmac("sha256", this.#key);
    if (this.#first !== undefined) hmac.update(this.#first);
    this.#first = undefined;
    this.#hmac = hmac;
    return hmac;
  }
}
