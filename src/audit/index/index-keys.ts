/** The keys by which an index finds exchanges: of ids, and of documents without naming them. */
import { createHmac, hash } from "node:crypto";

/** Digits of an id that its key holds: the last ones, which are random (RFC 9562 §5.7). */
const keyDigits = 10;

/**
 * Key of an id, such that ids with the same last digits have keys beside each other: the last ten
 * digits, read backwards. 40 bits.
 */
export function idKey(id: string): number {
  return Number.parseInt(reversed(id.slice(-keyDigits)), 16);
}

/**
 * Keys of all ids that end so.
 *
 * @param end hexadecimal digits; more than ten are for the caller to compare
 */
export function idKeyRange(end: string): readonly [first: number, last: number] {
  const digits = reversed(end.replaceAll("-", "").slice(-keyDigits));
  const first = Number.parseInt(digits.padEnd(keyDigits, "0"), 16);
  return [first, Number.parseInt(digits.padEnd(keyDigits, "f"), 16)];
}

function reversed(digits: string): string {
  let text = "";
  for (let at = digits.length - 1; at >= 0; at -= 1) text += digits[at];
  return text;
}

/**
 * Hashes documents with a key that is secret, so that nobody can try ids on an index alone. Two
 * documents may have the same hash; what is found by it is compared with the document.
 */
export class DocumentHasher {
  readonly #prefix: string;

  /** @param key of the directory's facts */
  constructor(key: Uint8Array) {
    // 64 digits: a whole block of SHA-256. What is cut to 40 bits cannot be extended.
    this.#prefix = createHmac("sha256", key).update("documents").digest("hex");
  }

  /** 40 bits. */
  hash(index: string, id: string): number {
    // No name of an index holds a zero.
    const text = hash("sha256", `${this.#prefix}${index}\0${id}`, "binary");
    const low =
      (text.charCodeAt(1) << 24) |
      (text.charCodeAt(2) << 16) |
      (text.charCodeAt(3) << 8) |
      text.charCodeAt(4);
    return text.charCodeAt(0) * 0x1_0000_0000 + (low >>> 0);
  }

  /** Says whether two keys are the same, and nothing else of them. */
  get name(): string {
    return hash("sha256", `${this.#prefix}name`, "hex").slice(0, 16);
  }
}
