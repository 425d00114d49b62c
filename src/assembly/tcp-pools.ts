import { networkOf } from "../net/client-network.ts";
import type { TcpClient, TcpEndpoint, TcpPools } from "../tcp/interfaces.ts";
import type { EndpointReservation } from "../upstream/reservation.ts";
import type { BuiltPool } from "./pools.ts";

/** The pools of the configuration for the decisions of routers; follows reloads. */
export class PoolTable implements TcpPools {
  /** By name. */
  pools: ReadonlyMap<string, BuiltPool> = new Map();

  has(pool: string): boolean {
    return this.pools.has(pool);
  }

  pick(name: string, client: TcpClient): TcpEndpoint | undefined {
    const built = this.pools.get(name);
    if (built === undefined) return undefined;
    const { config, pool } = built;
    const reservation = pool.reserve(
      config.hash?.by === "client_address" ? client.peer.address : "",
      networkOf(client.peer.address),
    );
    return (
      reservation &&
      new PooledEndpoint(reservation, pool.options.dial.preface?.(clientPeer(client)))
    );
  }
}

/** Room at an endpoint of a pool, as the TCP router sees it. */
class PooledEndpoint implements TcpEndpoint {
  readonly preface: Uint8Array | undefined;
  readonly #reservation: EndpointReservation;

  constructor(reservation: EndpointReservation, preface: Uint8Array | undefined) {
    this.#reservation = reservation;
    this.preface = preface;
  }

  get host(): string {
    return this.#reservation.endpoint.address.host;
  }

  get port(): number {
    return this.#reservation.endpoint.address.port;
  }

  get path(): string | undefined {
    return this.#reservation.endpoint.address.path;
  }

  connected(): void {
    this.#reservation.connected();
  }

  connectFailed(error: Error | undefined): void {
    this.#reservation.connectFailed(error);
  }

  released(): void {
    this.#reservation.released();
  }
}

function clientPeer({ peer, local }: TcpClient) {
  return {
    peerAddress: peer.address,
    peerPort: peer.port,
    localAddress: local.address,
    localPort: local.port,
  };
}
