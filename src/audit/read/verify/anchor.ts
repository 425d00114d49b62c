/** Checkpoints that a log is held against: size and root, and who has signed them. */
import type { Buffer } from "node:buffer";

import { parseCheckpoint } from "../../../tlog/checkpoint.ts";
import { parseNote, verifyNote } from "../../../tlog/note.ts";
import type { PolicyWitness } from "../../../tlog/policy.ts";
import { verifyCheckpoint } from "../../../tlog/signed-checkpoint.ts";
import { TlogError } from "../../../tlog/tlog-error.ts";
import type { VerifierKey } from "../../../tlog/verifier-key.ts";
import type { Trust } from "./trust.ts";

/** A cosignature that verified. */
export interface Cosigner {
  readonly name: string;
  /** POSIX seconds; 0: not said. */
  readonly time: number;
}

/** A checkpoint of a log. */
export interface Anchor {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** Where it was read: name of a file. */
  readonly where: string;
  /** The note; `undefined` for a line of a manifest. */
  readonly note: Uint8Array | undefined;
  readonly cosigners: readonly Cosigner[];
  /** Somebody else holds it: witnesses, as many as are asked for, or the caller. */
  readonly isHeldElsewhere: boolean;
}

/**
 * Reads a checkpoint and checks the signatures of the log and of known witnesses on it.
 *
 * @throws {TlogError} when it is none, or a signature is missing or wrong
 */
export function readAnchor(note: Uint8Array, where: string, trust: Trust): Anchor {
  const { text, signatures } = parseNote(note);
  const { origin, size, root } = parseCheckpoint(text);
  const keys = trust.logKeys(origin);
  if (keys.length === 0) throw new TlogError("signature", `no key of ${origin} is known`);
  verifyCheckpoint(note, keys);
  const cosigned = new Map<PolicyWitness, number>();
  for (const witness of trust.policy.witnesses) {
    if (!signatures.some((signature) => isBy(witness.key, signature))) continue;
    for (const { time } of verifyNote({ text, signatures }, [witness.key]))
      cosigned.set(witness, Math.max(cosigned.get(witness) ?? 0, time ?? 0));
  }
  return {
    origin,
    size,
    root: root as Buffer,
    where,
    note,
    cosigners: Array.from(cosigned, ([{ key }, time]) => ({ name: key.name, time })),
    isHeldElsewhere: trust.isVouchedBy(new Set(cosigned.keys())),
  };
}

/**
 * A checkpoint that the caller holds, whoever has signed it. @throws {TlogError} when it is none
 */
export function heldAnchor(note: Uint8Array, where: string): Anchor {
  const { origin, size, root } = parseCheckpoint(parseNote(note).text);
  const cosigners: readonly Cosigner[] = [];
  return { origin, size, root: root as Buffer, where, note, cosigners, isHeldElsewhere: true };
}

function isBy(
  { name, keyId }: VerifierKey,
  signature: { readonly name: string; readonly keyId: number },
): boolean {
  return name === signature.name && keyId === signature.keyId;
}
