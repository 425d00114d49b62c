import type { ProcessReport } from "./process-report.ts";

/** What a control request led to. */
export type ControlOutcome =
  | { readonly isOk: true; readonly message: string }
  /** `problems`: why, one line each. */
  | { readonly isOk: false; readonly message: string; readonly problems: readonly string[] };

/** What the admin listener shows and does; the composition root gives it. */
export interface AdminSource {
  /** `starting` is never seen: the listener opens last. */
  readonly state: "running" | "draining";
  /** Facts of the whole service for `/`. */
  facts(): ServiceFacts;
  /** Of all processes. */
  report(): Promise<ProcessReport>;
  /** Reads the configuration again. */
  reload(): Promise<ControlOutcome>;
  /** Replaces the worker processes one after the other. */
  restart(): Promise<ControlOutcome>;
}

export interface ServiceFacts {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly reloads: {
    readonly ok: number;
    readonly failed: number;
    readonly lastProblems: readonly string[];
  };
  /** Where the audit explorer is; `undefined`: nowhere. */
  readonly explorer: string | undefined;
  /** Empty: the process relays itself. */
  readonly workers: readonly {
    readonly number: number;
    readonly pid: number;
    readonly state: string;
  }[];
}
