/**
 * Checksums within an index. SQLite has none of its own: a byte that has changed on the disk would
 * be an exchange that is not found, and nobody would know.
 */
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** CRC-32. Bytes. */
const sumBytes = 4;

/** A block with the checksum of its contents, its table and its first key behind it. */
export function summedBlock(table: string, first: number, content: Buffer): Buffer {
  const block = Buffer.allocUnsafe(content.length + sumBytes);
  content.copy(block);
  block.writeUInt32LE(crc32(content, crc32(`${table} ${first}`)), content.length);
  return block;
}

/** The contents of such a block; `undefined`: it is not as it was written. */
export function checkedBlock(table: string, first: number, block: unknown): Buffer | undefined {
  if (!(block instanceof Uint8Array) || block.length < sumBytes) return undefined;
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const content = bytes.subarray(0, -sumBytes);
  const sum = crc32(content, crc32(`${table} ${first}`));
  return sum === bytes.readUInt32LE(content.length) ? content : undefined;
}

/** Checksum of a value of a field and of who has it. */
export function termSum(field: string, value: unknown, numbers: unknown): number {
  const sum = crc32(`${field} ${typeof value} ${String(value)} `);
  return numbers instanceof Uint8Array ? crc32(numbers, sum) : crc32(String(numbers), sum);
}

/** Checksum of a list of texts. */
export function textsSum(texts: readonly string[]): number {
  return crc32(JSON.stringify(texts));
}
