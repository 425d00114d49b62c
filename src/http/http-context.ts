import type { AuditTrail } from "../audit/audit-trail.ts";
import type { Clock } from "../core/clock.ts";
import type { DeadlineSweep } from "../core/deadline-sweep.ts";
import type { Log } from "../core/log.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { Route, Router } from "./router.ts";

/** What all connections of one HTTP listener share. A reload replaces `router`; running exchanges keep their route. */
export interface HttpContext {
  readonly name: string;
  readonly clock: Clock;
  readonly sweep: DeadlineSweep;
  readonly log: Log;
  readonly parsers: ParserList;
  /** `undefined`: nothing is recorded. */
  readonly trail: AuditTrail | undefined;
  router: Router<Route>;
  readonly timeouts: {
    readonly headerMs: number;
    readonly bodyIdleMs: number;
    readonly keepAliveMs: number;
    readonly writeMs: number;
  };
  readonly limits: {
    /** 0: unlimited. */
    readonly requestBodyBytes: number;
    /** 0: unlimited. */
    readonly requestsPerConnection: number;
  };
  /** Bodies up to this size stand in the request record and are collected before the request is forwarded. */
  readonly inlineBodyBytes: number;
  /** What a FIN means while the response is pending. */
  readonly halfClose: "abort" | "allow";
  /** Set while draining: each response closes its connection. */
  isDraining: boolean;
}
