/** Records less, and in the end nothing, before the disk is full, and says so each time. */
import { randomFillSync } from "node:crypto";
import { closeSync, statfsSync, statSync, writeSync } from "node:fs";
import { openAppending } from "../store/append-file.ts";
import { RecurringLog } from "../store/recurring-log.ts";

import type { Log } from "../../core/log.ts";
import { removeLeftover } from "../../core/remove-leftover.ts";
import { errorCode } from "../../core/system-error.ts";
import type { TrailEvent } from "../record/trail-event.ts";

/** When what is recorded becomes less. */
export interface DiskOptions {
  /** Percentage of the file system that is free, below which the operator is warned. */
  readonly warnPercent: number;
  /** Below which bodies are not kept any more. */
  readonly metadataPercent: number;
  /**
   * Bytes of a file that only takes room. When less than a quarter of it is free otherwise, nothing
   * is recorded any more, and the file goes, so that the record which says so has room.
   */
  readonly reserveBytes: number;
}

/** `metadata`: no bodies. `stop`: nothing. */
export type DiskStage = "fine" | "warn" | "metadata" | "stop";

/** What a file system has, in bytes. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

/** What the guard does to a trail. */
export interface GuardedTrail {
  /** Records it, and writes it before this returns. */
  record(event: TrailEvent): void;
  /** Records cannot be stored at the moment. */
  readonly isFailing: boolean;
  keepBodies(isOn: boolean): void;
  /** Nothing is written any more, or again. */
  halt(isOn: boolean): void;
}

/** Between two looks. Milliseconds. */
const lookMs = 250;
/** The reserve grows by this at each look, so that no exchange waits long for it. Bytes. */
const growBytes = 2_097_152;
/** A stage is left when so much more is free than it was entered at: it must not flutter. */
const hysteresisPercent = 1;
const stopShare = 0.25;
const unknownSpace = "the free space of the audit is not known";
const noReserve = "no room can be reserved for the audit";
const order: readonly DiskStage[] = ["fine", "warn", "metadata", "stop"];

/** Looks after the file system of one trail. `stop` ends it. */
export class DiskGuard {
  readonly #path: string;
  readonly #options: DiskOptions;
  readonly #trail: GuardedTrail;
  readonly #log: Log;
  readonly #recurring: RecurringLog;
  readonly #space: () => DiskSpace;
  readonly #timer: NodeJS.Timeout;
  #stage: DiskStage = "fine";
  /** The reserve was given up for the record of the last stage. */
  #isReleased = false;

  /**
   * @param path of the file that only takes room
   * @param space of the file system
   */
  constructor(
    path: string,
    options: DiskOptions,
    trail: GuardedTrail,
    log: Log,
    space: () => DiskSpace,
  ) {
    this.#path = path;
    this.#options = options;
    this.#trail = trail;
    this.#log = log;
    this.#recurring = new RecurringLog(log, () => performance.now());
    this.#space = space;
    this.look();
    this.#timer = setInterval(() => this.look(), lookMs);
    this.#timer.unref();
  }

  get stage(): DiskStage {
    return this.#stage;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Enters or leaves a stage, when it is time. */
  look(): void {
    let space: DiskSpace;
    try {
      space = this.#space();
    } catch (error) {
      this.#recurring.error({ code: errorCode(error) }, unknownSpace);
      return;
    }
    this.#recurring.over(unknownSpace);
    const next = this.#stageFor(space);
    if (next === "stop") this.#release();
    else this.#reserve(space);
    if (next === this.#stage) return;
    if (this.#stage === "stop") this.#trail.halt(false);
    // Each stage has a record: while none can be stored the writer tries again by itself.
    if (!this.#trail.isFailing) this.#enter(next, space);
  }

  #stageFor({ free, total }: DiskSpace): DiskStage {
    const { warnPercent, metadataPercent, reserveBytes } = this.#options;
    const percent = (100 * free) / Math.max(1, total);
    const at = order.indexOf(this.#stage);
    const isBelow = (limit: number, stage: DiskStage): boolean =>
      percent < limit + (at >= order.indexOf(stage) ? hysteresisPercent : 0);
    // What the reserve has given up does not count as free: it is taken again first.
    const left = this.#isReleased ? free - reserveBytes : free;
    if (left < reserveBytes * stopShare * (this.#isReleased ? 2 : 1)) return "stop";
    if (isBelow(metadataPercent, "metadata")) return "metadata";
    return isBelow(warnPercent, "warn") ? "warn" : "fine";
  }

  #enter(next: DiskStage, { free, total }: DiskSpace): void {
    const isWorse = order.indexOf(next) > order.indexOf(this.#stage);
    const fields = { stage: next, from: this.#stage, free_bytes: free, total_bytes: total };
    this.#stage = next;
    this.#trail.keepBodies(next === "fine" || next === "warn");
    const outcome = isWorse ? "failure" : "success";
    this.#trail.record({ action: "audit.disk", type: "change", outcome, fields });
    if (next === "stop") this.#trail.halt(true);
    this.#log[isWorse ? "error" : "info"](
      { stage: next, freeBytes: free },
      `the disk of the audit: ${words[next]}`,
    );
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    removeLeftover(this.#path);
  }

  /** Takes the room piece by piece, when there is enough of it. */
  #reserve({ free }: DiskSpace): void {
    const { reserveBytes } = this.#options;
    this.#isReleased = false;
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size >= reserveBytes || free < 2 * reserveBytes) return;
    try {
      grow(this.#path, Math.min(growBytes, reserveBytes - size));
      this.#recurring.over(noReserve);
    } catch (error) {
      removeLeftover(this.#path);
      this.#recurring.error({ code: errorCode(error) }, noReserve);
    }
  }
}

const words: Readonly<Record<DiskStage, string>> = {
  fine: "there is room again, everything is recorded",
  warn: "it is getting full",
  metadata: "it is nearly full, bodies are not recorded any more",
  stop: "it is full, nothing is recorded any more",
};

/** Random bytes: a file of zeros may take no room at all. */
function grow(path: string, bytes: number): void {
  const block = randomFillSync(new Uint8Array(bytes));
  const fd = openAppending(path);
  try {
    for (let at = 0; at < bytes;) at += writeSync(fd, block, at, bytes - at);
  } finally {
    closeSync(fd);
  }
}

/** What a file system has that is left to users. @throws {Error} of the file system */
export function spaceOf(directory: string): DiskSpace {
  const { bavail, blocks, bsize } = statfsSync(directory);
  return { free: bavail * bsize, total: blocks * bsize };
}
