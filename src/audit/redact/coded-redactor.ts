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
import { codingsOf, type ContentCoding } from "../../elasticsearch/body/content-coding.ts";
import { BodyDigest } from "./body-digest.ts";
import type {
  BodyRedactor,
  RedactedSink,
  RedactionResult,
  RedactionState,
} from "./body-redactor.ts";

/** The content of a body that is stored as received is decoded once more up to so many bytes. */
const maxBytes = 1_048_576;
/** No body is decoded to more than so many times its size. */
const maxRatio = 100;

/** How far a body is decoded, and what is done with what cannot be. */
export interface CodedLimits {
  /** Larger bodies are not decoded, in bytes as they were received. */
  readonly codedBytes: number;
  /** Most bytes of the decoded body. */
  readonly decodedBytes: number;
  /** Nor is it decoded to more than this and `usualRatio` times its size, in bytes. */
  readonly freeBytes: number;
  readonly usualRatio: number;
  /**
   * The body is its user's own data, recorded as received unless something is found in what it
   * decodes to: bytes that say nothing to who decodes it may stay.
   */
  readonly isDocument: boolean;
  /** One that is too large is recorded as received. */
  readonly keepsLarge: boolean;
}

/**
 * To look through and code a decoded byte again costs 10 to 25 ns, and a small body may cost some
 * milliseconds of the event loop at most.
 */
export const lookedThrough: CodedLimits = {
  codedBytes: 1_048_576,
  decodedBytes: 1_048_576,
  freeBytes: 131_072,
  usualRatio: 16,
  isDocument: false,
  keepsLarge: false,
};

/** Decoding and searching costs 2 to 4 ns a byte; logs shrink to a twentieth, seldom to less. */
export const searched: CodedLimits = {
  codedBytes: 1_048_576,
  decodedBytes: 16_777_216,
  freeBytes: 1_048_576,
  usualRatio: 50,
  isDocument: true,
  keepsLarge: false,
};

/**
 * The request of an answer says what it reads, but not what an alias stands for. That of a large
 * one is not looked into.
 */
export const searchedAnswer: CodedLimits = { ...searched, keepsLarge: true };

/**
 * A bulk is often coded, and large; so are answers to calls whose path names an index, which may be
 * an alias of one. Elasticsearch lets nobody read or write an index of credentials without
 * `allow_restricted_indices`; what is searched costs 3 ms at most.
 */
export const searchedSmall: CodedLimits = {
  ...searched,
  codedBytes: 131_072,
  decodedBytes: 1_048_576,
  keepsLarge: true,
};

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
  readonly chunkSize?: number;
  readonly finishFlush?: number;
}

const nothingFound: RedactionResult = { state: "none", removed: 0, hmac: "" };

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

const codings = { gzip, deflate, br: brotli, zstd } as const satisfies Record<
  ContentCoding,
  Coding
>;

/** The coding of a `Content-Encoding`; `undefined`: none that can be read, or several. */
export function codingOf(contentEncoding: string): Coding | undefined {
  const [coding, ...others] = codingsOf(contentEncoding) ?? [];
  return coding === undefined || others.length > 0 ? undefined : codings[coding];
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
  readonly #limits: CodedLimits;
  #pieces: Buffer[] = [];
  #length = 0;

  /** @param begin makes the redaction of the content */
  constructor(coding: Coding, key: Uint8Array, limits: CodedLimits, begin: () => BodyRedactor) {
    this.#coding = coding;
    this.#limits = limits;
    this.#begin = begin;
    this.#digest = new BodyDigest(key);
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    this.#digest.update(bytes, start, end);
    this.#length += end - start;
    const isLarge = this.#length > this.#limits.codedBytes;
    if (!isLarge) this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    else {
      if (this.#limits.keepsLarge) {
        for (const piece of this.#pieces) sink.keep(piece, 0, piece.length);
        sink.keep(bytes, start, end);
      }
      this.#pieces = [];
    }
  }

  finish(sink: RedactedSink): RedactionResult {
    if (this.#length === 0) return nothingFound;
    if (this.#length > this.#limits.codedBytes) return this.#tooLarge();
    const received = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    const decoded = this.#decode(received);
    if (decoded === "hidden") return this.#unread(decoded);
    if (decoded === "bounded") {
      if (this.#limits.keepsLarge) sink.keep(received, 0, received.length);
      return this.#tooLarge();
    }
    const content = new Content();
    const redactor = this.#begin();
    if (this.#limits.isDocument && redactor.passes?.(decoded.bytes, 0, decoded.bytes.length)) {
      sink.keep(received, 0, received.length);
      return nothingFound;
    }
    redactor.write(decoded.bytes, 0, decoded.bytes.length, content);
    const found = redactor.finish(content);
    const { state } = found;
    if (state === "hidden") return this.#result(state, found);
    if (state === "none" && (this.#limits.isDocument || this.#isPlain(received, decoded.isWhole))) {
      sink.keep(received, 0, received.length);
      return { ...found, hmac: "" };
    }
    const redacted = content.whole();
    for (const isBest of [false, true]) {
      const coded = this.#coding.encode(redacted, isBest);
      if (coded.length > received.length + maxGrowth) continue;
      sink.keep(coded, 0, coded.length);
      const isWhole = decoded.isWhole && state !== "bounded";
      return this.#result(isWhole ? "redacted" : "bounded", found);
    }
    return this.#result("hidden", found);
  }

  /** The content, as much as there is; or what becomes of a body that has none. */
  #decode(received: Buffer): { bytes: Buffer; isWhole: boolean } | "bounded" | "hidden" {
    const { length } = received;
    const { decodedBytes, freeBytes, usualRatio } = this.#limits;
    const usual = freeBytes + usualRatio * length;
    const maxOutputLength = Math.min(decodedBytes, maxRatio * length, usual);
    const chunkSize = chunkSizeFor(length);
    const coding = this.#coding;
    try {
      return { bytes: coding.decode(received, { maxOutputLength, chunkSize }), isWhole: true };
    } catch (error) {
      if (hasErrorCode(error, tooLarge)) return "bounded";
      if (!hasErrorCode(error, cutShort)) return "hidden";
    }
    try {
      const options = { maxOutputLength, chunkSize, finishFlush: coding.flush };
      return { bytes: coding.decode(received, options), isWhole: false };
    } catch (error) {
      return hasErrorCode(error, tooLarge) ? "bounded" : "hidden";
    }
  }

  /**
   * Whether nothing stands in the bytes that decoding does not give. The stream ends at the last
   * byte: zlib passes over what follows it.
   */
  #isPlain(received: Buffer, isWhole: boolean): boolean {
    if (!isWhole || !this.#coding.isPlain(received)) return false;
    try {
      this.#coding.decode(received.subarray(0, -1), { maxOutputLength: maxBytes });
      return false;
    } catch (error) {
      return hasErrorCode(error, cutShort);
    }
  }

  #tooLarge(): RedactionResult {
    return this.#limits.keepsLarge ? nothingFound : this.#unread("bounded");
  }

  /** What a body holds that is not read, nobody knows. */
  #unread(state: RedactionState): RedactionResult {
    return { state, removed: 0, hmac: this.#digest.hex(), namesCredentials: true };
  }

  #result(state: RedactionState, found: RedactionResult): RedactionResult {
    return { ...found, state, hmac: this.#digest.hex() };
  }
}

/**
 * Bytes that are decoded at once: with pieces of 256 KiB decoding costs a third of what it costs
 * with those of 16 KiB that are usual.
 */
function chunkSizeFor(length: number): number {
  return Math.min(262_144, Math.max(16_384, length * 16));
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
