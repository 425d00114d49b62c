/** The local ends of connections to endpoints, by which endpoints know this proxy. */
import type { Socket } from "node:net";

/** What a connection is for: requests of clients, or of the proxy itself. */
export type ConnectionPurpose = "relay" | "own";

/** A connection that is open, or was within the last minutes. */
export interface OwnConnection {
  /** `ip:port` of the local end, with IPv6 in brackets. */
  readonly place: string;
  readonly purpose: ConnectionPurpose;
}

interface ClosedConnection extends OwnConnection {
  readonly closedMs: number;
}

/** Elasticsearch forgets closed connections after five minutes. */
const keptMs = 360_000;
/** Elasticsearch keeps 10,000 for each node. */
const maxClosed = 50_000;
/** More than are made between two calls, a second apart; where nobody calls, no more are kept. */
const maxFresh = 10_000;

/**
 * Remembers connections to endpoints; a connection costs one entry, a request nothing. Unix sockets
 * have no address.
 */
export class OwnConnections {
  readonly #open = new Set<OwnConnection>();
  #closed: ClosedConnection[] = [];
  #fresh: OwnConnection[] = [];
  readonly #nowMs: () => number;

  /** @param nowMs monotonic milliseconds */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A connection has been made. */
  note(socket: Socket, purpose: ConnectionPurpose): void {
    const { localAddress, localPort } = socket;
    if (localAddress === undefined || localPort === undefined) return;
    const host = localAddress.replace(/^::ffff:(?=\d+\.)/, "");
    const place = host.includes(":") ? `[${host}]:${localPort}` : `${host}:${localPort}`;
    const connection: OwnConnection = { place, purpose };
    this.#open.add(connection);
    if (this.#fresh.length < maxFresh) this.#fresh.push(connection);
    socket.once("close", () => {
      this.#open.delete(connection);
      this.#closed.push({ place, purpose, closedMs: this.#nowMs() });
      if (this.#closed.length > maxClosed) this.#closed = this.#closed.slice(maxClosed / 2);
    });
  }

  /** Connections that were made since this was called last. */
  takeFresh(): OwnConnection[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Connections that an endpoint may still tell of. */
  list(): OwnConnection[] {
    const oldest = this.#nowMs() - keptMs;
    this.#closed = this.#closed.filter(({ closedMs }) => closedMs >= oldest);
    return [...this.#closed, ...this.#open].map(({ place, purpose }) => ({ place, purpose }));
  }
}
