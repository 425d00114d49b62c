/** Redacts bodies with a `Content-Encoding`: decodes them, within bounds, and codes them again. */
import { Buffer } from "node:buffer";
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { hasErrorCode } from "../../core/system-error.ts";
import { BodyDigest } from "./body-digest.ts";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";

/** Larger coded bodies are not decoded, and none is decoded further, in bytes. */
const maxBytes = 1_048_576;
/** No body is decoded to more than so many times its size. */
const maxRatio = 100;
/**
 * Nor to more than this and so many times its size, in bytes: to decode, look through and code a
 * byte costs 10 to 25 ns, and a small body may cost some milliseconds of the event loop at most.
 */
const freeBytes = 131_072;
const usualRatio = 16;
/** What is stored may be longer than what was received by so many bytes. */
const maxGrowth = 1024;

interface Coding {
  /** How a stream that was cut gives what it holds. */
  readonly flush: number;
  /** @throws {Error} of zlib: `ERR_BUFFER_TOO_LARGE`, `Z_BUF_ERROR` for a stream that was cut */
  decode(bytes: Buffer, options: ZlibOptions): Buffer;
  encode(bytes: Buffer, isBest: boolean): Buffer;
  /** Whether nothing but the content stands in the bytes: no names, comments, further frames. */
  isPlain(bytes: Buffer): boolean;
}

interface ZlibOptions {
  readonly maxOutputLength: number;
  readonly finishFlush?: number;
}

const tooLarge = "ERR_BUFFER_TOO_LARGE";
const cutShort = "Z_BUF_ERROR";
const gzipMagic = Buffer.from([0x1f, 0x8b]);

/** Behind a first byte of 0x50 to 0x5f. */
const skippableMagic = Buffer.from([0x2a, 0x4d, 0x18]);

const gzip: Coding = {
  flush: constants.Z_SYNC_FLUSH,
  decode: gunzipSync,
  encode: (bytes, isBest) => gzipSync(bytes, { level: isBest ? 9 : 1 }),
  // RFC 1952 §2.3: byte 3 holds the flags of a file's name, comment and extra field.
  isPlain: (bytes) => bytes[3] === 0 && bytes.indexOf(gzipMagic, 1) < 0,
};

const deflate: Coding = {
  flush: constants.Z_SYNC_FLUSH,
  decode: (bytes, options) => {
    const [first = 0, second = 0] = bytes;
    // Some clients send raw DEFLATE (RFC 9110 §8.4.1.2); RFC 1950 §2.2 tells the header.
    const isZlib = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
    return isZlib ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
  },
  encode: (bytes, isBest) => deflateSync(bytes, { level: isBest ? 9 : 1 }),
  isPlain: () => true,
};

const brotli: Coding = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  decode: brotliDecompressSync,
  encode: (bytes, isBest) =>
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: isBest ? 9 : 2,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  isPlain: () => true,
};

const zstd: Coding = {
  flush: constants.ZSTD_e_flush,
  decode: zstdDecompressSync,
  encode: (bytes, isBest) =>
    zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: isBest ? 12 : 1 } }),
  // RFC 8878 §3.1.2: skippable frames hold anything.
  isPlain: (bytes) => !bytes.includes(skippableMagic),
};

const codings: ReadonlyMap<string, Coding> = new Map([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", deflate],
  ["br", brotli],
  ["zstd", zstd],
]);

/** The coding of a `Content-Encoding`; `undefined`: none that can be read. */
export function codingOf(contentEncoding: string): Coding | undefined {
  return codings.get(contentEncoding.trim().toLowerCase());
}

/**
 * Keeps a coded body until it ends, then has its content redacted. What is stored of it is in the
 * same coding. State `bounded`, and nothing stored: it is too large to be decoded here; `hidden`:
 * it is not in its coding.
 */
export class CodedRedactor implements BodyRedactor {
  readonly #coding: Coding;
  readonly #begin: () => BodyRedactor;
  readonly #digest: BodyDigest;
  #pieces: Buffer[] = [];
  #length = 0;

  /** @param begin makes the redaction of the content */
  constructor(coding: Coding, key: Uint8Array, begin: () => BodyRedactor) {
    this.#coding = coding;
    this.#begin = begin;
    this.#digest = new BodyDigest(key);
  }

  write(bytes: Buffer, start: number, end: number): void {
    this.#digest.update(bytes, start, end);
    this.#length += end - start;
    if (this.#length <= maxBytes) this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    else this.#pieces = [];
  }

  finish(sink: RedactedSink): RedactionResult {
    if (this.#length === 0) return { state: "none", removed: 0, hmac: "" };
    if (this.#length > maxBytes) return this.#result("bounded", 0);
    const received = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    const decoded = this.#decode(received);
    if (typeof decoded === "string") return this.#result(decoded, 0);
    const content = new Content();
    const redactor = this.#begin();
    redactor.write(decoded.bytes, 0, decoded.bytes.length, content);
    const { state, removed } = redactor.finish(content);
    if (state === "hidden") return this.#result(state, removed);
    const isPlain = decoded.isWhole && this.#coding.isPlain(received);
    if (state === "none" && isPlain && this.#endsAtLastByte(received)) {
      sink.keep(received, 0, received.length);
      return { state, removed, hmac: "" };
    }
    const redacted = content.whole();
    for (const isBest of [false, true]) {
      const coded = this.#coding.encode(redacted, isBest);
      if (coded.length > received.length + maxGrowth) continue;
      sink.keep(coded, 0, coded.length);
      return this.#result(decoded.isWhole && state !== "bounded" ? "redacted" : "bounded", removed);
    }
    return this.#result("hidden", removed);
  }

  /** The content, as much as there is; or what becomes of a body that has none. */
  #decode(received: Buffer): { bytes: Buffer; isWhole: boolean } | "bounded" | "hidden" {
    const { length } = received;
    const maxOutputLength = Math.min(maxBytes, maxRatio * length, freeBytes + usualRatio * length);
    const coding = this.#coding;
    try {
      return { bytes: coding.decode(received, { maxOutputLength }), isWhole: true };
    } catch (error) {
      if (hasErrorCode(error, tooLarge)) return "bounded";
      if (!hasErrorCode(error, cutShort)) return "hidden";
    }
    try {
      const options = { maxOutputLength, finishFlush: coding.flush };
      return { bytes: coding.decode(received, options), isWhole: false };
    } catch (error) {
      return hasErrorCode(error, tooLarge) ? "bounded" : "hidden";
    }
  }

  /** Whether the stream ends at the last byte: zlib passes over what follows it. */
  #endsAtLastByte(received: Buffer): boolean {
    try {
      this.#coding.decode(received.subarray(0, -1), { maxOutputLength: maxBytes });
      return false;
    } catch (error) {
      return hasErrorCode(error, cutShort);
    }
  }

  #result(state: RedactionResult["state"], removed: number): RedactionResult {
    return { state, removed, hmac: this.#digest.hex() };
  }
}

/** Collects redacted content. */
class Content implements RedactedSink {
  readonly #pieces: Buffer[] = [];

  keep(bytes: Buffer, start: number, end: number): void {
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
  }

  whole(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
