import type { TcpClient, TcpEndpoint, TcpPools } from "../tcp/interfaces.ts";
import { EndpointReservation } from "../upstream/reservation.ts";
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
    const place = EndpointReservation.take(
      pool,
      config.hash?.by === "client_address" ? client.peer.address : "",
    );
    return place && new PooledEndpoint(place, pool.options.dial.preface?.(clientPeer(client)));
  }
}

/** A place in a pool as the TCP router sees it. */
class PooledEndpoint implements TcpEndpoint {
  readonly preface: Uint8Array | undefined;
  readonly #place: EndpointReservation;

  constructor(place: EndpointReservation, preface: Uint8Array | undefined) {
    this.#place = place;
    this.preface = preface;
  }

  get host(): string {
    return this.#place.endpoint.address.host;
  }

  get port(): number {
    return this.#place.endpoint.address.port;
  }

  get path(): string | undefined {
    return this.#place.endpoint.address.path;
  }

  connected(): void {
    this.#place.connected();
  }

  connectFailed(error: Error | undefined): void {
    this.#place.connectFailed(error);
  }

  released(): void {
    this.#place.released();
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
