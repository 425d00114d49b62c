/** What responses are read into: a small buffer of each connection, and large ones for bulk. */
import { Buffer } from "node:buffer";

/** Bytes of a small buffer: libuv suggests 64 KiB for each read of a TCP socket. */
const smallBytes = 65_536;
/**
 * Bytes of a large buffer. A read, the write behind it and two turns cost 15 µs of CPU time besides
 * their bytes, so fewer and larger ones are cheaper. This one holds half of 256 KiB with a head;
 * 192 and 272 KiB won nothing measurable and make turns longer.
 */
const largeBytes = 147_456;
/** Large buffers that connections read into at a time, all of a worker together: 13.5 MiB. */
const mostLarge = 96;
/** With so many in use, connections give theirs back at the end of a response. */
const mostHeld = 64;
/**
 * Large buffers that are kept for the next response: what comes in a turn waits for its record, and
 * new memory for each would have V8 mark the whole heap several times a second.
 */
const mostSpare = mostHeld;
/** Bytes that are copied at most: a quarter of a small buffer. */
const leftBytes = 16_384;

/** What the reader of a connection is told by whoever uses the bytes. */
export interface BufferUse {
  /** The bytes of the last read are still needed: the next one must go elsewhere. */
  isBufferKept: boolean;
  /** A small buffer that was kept and is not needed any more. */
  spareBuffer: Buffer | undefined;
  /** No response is being read. */
  readonly isUsable: boolean;
}

let largeCount = 0;
const spareLarge: Buffer[] = [];

/**
 * The read buffer of one connection. It is a large one while a response comes in bulk, which is
 * when a read has filled the small one, and for the first read of the response after that.
 */
export class ReadBuffer {
  /** What the last read went into. */
  bytes: Buffer = Buffer.allocUnsafeSlow(smallBytes);
  /** Bytes of the last read. */
  filled = 0;
  #small: Buffer | undefined = this.bytes;
  /** A read of the present response has filled the small buffer. */
  #isBulk = false;

  /** Where the next read goes. @param use of the last; undefined: there was none */
  next(use: BufferUse | undefined): Buffer {
    if (use === undefined) return this.bytes;
    const isLarger = this.#isLargeNext(use.isUsable);
    if (use.isBufferKept) {
      use.isBufferKept = false;
      if (this.#isLarge) largeCount -= 1;
      const large = isLarger && use.isUsable ? takeLarge() : undefined;
      this.bytes = large ?? this.#smallFor(use);
    } else if (!isLarger) this.release();
    else if (!this.#isLarge) this.bytes = takeLarge() ?? this.bytes;
    return this.bytes;
  }

  /** Goes back to the small buffer. */
  release(): void {
    if (!this.#isLarge) return;
    largeCount -= 1;
    keepSpare(this.bytes);
    this.bytes = this.#small ??= Buffer.allocUnsafeSlow(smallBytes);
  }

  #isLargeNext(isOver: boolean): boolean {
    const isFilled = this.filled >= smallBytes;
    if (isFilled) this.#isBulk = true;
    if (!isOver) return isFilled;
    const wasBulk = this.#isBulk;
    this.#isBulk = false;
    return wasBulk && largeCount <= mostHeld;
  }

  get #isLarge(): boolean {
    return this.bytes.length > smallBytes;
  }

  /** The small buffer, or another one when that is what is kept. */
  #smallFor(use: BufferUse): Buffer {
    if (this.#isLarge && this.#small !== undefined) return this.#small;
    const small = use.spareBuffer ?? Buffer.allocUnsafeSlow(smallBytes);
    use.spareBuffer = undefined;
    this.#small = small;
    return small;
  }
}

/** Takes a buffer back that was kept: for `use` again, or for all. */
export function takeBack(buffer: Buffer, use: BufferUse): void {
  if (buffer.length > smallBytes) keepSpare(buffer);
  else use.spareBuffer = buffer;
}

/**
 * Whether bytes that wait are left in their read buffer: where there are many, which is cheaper
 * than the copy, and so many that they take at most four times their size.
 */
export function isLeftInBuffer(bytes: number, { buffer }: Buffer): boolean {
  return bytes > leftBytes && bytes * 4 > buffer.byteLength;
}

/** undefined: as many are in use as may be. */
function takeLarge(): Buffer | undefined {
  if (largeCount >= mostLarge) return undefined;
  largeCount += 1;
  return spareLarge.pop() ?? Buffer.allocUnsafeSlow(largeBytes);
}

function keepSpare(large: Buffer): void {
  if (spareLarge.length < mostSpare) spareLarge.push(large);
}
