import type { ConnectionFacts } from "../audit/record/exchange-record.ts";
import type { HttpContext } from "./http-context.ts";

/** The client's connection, as an exchange sees it. */
export interface ExchangeClient {
  readonly context: HttpContext;
  readonly facts: ConnectionFacts;
  /** False: wait for `Exchange.onClientDrain`. */
  write(bytes: Buffer): boolean;
  /** Bytes written are still waiting in this process. */
  readonly hasUnsent: boolean;
  /** It was given more than it takes, and {@link write} said so. */
  readonly isStalled: boolean;
  /** It does not read, and its connection is wanted by others: ends everything. */
  stalled(): void;
  pauseUpload(): void;
  resumeUpload(): void;
  /** From now on bytes belong to `Exchange.onClientTunnelBytes`. */
  becomeTunnel(): void;
  endTunnel(): void;
  /** The last byte was written; `closes`: the connection must not be used again. */
  exchangeEnded(closes: boolean, isServed: boolean): void;
  /**
   * Ends a response that cannot be completed so that the client sees it; `reset`: a FIN would look
   * complete (RFC 9112 §8).
   */
  truncate(reset: boolean): void;
}
