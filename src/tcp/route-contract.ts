/**
 * What a router file exports: the words are ProxyMachine's, and they are public.
 *
 * A router file needs no import at run time. For types: `import type { Route } from "es-proxy"`.
 */

/**
 * Decides what happens to a connection, from the first bytes that its client sent.
 *
 * Called with all bytes so far when the first bytes arrive, and again after each `{noop: true}`
 * when there are more of them. It may be `async`; while its promise is pending, further bytes are
 * kept back, and it is not called again before the promise settles. A throw, a rejected promise, or
 * anything that is not a {@link Decision} closes the connection; it is logged with the router's
 * file and line, and counted.
 *
 * `data` is a view of the proxy's buffer: read it, keep slices of it, but do not write into it. It
 * never holds more than the listener's preread limit (16 KiB by default); bytes beyond it wait and
 * are forwarded behind what the decision sends.
 */
export type Route = (data: Buffer, connection: RouteConnection) => Decision | Promise<Decision>;

/** What is known about the connection besides its bytes. */
export interface RouteConnection {
  /** The connection's id (UUIDv7), the same as in the audit records and the log. */
  readonly id: string;
  /** The client's end. */
  readonly peer: TcpAddress;
  /** Our end: the address and port that the client connected to. */
  readonly local: TcpAddress;
  /**
   * Server name of the TLS handshake, lower case, without the dot of an absolute name, where this
   * listener terminates TLS; otherwise `undefined`.
   */
  readonly tlsServerName: string | undefined;
  /**
   * Milliseconds since the connection was accepted, fractional; the preread timeout (5 s by
   * default) ends the wait.
   */
  readonly elapsedMs: number;
  /**
   * Aborted when the client has gone or the preread timeout has passed: hand it to `fetch` and the
   * like.
   */
  readonly signal: AbortSignal;
}

/** An address without brackets, and its port. */
export interface TcpAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * What a {@link Route} returns or promises. Unknown keys, and keys that contradict each other, are
 * errors.
 */
export type Decision = RemoteDecision | PoolDecision | NoopDecision | CloseDecision;

/**
 * Connect to an address of the router's own choice. It is checked against the address policy after
 * DNS.
 */
export interface RemoteDecision extends ForwardOptions {
  /** `host:port` or `[IPv6]:port`; the port is 1 to 65535. */
  readonly remote: string;
}

/** Connect to an endpoint of a configured pool: with its balancing, health and ejection. */
export interface PoolDecision extends ForwardOptions {
  /** The pool's name. An unknown one is an error. */
  readonly pool: string;
}

/**
 * How a connection is forwarded. A string stands for its UTF-8 bytes; use a `Buffer` for other
 * bytes.
 */
export interface ForwardOptions {
  /**
   * Sent to the server in place of the bytes that this function was shown; bytes that came later
   * follow. Empty: nothing is sent in their place. Absent: the client's bytes go unchanged.
   */
  readonly data?: string | Uint8Array;
  /**
   * Sent to the client as soon as the decision falls, before the server is connected to. Absent:
   * nothing.
   */
  readonly reply?: string | Uint8Array;
  /**
   * Milliseconds for one connection attempt, name lookup included; more than 0.
   * When it has passed the attempt counts as failed. Absent: the listener's, 1,000 by default.
   */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds from the connection to the server until its first byte; more than 0. When they
   * have passed, the connection is closed and `onInactivity` is called. It ends with the first
   * byte. Absent: the listener's, no limit by default.
   */
  readonly inactivityTimeoutMs?: number;
}

/** Wait for more bytes. */
export interface NoopDecision {
  readonly noop: true;
  /**
   * Sent to the client at once: for protocols whose client waits for an answer before it says where
   * it wants to go (SOCKS 5 greeting, PostgreSQL SSLRequest). The next call is shown all bytes
   * again, from the first. Absent: nothing.
   */
  readonly reply?: string | Uint8Array;
}

/** Close the connection: at once with `true`, or after these bytes have been sent to the client. */
export interface CloseDecision {
  readonly close: true | string | Uint8Array;
}

/**
 * Called after the last attempt to connect was refused or timed out, with the decision's `remote`
 * (for a pool: `host:port` of the endpoint tried last) and the last attempt's error. Never because
 * the client left.
 */
export type OnConnectError = (remote: string, error: Error) => void | Promise<void>;

/**
 * Called when the server stayed silent for the whole inactivity timeout. Never because the client
 * left.
 */
export type OnInactivity = (remote: string) => void | Promise<void>;

/** A range of addresses, and ports on them, that `remote` may name. */
export interface AllowedRemote {
  /** `10.0.0.0/8`, `fd00::/8`, or one address. */
  readonly cidr: string;
  /** Ports, or ranges such as `"8000-8999"`. Absent: every port. */
  readonly ports?: readonly (number | string)[];
}

/** Everything that a router file may export; other exports are ignored. */
export interface RouterExports {
  /** The function; required. */
  readonly default: Route;
  readonly onConnectError?: OnConnectError;
  readonly onInactivity?: OnInactivity;
  /**
   * Present: `remote` may only name these, in addition to what the address policy refuses anyway.
   */
  readonly allow?: readonly AllowedRemote[];
}
