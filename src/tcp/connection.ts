import type { Socket } from "node:net";
import type { Clock } from "../core/clock.ts";
import { comparableHost } from "../core/host-name.ts";
import { plainAddress } from "../net/client-network.ts";
import type { RouteConnection, TcpAddress } from "./route-contract.ts";

/** The facts of a connection that its socket does not have. */
export interface ConnectionFacts {
  readonly id: string;
  /** The client as a PROXY protocol header named it; `undefined`: the socket's peer. */
  readonly peer: TcpAddress | undefined;
  /** Our end as that header named it; `undefined`: the socket's. */
  readonly local: TcpAddress | undefined;
  /** The socket's peer, where there was such a header. */
  readonly proxy: TcpAddress | undefined;
  readonly tlsServerName: string | undefined;
  /** Monotonic milliseconds. */
  readonly acceptedAt: number;
}

/**
 * What the user's function is told about a connection. Addresses cost a system call each and the
 * abort signal three microseconds, so they are made when they are asked for.
 */
export class Connection implements RouteConnection {
  readonly id: string;
  readonly tlsServerName: string | undefined;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #acceptedAt: number;
  #peer: TcpAddress | undefined;
  #local: TcpAddress | undefined;
  #controller: AbortController | undefined;
  #isGone = false;

  constructor(socket: Socket, facts: ConnectionFacts, clock: Clock) {
    this.id = facts.id;
    this.tlsServerName =
      facts.tlsServerName === undefined ? undefined : comparableHost(facts.tlsServerName);
    this.#socket = socket;
    this.#clock = clock;
    this.#acceptedAt = facts.acceptedAt;
    this.#peer = facts.peer;
    this.#local = facts.local;
  }

  /** Empty when it is asked for the first time after the socket was closed. */
  get peer(): TcpAddress {
    this.#peer ??= {
      address: plainAddress(this.#socket.remoteAddress ?? ""),
      port: this.#socket.remotePort ?? 0,
    };
    return this.#peer;
  }

  get local(): TcpAddress {
    this.#local ??= {
      address: plainAddress(this.#socket.localAddress ?? ""),
      port: this.#socket.localPort ?? 0,
    };
    return this.#local;
  }

  get elapsedMs(): number {
    return this.#clock.now() - this.#acceptedAt;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isGone) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** The client has gone, or no decision is wanted any more. */
  abort(): void {
    this.#isGone = true;
    this.#controller?.abort();
  }
}
