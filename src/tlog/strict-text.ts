/** Strict readers for the pieces that all text formats of the log are made of. */

import { Buffer } from "node:buffer";

import { hashBytes } from "./hashes.ts";
import { TlogError } from "./tlog-error.ts";

/** Above every note that can be signed sensibly: 128 signatures of ML-DSA-44 are 420 kB. */
export const maxTextBytes = 1_000_000;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const controlPattern = /[\u0000-\u0009\u000b-\u001f]/;

/**
 * Text of a format that is UTF-8 with newlines and no other control characters below U+0020.
 *
 * @param what is read, for the message: `a note`
 * @throws {TlogError} `syntax`, or `limit` above {@link maxTextBytes}
 */
export function decodeText(bytes: Uint8Array, what: string): string {
  if (bytes.length > maxTextBytes)
    throw new TlogError(
      "limit",
      `${what} has ${bytes.length} bytes; at most ${maxTextBytes} are read`,
    );
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new TlogError("syntax", `${what} is not valid UTF-8`, { cause });
  }
  if (controlPattern.test(text))
    throw new TlogError("syntax", `${what} contains control characters`);
  return text;
}

/** Bytes of padded base64 (RFC 4648 §4) in its one canonical spelling; `undefined` otherwise. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** A hash of 32 bytes in base64; `undefined` for anything else. */
export function decodeHash(text: string): Buffer | undefined {
  const bytes = decodeBase64(text);
  return bytes?.length === hashBytes ? bytes : undefined;
}

/** A decimal number without sign and leading zeros, up to 2^53 − 1; `undefined` otherwise. */
export function decodeDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
