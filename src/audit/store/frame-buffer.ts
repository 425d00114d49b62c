/** Gathers the pieces of bodies into frames and writes the frames to their pack. */
import { Buffer } from "node:buffer";

import { compressedBound, type FrameCompression } from "./frame-compression.ts";
import type { PackFile } from "./pack-file.ts";
import { frameCoding, frameHeaderBytes, maxFrameBytes, putFrameHeader } from "./pack-format.ts";

/** Room for what zstd makes of one largest frame. */
const capacity = frameHeaderBytes + compressedBound(maxFrameBytes);
/** With less room than this a frame that gathers pieces begins after what there is was written. */
const leastRoom = 65_536;
/**
 * Pieces of this size are frames of their own, which are compressed from where they lie or written
 * from there, without a copy: that takes 3 µs more than a copy of 48 KiB, and 5 µs less than two of
 * 128 KiB. Bytes.
 */
const wholePieceBytes = 49_152;

/** What is known of a body while it is being stored. */
export interface FramedBody {
  readonly pack: PackFile;
  readonly id: string;
  readonly direction: "request" | "response";
  readonly isRedacted: boolean;
  isCompressible: boolean | undefined;
  /** Where its last frame begins; 0: it has none. */
  lastFrame: number;
  /** Bytes of the data of its frames, as they are stored. */
  storedBytes: number;
  /** Bytes of the body in its frames. */
  bytes: number;
  /** It has frames in the buffer. */
  isBuffered: boolean;
  /** Something of it could not be written. */
  isLost: boolean;
  /** Called when that happens; `error` is why. */
  onLost(error: unknown): void;
}

/**
 * Small pieces of the same body that follow each other become one frame; it is compressed in place
 * when it ends. All frames that have gathered are written with one call. Nothing that was given is
 * needed after the call: sockets read into the same memory again.
 */
export class FrameBuffer {
  readonly #compression: FrameCompression;
  readonly #bytes = Buffer.allocUnsafeSlow(capacity);
  #length = 0;
  /** The body whose frame is open, and where its header will stand. */
  #body: FramedBody | undefined = undefined;
  #frameAt = 0;
  /** Bytes of the body in the open frame, when its data is compressed already. */
  #compressedFrom = 0;
  #pack: PackFile | undefined = undefined;
  readonly #bodies: FramedBody[] = [];
  /** The body of which all frames are the last of the pack, and where the first of them begins. */
  #lastBody: FramedBody | undefined = undefined;
  #lastBodyAt = 0;
  /** Made when the first frame is compressed in place. */
  #scratch: Buffer | undefined = undefined;

  constructor(compression: FrameCompression) {
    this.#compression = compression;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Takes bytes of a body; writes when there is no room left. */
  add(body: FramedBody, bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !body.isLost) {
      const left = Math.min(end - at, maxFrameBytes);
      const isWhole = left >= wholePieceBytes;
      const take = isWhole ? left : this.#roomFor(body, left);
      const piece = bytes.subarray(at, at + take);
      if (isWhole) this.#addFrame(body, piece);
      else {
        this.#bytes.set(piece, this.#length);
        this.#length += take;
      }
      at += take;
    }
  }

  /** All frames of the body are the last of the pack, and one largest frame would hold them. */
  holdsLast(body: FramedBody): boolean {
    return this.#lastBody === body && this.#bytesOf(body) <= maxFrameBytes;
  }

  /** Takes a body back that {@link holdsLast}. */
  drop(body: FramedBody): void {
    if (!this.holdsLast(body)) return;
    this.#body = undefined;
    this.#lastBody = undefined;
    if (body.isBuffered) this.#bodies.pop();
    body.isBuffered = false;
    this.#length = Math.max(0, this.#lastBodyAt - body.pack.size);
    body.pack.takeBack(this.#lastBodyAt);
  }

  /** Ends a body with its last frame, which is empty where all its data has been written. */
  end(body: FramedBody, isComplete: boolean): void {
    if (body.isLost) return;
    if (this.#body !== body) this.#openFrame(body, leastRoom);
    this.#closeFrame(true, isComplete);
    this.flush();
  }

  /** Writes what has gathered. Bodies of which a frame cannot be written are told. */
  flush(): void {
    this.#closeFrame(false, false);
    this.#write(undefined);
  }

  #write(data: Uint8Array | undefined): void {
    const pack = this.#pack;
    const length = this.#length;
    this.#length = 0;
    if (length === 0 || pack === undefined) return;
    try {
      pack.append(this.#bytes, length, data);
    } catch (error) {
      this.#lastBody = undefined;
      for (const body of this.#bodies) body.onLost(error);
    }
    for (const body of this.#bodies) body.isBuffered = false;
    this.#bodies.length = 0;
  }

  /** How many of so many bytes the open frame of the body takes; at least one. */
  #roomFor(body: FramedBody, wanted: number): number {
    if (this.#body === body && this.#compressedFrom === 0) {
      const room = this.#frameAt + frameHeaderBytes + maxFrameBytes - this.#length;
      const left = Math.min(room, this.#bytes.length - this.#length);
      if (left > 0) return Math.min(wanted, left);
      this.flush();
    }
    this.#openFrame(body, leastRoom);
    return wanted;
  }

  /** A frame of one piece. */
  #addFrame(body: FramedBody, piece: Uint8Array): void {
    const room = compressedBound(piece.length);
    this.#openFrame(body, room);
    // What was written before it may have been a part of the same body.
    if (body.isLost) return;
    const output = this.#bytes.subarray(this.#length, this.#length + room);
    const compressed = this.#compression.compress(piece, body, output);
    if (compressed !== undefined) {
      // Open, so that it can be the last of its body.
      this.#compressedFrom = piece.length;
      this.#length += compressed;
      return;
    }
    this.#body = undefined;
    this.#putHeader(body, frameCoding.identity, piece.length, piece.length, false, false);
    this.#write(piece);
  }

  /** @param room that its data will need at most */
  #openFrame(body: FramedBody, room: number): void {
    this.#closeFrame(false, false);
    const left = this.#bytes.length - this.#length - frameHeaderBytes;
    if (left < room || this.#pack !== body.pack) this.flush();
    this.#pack = body.pack;
    this.#body = body;
    this.#compressedFrom = 0;
    this.#frameAt = this.#length;
    if (body.lastFrame === 0) {
      this.#lastBody = body;
      this.#lastBodyAt = body.pack.size + this.#length;
    } else if (this.#lastBody !== body) this.#lastBody = undefined;
    this.#length += frameHeaderBytes;
  }

  #closeFrame(isEnd: boolean, isComplete: boolean): void {
    const body = this.#body;
    if (body === undefined) return;
    this.#body = undefined;
    const start = this.#frameAt + frameHeaderBytes;
    const length = this.#length - start;
    if (this.#compressedFrom > 0) {
      const bytes = this.#compressedFrom;
      this.#putHeader(body, frameCoding.zstd, length, bytes, isEnd, isComplete);
      return;
    }
    if (length === 0 && !isEnd) {
      this.#length = this.#frameAt;
      return;
    }
    const data = this.#bytes.subarray(start, this.#length);
    const compressed = this.#compressInPlace(data, body);
    const coding = compressed === undefined ? frameCoding.identity : frameCoding.zstd;
    const stored = compressed ?? length;
    this.#length = start + stored;
    this.#putHeader(body, coding, stored, length, isEnd, isComplete);
  }

  #compressInPlace(data: Uint8Array, body: FramedBody): number | undefined {
    this.#scratch ??= Buffer.allocUnsafeSlow(compressedBound(maxFrameBytes));
    const length = this.#compression.compress(data, body, this.#scratch);
    if (length !== undefined) data.set(this.#scratch.subarray(0, length));
    return length;
  }

  /** Writes the header of the frame that ends, and counts it. */
  #putHeader(
    body: FramedBody,
    coding: number,
    storedBytes: number,
    bytes: number,
    isEnd: boolean,
    isComplete: boolean,
  ): void {
    body.bytes += bytes;
    putFrameHeader(this.#bytes, this.#frameAt, {
      coding,
      direction: body.direction,
      isEnd,
      isComplete,
      isRedacted: body.isRedacted,
      isErased: false,
      id: body.id,
      storedBytes,
      bytes,
      previous: body.lastFrame,
      total: body.bytes,
    });
    body.lastFrame = body.pack.size + this.#frameAt;
    body.storedBytes += storedBytes;
    if (body.isBuffered) return;
    body.isBuffered = true;
    this.#bodies.push(body);
  }

  #bytesOf(body: FramedBody): number {
    if (this.#body !== body) return body.bytes;
    const gathered = this.#length - this.#frameAt - frameHeaderBytes;
    return body.bytes + (this.#compressedFrom > 0 ? this.#compressedFrom : gathered);
  }
}
