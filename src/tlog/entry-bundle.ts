/** Entry bundles (c2sp.org/tlog-tiles): entries, each behind its length as a big-endian uint16. */

import { Buffer } from "node:buffer";

import { tileWidth } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";

/** Bytes of the length before each entry. */
const lengthBytes = 2;
/** Largest entry: what a uint16 can say. */
export const maxEntryBytes = 0xff_ff;

/**
 * The bytes of a bundle.
 *
 * @throws {RangeError} for an entry that is too large, or too many entries
 */
export function formatBundle(entries: readonly Uint8Array[]): Buffer {
  if (entries.length > tileWidth)
    throw new RangeError(`a bundle holds ${tileWidth} entries at most`);
  const bundle = Buffer.allocUnsafe(
    entries.reduce((sum, { length }) => sum + lengthBytes + length, 0),
  );
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > maxEntryBytes)
      throw new RangeError(`an entry of ${entry.length} bytes does not fit into a bundle`);
    bundle.writeUInt16BE(entry.length, offset);
    bundle.set(entry, offset + lengthBytes);
    offset += lengthBytes + entry.length;
  }
  return bundle;
}

/**
 * The entries of a bundle, as views of it.
 *
 * @param width entries that it must have
 * @throws {TlogError} `tile` when the lengths do not add up or the number of entries is another
 */
export function parseBundle(bundle: Uint8Array, width: number): Buffer[] {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length);
  const entries: Buffer[] = [];
  let offset = 0;
  while (offset < bytes.length && entries.length < width) {
    const start = offset + lengthBytes;
    const end =
      start <= bytes.length ? start + bytes.readUInt16BE(offset) : Number.POSITIVE_INFINITY;
    if (end > bytes.length)
      throw new TlogError("tile", `entry ${entries.length} of the bundle is cut off`);
    entries.push(bytes.subarray(start, end));
    offset = end;
  }
  if (offset !== bytes.length || entries.length !== width)
    throw new TlogError("tile", `the bundle does not hold ${width} entries`);
  return entries;
}
