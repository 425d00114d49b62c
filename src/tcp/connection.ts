import type { Clock } from "../core/clock.ts";
import type { RouteConnection, TcpAddress } from "./route-contract.ts";

/** What the user's function is told about a connection. The abort signal is made only when it is asked for. */
export class Connection implements RouteConnection {
  readonly id: string;
  readonly peer: TcpAddress;
  readonly local: TcpAddress;
  readonly tlsServerName: string | undefined;
  readonly #clock: Clock;
  readonly #acceptedAt: number;
  #controller: AbortController | undefined;
  #isGone = false;

  constructor(
    facts: Pick<RouteConnection, "id" | "peer" | "local" | "tlsServerName">,
    clock: Clock,
    acceptedAt: number,
  ) {
    this.id = facts.id;
    this.peer = facts.peer;
    this.local = facts.local;
    this.tlsServerName = facts.tlsServerName;
    this.#clock = clock;
    this.#acceptedAt = acceptedAt;
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
