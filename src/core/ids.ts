import { randomFillSync } from "node:crypto";

const hex: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const pool = new Uint8Array(4096);
let poolAt = pool.length;
let lastMs = 0;
let counter = 0;

/**
 * A UUIDv7 (RFC 9562 §5.7) from a CSPRNG, strictly increasing within the process: the 12 bits behind the time are a
 * counter that starts at a random value below 2048 in each millisecond (method 1 of §6.2) and borrows from the next millisecond when used up.
 */
export function exchangeId(wallMs: number): string {
  if (poolAt + 10 > pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const ms = Math.floor(wallMs);
  const random = (poolAt += 10) - 10;
  if (ms > lastMs) {
    lastMs = ms;
    counter = ((byteAt(random) & 0x07) << 8) | byteAt(random + 1);
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  const high = Math.floor(lastMs / 0x10000);
  return (
    hexAt(high >>> 24) +
    hexAt(high >>> 16) +
    hexAt(high >>> 8) +
    hexAt(high) +
    "-" +
    hexAt((lastMs % 0x10000) >>> 8) +
    hexAt(lastMs) +
    "-" +
    hexAt(0x70 | (counter >>> 8)) +
    hexAt(counter) +
    "-" +
    hexAt(0x80 | (byteAt(random + 2) & 0x3f)) +
    hexAt(byteAt(random + 3)) +
    "-" +
    hexAt(byteAt(random + 4)) +
    hexAt(byteAt(random + 5)) +
    hexAt(byteAt(random + 6)) +
    hexAt(byteAt(random + 7)) +
    hexAt(byteAt(random + 8)) +
    hexAt(byteAt(random + 9))
  );
}

function byteAt(index: number): number {
  return pool[index] ?? 0;
}

function hexAt(value: number): string {
  return hex[value & 0xff] ?? "";
}
