/** What the relay of one attempt's response needs of its exchange, and tells it. */
import type { Buffer } from "node:buffer";
import type { HttpErrorCode } from "../core/http-errors.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import type { MessageHead } from "../http1/message-head.ts";
import type { ExchangeAudit } from "./exchange-audit.ts";
import type { ExchangeClient } from "./exchange-client.ts";
import type { RequestInfo } from "./request-info.ts";

/** The exchange, as the relay of one attempt's response sees it. */
export interface RelayedExchange {
  readonly client: ExchangeClient;
  readonly traits: RequestInfo;
  readonly audit: ExchangeAudit | undefined;
  readonly isRequestComplete: boolean;
  /** See `UpstreamConnection.answeredStatus`. */
  upstreamStatus: number;
  /** The protocols that the request asks for, in lower case; "" for none. */
  readonly upgrade: string;
  /** The response must be kept back, as long as it keeps coming: the call changes something. */
  readonly isWrite: boolean;
  /**
   * A response has begun to arrive: its head and the first piece of its body. @returns false: it is
   * thrown away, another attempt follows
   */
  takes(head: MessageHead, piece: BodyPiece): boolean;
  /** More of the body of a response that {@link takes} has let pass. */
  continues(piece: BodyPiece): void;
  /** The response begins to go to the client; `closes`: the client's connection ends with it. */
  responds(status: number, closes: boolean): void;
  /** Bytes of the response go to the client. */
  countSent(count: number): void;
  /** The response has arrived whole: its connection has no part in the exchange any more. */
  received(): void;
  /** The last bytes, which wait for the terminal record. */
  finish(piece: Buffer): void;
  /** Everything has been written. */
  done(): void;
  /** The response cannot be used (any more). */
  lose(code: HttpErrorCode): void;
  /** The client does not send, or does not take, what it should, and others wait. */
  clientTooSlow(): void;
  /** The connection broke. */
  upstreamFailed(code: HttpErrorCode): void;
  tunnelEnded(): void;
}
