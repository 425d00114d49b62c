/** Reads and writes DER (X.690 §10), as far as timestamps need it. */
import { Buffer } from "node:buffer";

import { TimestampError } from "./timestamp-error.ts";

/** Identifier bytes; context-specific ones are {@link context}. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier of `[number]`; constructed, as all explicit and most implicit ones are. */
export function context(number: number): number {
  return 0xa0 | number;
}

/** One value. */
export interface DerValue {
  readonly tag: number;
  /** Without identifier and length. */
  readonly content: Buffer;
  /** All bytes. */
  readonly raw: Buffer;
}

/** Longest length that is read: four bytes; nothing here comes near. */
const maxLengthBytes = 4;

/** Reads values one after the other. Every method throws a TimestampError `syntax` at garbage. */
export class DerReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The only value in these bytes. */
  static only(bytes: Uint8Array, tag: number): DerValue {
    const reader = new DerReader(bytes);
    const value = reader.next(tag);
    reader.end();
    return value;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** The next value, which must have this identifier, if one is given. */
  next(tag?: number): DerValue {
    const start = this.#offset;
    const found = this.#byte();
    // Numbers above 30 take more identifier bytes; no format that is read here has them.
    if ((found & 0x1f) === 0x1f || (tag !== undefined && found !== tag))
      throw syntax(`tag 0x${found.toString(16)} at byte ${start}`);
    const length = this.#length();
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw syntax(`value at byte ${start} is cut off`);
    const content = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return { tag: found, content, raw: this.#bytes.subarray(start, end) };
  }

  /** The next value if it has this identifier. */
  optional(tag: number): DerValue | undefined {
    return this.#bytes[this.#offset] === tag ? this.next(tag) : undefined;
  }

  /** A reader of what the next value contains. */
  inside(tag: number): DerReader {
    return new DerReader(this.next(tag).content);
  }

  /** All values that are left. */
  rest(): DerValue[] {
    const values: DerValue[] = [];
    while (!this.isAtEnd) values.push(this.next());
    return values;
  }

  /** There must be nothing more. */
  end(): void {
    if (!this.isAtEnd) throw syntax(`surplus bytes from byte ${this.#offset}`);
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > maxLengthBytes) throw syntax("a length is not DER");
    let length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) throw syntax("a length is not DER");
    return length;
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw syntax("the value is cut off");
    this.#offset += 1;
    return byte;
  }
}

/** Dotted form of an object identifier's content (X.690 §8.19). */
export function toDotted(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw syntax("an object identifier is too large");
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...others] = arcs;
  if (arcs.length === 0 || (content.at(-1) ?? 0) >= 0x80)
    throw syntax("an object identifier is cut off");
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...others].join(".");
}

/** A value from its parts. */
export function encode(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), encodeLength(content.length), content]);
}

/** An INTEGER that is not negative, from its big-endian bytes. */
export function encodeInteger(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const magnitude = bytes.subarray(start);
  // A set top bit would make it negative.
  const isPadded = magnitude.length === 0 || (magnitude[0] ?? 0) >= 0x80;
  return encode(tags.integer, isPadded ? Buffer.of(0) : Buffer.of(), magnitude);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function encodeObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...others].flatMap((arc) => {
    const digits = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
      digits.unshift((rest % 128) | 0x80);
    return digits;
  });
  return encode(tags.objectIdentifier, Buffer.from(bytes));
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

function syntax(detail: string): TimestampError {
  return new TimestampError(
    "syntax",
    `the answer of the timestamp authority is not DER: ${detail}`,
  );
}
