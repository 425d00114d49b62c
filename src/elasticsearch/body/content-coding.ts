import { isAscii, type Buffer } from "node:buffer";
import type { Transform } from "node:stream";
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";

/** A content coding (RFC 9110 §8.4.1) that can be removed. */
export type ContentCoding = "gzip" | "deflate" | "br" | "zstd";

const maxCodings = 4;
/** Bytes that a stream gives at once: larger pieces cost fewer turns of the event loop. */
const chunkSize = 65_536;
/** Memory of a window, in bits: Node's own bound for zstd, 128 MiB. */
const zstdWindowLog = 27;

/**
 * The codings of a `Content-Encoding` in the order in which they are to be removed; undefined: one
 * of them is not known, or there are more than anybody uses. Parameters, which they cannot have,
 * count for nothing: `gzip;q=1` is a gzip to some.
 */
export function codingsOf(contentEncoding: string | undefined): ContentCoding[] | undefined {
  const names = (contentEncoding ?? "").split(",").map(nameOf);
  const codings: ContentCoding[] = [];
  for (const name of names.toReversed()) {
    if (name === "" || name === "identity") continue;
    const coding = name.startsWith("x-") ? name.slice(2) : name;
    if (coding !== "gzip" && coding !== "deflate" && coding !== "br" && coding !== "zstd")
      return undefined;
    if (codings.push(coding) > maxCodings) return undefined;
  }
  return codings;
}

function nameOf(coding: string): string {
  return (coding.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/**
 * A stream that removes a coding.
 *
 * @param first the first two bytes of the body: `deflate` is sent with and without the zlib header
 */
export function decompressor(coding: ContentCoding, first: Buffer): Transform {
  switch (coding) {
    case "gzip":
      return createGunzip({ chunkSize });
    case "deflate":
      return hasZlibHeader(first) ? createInflate({ chunkSize }) : createInflateRaw({ chunkSize });
    case "br":
      return createBrotliDecompress({ chunkSize });
    case "zstd":
      return createZstdDecompress({
        chunkSize,
        params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog },
      });
  }
}

/**
 * A whole body without its codings, decoded at once: for small bodies only, because it blocks.
 *
 * @param codings of {@link codingsOf}
 * @param isCut the end is missing: what stands before it is decoded
 * @returns undefined: it cannot be decoded, or is longer than `maxBytes` after a coding
 */
export function withoutCodings(
  body: Buffer,
  codings: readonly ContentCoding[],
  maxBytes: number,
  isCut = false,
): Buffer | undefined {
  try {
    return codings.reduce((bytes, coding) => decodedAt(bytes, coding, maxBytes, isCut), body);
  } catch {
    return undefined;
  }
}

function decodedAt(
  body: Buffer,
  coding: ContentCoding,
  maxOutputLength: number,
  isCut: boolean,
): Buffer {
  // A decoder that is told to flush takes a missing end for no error.
  const deflated = isCut ? { finishFlush: constants.Z_SYNC_FLUSH } : {};
  switch (coding) {
    case "gzip":
      return gunzipSync(body, { maxOutputLength, ...deflated });
    case "deflate":
      return hasZlibHeader(body)
        ? inflateSync(body, { maxOutputLength, ...deflated })
        : inflateRawSync(body, { maxOutputLength, ...deflated });
    case "br":
      return brotliDecompressSync(body, {
        maxOutputLength,
        ...(isCut ? { finishFlush: constants.BROTLI_OPERATION_FLUSH } : {}),
      });
    case "zstd":
      return zstdDecompressSync(body, {
        maxOutputLength,
        ...(isCut ? { finishFlush: constants.ZSTD_e_flush } : {}),
        params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog },
      });
  }
}

/** The coding that the first bytes of a body show; Brotli has no mark, nor has raw DEFLATE. */
export function codingByMark(body: Buffer): ContentCoding | undefined {
  const [first, second] = body;
  if (first === 0x1f && second === 0x8b) return "gzip";
  if (body.length >= 4 && body.readUInt32LE(0) === 0xfd2fb528) return "zstd";
  return first === 0x78 && hasZlibHeader(body) && !isAscii(body) ? "deflate" : undefined;
}

/** RFC 1950 §2.2: the method, and a check over the first two bytes. */
function hasZlibHeader(first: Buffer): boolean {
  const [method = 0, flags = 0] = first;
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}
