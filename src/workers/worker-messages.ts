import type { ServiceEvent } from "../assembly/trail-companions.ts";
import type { TrailEvent } from "../audit/record/trail-event.ts";
import type { ProcessReport } from "../admin/process-report.ts";
import type { ProxyConfig } from "../config/config.ts";
import type { SniffNotice } from "../http/sniff-notices.ts";
import type { OwnConnection } from "../upstream/own-connections.ts";
import type { HealthUpdate } from "./health-update.ts";

/** The first message to a worker, after its own message that it listens. */
export interface StartCommand {
  readonly type: "start";
  readonly config: ProxyConfig;
  /** Names its audit files; no other living worker has it. */
  readonly number: number;
  readonly version: string;
  readonly logLevel: string;
  /** Bound sockets that the service manager handed to the supervisor, by name of the listener. */
  readonly descriptors: readonly (readonly [string, number])[];
}

/**
 * From the supervisor to a worker; plain data through the channel of `node:cluster`. An order with
 * an `id` is answered by `done`, `report`, `recorded` or `connections`.
 */
export type WorkerCommand =
  | StartCommand
  | { readonly type: "reload"; readonly id: number; readonly config: ProxyConfig }
  | { readonly type: "report"; readonly id: number }
  | { readonly type: "connections"; readonly id: number }
  | { readonly type: "health"; readonly news: HealthUpdate }
  | { readonly type: "drain"; readonly timeoutMs: number; readonly idleMs: number }
  | { readonly type: "close" }
  | { readonly type: "reopen" }
  /** Something about the trail for the trail: the supervisor has none of its own. */
  | { readonly type: "event"; readonly event: ServiceEvent }
  /** What a command does with the trail, to be recorded and answered. */
  | { readonly type: "operation"; readonly id: number; readonly event: TrailEvent }
  /** Ends the segment of the trail that is written to. */
  | { readonly type: "seal" };

/** From a worker to the supervisor. */
export type WorkerMessage =
  /** Orders are heard from now on. */
  | { readonly type: "hello" }
  | {
      readonly type: "ready";
      readonly listeners: readonly { readonly name: string; readonly url: string }[];
    }
  /** It could not start and ends. `code`: of the `ProxyError`, where it was one. */
  | { readonly type: "failed"; readonly message: string; readonly code: string | undefined }
  | { readonly type: "done"; readonly id: number; readonly problem: string | undefined }
  /** `record`: id of the record that is stored; `undefined`: it could not be stored. */
  | { readonly type: "recorded"; readonly id: number; readonly record: string | undefined }
  /** `id` 0: sent without being asked, so that little is lost when the worker dies. */
  | { readonly type: "report"; readonly id: number; readonly report: ProcessReport }
  /** All connections to endpoints; with `id` 0 those that were made since the last message. */
  | {
      readonly type: "connections";
      readonly id: number;
      readonly connections: readonly OwnConnection[];
    }
  | { readonly type: "health"; readonly news: HealthUpdate }
  /** A client was told addresses of nodes, for the first time today by this worker. */
  | { readonly type: "sniff"; readonly notice: SniffNotice };
