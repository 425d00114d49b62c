import { readFileSync } from "node:fs";
import { join } from "node:path";

import {
  followerSlots,
  type FollowerMessage,
  type ProofOptions,
} from "../../../src/audit/follow/follower-messages.ts";
import { TrailFollower } from "../../../src/audit/follow/trail-follower.ts";
import { recordEntry } from "../../../src/tlog/hashes.ts";
import { MerkleTree } from "../../../src/tlog/merkle-tree.ts";
import { verifyCheckpoint, type VerifiedCheckpoint } from "../../../src/tlog/signed-checkpoint.ts";
import { SigningKey } from "../../../src/tlog/signing-key.ts";
import type { TempDir } from "../../support/temp-dir.ts";

export const origin = "example.com/es-proxy-test";

export interface Followed {
  readonly follower: TrailFollower;
  readonly messages: FollowerMessage[];
  readonly slots: Float64Array;
}

/** A follower of a folder, driven by the test instead of its thread. */
export function followerOf(folder: TempDir, proof: Partial<ProofOptions> = {}): Followed {
  const slots = new SharedArrayBuffer(followerSlots * 8);
  const messages: FollowerMessage[] = [];
  const follower = new TrailFollower(
    {
      directory: folder.path,
      proof: {
        origin,
        keyFile: folder.file("proof.key"),
        postQuantum: false,
        checkpointMs: 10_000,
        witnesses: [],
        ...proof,
      },
      facts: undefined,
      slots,
    },
    (message) => messages.push(message),
  );
  return { follower, messages, slots: new Float64Array(slots) };
}

/** The newest checkpoint of a log, its signature checked with the key in the folder. */
export function checkpointOf(folder: TempDir, log = "audit"): VerifiedCheckpoint {
  const name = log === "audit" ? origin : `${origin}/${log}`;
  const key = SigningKey.parse(readFileSync(folder.file("proof.key"), "utf8"), name, "ed25519");
  const note = readFileSync(join(folder.path, "tlog", log, "checkpoint"));
  return verifyCheckpoint(note, [key.verifier]);
}

/** Root of the tree over the lines of these files, in their order. */
export function rootOf(folder: TempDir, ...files: readonly string[]): Buffer {
  const tree = new MerkleTree();
  for (const file of files)
    for (const line of readFileSync(folder.file(file), "latin1").split("\n").slice(0, -1))
      tree.append(recordEntry(Buffer.from(line, "latin1")));
  return tree.root();
}
