import type { TcpErrorCode } from "../core/tcp-errors.ts";
import type { TcpAddress } from "./route-contract.ts";

/** The pools of the configuration, as far as the TCP router needs them. */
export interface TcpPools {
  /** Whether a pool of this name is configured. */
  has(pool: string): boolean;
  /**
   * Picks an endpoint by the pool's balancing, health and ejection; `undefined` when none is
   * available. Each picked endpoint gets exactly one call of either `connectFailed` or, after
   * `connected`, `released`; or `released` alone when the attempt was given up because the client
   * had left.
   */
  pick(pool: string, client: TcpClient): TcpEndpoint | undefined;
}

/** The two ends of a client's connection. */
export interface TcpClient {
  readonly peer: TcpAddress;
  readonly local: TcpAddress;
}

/** One picked endpoint, for one attempt. */
export interface TcpEndpoint {
  /** A unix socket, in place of host and port; `undefined`: TCP. */
  readonly path: string | undefined;
  /** Sent first on the connection (a PROXY protocol header); not among the client's bytes. */
  readonly preface: Uint8Array | undefined;
  /** Host name or IP address without brackets; not checked against the address policy. */
  readonly host: string;
  readonly port: number;
  /** The connection was accepted. */
  connected(): void;
  /**
   * The connection was refused or timed out. The last call. `error` undefined: nothing was found to
   * connect to.
   */
  connectFailed(error: Error | undefined): void;
  /** The connection has ended. The last call. */
  released(): void;
}

/** How a session ended. */
export type TcpOutcome =
  /** Both sides have ended their direction. */
  | "completed"
  /** The router decided to close. */
  | "closed"
  /** The client left before a decision, or its connection broke. */
  | "client_aborted"
  /** The server could not be connected to, or its connection broke. */
  | "upstream_failed"
  /** Preread, inactivity or idle timeout. */
  | "timed_out"
  /**
   * The router failed, wanted too much, or named an address that is not allowed; or the record
   * could not be stored.
   */
  | "rejected"
  /** Destroyed when the drain deadline had passed. */
  | "shutdown";

/** The decision as it is recorded: which of the contract's words it was, and where to. */
export interface RecordedDecision {
  readonly kind: "remote" | "pool" | "close" | "none";
  /** `host:port` or the pool's name; `undefined` with close and none. */
  readonly target: string | undefined;
}

/**
 * What is recorded of a session. One object per session: its later fields are filled when the
 * session ends.
 */
export interface TcpSessionRecord {
  /** UUIDv7; joins the two records. */
  readonly id: string;
  readonly peer: TcpAddress;
  readonly local: TcpAddress;
  /**
   * The TCP peer, where a PROXY protocol header says that it speaks for `peer`; `undefined`: the
   * peer itself is the client.
   */
  readonly proxy: TcpAddress | undefined;
  readonly tlsServerName: string | undefined;
  /** Monotonic milliseconds of the {@link Clock}. */
  readonly acceptedAt: number;
  readonly decision: RecordedDecision;
  /** Monotonic milliseconds when the decision fell; `undefined` when none did. */
  readonly decidedAt: number | undefined;
  /** Bytes that the function was shown when it decided. */
  readonly seenBytes: number;
  /**
   * Those bytes themselves, for installations that ask for them; valid only during the call of
   * `decided`.
   */
  readonly seen: Uint8Array;
  /** The address really connected to, `ip:port`; `undefined` until then. */
  readonly dialled: string | undefined;
  /** Attempts to connect. */
  readonly attempts: number;
  /** Bytes written to the server. */
  readonly bytesUp: number;
  /** Bytes written to the client. */
  readonly bytesDown: number;
  /** Monotonic milliseconds; `undefined` until the session has ended. */
  readonly endedAt: number | undefined;
  readonly outcome: TcpOutcome | undefined;
  /** Why, where the outcome alone does not say it. */
  readonly code: TcpErrorCode | undefined;
  /** What the audit keeps with the session between its two records. */
  auditEntry: object | undefined;
}

/** Lets a session go on once its first record is stored. */
export interface TcpGate {
  /**
   * Exactly one call per `decided`, at once or later. `false`: nothing is forwarded, the connection
   * is closed.
   */
  proceed(isStored: boolean): void;
}

/** The audit of TCP sessions: one record when the decision falls, one when the session ends. */
export interface TcpAudit {
  /** At most once per session, before anything is sent to the server. Must not throw. */
  decided(session: TcpSessionRecord, gate: TcpGate): void;
  /** Once per session, also for those that never got a decision. Must not throw. */
  ended(session: TcpSessionRecord): void;
}

/** What is counted. Must not throw. */
export interface TcpMetrics {
  /** A decision was carried out, or a failure happened. */
  count(event: TcpEvent): void;
  /** A session has ended. */
  ended(session: TcpSessionRecord): void;
}

/** Counted events; each is one counter, without labels that a client could choose. */
export type TcpEvent =
  | "connection"
  | "connection_refused"
  | "decision_remote"
  | "decision_pool"
  | "decision_close"
  | "router_error"
  | "preread_limit"
  | "preread_timeout"
  | "dial_failure"
  | "address_refused"
  | "inactivity"
  | "idle";
