/** What a witness answers, without clock, keys or files (c2sp.org/tlog-witness). */

import { Buffer } from "node:buffer";

import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { emptyRoot } from "./hashes.ts";
import { parseNote, verifyNote } from "./note.ts";
import type { Note, NoteSignature } from "./note.ts";
import { TlogError } from "./tlog-error.ts";
import { isConsistent } from "./tree-proof-check.ts";
import type { VerifierKey } from "./verifier-key.ts";
import type { WitnessRequest } from "./witness-request.ts";

/** What the witness knows of a log. */
export interface WitnessedLog {
  /** Keys that the log may sign with; one signature is enough. */
  readonly keys: readonly VerifierKey[];
  /** Cosigned last; `undefined`: none yet. */
  readonly latest: Checkpoint | undefined;
}

/** The answer: cosign and store, or a status with its reason. */
export type WitnessDecision =
  | {
      readonly status: 200;
      readonly checkpoint: Checkpoint;
      /** The text to cosign. */
      readonly text: string;
      /** The log's own signatures, verified: what is stored beside the cosignature. */
      readonly signatures: readonly NoteSignature[];
    }
  /** The old size is another than this, which the witness has. */
  | { readonly status: 409; readonly size: number }
  | {
      readonly status: 422;
      readonly reason: string;
      readonly origin: string;
      /** True: the log has signed two roots for one size, which needs no proof to be wrong. */
      readonly isFork: boolean;
    }
  | { readonly status: 400 | 403 | 404; readonly reason: string };

/**
 * Decides about a request. The caller stores the checkpoint of a 200 before it answers, and lets
 * nothing else decide about this log in between; otherwise a slow answer could take back leaves.
 *
 * @param logOf what is known of an origin; `undefined`: not a log that this witness serves
 */
export function decide(
  request: WitnessRequest,
  logOf: (origin: string) => WitnessedLog | undefined,
): WitnessDecision {
  let note: Note;
  let checkpoint: Checkpoint;
  try {
    note = parseNote(request.checkpoint);
    checkpoint = parseCheckpoint(note.text);
  } catch (error) {
    return { status: 400, reason: reasonOf(error) };
  }
  const log = logOf(checkpoint.origin);
  if (log === undefined) return { status: 404, reason: "this witness does not know the origin" };
  try {
    const verified = verifyNote(note, log.keys);
    return (
      decideGrowth(request, checkpoint, log.latest) ?? {
        status: 200,
        checkpoint,
        text: note.text,
        signatures: verified.map(({ signature }) => signature),
      }
    );
  } catch (error) {
    return { status: 403, reason: reasonOf(error) };
  }
}

/** Why the checkpoint does not continue the tree that the witness has; `undefined`: it does. */
function decideGrowth(
  { oldSize, proof }: WitnessRequest,
  { origin, size, root }: Checkpoint,
  latest: Checkpoint | undefined,
): WitnessDecision | undefined {
  if (oldSize > size)
    return { status: 400, reason: "the old size is larger than that of the checkpoint" };
  const known = latest ?? { size: 0, root: emptyRoot };
  if (oldSize !== known.size) return { status: 409, size: known.size };
  const claim = { oldSize, oldRoot: known.root, newSize: size, newRoot: root };
  if (isConsistent(claim, proof)) return undefined;
  const isFork = oldSize === size && Buffer.compare(known.root, root) !== 0;
  const reason = isFork
    ? "the root differs from the one that this witness knows for the same size"
    : "the consistency proof does not verify";
  return { status: 422, reason, origin, isFork };
}

/** Anything but our own error is a fault of the program, and no answer. */
function reasonOf(error: unknown): string {
  if (error instanceof TlogError) return error.message;
  throw error;
}
