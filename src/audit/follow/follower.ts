/** The owner's side of the follower thread. */
import { extname } from "node:path";

import { CompanionThread } from "../../core/companion-thread.ts";
import type { Log } from "../../core/log.ts";
import {
  followerSlot,
  followerSlots,
  type FollowerCommand,
  type FollowerMessage,
  type FollowerOptions,
} from "./follower-messages.ts";

/** How long a stop waits for the last records and their checkpoint. */
const stopMs = 10_000;

/** An event of the trail itself, for the trail. */
export type FollowerEvent = Extract<FollowerMessage, { readonly kind: "event" }>;

/** How far the follower is. */
export interface FollowerStatus {
  /** Records followed, of all processes that ever wrote to the directory. */
  readonly records: number;
  /** Estimated from the bytes. */
  readonly recordsBehind: number;
  readonly bytesBehind: number;
  /** Since everything had been followed last. */
  readonly secondsBehind: number;
  /** Entries of all logs. */
  readonly treeSize: number;
  /** Since the newest checkpoint; of several logs the oldest one counts. `undefined`: none yet. */
  readonly checkpointAgeSeconds: number | undefined;
  /** Changes behind the follower's back. */
  readonly incidents: number;
  /** Logs that are not signed any more. */
  readonly brokenLogs: number;
  readonly isRunning: boolean;
  /** Exchanges whose facts were derived since the start of its thread. */
  readonly facts: number;
}

/**
 * Follows a trail in a thread of its own. Nothing on the way of a request waits for it: it reads
 * files, and what it knows is read from shared memory.
 */
export class Follower {
  readonly #log: Log;
  readonly #slots: Float64Array;
  readonly #thread: CompanionThread<FollowerMessage, FollowerCommand>;

  /** @param onEvent called on this thread for what belongs into the trail */
  constructor(
    options: Omit<FollowerOptions, "slots">,
    log: Log,
    onEvent: (event: FollowerEvent) => void,
  ) {
    const slots = new SharedArrayBuffer(followerSlots * Float64Array.BYTES_PER_ELEMENT);
    this.#slots = new Float64Array(slots);
    this.#slots[followerSlot.caughtUpMs] = Date.now();
    this.#log = log;
    this.#thread = new CompanionThread({
      // The same folder in the sources and in the build, where the ending differs.
      file: new URL(`follower-thread${extname(import.meta.filename)}`, import.meta.url),
      name: "audit-follower",
      workerData: { ...options, slots } satisfies FollowerOptions,
      log,
      onMessage: (message: FollowerMessage) => {
        if (message.kind === "event") onEvent(message);
        else log[message.level]({}, message.text);
      },
      failure: "the follower failed",
    });
  }

  /** How far it is now. @param nowMs milliseconds since the epoch */
  status(nowMs: number): FollowerStatus {
    const at = (slot: number): number => this.#slots[slot] ?? 0;
    const signedMs = at(followerSlot.checkpointMs);
    return {
      records: at(followerSlot.records),
      recordsBehind: at(followerSlot.recordsBehind),
      bytesBehind: at(followerSlot.bytesBehind),
      secondsBehind: Math.max(0, nowMs - at(followerSlot.caughtUpMs)) / 1000,
      treeSize: at(followerSlot.treeSize),
      checkpointAgeSeconds: signedMs === 0 ? undefined : Math.max(0, nowMs - signedMs) / 1000,
      incidents: at(followerSlot.incidents),
      brokenLogs: at(followerSlot.brokenLogs),
      isRunning: this.#thread.isRunning,
      facts: at(followerSlot.facts),
    };
  }

  /**
   * Follows the rest, signs it, and ends the thread, in bounded time. Call after the last record.
   */
  async close(): Promise<void> {
    await this.#thread.close({ kind: "stop" }, stopMs, () =>
      this.#log.warn({}, "the follower did not end in time: the next start follows the rest"),
    );
  }
}
