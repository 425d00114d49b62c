/** What redactors of texts share that are read segment by segment: lines, or pairs of a form. */
import { isUtf8, type Buffer } from "node:buffer";
import { BodyDigest } from "./body-digest.ts";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";
import { RedactedOutput } from "./redacted-output.ts";
import { SecretMarkers } from "./secret-markers.ts";
import type { SecretSpans } from "./secret-spans.ts";

/** Longer segments are divided where that is possible, in bytes. */
const maxSegment = 65_536;

/** The longest character of UTF-8, in bytes (RFC 3629 §3). */
const maxCharacter = 4;

/** Cuts a body into segments and has each examined while all of its bytes are at hand. */
export abstract class SegmentRedactor implements BodyRedactor {
  protected readonly out = new RedactedOutput();
  protected readonly markers: SecretMarkers;
  readonly #digest: BodyDigest;
  readonly #separators: Uint8Array;
  /** Everything before this position is examined. */
  #done = 0;

  /** @param separators a table of the bytes that end a segment */
  constructor(key: Uint8Array, separators: Uint8Array) {
    this.markers = new SecretMarkers(key);
    this.#digest = new BodyDigest(key);
    this.#separators = separators;
  }

  /**
   * Examines `bytes[start, end)`, which may end with its separator, and replaces what it finds.
   *
   * @param position of its first byte in the body
   * @param isLast nothing follows: the body may have been cut there
   * @returns false: it cannot be examined
   */
  protected abstract examine(
    bytes: Buffer,
    start: number,
    end: number,
    position: number,
    isLast: boolean,
  ): boolean;

  /** Where a long segment may be divided, at `end` or before; `start`: nowhere. */
  protected abstract divide(bytes: Buffer, start: number, end: number): number;

  /**
   * Whether `bytes[start, end)` is text in UTF-8, perhaps cut within its last character. A coded
   * body that is not called one is not.
   */
  protected isReadable(bytes: Buffer, start: number, end: number): boolean {
    let plain = start;
    while (plain < end && isAscii(bytes[plain] ?? 0)) plain += 1;
    if (plain === end) return true;
    if (bytes.subarray(start, end).includes(0)) return false;
    let last = end;
    const lowest = Math.max(start, end - maxCharacter + 1);
    while (last > lowest && (bytes[last - 1] ?? 0) >= 0x80) last -= 1;
    return isUtf8(bytes.subarray(start, end)) || isUtf8(bytes.subarray(start, last));
  }

  /** Replaces what was found in `bytes`. @param shift position of a byte less its index */
  protected replaceAll(spans: SecretSpans, bytes: Buffer, shift: number): void {
    for (let at = 0; at < spans.count; at += 1) {
      const from = spans.from[at] ?? 0;
      const to = spans.to[at] ?? 0;
      const marker = this.markers.marker(
        bytes,
        from,
        to,
        from + shift,
        spans.keepsToken[at] === true,
      );
      this.out.replace(from + shift, to + shift, marker, "");
    }
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    if (end <= start) return;
    this.#digest.update(bytes, start, end);
    const { out } = this;
    if (out.isStopped) return;
    out.begin(bytes, start, end);
    let from = start;
    for (let at = start; at < end; at += 1) {
      if (this.#separators[bytes[at] ?? 0] === 0) continue;
      if (!this.#segment(bytes, from, at + 1)) return this.#stop(sink);
      from = at + 1;
    }
    out.release(this.#done, sink);
    if (out.pieceEnd - this.#done > maxSegment) this.#long(sink);
    if (!out.hold()) this.#stop(sink);
  }

  finish(sink: RedactedSink): RedactionResult {
    const { out } = this;
    if (!out.isStopped && out.pieceEnd > this.#done) {
      const rest = out.bytes(this.#done, out.pieceEnd);
      if (this.examine(rest, 0, rest.length, this.#done, true)) out.release(out.pieceEnd, sink);
      else out.stop();
    }
    const removed = this.markers.count;
    if (out.isStopped) return { state: "bounded", removed, hmac: this.#digest.hex() };
    if (removed === 0) return { state: "none", removed, hmac: "" };
    return { state: "redacted", removed, hmac: this.#digest.hex() };
  }

  /** A segment ends at the index `end` of the piece. */
  #segment(bytes: Buffer, from: number, end: number): boolean {
    const { out } = this;
    const position = this.#done;
    const next = out.pieceStart + (end - out.indexOf(out.pieceStart));
    if (position >= out.pieceStart) {
      if (!this.examine(bytes, from, end, position, false)) return false;
    } else {
      const whole = out.bytes(position, next);
      if (!this.examine(whole, 0, whole.length, position, false)) return false;
    }
    this.#done = next;
    return true;
  }

  /** The last segment is long and has not ended: examines it up to where it can be divided. */
  #long(sink: RedactedSink): void {
    const { out } = this;
    const rest = out.bytes(this.#done, out.pieceEnd);
    const end = this.divide(rest, 0, rest.length);
    if (end === 0) return;
    if (!this.examine(rest, 0, end, this.#done, false)) return this.#stop(sink);
    this.#done += end;
    out.release(this.#done, sink);
  }

  #stop(sink: RedactedSink): void {
    this.out.release(this.#done, sink);
    this.out.stop();
  }
}

/** NUL, which no text holds, is not. */
function isAscii(byte: number): boolean {
  return byte > 0 && byte < 0x80;
}
