import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  brotliDecompressSync,
  constants,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";

/** How deep codings within codings are followed. */
const maxDepth = 4;
const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Every file below a folder but the key of the tokens. */
export function filesBelow(folder: string): { name: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "redaction.key")
    .map((entry) => {
      const name = join(entry.parentPath, entry.name);
      return { name, bytes: readFileSync(name) };
    });
}

/**
 * Every text that somebody could read out of bytes: as they are, and what is decoded from gzip,
 * zstd, base64, percent and JSON escapes in them, over and over.
 */
export function readings(bytes: Buffer, depth = 0): string[] {
  const text = bytes.toString("latin1");
  const found = [text];
  if (depth >= maxDepth) return found;
  for (const inner of [...framesIn(bytes), ...base64In(text)])
    found.push(...readings(inner, depth + 1));
  if (/%[0-9a-f]{2}/i.test(text)) found.push(percentDecoded(text));
  if (text.includes("\\")) found.push(jsonDecoded(text), hexDecoded(text));
  return found;
}

function framesIn(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (const [magic, decode] of [
    [gzipMagic, gunzipPart],
    [zstdMagic, zstdPart],
  ] as const) {
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
      const frame = decode(bytes.subarray(at));
      if (frame !== undefined) frames.push(frame);
    }
  }
  return frames;
}

function base64In(text: string): Buffer[] {
  const decoded: Buffer[] = [];
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{12,}={0,2}/g)) {
    // A run may begin with characters that do not belong to it.
    for (const skip of [0, 1, 2, 3]) {
      const bytes = Buffer.from(run.slice(skip), "base64");
      decoded.push(bytes);
      if (skip > 0) continue;
      for (const decode of [inflatePart, brotliPart]) {
        const content = decode(bytes);
        if (content !== undefined && content.length > 0) decoded.push(content);
      }
    }
  }
  return decoded;
}

const maxOutputLength = 8_000_000;
const finishFlush = constants.Z_SYNC_FLUSH;
/** Bytes before the content of a gzip member without a name (RFC 1952 §2.3). */
const gzipHead = 10;

function attempt(decode: () => Buffer): Buffer | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

const gunzipPart = (bytes: Buffer): Buffer | undefined =>
  attempt(() => inflateRawSync(bytes.subarray(gzipHead), { finishFlush, maxOutputLength }));
const inflatePart = (bytes: Buffer): Buffer | undefined =>
  attempt(() => inflateSync(bytes, { finishFlush, maxOutputLength }));
const brotliPart = (bytes: Buffer): Buffer | undefined =>
  attempt(() =>
    brotliDecompressSync(bytes, {
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
      maxOutputLength,
    }),
  );
const zstdPart = (bytes: Buffer): Buffer | undefined =>
  attempt(() =>
    zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush, maxOutputLength }),
  );

function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

function jsonDecoded(text: string): string {
  return text
    .replaceAll(/\\u00([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
    .replaceAll(/\\(["\\/])/g, "$1");
}

function hexDecoded(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
