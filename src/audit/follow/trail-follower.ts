/** Follows all journals of a directory and keeps their logs. */
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { createHttpClient } from "../../attestation/http-client.ts";
import { openSigningKey } from "../../attestation/signing-key-file.ts";
import type { SigningKey } from "../../tlog/signing-key.ts";
import type { VerifierKey } from "../../tlog/verifier-key.ts";
import { listJournals } from "../read/catalog.ts";
import {
  followerSlot,
  type FollowerMessage,
  type FollowerOptions,
  type ProofOptions,
} from "./follower-messages.ts";
import { JournalFollower, type Incident } from "./journal-follower.ts";
import { readPosition, writePosition, type JournalPosition } from "../store/journal-position.ts";
import { LogKeeper } from "./log-keeper.ts";
import { writeManifest } from "./manifest.ts";
import { logName, policyFile, TlogFiles, tlogFolder, writeChanged } from "../store/tlog-files.ts";
import { policyText } from "./policy-text.ts";
import { WitnessPoster } from "./witness-poster.ts";

/** Bytes of one journal between two looks at the clock and at messages. */
const stepBytes = 4_194_304;
/** How often new journals are looked for: workers that start later have their own. */
const listMs = 1000;
/** How often segments that were pruned are forgotten. */
const forgetMs = 60_000;
/** How often the position is saved where no checkpoints are made. */
const saveMs = 10_000;
/** The rest that is followed before the end; what is left is followed by the next start. */
const finishMs = 5000;
/** Files that could not be written are tried again after so long, then after twice as long, … */
const firstDelayMs = 1000;
const longestDelayMs = 60_000;
/** What binds the logs of several journals; no journal has this name. */
const manifest = "tlog/manifest";

interface Followed {
  readonly journal: string;
  readonly origin: string;
  readonly follower: JournalFollower;
  readonly position: JournalPosition;
  readonly files: TlogFiles;
  /** `undefined`: no log is kept, or it contradicts what was signed. */
  keeper: LogKeeper | undefined;
  /** Its files could not be written: it is begun again from the saved position. */
  isPaused: boolean;
}

/**
 * All that the thread does, without the thread. Everything that fails is told and counted; nothing
 * is thrown but for a directory that cannot be written.
 */
export class TrailFollower {
  readonly #options: FollowerOptions;
  readonly #tell: (message: FollowerMessage) => void;
  readonly #slots: Float64Array;
  readonly #toldKeys = new Set<string>();
  readonly #followed = new Map<string, Followed>();
  readonly #http = createHttpClient();
  readonly #posters: readonly WitnessPoster[];
  readonly #logKeys: VerifierKey[] = [];
  /** Journals whose files could not be written, and when they are tried again. */
  readonly #waiting = new Map<string, { readonly againMs: number; readonly delayMs: number }>();
  #nowMs = 0;
  #listedMs = -Infinity;
  #savedMs = -Infinity;
  #forgottenMs = -Infinity;

  constructor(options: FollowerOptions, tell: (message: FollowerMessage) => void) {
    this.#options = options;
    this.#tell = tell;
    this.#slots = new Float64Array(options.slots);
    this.#posters = (options.proof?.witnesses ?? []).map(
      (witness) => new WitnessPoster(witness, this.#http, tell),
    );
  }

  /**
   * Follows what there is, up to a bound, and makes checkpoints when it is time.
   *
   * @param nowMs milliseconds since the epoch
   * @returns whether there may be more at once
   */
  step(nowMs: number): boolean {
    this.#nowMs = nowMs;
    if (nowMs - this.#listedMs >= listMs) this.#list(nowMs);
    let isBusy = false;
    for (const followed of this.#followed.values()) {
      const count = this.#guarded(followed, () => followed.follower.step(stepBytes)) ?? 0;
      if (count >= stepBytes) isBusy = true;
    }
    if (nowMs - this.#savedMs >= (this.#options.proof?.checkpointMs ?? saveMs)) this.#save(nowMs);
    this.#measure(nowMs, isBusy);
    return isBusy;
  }

  /** Follows the rest within bounds, signs it, and ends. */
  async finish(): Promise<void> {
    const endMs = Date.now() + finishMs;
    this.#listedMs = -Infinity;
    for (const [journal, { delayMs }] of this.#waiting)
      this.#waiting.set(journal, { againMs: -Infinity, delayMs });
    while (this.step(Date.now()) && Date.now() < endMs);
    this.#save(Date.now());
    for (const { follower } of this.#followed.values()) follower.close();
    await Promise.all(this.#posters.map((poster) => poster.finish()));
    await this.#http.close();
  }

  #list(nowMs: number): void {
    this.#listedMs = nowMs;
    let names: readonly string[];
    try {
      names = listJournals(this.#options.directory).map(({ name }) => name);
    } catch {
      return;
    }
    for (const name of names) {
      const known = this.#followed.get(name);
      const isDue = nowMs >= (this.#waiting.get(name)?.againMs ?? -Infinity);
      if (!isDue || known?.isPaused === false) continue;
      known?.follower.close();
      try {
        this.#begin(name);
      } catch (error) {
        if (!this.#pause(name, error)) throw error;
      }
    }
    if (nowMs - this.#forgottenMs < forgetMs) return;
    this.#forgottenMs = nowMs;
    for (const { follower } of this.#followed.values()) follower.forgetRemoved();
  }

  #begin(journal: string): void {
    const { directory, proof } = this.#options;
    const files = new TlogFiles(directory, journal);
    const position = readPosition(files.positionPath) ?? { segments: [] };
    const origin = proof === undefined ? "" : originOf(proof.origin, journal);
    const keeper = proof && this.#openLog(files, position, proof, origin);
    const stages = keeper === undefined ? [] : [keeper];
    const follower = new JournalFollower(
      directory,
      journal,
      position,
      stages,
      (incident) => this.#onIncident(incident),
      (index) => keeper?.entry(index),
    );
    const isPaused = false;
    this.#followed.set(journal, { journal, origin, follower, position, files, keeper, isPaused });
  }

  #openLog(
    files: TlogFiles,
    position: JournalPosition,
    proof: ProofOptions,
    origin: string,
  ): LogKeeper | undefined {
    try {
      const last = position.segments.at(-1);
      const size = last === undefined ? 0 : last.firstIndex + last.lines;
      const keys = this.#keys(proof, origin);
      const keeper = new LogKeeper(files, size, keys);
      this.#noteKeys([...keys, ...this.#keys(proof, proof.origin)]);
      this.#writePolicy(proof);
      return keeper;
    } catch (error) {
      if (isSystemError(error)) throw error;
      this.#break(files.folder, error);
      return undefined;
    }
  }

  #writePolicy({ witnesses }: ProofOptions): void {
    const path = join(this.#options.directory, tlogFolder, policyFile);
    writeChanged(path, policyText(this.#logKeys, witnesses));
  }

  /** Of all logs, and the one that signs the manifest; each once. */
  #noteKeys(keys: readonly SigningKey[]): void {
    const known = new Set(this.#logKeys.map((key) => key.toString()));
    for (const { verifier } of keys)
      if (!known.has(verifier.toString())) {
        known.add(verifier.toString());
        this.#logKeys.push(verifier);
      }
  }

  #keys(proof: ProofOptions, origin: string): SigningKey[] {
    const ed25519 = openSigningKey(proof.keyFile, origin, "ed25519");
    this.#tellKey(proof.keyFile, ed25519.key.verifier.toString(), ed25519.isNew);
    if (ed25519.isExposed)
      this.#log("warn", `${proof.keyFile} can be read by others than its owner`);
    if (!proof.postQuantum) return [ed25519.key];
    const file = `${proof.keyFile}.ml-dsa-44`;
    return [ed25519.key, openSigningKey(file, origin, "ml-dsa-44-cosignature").key];
  }

  /** Once a run: a log that could not be opened is tried again. */
  #tellKey(file: string, vkey: string, isNew: boolean): void {
    if (this.#toldKeys.has(vkey)) return;
    this.#toldKeys.add(vkey);
    const fields = { key_file: file, vkey };
    const action = isNew ? "audit.key_made" : "audit.key_used";
    this.#tell({ kind: "event", action, outcome: "success", fields });
  }

  #save(nowMs: number): void {
    this.#savedMs = nowMs;
    this.#nowMs = nowMs;
    for (const followed of this.#followed.values())
      this.#guarded(followed, () => this.#saveOne(followed, nowMs));
    const logs = [...this.#followed.values()].flatMap(({ journal, keeper }) =>
      keeper?.note === undefined ? [] : [{ journal, note: keeper.note }],
    );
    const { proof, directory } = this.#options;
    if (proof !== undefined && logs.length > 1) {
      try {
        const key = openSigningKey(proof.keyFile, proof.origin, "ed25519").key;
        writeManifest(directory, { origin: proof.origin, host: hostname(), nowMs, logs }, key);
        this.#resumed(manifest);
      } catch (error) {
        if (!this.#pause(manifest, error)) throw error;
      }
    }
  }

  /** Tiles, then the journal on the device, then the position, then what is signed. */
  #saveOne({ journal, keeper, follower, position, files, origin }: Followed, nowMs: number): void {
    if (keeper?.isRemoved === true) this.#restore(journal, keeper);
    keeper?.save();
    if (keeper !== undefined) follower.sync();
    writePosition(files.positionPath, position);
    const isNew = keeper?.sign(origin, nowMs) === true;
    this.#resumed(journal);
    if (!isNew || keeper === undefined) return;
    for (const poster of this.#posters) poster.offer(keeper, files);
  }

  /** Keeps the trouble of one journal from the others. */
  #guarded<T>(followed: Followed, work: () => T): T | undefined {
    if (followed.isPaused) return undefined;
    try {
      return work();
    } catch (error) {
      if (this.#pause(followed.journal, error)) return undefined;
      followed.keeper = undefined;
      this.#break(followed.journal, error);
      this.#followed.set(followed.journal, {
        ...followed,
        follower: new JournalFollower(
          this.#options.directory,
          followed.journal,
          followed.position,
          [],
          (incident) => this.#onIncident(incident),
        ),
      });
      return undefined;
    }
  }

  /**
   * What a full or broken disk keeps from a log is done later, from its saved position on, as after
   * a crash. @returns false: it is no error of the system
   */
  #pause(journal: string, error: unknown): boolean {
    if (!isSystemError(error)) return false;
    const known = this.#waiting.get(journal);
    const delayMs =
      known === undefined ? firstDelayMs : Math.min(known.delayMs * 2, longestDelayMs);
    this.#waiting.set(journal, { againMs: this.#nowMs + delayMs, delayMs });
    const followed = this.#followed.get(journal);
    if (followed !== undefined) followed.isPaused = true;
    if (known === undefined) this.#break(journal, error);
    return true;
  }

  #resumed(journal: string): void {
    if (!this.#waiting.delete(journal)) return;
    const { brokenLogs } = followerSlot;
    this.#slots[brokenLogs] = Math.max(0, (this.#slots[brokenLogs] ?? 0) - 1);
    this.#log("warn", `the log of ${journal} is signed again`);
    const fields = { log: journal };
    this.#tell({ kind: "event", action: "audit.proof_resumed", outcome: "success", fields });
  }

  #break(where: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : "unknown failure";
    this.#add(followerSlot.brokenLogs);
    this.#log("error", `the log of ${where} is not signed any more: ${reason}`);
    const fields = { log: where, reason };
    this.#tell({ kind: "event", action: "audit.proof_stopped", outcome: "failure", fields });
  }

  /** What was signed before is gone, but for what others have of it. */
  #restore(journal: string, keeper: LogKeeper): void {
    mkdirSync(keeper.folder, { recursive: true, mode: 0o700 });
    const { size } = keeper.signed;
    this.#add(followerSlot.incidents);
    this.#log(
      "error",
      `checkpoints of ${journal} were removed: the log goes on from ${size} records`,
    );
    const fields = { journal, what: "checkpoints removed", index: size - 1 };
    this.#tell({ kind: "event", action: "audit.incident", outcome: "failure", fields });
    keeper.restore();
    if (this.#options.proof !== undefined) this.#writePolicy(this.#options.proof);
  }

  #onIncident({ journal, segment, what, index }: Incident): void {
    this.#add(followerSlot.incidents);
    this.#log("error", `${segment} of ${journal} has ${what} behind record ${index}`);
    const fields = { journal, segment, what, index };
    this.#tell({ kind: "event", action: "audit.incident", outcome: "failure", fields });
  }

  #measure(nowMs: number, isBusy: boolean): void {
    const slots = this.#slots;
    let [records, behindBytes, behindRecords, tree] = [0, 0, 0, 0];
    let signedMs = Infinity;
    for (const { follower, position, keeper } of this.#followed.values()) {
      const last = position.segments.at(-1);
      const bytes = follower.bytesBehind;
      records += last === undefined ? 0 : last.firstIndex + last.lines;
      behindBytes += bytes;
      behindRecords += Math.ceil(bytes / follower.meanLineBytes);
      tree += keeper?.size ?? 0;
      if (keeper !== undefined) signedMs = Math.min(signedMs, keeper.signed.signedMs);
    }
    slots[followerSlot.records] = records;
    slots[followerSlot.bytesBehind] = behindBytes;
    slots[followerSlot.recordsBehind] = behindRecords;
    slots[followerSlot.treeSize] = tree;
    slots[followerSlot.checkpointMs] = Number.isFinite(signedMs) ? signedMs : 0;
    if (!isBusy && behindBytes === 0) slots[followerSlot.caughtUpMs] = nowMs;
    slots[followerSlot.witnessedSize] = Math.min(
      ...this.#posters.map(({ witnessedSize }) => witnessedSize),
      this.#posters.length === 0 ? 0 : Infinity,
    );
  }

  #add(slot: number): void {
    this.#slots[slot] = (this.#slots[slot] ?? 0) + 1;
  }

  #log(level: "warn" | "error", text: string): void {
    this.#tell({ kind: "log", level, text });
  }
}

/** A full disk, no more descriptors, a broken device, and all else that the kernel answers. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "errno" in error && "syscall" in error;
}

/** The log of a single process has the configured name; every other one has its own below it. */
export function originOf(origin: string, journal: string): string {
  const name = logName(journal);
  return name === "audit" ? origin : `${origin}/${name}`;
}
