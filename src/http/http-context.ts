import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import type { Clock } from "../core/clock.ts";
import type { DeadlineSweep } from "../core/deadline-sweep.ts";
import type { PauseWatch } from "../core/pause-watch.ts";
import type { Log } from "../core/log.ts";
import type { ReadPacer } from "../core/read-pacer.ts";
import type { StartTurns } from "../core/start-turns.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { AnswerRoom } from "./answer-queue.ts";
import type { ForwardedOptions } from "./forwarded-fields.ts";
import type { RouteMetrics } from "../metrics/route-metrics.ts";
import type { Route, Router } from "./router.ts";
import type { SniffPolicy } from "./sniff-policy.ts";

/**
 * What all connections of one HTTP listener share. A reload replaces what is not `readonly`;
 * running exchanges keep their route, and connections that are open keep the limits of their heads.
 */
export interface HttpContext {
  name: string;
  readonly clock: Clock;
  readonly sweep: DeadlineSweep;
  readonly reads: ReadPacer;
  /** Requests that were sent before the answers of those before them; one for the process. */
  readonly pipelined: StartTurns;
  /** Of responses that are kept back while they arrive. */
  readonly pauses: PauseWatch;
  /** For answers that wait for slow clients; one for the process. */
  readonly answerRoom: AnswerRoom;
  readonly log: Log;
  parsers: ParserList;
  /**
   * Requests that no route took, and the connections of the listener (`at.listener` of the metrics'
   * blocks).
   */
  metrics: { readonly unrouted: RouteMetrics; readonly listener: Float64Array };
  /** `undefined`: nothing is recorded. */
  readonly trail: AuditTrail | undefined;
  router: Router<Route>;
  timeouts: {
    readonly headerMs: number;
    readonly bodyIdleMs: number;
    readonly keepAliveMs: number;
    readonly writeMs: number;
  };
  /** Milliseconds of silence after which TCP asks whether a client is there; 0: never. */
  tcpKeepAliveMs: number;
  /** Bytes of a body per second that a client must send or take, after a grace; 0: no minimum. */
  minRate: {
    readonly requestBodyBytes: number;
    readonly responseBodyBytes: number;
    readonly graceMs: number;
  };
  limits: {
    /** 0: unlimited. */
    readonly requestBodyBytes: number;
    /** 0: unlimited. */
    readonly requestsPerConnection: number;
  };
  /**
   * Bodies up to this size stand in the request record and are collected before the request is
   * forwarded.
   */
  inlineBodyBytes: number;
  forwarded: ForwardedOptions;
  /** For requests that ask for the addresses of nodes. */
  sniff: SniffPolicy;
  /** What a FIN means while the response is pending. */
  halfClose: "abort" | "allow";
  /** Set while draining: each response closes its connection. */
  isDraining: boolean;
  /**
   * While draining: how long an idle connection may still bring a request, in milliseconds; 0: it
   * is closed at once.
   */
  drainIdleMs: number;
}
