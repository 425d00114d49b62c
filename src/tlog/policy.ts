/** Which logs and witnesses are trusted, and how many are enough (c2sp.org/tlog-policy). */

import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { parseNote, verifyNote } from "./note.ts";
import type { Note } from "./note.ts";
import { TlogError } from "./tlog-error.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** A log whose checkpoints are accepted. */
export interface PolicyLog {
  /** Its name is the log's origin. */
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

/** A witness whose cosignatures count. */
export interface PolicyWitness {
  /** Within the policy; has nothing to do with the name of the key. */
  readonly name: string;
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

/** A group counts as having cosigned when `threshold` of its members have. */
export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly (PolicyWitness | PolicyGroup)[];
}

export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** `undefined`: no cosignature is required. */
  readonly quorum: PolicyWitness | PolicyGroup | undefined;
}

/** A cosignature of a witness of the policy. */
export interface Cosignature {
  readonly witness: PolicyWitness;
  /** POSIX seconds: then the witness had seen no larger tree. 0 where ML-DSA-44 does not say. */
  readonly time: number;
}

/** A checkpoint that satisfies a policy. */
export interface TrustedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  readonly cosignatures: readonly Cosignature[];
}

/** True when the witnesses that have cosigned are enough. */
export function isQuorum(policy: Policy, cosigners: ReadonlySet<PolicyWitness>): boolean {
  return policy.quorum === undefined || hasCosigned(policy.quorum, cosigners);
}

/**
 * Reads a checkpoint and checks it against a policy.
 *
 * @throws {TlogError} `signature` unless a log of the policy has signed and every line of a known
 *   key is valid; `quorum` when too few witnesses have; `syntax`, `limit`
 */
export function verifyByPolicy(bytes: Uint8Array, policy: Policy): TrustedCheckpoint {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const logKeys = policy.logs
    .map(({ key }) => key)
    .filter(({ name }) => name === checkpoint.origin);
  // A log's signature first: without one, nothing that witnesses say about the text matters.
  verifyLog(note, checkpoint.origin, logKeys);
  const cosignatures = policy.witnesses.flatMap((witness) => {
    const isFromIt = note.signatures.some(
      ({ name, keyId }) => name === witness.key.name && keyId === witness.key.keyId,
    );
    const signatures = isFromIt ? verifyNote(note, [witness.key]) : [];
    const times = signatures.map(({ time }) => time ?? 0);
    return times.length === 0 ? [] : [{ witness, time: Math.max(...times) }];
  });
  if (!isQuorum(policy, new Set(cosignatures.map(({ witness }) => witness))))
    throw new TlogError(
      "quorum",
      `${cosignatures.length} witnesses have cosigned; the policy asks for more`,
    );
  return { checkpoint, note, cosignatures };
}

function verifyLog(note: Note, origin: string, keys: readonly VerifierKey[]): void {
  if (keys.length === 0)
    throw new TlogError("signature", `the policy has no log ${JSON.stringify(origin)}`);
  verifyNote(note, keys);
}

/** Depth is bounded by the number of groups, as a group has members of earlier lines only. */
function hasCosigned(
  member: PolicyWitness | PolicyGroup,
  cosigners: ReadonlySet<PolicyWitness>,
): boolean {
  if (!("members" in member)) return cosigners.has(member);
  return member.members.filter((inner) => hasCosigned(inner, cosigners)).length >= member.threshold;
}
