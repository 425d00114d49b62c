/**
 * The buffer that server connections are read into, shared by all of them or owned during bulk
 * transfers.
 */
import { Buffer } from "node:buffer";

/** Bytes of a read buffer: what libuv suggests for each read of a TCP socket. */
const bytes = 64 * 1024;
/** Bytes. A read of this size shows a bulk transfer, which is worth a buffer of its own. */
const bulkBytes = 32 * 1024;

/**
 * What server connections are read into, one after the other: a read and its callback are one step
 * of the event loop. It saves the 64 KiB that each read would allocate, and the stream machinery
 * above it.
 */
const shared = Buffer.allocUnsafeSlow(bytes);

/**
 * The read buffer of one server connection: the one that all share, or, while data comes in bulk,
 * one of its own, which need not be copied.
 */
export class ReadBuffer {
  /** What the last read has filled. */
  bytes: Buffer = shared;
  /** Bytes of the last read. */
  filled = 0;
  #isKept = false;

  /** The next read of another connection overwrites it. */
  get isShared(): boolean {
    return this.bytes === shared;
  }

  /**
   * The bytes of the last read are still needed: the next one must go elsewhere. Only for a buffer
   * that is not shared.
   */
  keep(): void {
    this.#isKept = true;
  }

  /** Where the next read goes. */
  next(): Buffer {
    if (this.filled < bulkBytes) this.bytes = shared;
    else if (this.#isKept || this.isShared) this.bytes = Buffer.allocUnsafeSlow(bytes);
    this.#isKept = false;
    return this.bytes;
  }
}
