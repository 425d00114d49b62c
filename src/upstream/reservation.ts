import type { ClientShare } from "./client-shares.ts";
import type { Endpoint } from "./endpoint.ts";
import { isLocalResourceError } from "./local-resource-error.ts";

/** The pool that has given a reservation, and counts what becomes of it. */
export interface ReservationOwner {
  /** The connection was accepted. */
  reservationConnected(endpoint: Endpoint): void;
  /** The endpoint could not be reached. */
  reservationFailed(endpoint: Endpoint): void;
  /** The reservation is over; `wasConnected`: {@link reservationConnected} came before. */
  reservationReleased(endpoint: Endpoint, share: ClientShare, wasConnected: boolean): void;
}

/**
 * Room at an endpoint for a connection that is made and kept elsewhere, such as that of a TCP
 * session; see `Pool.reserve`.
 */
export class EndpointReservation {
  readonly endpoint: Endpoint;
  readonly #owner: ReservationOwner;
  readonly #share: ClientShare;
  #isConnected = false;

  constructor(owner: ReservationOwner, endpoint: Endpoint, share: ClientShare) {
    this.#owner = owner;
    this.#share = share;
    this.endpoint = endpoint;
  }

  /** The connection was accepted. */
  connected(): void {
    this.#isConnected = true;
    this.#owner.reservationConnected(this.endpoint);
  }

  /** The connection could not be made. The last call. */
  connectFailed(error: Error | undefined): void {
    if (!isLocalResourceError(error)) this.#owner.reservationFailed(this.endpoint);
    this.released();
  }

  /** The connection has ended, or is no longer wanted. The last call. */
  released(): void {
    this.#owner.reservationReleased(this.endpoint, this.#share, this.#isConnected);
  }
}
