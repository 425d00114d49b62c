/** What redactors of texts share that are read segment by segment: lines, or pairs of a form. */
import { isAscii, isUtf8, type Buffer } from "node:buffer";
import { BodyDigest } from "./body-digest.ts";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";
import { ByteSearch, type WantedBytes } from "./byte-search.ts";
import { RedactedOutput } from "./redacted-output.ts";
import { SecretMarkers } from "./secret-markers.ts";
import type { SecretSpans } from "./secret-spans.ts";

/** Longer segments are divided where that is possible, in bytes. */
const maxSegment = 65_536;

/** From this length on a call into C++ costs less than a loop over the bytes. */
const manyBytes = 256;

/** The longest character of UTF-8, in bytes (RFC 3629 §3). */
const maxCharacter = 4;

/**
 * Where a long segment is divided: behind its last divider and nowhere else, there or else at its
 * end, or at its end in any case.
 */
export type Division = "dividers" | "preferred" | "end";

const smallC = 0x63;
const formPart = /^content-disposition\s*:\s*(?:form-data|.*\bname\b)/i;
/** Bytes of `Content-Disposition:`; and of the part of such a line that is looked at. */
const minPartLine = 20;
const maxPartLine = 1024;

/** Cuts a body into segments and has each examined while all of its bytes are at hand. */
export abstract class SegmentRedactor implements BodyRedactor {
  protected readonly out = new RedactedOutput();
  protected readonly markers: SecretMarkers;
  readonly #digest: BodyDigest;
  readonly #separators: ByteSearch;
  readonly #dividers: Uint8Array | undefined;
  /** Everything before this position is examined. */
  #done = 0;
  /** From there to this position no divider stands. */
  #undivided = 0;

  /**
   * @param separators the bytes that end a segment
   * @param dividers a table of the bytes behind which a long one may be divided
   */
  constructor(key: Uint8Array, separators: WantedBytes, dividers?: Uint8Array) {
    this.markers = new SecretMarkers(key);
    this.#digest = new BodyDigest(key);
    this.#separators = new ByteSearch(separators);
    this.#dividers = dividers;
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

  /** Where a long segment is divided that goes on: at its dividers, anywhere, or nowhere. */
  protected get division(): Division {
    return "dividers";
  }

  /**
   * Whether `bytes[start, end)` is text in UTF-8, perhaps cut within its last character. A coded
   * body that is not called one is not.
   */
  protected isReadable(bytes: Buffer, start: number, end: number): boolean {
    if (isPlain(bytes, start, end)) return true;
    let last = end;
    const lowest = Math.max(start, end - maxCharacter + 1);
    while (last > lowest && (bytes[last - 1] ?? 0) >= 0x80) last -= 1;
    if (end - start < manyBytes) return utf8End(bytes, start, end) >= last;
    if (bytes.subarray(start, end).includes(0)) return false;
    return isUtf8(bytes.subarray(start, end)) || isUtf8(bytes.subarray(start, last));
  }

  /**
   * Whether a line begins a part of a form in `multipart/form-data` (RFC 7578 §4.2): the name of a
   * value stands in it, and the value in lines of its own.
   */
  protected beginsFormPart(bytes: Buffer, start: number, end: number): boolean {
    const first = bytes[start] ?? 0;
    if ((first | 0x20) !== smallC || end - start < minPartLine) return false;
    return formPart.test(bytes.toString("latin1", start, Math.min(end, start + maxPartLine)));
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
    this.#separators.reset();
    let from = start;
    for (;;) {
      const at = this.#separators.next(bytes, from, end);
      if (at >= end) break;
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
      const rest = out.view(this.#done, out.pieceEnd);
      if (this.examine(rest, 0, rest.length, this.#done, true)) out.release(out.pieceEnd, sink);
      else out.stop();
    }
    const { count: removed, removed: secrets } = this.markers;
    if (out.isStopped) return { state: "bounded", removed, hmac: this.#digest.hex(), secrets };
    if (removed === 0) return { state: "none", removed, hmac: "" };
    return { state: "redacted", removed, hmac: this.#digest.hex(), secrets };
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
    const end = this.#divided();
    if (end === this.#done) return;
    const rest = out.bytes(this.#done, end);
    if (!this.examine(rest, 0, rest.length, this.#done, false)) return this.#stop(sink);
    this.#done = end;
    out.release(end, sink);
  }

  /**
   * Position at which the last segment is divided. Each byte is looked at once, because a segment
   * that goes on comes here with every piece.
   */
  #divided(): number {
    const { out, division } = this;
    if (division === "end") return out.pieceEnd;
    // Not behind its first byte, which would leave the rest as long as it is.
    const from = Math.max(this.#done + 1, this.#undivided);
    const dividers = this.#dividers;
    const last = dividers === undefined ? -1 : out.lastOf(dividers, from, out.pieceEnd);
    this.#undivided = out.pieceEnd;
    if (last >= 0) return last + 1;
    return division === "preferred" ? out.pieceEnd : this.#done;
  }

  #stop(sink: RedactedSink): void {
    this.out.release(this.#done, sink);
    this.out.stop();
  }
}

/** Index behind the last whole character of UTF-8 before a NUL, or what is none (RFC 3629 §4). */
function utf8End(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const first = bytes[at] ?? 0;
    let length = 1;
    if (first >= 0x80) {
      length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
      const second = bytes[at + 1] ?? 0;
      const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
      const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
      if (length === 0 || at + length > end || second < lowest || second > highest) return at;
      for (let next = at + 2; next < at + length; next += 1)
        if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return at;
    } else if (first === 0) return at;
    at += length;
  }
  return at;
}

/** Whether all bytes are ASCII and none is NUL, which no text holds. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  if (end - start >= manyBytes) {
    const part = bytes.subarray(start, end);
    return isAscii(part) && !part.includes(0);
  }
  let at = start;
  while (at < end && (bytes[at] ?? 0) > 0 && (bytes[at] ?? 0) < 0x80) at += 1;
  return at === end;
}
