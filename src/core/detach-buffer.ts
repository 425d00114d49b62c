import type { Buffer } from "node:buffer";

/** Bytes. Detaching a smaller buffer costs more CPU than collecting it. */
const leastBytes = 16_384;

/**
 * Frees the memory of a large spent piece now. Pieces of 64 KiB look small to the garbage
 * collector: without this a fast transfer would pile up tens of megabytes, and the whole heap would
 * be marked several times a second.
 *
 * @param bytes as a socket has read them, and not used any more: ask `writableLength` of the socket
 *   that they were written to first. They are empty afterwards. Nothing happens unless they are the
 *   whole of their memory, because all TLS connections read into one slab.
 */
export function detachBuffer(bytes: Buffer): void {
  const { buffer } = bytes;
  if (
    bytes.length >= leastBytes &&
    bytes.length === buffer.byteLength &&
    buffer instanceof ArrayBuffer
  )
    buffer.transfer(0);
}
