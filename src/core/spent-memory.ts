import type { Buffer } from "node:buffer";

/** What is smaller costs more to free than it is worth. */
const leastBytes = 16_384;

/**
 * Frees the memory of a large spent piece now. Pieces of 64 KiB look small to the garbage collector: without this a fast upload would pile up
 * tens of megabytes, and the whole heap would be marked several times a second.
 *
 * @param bytes nobody needs them any more, nor what was read before them. Nothing happens where something lies behind them in their memory. A write
 *   must have taken them: ask the socket's `writableLength` first. Afterwards they are empty.
 */
export function giveBack(bytes: Buffer): void {
  const { buffer } = bytes;
  const isRest = bytes.byteOffset + bytes.length === buffer.byteLength;
  if (bytes.length >= leastBytes && isRest && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
