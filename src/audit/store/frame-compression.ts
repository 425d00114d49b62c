/** Whether the data of a frame is compressed: where it pays, and never for long. */
import { ZstdEncoder } from "./zstd-encoder.ts";

/**
 * A call costs 3 µs for uniform and 8 µs for varied JSON of this size (measured, Node 26); below it
 * that buys nearly no room on the disk.
 */
const leastBytes = 4096;
/** Level 1 is the fastest; level 3 saves some 5 % more at 1.2 times the time. */
const level = 1;
/** What does not become smaller by a tenth stays as it is: reading it back is then free. */
const worthwhile = 0.9;
/**
 * What not writing a byte saves, in milliseconds: the kernel copies some 6.5 GB/s into its page
 * cache.
 */
const writeMs = 1.5e-7;
/**
 * Compression may take an eighth of the time beyond what it saves in writing: at full load varied
 * JSON costs that much more, and is stored as it is for the most part.
 */
const share = 0.125;
/**
 * What is saved of that share for a burst: 200 MB of varied JSON. It is spent piece by piece, so
 * the event loop gets at most twice as slow meanwhile and never stands still. Milliseconds.
 */
const burstMs = 250;
/** Bytes that are looked at to tell text from data that is compressed already; takes 1.5 µs. */
const sampleSize = 256;
/**
 * The squared counts of the bytes in a sample add up to about `n + n²/256` where all bytes are
 * equally frequent, with a deviation of a twentieth; base64, which zstd still makes a quarter
 * smaller, gives `n + n²/64`, and JSON more.
 */
const leastSquares = sampleSize + 2 * (sampleSize ** 2 / 256);

const counts = new Uint16Array(256);

/** Decides for one body after its first sample. */
export interface CompressedBody {
  /** Whether its frames are worth compressing; undefined: not known yet. */
  isCompressible: boolean | undefined;
}

/**
 * Compresses frames with zstd on the spot. Ordinary JSON takes some 1.2 ns a byte, which is more
 * than hashing it; so under load, when the allowance is used up, frames are stored as they are.
 */
export class FrameCompression {
  readonly #now: () => number;
  readonly #encoder = new ZstdEncoder(level);
  #allowanceMs = burstMs;
  #lastMs: number;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    this.#lastMs = now();
  }

  /**
   * Compresses data into `output`, which has room for {@link compressedBound} bytes.
   *
   * @returns the number of bytes that it takes there; undefined: the data is stored as it is
   */
  compress(data: Uint8Array, body: CompressedBody, output: Uint8Array): number | undefined {
    if (data.length < leastBytes || body.isCompressible === false) return undefined;
    body.isCompressible ??= looksCompressible(data);
    if (!body.isCompressible) return undefined;
    const before = this.#now();
    this.#allowanceMs = Math.min(burstMs, this.#allowanceMs + (before - this.#lastMs) * share);
    this.#lastMs = before;
    if (this.#allowanceMs <= 0) return undefined;
    const length = this.#encoder.compress(data, output) ?? data.length;
    const isWorthwhile = length <= data.length * worthwhile;
    if (!isWorthwhile) body.isCompressible = false;
    const savedMs = isWorthwhile ? (data.length - length) * writeMs : 0;
    this.#allowanceMs -= Math.max(0, this.#now() - before - savedMs);
    return isWorthwhile ? length : undefined;
  }
}

/**
 * Room for whatever zstd makes of so many bytes (`ZSTD_COMPRESSBOUND` of zstd.h). With less it
 * compresses from a copy of the data, to another one of the result.
 */
export function compressedBound(bytes: number): number {
  return bytes + (bytes >>> 8) + (bytes < 131_072 ? (131_072 - bytes) >>> 11 : 0) + 1;
}

/** Whether some bytes are more frequent than others, by a sample from all over the data. */
export function looksCompressible(data: Uint8Array): boolean {
  counts.fill(0);
  const step = data.length / sampleSize;
  let squares = 0;
  for (let index = 0; index < sampleSize; index += 1) {
    const byte = data[Math.floor(index * step)] ?? 0;
    const seen = counts[byte] ?? 0;
    counts[byte] = seen + 1;
    // A square is the sum of the odd numbers below the double of its root.
    squares += 2 * seen + 1;
  }
  return squares >= leastSquares;
}
