import type { Buffer } from "node:buffer";

/** What is smaller costs more to free than it is worth. */
const leastBytes = 16_384;

/**
 * Frees the memory that `bytes` lie in, if they are many. Pieces of 64 KiB look small to the garbage collector: without this a fast transfer would
 * pile up tens of megabytes, and the whole heap would be marked several times a second.
 *
 * @param bytes nobody needs anything of their memory any more, and a write has taken them: ask the socket's `writableLength` first. Afterwards they are empty.
 */
export function freeMemory(bytes: Buffer): void {
  const { buffer } = bytes;
  if (bytes.length >= leastBytes && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** The same, unless something lies behind `bytes`, which is still to be read; what lies before them is not needed. */
export function freeWhatWasRead(bytes: Buffer): void {
  if (bytes.byteOffset + bytes.length === bytes.buffer.byteLength) freeMemory(bytes);
}
