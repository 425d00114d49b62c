/** Signs and verifies checkpoints. */

import { Buffer } from "node:buffer";

import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { formatNote, parseNote, verifyNote } from "./note.ts";
import type { Note, VerifiedSignature } from "./note.ts";
import type { SigningKey } from "./signing-key.ts";
import { TlogError } from "./tlog-error.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** A checkpoint whose log has signed it. */
export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  /** Of the log's and all other given keys. */
  readonly signatures: readonly VerifiedSignature[];
}

/**
 * The note of a checkpoint, signed by all keys of its log.
 *
 * A log must never sign two checkpoints that contradict each other: store what this returns before
 * anybody else sees it, and never sign a smaller tree again.
 *
 * @param keys one or more, each with the origin as its name
 * @param time POSIX seconds of now, for kinds of signatures that say when
 * @throws {TlogError} `key` when a key has another name, `syntax` for an origin that cannot be one
 */
export function signCheckpoint(
  checkpoint: Checkpoint,
  keys: readonly SigningKey[],
  time: number,
): Buffer {
  const text = formatCheckpoint(checkpoint);
  for (const { verifier } of keys)
    if (verifier.name !== checkpoint.origin)
      throw new TlogError(
        "key",
        `the key of ${verifier.name} must not sign for ${checkpoint.origin}`,
      );
  if (keys.length === 0)
    throw new TlogError("key", `there is no key to sign for ${checkpoint.origin}`);
  return Buffer.from(formatNote({ text, signatures: keys.map((key) => key.sign(text, time)) }));
}

/**
 * Reads a checkpoint and checks the signatures of all given keys that are on it.
 *
 * @param keys of logs and witnesses; a log is one whose key is named like the origin
 * @throws {TlogError} `signature` unless a key of the log has signed and every line of a given key
 *   is valid; `syntax`, `limit`
 */
export function verifyCheckpoint(
  bytes: Uint8Array,
  keys: readonly VerifierKey[],
): VerifiedCheckpoint {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const signatures = verifyNote(note, keys);
  if (!signatures.some(({ key }) => key.name === checkpoint.origin))
    throw new TlogError("signature", `no known key of ${checkpoint.origin} has signed`);
  return { checkpoint, note, signatures };
}
