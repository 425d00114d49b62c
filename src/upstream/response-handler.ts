import type { HttpErrorCode } from "../core/http-errors.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import type { MessageHead } from "../http1/message-head.ts";

/**
 * Receives a response. All calls come in order; after `onResponseEnd` or `onUpstreamFailed` none
 * follows. Heads and pieces belong to the connection: use them during the call, copy them, or set
 * `UpstreamConnection.isBufferKept`.
 */
export interface ResponseHandler {
  /** A 1xx other than 101. */
  onInterimHead(head: MessageHead): void;
  /**
   * A 101: return true to turn the connection into a tunnel, false to have it failed as malformed.
   */
  onSwitchedProtocols(head: MessageHead): boolean;
  /** The final head together with the first piece of the body, which may be empty. */
  onResponseHead(head: MessageHead, piece: BodyPiece): void;
  /** A further piece of the body. */
  onResponseBody(piece: BodyPiece): void;
  /** A close-delimited body has ended (RFC 9112 §6.3 rule 8). */
  onResponseClosed(): void;
  onUpstreamFailed(code: HttpErrorCode): void;
  /** The client is slow, and others need the connection: the exchange must end. */
  onClientTooSlow(): void;
  onUpstreamDrain(): void;
  onTunnelBytes(bytes: Buffer, start: number, end: number): void;
  onTunnelEnd(): void;
}

/** What decides how the response of a request is read. */
export interface SentCall {
  /** The response has no body, whatever its head says (RFC 9112 §6.3 rule 1). */
  readonly isHead: boolean;
  /** `waitMs`: how long the call may wait, beside what any call takes; `Infinity`: no bound. */
  readonly apiMatch: { readonly waitMs: number };
}

export interface ResponseTimeouts {
  /** Until the first byte of the response; `Infinity`: no limit. */
  readonly responseMs: number;
  /** The same for calls that may take long, and the most for those that say how long. */
  readonly responseLongMs: number;
  readonly bodyIdleMs: number;
}
