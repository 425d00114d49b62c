/** Gathers the pieces of bodies into frames and writes the frames to their pack. */
import { Buffer } from "node:buffer";

import type { FrameCompression } from "./frame-compression.ts";
import type { PackFile } from "./pack-file.ts";
import { frameCoding, frameHeaderBytes, maxFrameBytes, putFrameHeader } from "./pack-format.ts";

/** Room for one largest frame, so that what comes of a large body in a turn is one frame. */
const capacity = maxFrameBytes + frameHeaderBytes;
/** A piece as sockets read it: with less room than this the buffer is written first. */
const leastRoom = 65_536;

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
 * Pieces of the same body that follow each other become one frame; it is compressed in place when
 * it ends. All frames that have gathered are written with one call.
 */
export class FrameBuffer {
  readonly #compression: FrameCompression;
  readonly #bytes = Buffer.allocUnsafeSlow(capacity);
  #length = 0;
  /** The body whose frame is open, and where its header will stand. */
  #body: FramedBody | undefined = undefined;
  #frameAt = 0;
  #pack: PackFile | undefined = undefined;
  readonly #bodies: FramedBody[] = [];

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
      if (this.#body !== body) this.#openFrame(body);
      const take = Math.min(end - at, this.#bytes.length - this.#length);
      this.#bytes.set(bytes.subarray(at, at + take), this.#length);
      this.#length += take;
      at += take;
      if (at < end) this.flush();
    }
  }

  /** The whole body lies in the open frame and nothing of it has been written. */
  holdsWhole(body: FramedBody): boolean {
    return this.#body === body && body.lastFrame === 0;
  }

  /** Takes a body back that {@link holdsWhole}. */
  drop(body: FramedBody): void {
    if (!this.holdsWhole(body)) return;
    this.#length = this.#frameAt;
    this.#body = undefined;
  }

  /** Ends a body with its last frame, which is empty where all its data has been written. */
  end(body: FramedBody, isComplete: boolean): void {
    if (body.isLost) return;
    if (this.#body !== body) this.#openFrame(body);
    this.#closeFrame(true, isComplete);
    this.flush();
  }

  /** Writes what has gathered. Bodies of which a frame cannot be written are told. */
  flush(): void {
    this.#closeFrame(false, false);
    const pack = this.#pack;
    const length = this.#length;
    this.#length = 0;
    if (length === 0 || pack === undefined) return;
    try {
      pack.append(this.#bytes, length);
    } catch (error) {
      for (const body of this.#bodies) body.onLost(error);
    }
    for (const body of this.#bodies) body.isBuffered = false;
    this.#bodies.length = 0;
  }

  #openFrame(body: FramedBody): void {
    this.#closeFrame(false, false);
    const room = this.#bytes.length - this.#length - frameHeaderBytes;
    if (room < leastRoom || this.#pack !== body.pack) this.flush();
    this.#pack = body.pack;
    this.#body = body;
    this.#frameAt = this.#length;
    this.#length += frameHeaderBytes;
  }

  #closeFrame(isEnd: boolean, isComplete: boolean): void {
    const body = this.#body;
    if (body === undefined) return;
    this.#body = undefined;
    const start = this.#frameAt;
    const data = this.#bytes.subarray(start + frameHeaderBytes, this.#length);
    if (data.length === 0 && !isEnd) {
      this.#length = start;
      return;
    }
    const compressed = this.#compression.compress(data, body);
    const stored = compressed ?? data.length;
    body.bytes += data.length;
    putFrameHeader(this.#bytes, start, {
      coding: compressed === undefined ? frameCoding.identity : frameCoding.zstd,
      direction: body.direction,
      isEnd,
      isComplete,
      isRedacted: body.isRedacted,
      isErased: false,
      id: body.id,
      storedBytes: stored,
      bytes: data.length,
      previous: body.lastFrame,
      total: body.bytes,
    });
    body.lastFrame = body.pack.size + start;
    body.storedBytes += stored;
    this.#length = start + frameHeaderBytes + stored;
    if (body.isBuffered) return;
    body.isBuffered = true;
    this.#bodies.push(body);
  }
}
