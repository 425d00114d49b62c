import { Buffer } from "node:buffer";
import { refuseUnderscoreTwin } from "./byte-compare.ts";
import { byte, byteClass } from "./character-classes.ts";
import { fieldTraits, findField, trait } from "./field-names.ts";
import { noNames } from "./message-head.ts";

/**
 * Bytes and fields of a trailer section: no known trailer is near, and it is held back in memory
 * until it is whole.
 */
const maxBytes = 8192;
const maxFields = 100;

const state = { name: 0, space: 1, value: 2, feed: 3 } as const;
/** What {@link TrailerSection.take} returns. */
export const trailerStatus = { more: 0, lineEnd: 1, failed: 2 } as const;
type TrailerStatus = (typeof trailerStatus)[keyof typeof trailerStatus];

/**
 * The trailer section of one chunked body (RFC 9112 §7.1.2), read byte by byte.
 *
 * Each field is written as `name: value`, so that no recipient can take `X:POST / HTTP/1.1` for a
 * request line. Fields that `Connection` names are left out (RFC 9110 §7.6.1), fields that must not
 * be in a trailer make it fail (§6.5.1).
 */
export class TrailerSection {
  #written: number[] = [];
  #state: number = state.name;
  #lineStart = 0;
  #valueStart = 0;
  #received = 0;
  #fields = 0;
  #nominated: ReadonlySet<string> = noNames;

  /** @param nominated lower-case names that `Connection` of the message's head names. */
  reset(nominated: ReadonlySet<string>): void {
    if (this.#written.length > 0) this.#written = [];
    this.#received = 0;
    this.#fields = 0;
    this.#nominated = nominated;
  }

  /** Nothing of it goes on. */
  get isEmpty(): boolean {
    return this.#written.length === 0;
  }

  /** The lines that go on, each with its CRLF, and the empty line behind them. */
  get bytes(): Buffer {
    return Buffer.from([...this.#written, 0x0d, 0x0a]);
  }

  /** A field line begins. @returns false: there are too many */
  beginLine(): boolean {
    this.#state = state.name;
    this.#lineStart = this.#written.length;
    this.#fields += 1;
    return this.#fields <= maxFields;
  }

  /** The next byte of the field line. */
  take(c: number): TrailerStatus {
    this.#received += 1;
    if (this.#received > maxBytes) return trailerStatus.failed;
    switch (this.#state) {
      case state.name:
        return this.#takeName(c);
      case state.space:
        if (c === 0x20 || c === 0x09) return trailerStatus.more;
        this.#state = state.value;
        return this.#takeValue(c);
      case state.value:
        return this.#takeValue(c);
      default:
        return c === 0x0a ? this.#endLine() : trailerStatus.failed;
    }
  }

  #takeName(c: number): TrailerStatus {
    if (((byteClass[c] ?? 0) & byte.token) !== 0) {
      this.#written.push(c);
      return trailerStatus.more;
    }
    if (c !== 0x3a || this.#written.length === this.#lineStart || this.#isRefused())
      return trailerStatus.failed;
    this.#written.push(c, 0x20);
    this.#valueStart = this.#written.length;
    this.#state = state.space;
    return trailerStatus.more;
  }

  #takeValue(c: number): TrailerStatus {
    if (c === 0x0d) {
      this.#state = state.feed;
      return trailerStatus.more;
    }
    if (((byteClass[c] ?? 0) & byte.value) === 0) return trailerStatus.failed;
    this.#written.push(c);
    return trailerStatus.more;
  }

  #endLine(): TrailerStatus {
    const written = this.#written;
    // White space behind a value is no part of it (RFC 9110 §5.5).
    while (written.length > this.#valueStart && (written.at(-1) === 0x20 || written.at(-1) === 9))
      written.pop();
    if (this.#nominated.size > 0 && this.#nominated.has(this.#name()))
      written.length = this.#lineStart;
    else written.push(0x0d, 0x0a);
    return trailerStatus.lineEnd;
  }

  #name(): string {
    const end = this.#valueStart - 2;
    return String.fromCharCode(...this.#written.slice(this.#lineStart, end)).toLowerCase();
  }

  /**
   * Framing, routing, credential, content and identity fields have no place behind the body (RFC
   * 9110 §6.5.1), nor have names that recipients take for one of them (`Content_Length`).
   */
  #isRefused(): boolean {
    const name = Uint8Array.from(this.#written.slice(this.#lineStart));
    const id = findField(name, 0, name.length);
    return (
      ((fieldTraits[id] ?? 0) & trait.refusedTrailer) !== 0 ||
      refuseUnderscoreTwin(name, 0, name.length) !== ""
    );
  }
}
