/** The type-length-value part of a PROXY protocol v2 header (specification §2.2). */
import { crc32c } from "./crc32c.ts";

/** `PP2_TYPE_CRC32C`: the checksum of the whole header, itself taken as zero. */
const crcType = 0x03;
const crcBytes = 4;
/** Type and length. */
const headBytes = 3;

/**
 * Whether the values fill the rest of the header exactly, and the checksum, where there is one, is
 * right: "the receiver must verify the checksum" (§2.2.3).
 *
 * @param header the whole header
 * @param start where the addresses end
 * @param mayBeOther something else may stand there, as behind an unspecified family
 */
export function areTlvsValid(header: Buffer, start: number, mayBeOther: boolean): boolean {
  let at = start;
  let crcAt = -1;
  while (at < header.length) {
    if (at + headBytes > header.length) return mayBeOther;
    const length = header.readUInt16BE(at + 1);
    const end = at + headBytes + length;
    if (end > header.length) return mayBeOther;
    if (header[at] === crcType) {
      if (length !== crcBytes || crcAt !== -1) return false;
      crcAt = at + headBytes;
    }
    at = end;
  }
  if (crcAt === -1) return true;
  const zeroed = Buffer.from(header);
  zeroed.fill(0, crcAt, crcAt + crcBytes);
  return crc32c(zeroed) === header.readUInt32BE(crcAt);
}
