import type { Buffer } from "node:buffer";

/** What is smaller costs more to free than it is worth. */
const leastBytes = 16_384;

/**
 * Frees the memory of a large spent piece now. Pieces of 64 KiB look small to the garbage
 * collector: without this a fast transfer would pile up tens of megabytes, and the whole heap would
 * be marked several times a second.
 *
 * @param bytes as a socket has read them; nobody needs them any more. A write must have taken them:
 *   ask the socket's `writableLength` first. Nothing happens unless they are the whole of their
 *   memory: all TLS connections read into the same memory, piece behind piece. Afterwards they are
 *   empty.
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
