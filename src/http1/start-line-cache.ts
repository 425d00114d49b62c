import type { Buffer } from "node:buffer";
import { methodName } from "./method-names.ts";
import type { KnownStartLine, MessageHead } from "./message-head.ts";

/** Lines that are kept: several times what the clients of a listener ask for in turn. */
const slots = 256;
/** Bytes of a kept line. Longer targets (a cursor, a source in the URL) seldom come again. */
const slotBytes = 256;

/** Bytes of ` HTTP/1.1` and CRLF, and of the shortest line that is kept: `GET /_cat HTTP/1.1`. */
const versionBytes = 11;
const leastBytes = 20;

/**
 * Start lines of requests that were read and found right. Clients ask for the same again and again:
 * to compare a line costs a quarter of reading it and of making strings of its parts.
 *
 * Only lines in origin-form with HTTP/1.1 are kept, and each has one place, which its bytes decide:
 * a line that comes later takes the place of another.
 */
export class StartLineCache {
  readonly #lines: (KnownStartLine | undefined)[] = Array.from({ length: slots });
  #content = new Uint8Array(0);

  /** The line that begins at `start`, if its end is there and it is known. */
  find(bytes: Buffer, start: number, limit: number): KnownStartLine | undefined {
    const end = bytes.indexOf(0x0a, start) + 1;
    const length = end - start;
    if (end === 0 || end > limit || length > slotBytes || length < leastBytes) return undefined;
    const slot = slotOf(bytes, start, length);
    const line = this.#lines[slot];
    if (line === undefined || line.length !== length) return undefined;
    const content = this.#content;
    const from = slot * slotBytes;
    for (let i = 0; i < length; i += 1)
      if (content[from + i] !== bytes[start + i]) return undefined;
    return line;
  }

  /**
   * Keeps the start line of a head that was read whole and that {@link find} did not know. Heads of
   * other connections may have been read since.
   *
   * @returns `undefined`: it is none that is kept.
   */
  learn(head: MessageHead): KnownStartLine | undefined {
    const { bytes, base, methodEnd, targetStart, targetEnd } = head;
    const length = targetEnd + versionBytes;
    if (
      length > slotBytes ||
      length < leastBytes ||
      head.lineStart > 0 ||
      head.minorVersion === 0 ||
      head.authorityEnd > 0 ||
      bytes[base + targetStart] !== 0x2f
    )
      return undefined;
    const line: KnownStartLine = {
      method: methodName(bytes, base, base + methodEnd),
      target: head.text(targetStart, targetEnd),
      length,
      methodEnd,
      targetEnd,
    };
    if (this.#content.length === 0) this.#content = new Uint8Array(slots * slotBytes);
    const slot = slotOf(bytes, base, length);
    const from = slot * slotBytes;
    for (let i = 0; i < length; i += 1) this.#content[from + i] = bytes[base + i] ?? 0;
    this.#lines[slot] = line;
    return line;
  }
}

/** The place of a line. What differs between requests is mostly the end of the target. */
function slotOf(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length;
  let hash = length;
  for (let at = end - leastBytes; at < end - versionBytes; at += 1)
    hash = (Math.imul(hash, 33) + (bytes[at] ?? 0)) | 0;
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (slots - 1);
}
