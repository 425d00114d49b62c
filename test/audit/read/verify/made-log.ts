import { readFileSync } from "node:fs";
import { join } from "node:path";

import {
  followerSlots,
  type ProofOptions,
} from "../../../../src/audit/follow/follower-messages.ts";
import { TrailFollower } from "../../../../src/audit/follow/trail-follower.ts";
import { TlogFiles } from "../../../../src/audit/store/tlog-files.ts";
import type { AuditOptions } from "../../../../src/audit/trail/audit-trail.ts";
import { formatSignature, parseNote } from "../../../../src/tlog/note.ts";
import type { VerifierKey } from "../../../../src/tlog/verifier-key.ts";
import { SigningKey } from "../../../../src/tlog/signing-key.ts";
import { seededKey } from "../../../tlog/keys.ts";
import { makeTempDir, type TempDir } from "../../../support/temp-dir.ts";
import { MadeTrail } from "../made-directory.ts";

export const origin = "example.com/es-proxy-test";
export const witness = seededKey("witness.example/w1", 9, "ed25519-cosignature");

/** A trail with its log, both made step by step. */
export class MadeLog implements AsyncDisposable {
  readonly folder: TempDir;
  readonly made: MadeTrail;
  readonly #options: Partial<AuditOptions>;
  readonly #journal: string;
  readonly #proof: Partial<ProofOptions>;
  #follower: TrailFollower | undefined = undefined;
  #nowMs = 1_000_000;

  private constructor(folder: TempDir, options: Partial<AuditOptions>) {
    this.folder = folder;
    this.made = new MadeTrail(folder.path, { inlineBodyBytes: 64, ...options });
    this.#options = options;
    this.#journal = options.format === "text" ? "audit.log" : "audit.ndjson";
    this.#proof = {};
  }

  static async make(options: Partial<AuditOptions> = {}): Promise<MadeLog> {
    return new MadeLog(await makeTempDir("verify"), options);
  }

  /** A later run in the same directory, which is removed with the first one. */
  async again(): Promise<MadeLog> {
    const { path } = this.folder;
    const remove = (): Promise<void> => Promise.resolve();
    const file = (...parts: string[]): string => join(path, ...parts);
    const folder = { path, file, remove, [Symbol.asyncDispose]: remove };
    const next = new MadeLog(folder, this.#options);
    next.made.clock.monotonicMs = this.made.clock.monotonicMs + 1000;
    next.#nowMs = this.#nowMs + 100_000;
    return Promise.resolve(next);
  }

  /** So many exchanges; every third one has bodies in the pack. */
  async exchanges(count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const isLarge = at % 3 === 0;
      const body = Buffer.from(JSON.stringify({ at, text: "x".repeat(isLarge ? 900 : 10) }));
      const record = await this.made.begin({}, body);
      this.made.clock.monotonicMs += 5;
      await this.made.end(record, {}, isLarge ? body.subarray(1) : Buffer.from("{}"));
    }
  }

  /** Follows what there is and signs it. */
  sign(): void {
    this.#follower ??= followerOf(this.folder, this.#proof);
    this.#nowMs += 10_000;
    for (let round = 0; round < 4; round += 1) this.#follower.step(this.#nowMs + round);
  }

  /** Has the newest checkpoint cosigned. */
  cosign(): void {
    const files = new TlogFiles(this.folder.path, this.#journal);
    const note = files.readCheckpoint();
    if (note === undefined) throw new Error("there is no checkpoint");
    const signature = witness.sign(parseNote(note).text, 1_800_000_000);
    const cosigned = Buffer.concat([note, Buffer.from(formatSignature(signature))]);
    files.keepCheckpoint(cosigned);
    files.replaceCheckpoint(cosigned);
  }

  /** Ends trail and follower. */
  async end(): Promise<void> {
    await this.made.trail.close();
    this.sign();
    await this.#follower?.finish();
    this.#follower = undefined;
  }

  /** Follows everything anew and signs it, after the log was removed. */
  async recompute(): Promise<void> {
    const follower = followerOf(this.folder, this.#proof);
    for (let round = 0; round < 8; round += 1) follower.step(this.#nowMs + round);
    await follower.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder.remove();
  }
}

/** A follower that the test drives. */
export function followerOf(folder: TempDir, proof: Partial<ProofOptions> = {}): TrailFollower {
  const slots = new SharedArrayBuffer(followerSlots * 8);
  const keyFile = folder.file("proof.key");
  const options = {
    origin,
    keyFile,
    postQuantum: false,
    checkpointMs: 10_000,
    witnesses: [],
    ...proof,
  };
  return new TrailFollower(
    { directory: folder.path, proof: options, slots, facts: undefined },
    () => undefined,
  );
}

/** The key that a directory's log signs with. */
export function logKey(folder: TempDir, name = origin): SigningKey {
  return SigningKey.parse(readFileSync(folder.file("proof.key"), "utf8"), name, "ed25519");
}

/** What an outsider has been given: keys of the log and of its witness. */
export function knownKeys(folder: TempDir): VerifierKey[] {
  return [logKey(folder).verifier, witness.verifier];
}
