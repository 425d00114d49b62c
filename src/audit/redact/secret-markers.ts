/** What stands in the record in place of a secret. */
import { Buffer } from "node:buffer";
import { createHmac, type Hmac } from "node:crypto";

import { keyedToken } from "../../elasticsearch/identity/identity.ts";

/** Hexadecimal digits of a token, 128 bits. */
const tokenDigits = 32;
/**
 * Tokens of one body: so many, and one more for each KiB of it. An HMAC costs about as much as
 * hashing one KiB, so that tokens never cost more than the plain way of the body. Secrets beyond
 * get a marker without a token.
 */
const freeTokens = 16;
const bytesPerToken = 1024;

/**
 * An error may repeat what was asked: so many secrets of a request, of so many bytes, are removed
 * from its answer wherever they stand. Shorter ones stand in any text.
 */
const mostRemembered = 16;
const minRemembered = 4;
const maxRemembered = 256;

/** Without a token. */
export const plainMarker = "redacted";
/** The shortest marker, for secrets whose replacement would make a body longer than allowed. */
export const shortMarker = "*";

/**
 * A marker with a token: equal secrets give equal markers, and nothing can be guessed without the
 * key.
 */
function tokenMarker(secret: string | Uint8Array, key: Uint8Array): string {
  return `${plainMarker}-${keyedToken(secret, key)}`;
}

/** Makes the markers of one body. */
export class SecretMarkers {
  readonly #key: Uint8Array;
  readonly #freeTokens: number;
  #used = 0;
  #open: Hmac | undefined = undefined;
  #count = 0;
  #removed: string[] | undefined = undefined;

  /** @param free tokens, whatever the length */
  constructor(key: Uint8Array, free = freeTokens) {
    this.#key = key;
    this.#freeTokens = free;
  }

  /** Secrets removed so far. */
  get count(): number {
    return this.#count;
  }

  /** The first short ones among them. */
  get removed(): readonly string[] | undefined {
    return this.#removed;
  }

  /**
   * @param position of the secret in its body, in bytes
   * @param hasToken false: no token is wanted
   */
  marker(
    bytes: Uint8Array,
    start: number,
    end: number,
    position: number,
    hasToken: boolean,
  ): string {
    this.#count += 1;
    this.#remember(bytes, start, end);
    if (!hasToken || !this.#take(position)) return plainMarker;
    return tokenMarker(bytes.subarray(start, end), this.#key);
  }

  /** A secret that comes in parts begins. */
  begin(position: number, hasToken: boolean): void {
    this.#count += 1;
    this.#open = hasToken && this.#take(position) ? createHmac("sha256", this.#key) : undefined;
  }

  part(bytes: Buffer, start: number, end: number): void {
    this.#open?.update(bytes.subarray(start, end));
  }

  /** @returns its marker */
  end(): string {
    const token = this.#open?.digest("hex").slice(0, tokenDigits);
    const marker = token === undefined ? plainMarker : `${plainMarker}-${token}`;
    this.#open = undefined;
    return marker;
  }

  #remember(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length < minRemembered || length > maxRemembered || this.#count > mostRemembered) return;
    const text = Buffer.from(bytes.subarray(start, end)).toString();
    if (this.#removed === undefined) this.#removed = [text];
    else this.#removed.push(text);
  }

  #take(position: number): boolean {
    if (this.#used >= this.#freeTokens + position / bytesPerToken) return false;
    this.#used += 1;
    return true;
  }
}
