/** How an origin process answers. */
export interface OriginOptions {
  /** Status of every answer. */
  readonly status: number;
  /**
   * Bodies of the answers in latin1, each with a place for the stamp. A request with `k=N` in its
   * target gets the N-th, counted from 0; any other the first.
   */
  readonly answers: readonly string[];
  /** Fields of every answer beside its length. */
  readonly fields: readonly string[];
}

/** An origin process's answer to its options. */
export interface OriginAddress {
  readonly port: number;
}

/** What an origin process saw since the last question. */
export interface OriginCount {
  readonly requests: number;
  readonly bodyBytes: number;
}

/** Where the load goes and what must come back. */
export interface LoadTarget {
  readonly port: number;
  readonly tls: boolean;
  readonly connections: number;
  /** A connection for each request, so many at a time. */
  readonly isShort: boolean;
  readonly expectedStatus: number;
  /** Sent in turn, over all connections. */
  readonly exchanges: readonly LoadExchange[];
}

/** A request and the body that must come back. */
export interface LoadExchange {
  /** The whole request as bytes in latin1: head and body. */
  readonly request: string;
  readonly expectedBody: string;
}

/**
 * Questions to the load process; `perSecond` starts requests at that rate instead of as soon as a
 * connection is free. Each has exactly one {@link LoadReport} as its answer.
 */
export type LoadCommand =
  | { readonly kind: "open"; readonly target: LoadTarget }
  | { readonly kind: "run"; readonly requests: number; readonly perSecond?: number }
  | { readonly kind: "close" };

/** Result of a load command; the figures are zero unless the command was `run`. */
export interface LoadReport {
  readonly completed: number;
  /** Wrong answers and broken connections, the first few in words. */
  readonly errors: readonly string[];
  readonly errorCount: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** At a fixed rate: p99 of how late requests began because of the load's own event loop. */
  readonly lateP99Ms: number;
}

/** What autocannon measured in a closed loop, and what was wrong if anything was. */
export interface AutocannonReport {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly error?: string;
}
