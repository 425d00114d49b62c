/** How many different documents were seen: exact for few, HyperLogLog for many. */
import { Buffer } from "node:buffer";

/** A sketch as JSON: hashes while they are few, else registers in base64. */
export type SketchState = { readonly hashes: readonly number[] } | { readonly registers: string };

/** 4,096 registers of a byte: a standard error of 1.04 / √4096 = 1.6 %. */
const indexBits = 12;
const registerCount = 1 << indexBits;
/** Bits of a hash behind those that choose the register. */
const rankBits = 40;
/** Up to so many hashes are kept as they are; that takes about as much memory as the registers. */
const maxHashes = 256;

/** Counts different pairs of index and id in at most 4 KiB. Adding one twice changes nothing. */
export class DistinctSketch {
  #hashes: Set<number> | undefined = new Set();
  #registers: Uint8Array | undefined = undefined;

  static fromState(state: SketchState): DistinctSketch {
    const sketch = new DistinctSketch();
    if ("hashes" in state) for (const hash of state.hashes) sketch.#addHash(hash);
    else {
      const registers = new Uint8Array(registerCount);
      registers.set(Buffer.from(state.registers, "base64").subarray(0, registerCount));
      sketch.#registers = registers;
      sketch.#hashes = undefined;
    }
    return sketch;
  }

  toState(): SketchState {
    if (this.#registers === undefined) return { hashes: [...(this.#hashes ?? [])] };
    return { registers: Buffer.from(this.#registers).toString("base64") };
  }

  add(index: string, id: string): void {
    this.#addHash(documentHash(index, id));
  }

  /** Takes over what the other sketch has seen. */
  merge(other: DistinctSketch): void {
    for (const hash of other.#hashes ?? []) this.#addHash(hash);
    if (other.#registers === undefined) return;
    const registers = this.#dense();
    for (let at = 0; at < registerCount; at += 1) {
      const rank = other.#registers[at] ?? 0;
      if (rank > (registers[at] ?? 0)) registers[at] = rank;
    }
  }

  /** Exact up to 256, then an estimate. */
  get count(): number {
    return this.#registers === undefined ? (this.#hashes?.size ?? 0) : estimate(this.#registers);
  }

  /** Whether `count` is more than an estimate. */
  get isExact(): boolean {
    return this.#registers === undefined;
  }

  #addHash(hash: number): void {
    if (this.#hashes !== undefined) {
      this.#hashes.add(hash);
      if (this.#hashes.size <= maxHashes) return;
      this.#dense();
      return;
    }
    addTo(this.#dense(), hash);
  }

  /** The registers, into which the hashes go when there are too many. */
  #dense(): Uint8Array {
    this.#registers ??= new Uint8Array(registerCount);
    for (const hash of this.#hashes ?? []) addTo(this.#registers, hash);
    this.#hashes = undefined;
    return this.#registers;
  }
}

/** A hash has 52 bits: 12 choose the register, the position of the first one in the rest counts. */
function addTo(registers: Uint8Array, hash: number): void {
  const index = Math.floor(hash / 2 ** rankBits);
  const rest = hash - index * 2 ** rankBits;
  const high = Math.floor(rest / 2 ** 32);
  const zeros = high > 0 ? Math.clz32(high) - 24 : 8 + Math.clz32(rest >>> 0);
  const rank = zeros + 1;
  if (rank > (registers[index] ?? 0)) registers[index] = rank;
}

/**
 * The improved raw estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (2017), algorithm 6: no bias at any size, no tables of corrections.
 */
function estimate(registers: Uint8Array): number {
  const counts = new Float64Array(rankBits + 2);
  for (const rank of registers) counts[rank] = (counts[rank] ?? 0) + 1;
  let z = registerCount * tau(1 - (counts[rankBits + 1] ?? 0) / registerCount);
  for (let rank = rankBits; rank >= 1; rank -= 1) z = (z + (counts[rank] ?? 0)) / 2;
  z += registerCount * sigma((counts[0] ?? 0) / registerCount);
  return Math.round(registerCount ** 2 / (2 * Math.LN2 * z));
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let power = share;
  let sum = share;
  for (let weight = 1, before = -1; sum !== before; weight *= 2) {
    power *= power;
    before = sum;
    sum += power * weight;
  }
  return sum;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let sum = 1 - share;
  for (let weight = 0.5, before = -1; sum !== before; weight /= 2) {
    root = Math.sqrt(root);
    before = sum;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}

/** 52 bits out of two lanes of 32; mixed at the end so that similar ids differ in all bits. */
function documentHash(index: string, id: string): number {
  let one = 0x9e3779b9;
  let two = 0x85ebca6b;
  const mix = (code: number): void => {
    one = Math.imul(one ^ code, 0x01000193);
    one ^= one >>> 15;
    two = Math.imul(two + code, 0xcc9e2d51);
    two ^= two >>> 13;
  };
  for (let at = 0; at < index.length; at += 1) mix(index.charCodeAt(at));
  // No character has this code, so that the border between both texts counts.
  mix(0x10000);
  for (let at = 0; at < id.length; at += 1) mix(id.charCodeAt(at));
  const high = avalanche(one ^ Math.imul(two, 0x27d4eb2f)) >>> 12;
  const low = avalanche(two ^ Math.imul(one, 0x165667b1)) >>> 0;
  return high * 2 ** 32 + low;
}

/** Finalizer of MurmurHash3. */
function avalanche(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
