/** Answers that hold documents of indices which their request did not name in its path. */
import { Buffer } from "node:buffer";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";

/** How the name of an index of credentials begins in an answer. */
const mark = Buffer.from('".security');

/**
 * Passes an answer on as received until it names an index of credentials, as pages of a scroll or a
 * point in time, `_mget` and `_msearch` may; from there on it is looked through. The members
 * `_index` and `_id` of a hit stand before its `_source`.
 *
 * Searching costs a tenth of what hashing a body does. The digest is missing: it would have to be
 * computed of every such answer.
 */
export class WatchedBody implements BodyRedactor {
  readonly #begin: () => BodyRedactor;
  #rest: BodyRedactor | undefined = undefined;
  /** Bytes of a mark at the end of what was passed on. */
  #matched = 0;

  /** @param begin makes the redaction of what follows; it must not need the beginning of a body */
  constructor(begin: () => BodyRedactor) {
    this.#begin = begin;
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    if (this.#rest !== undefined) return this.#rest.write(bytes, start, end, sink);
    const at = this.#find(bytes, start, end);
    if (at < 0) {
      sink.keep(bytes, start, end);
      return;
    }
    if (at > start) sink.keep(bytes, start, at);
    this.#rest = this.#begin();
    this.#rest.write(bytes, at, end, sink);
  }

  finish(sink: RedactedSink): RedactionResult {
    const result = this.#rest?.finish(sink);
    return result === undefined ? { state: "none", removed: 0, hmac: "" } : { ...result, hmac: "" };
  }

  /** Where the body is to be looked through from; -1: not in this piece. */
  #find(bytes: Buffer, start: number, end: number): number {
    if (this.#matched > 0 && this.#goesOn(bytes, start, end)) return start;
    const whole = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    const at = whole.indexOf(mark);
    if (at < 0) this.#matched = matchedAtEnd(bytes, start, end);
    return at < 0 ? -1 : start + at;
  }

  /** Whether a mark that began at the end of what was passed on ends here. */
  #goesOn(bytes: Buffer, start: number, end: number): boolean {
    const missing = mark.length - this.#matched;
    return (
      end - start >= missing && mark.compare(bytes, start, start + missing, this.#matched) === 0
    );
  }
}

/** Bytes at the end that may be the beginning of a mark. A mark begins with its only quote. */
function matchedAtEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = end - 1; at >= start && at > end - mark.length; at -= 1) {
    if (bytes[at] !== mark[0]) continue;
    return mark.compare(bytes, at, end, 0, end - at) === 0 ? end - at : 0;
  }
  return 0;
}
