/** What the follower's thread and its owner tell each other. */
import type { TrailEvent, TrailEventType } from "../record/trail-event.ts";
import type { ArchiveOptions } from "../retention/archive.ts";
import type { RetainOptions } from "../retention/prune.ts";
import type { WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";

/** How checkpoints are made; plain data, so that it can be handed to a thread. */
export interface ProofOptions {
  /** Name of the log, such as `es-proxy.example.com/prod`. */
  readonly origin: string;
  /** Private key, made when it is absent. */
  readonly keyFile: string;
  /** Also a signature with ML-DSA-44, with a key in `keyFile` + `.ml-dsa-44`. */
  readonly postQuantum: boolean;
  /** Between two checkpoints. Milliseconds. */
  readonly checkpointMs: number;
  readonly witnesses: readonly WitnessOptions[];
}

/** A witness that cosigns. */
export interface WitnessOptions {
  /** Its submission prefix. */
  readonly url: string;
  /** Public keys of which at least one must have signed. */
  readonly vkeys: readonly string[];
  /** Every n-th checkpoint is posted; the last one of a run always. */
  readonly every: number;
}

/** What is derived from the recorded bodies. */
export interface FactsOptions {
  /** Fields that are looked for in answers. */
  readonly watch: readonly WatchRule[];
  /** Full segments get an index. */
  readonly index: boolean;
}

/** What becomes of full segments. */
export interface KeepOptions {
  readonly archive: ArchiveOptions;
  readonly retain: RetainOptions;
  /** Between two looks for what is to be done. Milliseconds. */
  readonly everyMs: number;
}

/** All that the thread is started with. */
export interface FollowerOptions {
  readonly directory: string;
  readonly proof: ProofOptions | undefined;
  readonly facts: FactsOptions | undefined;
  /** Names of the targets that the trail is shipped to: what is encrypted waits for them. */
  readonly ships?: readonly string[];
  /** What becomes of full segments; `undefined`: they stay as they are. */
  readonly keep?: KeepOptions | undefined;
  /** {@link FollowerSlots}, written by the thread and read by its owner without a message. */
  readonly slots: SharedArrayBuffer;
}

/** Positions in the shared array of doubles. */
export const followerSlot = {
  /** Records followed since the start. */
  records: 0,
  bytesBehind: 1,
  /** Estimated from the mean length of a line. */
  recordsBehind: 2,
  /** Wall clock at which everything had been followed last. Milliseconds since the epoch. */
  caughtUpMs: 3,
  /** Entries of all logs. */
  treeSize: 4,
  /** Wall clock of the oldest among the newest checkpoints of the logs; 0: none yet. */
  checkpointMs: 5,
  incidents: 6,
  /** Logs that are not signed any more. */
  brokenLogs: 7,
  /** Checkpoints that every witness has cosigned last: entries of the smallest one. */
  witnessedSize: 8,
  /** Exchanges whose facts were derived since the start. */
  facts: 9,
} as const;

export const followerSlots = 10;

/** From the owner. `stop`: follow what is there, sign, and end. */
export type FollowerCommand = { readonly kind: "stop" };

/** From the thread. */
export type FollowerMessage =
  | { readonly kind: "log"; readonly level: "info" | "warn" | "error"; readonly text: string }
  /** Something about the trail that belongs into the trail. */
  | {
      readonly kind: "event";
      readonly action: string;
      /** @default "info" */
      readonly type?: TrailEventType;
      readonly outcome: "success" | "failure";
      readonly fields: TrailEvent["fields"];
    };
