/** The bytes that each kind of signature is made over. */

import { Buffer } from "node:buffer";

import { parseCheckpoint } from "./checkpoint.ts";
import type { SignatureType } from "./signature-type.ts";
import { TlogError } from "./tlog-error.ts";

/** Who signs what, and when. */
export interface SignedMessage {
  readonly type: SignatureType;
  /** Name of the key. */
  readonly name: string;
  /** The note's text, with its final newline. */
  readonly text: string;
  /** POSIX seconds; not part of what a plain `ed25519` signature covers. */
  readonly time: number;
}

/** Names in a `cosigned_message` have one byte of length. */
const maxNameBytes = 255;

/**
 * What is signed: the text (signed-note), or what c2sp.org/tlog-cosignature makes of it.
 *
 * @throws {TlogError} `syntax` when ML-DSA-44 is to sign a text that is no checkpoint, or one with
 *   extension lines, which it would not cover
 * @throws {RangeError} when a name is too long for ML-DSA-44
 */
export function signedBytes({ type, name, text, time }: SignedMessage): Buffer {
  switch (type) {
    case "ed25519":
      return Buffer.from(text);
    case "ed25519-cosignature":
      return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
    case "ml-dsa-44-cosignature": {
      const { origin, size, root, extensions } = parseCheckpoint(text);
      if (extensions.length > 0)
        throw new TlogError(
          "syntax",
          "ML-DSA-44 does not cover the extension lines of a checkpoint",
        );
      const parts = [Buffer.from("subtree/v1\n\0"), opaque(name), uint64(time), opaque(origin)];
      return Buffer.concat([...parts, uint64(0), uint64(size), root]);
    }
  }
}

/** A big-endian uint64. */
export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** `opaque value<1..2^8-1>` of RFC 8446 §3.4. */
function opaque(value: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length === 0 || bytes.length > maxNameBytes)
    throw new RangeError(
      `a name of ${bytes.length} bytes cannot be signed; at most ${maxNameBytes} can`,
    );
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
