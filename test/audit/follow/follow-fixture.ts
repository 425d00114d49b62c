import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
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

let count = 0;

/** Each line is a second later than the one before. */
function line(): string {
  count += 1;
  const time = new Date(Date.UTC(2026, 10, 1) + count * 1000).toISOString().slice(0, -1);
  return `{"@timestamp":"${time}000000Z","event":{"kind":"event","sequence":${count}}}\n`;
}

export function append(folder: TempDir, lines: number, file = "audit.ndjson"): void {
  appendFileSync(folder.file(file), Array.from({ length: lines }, line).join(""));
}

/**
 * As the journal does it: the file gets its final name, by when it was begun, and a new one takes
 * its place.
 */
export function rotate(folder: TempDir): string {
  const [, begun = ""] =
    /"@timestamp":"([^"]{23})/.exec(readFileSync(folder.file("audit.ndjson"), "latin1")) ?? [];
  const stamp = `${begun.replaceAll(/[-:]/g, "")}Z`;
  const name = `audit-${stamp}.ndjson`;
  renameSync(folder.file("audit.ndjson"), folder.file(name));
  writeFileSync(folder.file("audit.ndjson"), "");
  return name;
}
