/** Compresses pieces of data with zstd, each to a frame of its own, in one context. */
import { Buffer } from "node:buffer";
import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/**
 * Node's own object below a stream of `node:zlib`. It is not documented; minizlib, and so npm, has
 * compressed with it since Node 4. `writeSync` leaves the room in the output and the bytes of the
 * input that it has not used in the stream's state.
 */
interface NativeContext {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputBytes: number,
    output: Uint8Array,
    outputAt: number,
    outputBytes: number,
  ): void;
  reset(): void;
}

interface NativeStream {
  readonly _handle: NativeContext;
  /** Room left in the output; bytes left of the input. */
  readonly _writeState: Uint32Array;
}

/** How data is compressed: with one context, or without where Node has none like that. */
interface Context {
  readonly native: NativeContext;
  readonly state: Uint32Array;
}

/**
 * The documented `zstdCompressSync` makes a context for each call, whose memory the system clears
 * and takes back: 25 µs for 4 KiB, against 3 µs in a context that stays. (Node 26, EPYC)
 */
export class ZstdEncoder {
  readonly #level: number;
  readonly #context: Context | undefined;

  /** @param isContextKept false: each call makes a context, as `zstdCompressSync` does */
  constructor(level: number, isContextKept = true) {
    this.#level = level;
    this.#context = isContextKept ? contextOf(level) : undefined;
  }

  /** Calls share a context. */
  get isContextKept(): boolean {
    return this.#context !== undefined;
  }

  /**
   * Writes a whole zstd frame (RFC 8878) of the data into `output`.
   *
   * @returns its length in bytes; undefined: it needs as much room as there is, or more
   */
  compress(data: Uint8Array, output: Uint8Array): number | undefined {
    const context = this.#context;
    if (context === undefined) return this.#compressOnce(data, output);
    const length = compressIn(context, data, output);
    // What a frame that was not finished has left behind must not go into the next one.
    if (length === undefined) context.native.reset();
    return length;
  }

  #compressOnce(data: Uint8Array, output: Uint8Array): number | undefined {
    const compressed = zstdCompressSync(data, { params: parametersOf(this.#level) });
    if (compressed.length >= output.length) return undefined;
    output.set(compressed);
    return compressed.length;
  }
}

function parametersOf(level: number): Record<number, number> {
  return { [constants.ZSTD_c_compressionLevel]: level };
}

/** A context that is seen to work; undefined where there is none. */
function contextOf(level: number): Context | undefined {
  try {
    const stream = createZstdCompress({
      params: parametersOf(level),
    }) as unknown as Partial<NativeStream>;
    const { _handle: native, _writeState: state } = stream;
    if (native === undefined || state === undefined) return undefined;
    const context = { native, state };
    const sample = Buffer.from("zstd ".repeat(100), "latin1");
    const output = Buffer.alloc(sample.length);
    if (compressIn(context, sample, output.subarray(0, 4)) !== undefined) return undefined;
    native.reset();
    // Twice: the second frame must not depend on the first.
    for (let time = 0; time < 2; time += 1) {
      const length = compressIn(context, sample, output) ?? 0;
      if (!zstdDecompressSync(output.subarray(0, length)).equals(sample)) return undefined;
    }
    return context;
  } catch {
    return undefined;
  }
}

function compressIn(
  { native, state }: Context,
  data: Uint8Array,
  output: Uint8Array,
): number | undefined {
  native.writeSync(constants.ZSTD_e_end, data, 0, data.length, output, 0, output.length);
  const room = state[0] ?? 0;
  return room > 0 && state[1] === 0 ? output.length - room : undefined;
}
