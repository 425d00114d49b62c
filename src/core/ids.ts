/** Makes the ids of exchanges and sessions: UUIDs of version 7, in the order of time. */
import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";

const digits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const text = Buffer.from("........-....-....-....-............", "latin1");
const pool = new Uint8Array(4096);
let poolAt = pool.length;
let lastMs = 0;
let counter = 0;

/**
 * A UUIDv7 (RFC 9562 §5.7) from a CSPRNG, strictly increasing within the process: the 12 bits
 * behind the time are a counter that starts at a random value below 2048 in each millisecond
 * (method 1 of §6.2) and borrows from the next millisecond when used up.
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
  put(0, high >>> 24);
  put(2, high >>> 16);
  put(4, high >>> 8);
  put(6, high);
  put(9, (lastMs % 0x10000) >>> 8);
  put(11, lastMs % 0x10000);
  put(14, 0x70 | (counter >>> 8));
  put(16, counter);
  put(19, 0x80 | (byteAt(random + 2) & 0x3f));
  put(21, byteAt(random + 3));
  for (let i = 0; i < 6; i += 1) put(24 + 2 * i, byteAt(random + 4 + i));
  return text.toString("latin1");
}

/** Writes a byte as two hexadecimal digits. */
function put(at: number, byte: number): void {
  text[at] = digits[(byte >>> 4) & 0xf] ?? 0;
  text[at + 1] = digits[byte & 0xf] ?? 0;
}

function byteAt(index: number): number {
  return pool[index] ?? 0;
}

/** When an id was made, in milliseconds since 1970; NaN: it is no UUID. */
export function idMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
