import { Buffer } from "node:buffer";
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
 * @returns undefined: it cannot be decoded, or is longer than `maxBytes` after a coding
 */
export function withoutCodings(
  body: Buffer,
  codings: readonly ContentCoding[],
  maxBytes: number,
): Buffer | undefined {
  try {
    return codings.reduce((bytes, coding) => decodedAt(bytes, coding, maxBytes), body);
  } catch {
    return undefined;
  }
}

function decodedAt(body: Buffer, coding: ContentCoding, maxOutputLength: number): Buffer {
  switch (coding) {
    case "gzip":
      return gunzipSync(body, { maxOutputLength });
    case "deflate":
      return hasZlibHeader(body)
        ? inflateSync(body, { maxOutputLength })
        : inflateRawSync(body, { maxOutputLength });
    case "br":
      return brotliDecompressSync(body, { maxOutputLength });
    case "zstd":
      return zstdDecompressSync(body, {
        maxOutputLength,
        params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog },
      });
  }
}

/** RFC 1950 §2.2: the method, and a check over the first two bytes. */
function hasZlibHeader(first: Buffer): boolean {
  const [method = 0, flags = 0] = first;
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}
