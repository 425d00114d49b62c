/** Compresses, encrypts and prunes full segments, beside what follows them. */
import { setTimeout as wait } from "node:timers/promises";

import { encryptUnit, nextToArchive, UnitCompression } from "../retention/archive.ts";
import { ClockDoubt, systemClocks, type TwoClocks } from "../retention/clock-doubt.ts";
import { HeldSegments } from "../retention/held-entries.ts";
import { underMaintenanceLock } from "../retention/maintenance-lock.ts";
import { prune } from "../retention/prune.ts";
import type { RetentionEvent } from "../retention/recorded-removal.ts";
import type { FollowNeeds } from "../retention/segment-unit.ts";
import type { FollowerMessage, KeepOptions } from "./follower-messages.ts";

/** Compression stops for a moment after so long, so that logs are signed in time. Milliseconds. */
const burstMs = 10;
/** For the moment; compression takes a third of the thread at most. Milliseconds. */
const pauseMs = 20;
/** A failure is told again after this time. Milliseconds. */
const repeatMs = 600_000;

/** A loop of its own in the thread of the follower. Nothing that fails ends it. */
export class SegmentKeeper {
  readonly #directory: string;
  readonly #options: KeepOptions;
  readonly #needs: FollowNeeds;
  readonly #tell: (message: FollowerMessage) => void;
  readonly #stop = new AbortController();
  readonly #held: HeldSegments;
  readonly #clocks: TwoClocks;
  readonly #clock: ClockDoubt;
  #told = { text: "", atMs: -Infinity };

  constructor(
    directory: string,
    options: KeepOptions,
    needs: FollowNeeds,
    tell: (message: FollowerMessage) => void,
    clocks = systemClocks,
  ) {
    this.#clocks = clocks;
    this.#clock = new ClockDoubt(clocks);
    this.#directory = directory;
    this.#held = new HeldSegments(directory);
    this.#options = options;
    this.#needs = needs;
    this.#tell = tell;
  }

  /** Ends the loop as soon as what it does can be left as it is. */
  stop(): void {
    this.#stop.abort();
  }

  /** Resolves after {@link stop}. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.look();
      await wait(this.#options.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Does what is to be done now. */
  async look(): Promise<void> {
    try {
      // While a command holds the lock, this is left to the next look. Free between the steps.
      await underMaintenanceLock(this.#directory, () => this.#prune());
      let isMore = true;
      while (isMore && !this.#stop.signal.aborted) {
        const done = await underMaintenanceLock(this.#directory, () => this.#archiveOne());
        isMore = done?.result ?? false;
      }
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : "unknown failure");
    }
  }

  async #prune(): Promise<void> {
    const { retain } = this.#options;
    const stepMs = this.#clock.look();
    if (!Number.isFinite(retain.forMs) && !Number.isFinite(retain.sizeBytes)) return;
    if (stepMs > 0 && Number.isFinite(retain.forMs)) this.#warn(stepMs);
    const { pruned } = await prune(
      this.#directory,
      this.#clock.isDoubted ? { ...retain, forMs: Infinity } : retain,
      this.#needs,
      this.#clocks.wallMs(),
      this.#record,
      this.#held,
    );
    for (const { unit, reason } of pruned) this.#log(`${unit.name} was pruned (${reason})`);
  }

  /** @returns whether there may be more */
  async #archiveOne(): Promise<boolean> {
    const { archive } = this.#options;
    const unit = nextToArchive(this.#directory, archive, this.#needs, Date.now());
    if (unit === undefined) return false;
    if (!(await this.#compress(new UnitCompression(this.#directory, unit)))) return false;
    if (archive.recipients.length === 0) return true;
    return encryptUnit(this.#directory, unit, archive.recipients, this.#record);
  }

  /** @returns false: it was stopped */
  async #compress(compression: UnitCompression): Promise<boolean> {
    try {
      for (;;) {
        const end = performance.now() + burstMs;
        do if (compression.step()) return true;
        while (performance.now() < end);
        await wait(pauseMs);
        if (this.#stop.signal.aborted) break;
      }
    } catch (error) {
      compression.abandon();
      throw error;
    }
    compression.abandon();
    return false;
  }

  readonly #record = ({ action, outcome, fields }: RetentionEvent): undefined => {
    const type = action === "audit.prune" ? "deletion" : "change";
    this.#tell({ kind: "event", action, type, outcome, fields });
  };

  #log(text: string): void {
    this.#tell({ kind: "log", level: "info", text });
  }

  /** What is pruned is gone, and a clock may be wrong. */
  #warn(stepMs: number): void {
    const text =
      `the clock was set forward by ${Math.round(stepMs / 3_600_000)} hours: nothing is pruned ` +
      "by its age for a day";
    this.#tell({ kind: "log", level: "warn", text });
  }

  #complain(reason: string): void {
    const text = `full segments cannot be kept as the configuration says: ${reason}`;
    const nowMs = performance.now();
    if (text === this.#told.text && nowMs - this.#told.atMs < repeatMs) return;
    this.#told = { text, atMs: nowMs };
    this.#tell({ kind: "log", level: "error", text });
  }
}
