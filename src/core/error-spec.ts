/** The columns of the error table; see `errors.ts`. */

/** How an exchange or a TCP session that fails with a code is recorded. */
export type FailureOutcome =
  | "client_aborted"
  | "upstream_failed"
  | "timed_out"
  | "malformed"
  | "rejected"
  | "shutdown";

/** What every failure of an exchange or a session says. */
interface FailureSpec {
  /** Whose fault it is; `config`: the operator's, or the router file's. */
  readonly source: "downstream" | "upstream" | "internal" | "config";
  /** Client-safe reason: no byte of the request and no message of a foreign error appears in it. */
  readonly reason: string;
  readonly outcome: FailureOutcome;
  /**
   * Whether another attempt may follow. `unsent`: nothing was sent, so any request may be tried
   * again. `if_safe`: the request was sent, so only one that is safe to repeat is tried again (RFC
   * 9110 §9.2.2). `never`: the failure ends the exchange or the session.
   */
  readonly retry: "unsent" | "if_safe" | "never";
  /** The client's connection ends with the failure (RFC 9112 §9.6). */
  readonly closesClient: boolean;
}

/** A failure of an HTTP exchange. */
export interface HttpErrorSpec extends FailureSpec {
  readonly kind: "http";
  /** What the client is answered with while that is still possible; 0: no answer can reach it. */
  readonly status: number;
  /** The `error.type` of the Elasticsearch-shaped body, without `es_proxy_`. */
  readonly type: string;
}

/** A failure of a TCP session. Its client gets no answer: its connection is closed. */
export interface TcpErrorSpec extends FailureSpec {
  readonly kind: "tcp";
}

/** A failure before there is traffic: while starting, or while preparing a reload. */
export interface StartErrorSpec {
  readonly kind: "start";
  readonly source: "config";
  readonly reason: string;
}

export type ErrorSpec = HttpErrorSpec | TcpErrorSpec | StartErrorSpec;
