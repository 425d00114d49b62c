import type { Clock } from "../../core/clock.ts";
import type { ProxyError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";
import type { RedactionRule } from "../redact/configured-rules.ts";
import type { DiskOptions, DiskSpace } from "./disk-guard.ts";

/** What an audit trail is made of. */
export interface AuditOptions {
  /**
   * Folder for the files, made when absent; `-`: standard output, without body packs, rotation and
   * recovery.
   */
  readonly directory: string;
  readonly format: "ecs" | "text";
  /** `lean`: response records of `ecs` leave out what the request records say. @default "whole" */
  readonly ecsResponse?: "whole" | "lean" | undefined;
  /**
   * `async`: records are queued, a request does not wait. `written`: it waits until `write` has
   * returned. `durable`: until the device has it.
   */
  readonly durability: "async" | "written" | "durable";
  /** For exchanges without a route (malformed requests). Routes have their own. */
  readonly onFailure: "continue" | "reject";
  /**
   * Where a route says `reject`: whether a body must be cut off that cannot be stored, see
   * `AuditTrail.mustCut`.
   */
  readonly bodies: "strict" | "best_effort";
  /** Largest body that goes into the record itself. */
  readonly inlineBodyBytes: number;
  /**
   * Larger ones go into packs; `false`: their record has size and SHA-256, and says that
   * they were not stored. No effect with `-`, which stores none.
   */
  readonly storesBodies: boolean;
  /** Size from which a file is renamed and a new one begun; 0: never. */
  readonly rotateBytes: number;
  /** Age from which it is. Milliseconds; 0: never. @default 0 */
  readonly rotateMs?: number | undefined;
  /**
   * Bound of what waits in memory: the queue of `async`, and terminal records while storing fails.
   */
  readonly queueBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Number of the worker process, where several share a directory; each has its own files. */
  readonly worker?: number | undefined;
  /**
   * Key of the tokens that stand for secrets, at least 16 bytes. Absent: kept in `redaction.key` of
   * the directory, or random with `-`.
   */
  readonly hmacKey?: Uint8Array | undefined;
  /**
   * What is recorded less when the disk fills; absent: everything, until it is full. `space` is for
   * tests.
   */
  readonly disk?: (DiskOptions & { readonly space?: () => DiskSpace }) | undefined;
  /** What is removed beside what always is. @default [] */
  readonly redact?: readonly RedactionRule[] | undefined;
  /**
   * What is needed for routes whose level is `facts`: the key that names cursors, called when it is
   * needed first, and watched fields. Absent: their records have no facts.
   */
  readonly facts?:
    | { readonly key: () => Uint8Array; readonly watch: readonly WatchRule[] }
    | undefined;
  /** Version of this program, for the records. @default "0.0.0" */
  readonly productVersion?: string | undefined;
  /**
   * Nothing can be recorded any more: the reader of standard output is gone, or another process has
   * the directory since its lock file was removed. Called once.
   */
  readonly onLost?: ((error: ProxyError) => void) | undefined;
}

/** What became of the records so far. */
export interface AuditStats {
  /** Lines stored. */
  readonly records: number;
  /** Bytes of them. */
  readonly bytes: number;
  /** Gap records among them. */
  readonly gaps: number;
  /** Records lost. */
  readonly dropped: number;
  /** Exchanges with a request record and no terminal record yet. */
  readonly openExchanges: number;
  /** Bodies that should be in a pack and are not. */
  readonly bodyFailures: number;
  /** How often others had appended to the files. */
  readonly incidents: number;
  /** Storing fails at the moment. */
  readonly isFailing: boolean;
}

/** Who waits for a record. */
export interface RecordWaiter {
  /**
   * The record's turn is over. Never called from within `request` or `response`.
   *
   * @param isStored false: it could not be stored and the request must be refused; a record that
   *   was lost where the route says `continue` gives true
   */
  recordStored(isStored: boolean): void;
}

/** Name of a trail's files, up to the first `-` or `.`. */
export function baseName({ worker }: Pick<AuditOptions, "worker">): string {
  return worker === undefined ? "audit" : `audit.${worker}`;
}
