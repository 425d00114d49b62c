/**
 * The first records whose last record has not been met yet, by id: what a reader must remember
 * while it passes through a journal. As many as were open at the same time, at about 50 bytes each.
 */
import type { Buffer } from "node:buffer";
import { randomInt } from "node:crypto";

const seeds = { high: randomInt(2 ** 32), low: randomInt(2 ** 32) };
const digits = new Uint8Array(256);
for (let value = 0; value < 16; value += 1) digits["0123456789abcdef".charCodeAt(value)] = value;

/**
 * Hash table from ids to places of lines. Of an id the last 64 bits are compared: they are random
 * (RFC 9562 §5.7), so two that are equal are the same id.
 */
export class PendingRequests {
  /** Number of the segment that the line is in. */
  segment: Uint32Array;
  /** Where the line begins in it, before compression. */
  offset: Float64Array;
  /** Without its line feed. Bytes. */
  length: Uint32Array;
  /** 1: the line has what the filter asks for. */
  isHit: Uint8Array;
  /** 1: the line has what the filter excludes. */
  isExcluded: Uint8Array;
  /** Copies of lines that cannot be read again. */
  readonly copies = new Map<number, Buffer>();
  #count = 0;
  #high: Uint32Array;
  #low: Uint32Array;
  /** Slots of the hash table: place + 1, 0 where there is none. */
  #slots: Int32Array;
  #mask: number;
  /** Leaves as many bits of a hash as the mask has. */
  #shift: number;
  #free: number[] = [];
  #used = 0;

  constructor(capacity = 4096) {
    this.segment = new Uint32Array(capacity);
    this.offset = new Float64Array(capacity);
    this.length = new Uint32Array(capacity);
    this.isHit = new Uint8Array(capacity);
    this.isExcluded = new Uint8Array(capacity);
    this.#high = new Uint32Array(capacity);
    this.#low = new Uint32Array(capacity);
    this.#slots = new Int32Array(capacity * 2);
    this.#mask = capacity * 2 - 1;
    this.#shift = Math.clz32(this.#mask);
  }

  get count(): number {
    return this.#count;
  }

  /** Remembers the line whose id stands at `idAt`. @returns its place, valid until `remove` */
  add(bytes: Buffer, idAt: number): number {
    if (this.#count === this.#high.length) this.#grow();
    const high = highOf(bytes, idAt);
    const low = lowOf(bytes, idAt);
    const slot = this.#find(high, low);
    const known = (this.#slots[slot] ?? 0) - 1;
    if (known >= 0) return known;
    const place = this.#free.pop() ?? this.#used++;
    this.#high[place] = high;
    this.#low[place] = low;
    this.#slots[slot] = place + 1;
    this.#count += 1;
    return place;
  }

  /** The place of the line with the id at `idAt`; -1: there is none. */
  find(bytes: Buffer, idAt: number): number {
    return (this.#slots[this.#find(highOf(bytes, idAt), lowOf(bytes, idAt))] ?? 0) - 1;
  }

  remove(place: number): void {
    let hole = this.#find(this.#high[place] ?? 0, this.#low[place] ?? 0);
    this.copies.delete(place);
    this.#free.push(place);
    this.#count -= 1;
    // What was displaced by the one that goes moves up, so that searches need no tombstones.
    for (let slot = (hole + 1) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const moved = (this.#slots[slot] ?? 0) - 1;
      if (moved < 0) break;
      const home = this.#homeOf(this.#high[moved] ?? 0, this.#low[moved] ?? 0);
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      this.#slots[hole] = moved + 1;
      hole = slot;
    }
    this.#slots[hole] = 0;
  }

  /** All places, in no order. Nothing may be added or removed meanwhile. */
  *places(): IterableIterator<number> {
    for (const slot of this.#slots) if (slot > 0) yield slot - 1;
  }

  /** The slot of an id, or the empty one where it would be. */
  #find(high: number, low: number): number {
    for (let slot = this.#homeOf(high, low); ; slot = (slot + 1) & this.#mask) {
      const place = (this.#slots[slot] ?? 0) - 1;
      if (place < 0 || (this.#high[place] === high && this.#low[place] === low)) return slot;
    }
  }

  /** Who wrote a trail may have chosen its ids, and must not choose where they are looked for. */
  #homeOf(high: number, low: number): number {
    const mixed = Math.imul(high ^ seeds.high, 0x9e3779b1) ^ Math.imul(low ^ seeds.low, 0x85ebca77);
    return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> this.#shift;
  }

  #grow(): void {
    const capacity = this.#high.length * 2;
    this.segment = grown(this.segment, new Uint32Array(capacity));
    this.offset = grown(this.offset, new Float64Array(capacity));
    this.length = grown(this.length, new Uint32Array(capacity));
    this.isHit = grown(this.isHit, new Uint8Array(capacity));
    this.isExcluded = grown(this.isExcluded, new Uint8Array(capacity));
    this.#high = grown(this.#high, new Uint32Array(capacity));
    this.#low = grown(this.#low, new Uint32Array(capacity));
    const places = Array.from(this.places());
    this.#slots = new Int32Array(capacity * 2);
    this.#mask = capacity * 2 - 1;
    this.#shift = Math.clz32(this.#mask);
    for (const place of places)
      this.#slots[this.#find(this.#high[place] ?? 0, this.#low[place] ?? 0)] = place + 1;
  }
}

function grown<T extends Float64Array | Uint32Array | Uint8Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

// `xxxxxxxx-xxxx-7xxx-yyyy-zzzzzzzzzzzz`: y and z are random but for two bits of the variant.
function highOf(bytes: Buffer, idAt: number): number {
  return ((hex4(bytes, idAt + 19) << 16) | hex4(bytes, idAt + 24)) >>> 0;
}

function lowOf(bytes: Buffer, idAt: number): number {
  return ((hex4(bytes, idAt + 28) << 16) | hex4(bytes, idAt + 32)) >>> 0;
}

function hex4(bytes: Buffer, at: number): number {
  return (
    ((digits[bytes[at] ?? 0] ?? 0) << 12) |
    ((digits[bytes[at + 1] ?? 0] ?? 0) << 8) |
    ((digits[bytes[at + 2] ?? 0] ?? 0) << 4) |
    (digits[bytes[at + 3] ?? 0] ?? 0)
  );
}

/** The time in a UUIDv7, in milliseconds since the epoch. */
export function timeOfId(bytes: Buffer, idAt: number): number {
  return (hex4(bytes, idAt) * 0x1_0000 + hex4(bytes, idAt + 4)) * 0x1_0000 + hex4(bytes, idAt + 9);
}
