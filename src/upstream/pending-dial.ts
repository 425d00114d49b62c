import type { HttpErrorCode } from "../core/http-errors.ts";
import type { ClientShare } from "./client-shares.ts";
import type { ClientPeer, DialResult } from "./connector.ts";
import type { Endpoint } from "./endpoint.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";

/**
 * Waits for a connection. Exactly one of the two methods is called, perhaps at once, unless
 * `Pool.cancel` came first.
 */
export interface ConnectionWaiter {
  /** Its client connection; one object for as long as that lives. */
  readonly peer: ClientPeer;
  /** The client's address, as far as it is counted: all of them together have one share. */
  readonly clientKey: string;
  /** Its client connection has taken no answer yet; see `ClientShare`. */
  readonly isFresh: boolean;
  onConnection(connection: UpstreamConnection): void;
  /**
   * Nothing was sent. `endpoint`: which one could not be reached; `undefined` when no endpoint is
   * to blame.
   */
  onNoConnection(code: HttpErrorCode, endpoint: Endpoint | undefined): void;
}

/** Is called when a dial has ended. */
export interface DialOwner {
  dialled(dial: PendingDial, connection: UpstreamConnection): void;
  /** `reason`: for the operator. `isLocal`: for want of something on this machine. */
  dialFailed(dial: PendingDial, code: HttpErrorCode, reason: string, isLocal: boolean): void;
}

/** One dial for one waiter, which may go away meanwhile. */
export class PendingDial implements DialResult {
  readonly endpoint: Endpoint;
  readonly share: ClientShare;
  waiter: ConnectionWaiter | undefined;
  readonly #owner: DialOwner;

  constructor(owner: DialOwner, endpoint: Endpoint, share: ClientShare, waiter: ConnectionWaiter) {
    this.#owner = owner;
    this.endpoint = endpoint;
    this.share = share;
    this.waiter = waiter;
  }

  onConnected(connection: UpstreamConnection): void {
    this.#owner.dialled(this, connection);
  }

  onDialFailed(code: HttpErrorCode, reason: string, isLocal: boolean): void {
    this.#owner.dialFailed(this, code, reason, isLocal);
  }
}
