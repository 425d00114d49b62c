import type { HttpErrorCode } from "../core/http-errors.ts";
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
  waiter: ConnectionWaiter | undefined;
  readonly #owner: DialOwner;

  constructor(owner: DialOwner, endpoint: Endpoint, waiter: ConnectionWaiter) {
    this.#owner = owner;
    this.endpoint = endpoint;
    this.waiter = waiter;
  }

  onConnected(connection: UpstreamConnection): void {
    this.#owner.dialled(this, connection);
  }

  onDialFailed(code: HttpErrorCode, reason: string, isLocal: boolean): void {
    this.#owner.dialFailed(this, code, reason, isLocal);
  }
}
