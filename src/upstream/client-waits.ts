import { IndexedSet } from "../core/indexed-set.ts";
import { countBusy } from "./client-shares.ts";
import type { ClientShare } from "./client-shares.ts";
import type { Endpoint } from "./endpoint.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";

/**
 * Bytes between two looks below which a connection that waits for its client is quiet: 256 KB a
 * second, which a client that is not slow exceeds.
 */
const quietBytes = 65_536;
/** Looks in a row, a quarter of a second apart, that found it quiet: then it may be parked. */
const parkAfterLooks = 1;
/** Then it may be cut. */
const cutAfterLooks = 2;

/**
 * Watches connections whose exchanges wait for their client: for the rest of an upload, or because
 * the client does not take its answer. One that is quiet can be parked when others wait: its place
 * is free for them, while its own client may still go on. There are as many places to park in as
 * connections; when all are taken, a connection that has been quiet for longest is cut.
 */
export class ClientWaits {
  readonly #watched = new IndexedSet<"waitIndex", UpstreamConnection>("waitIndex");
  /** Connections that may be parked at one endpoint. */
  readonly #mostParked: number;
  /** Connections that may be parked for one client. */
  readonly #mostOfClient: number;

  constructor(mostParked: number, mostOfClient: number) {
    this.#mostParked = mostParked;
    this.#mostOfClient = mostOfClient;
  }

  /** It waits for its client, perhaps not for the first time. */
  add(connection: UpstreamConnection): void {
    if (connection.waitIndex !== -1) return;
    connection.movedBytes = 0;
    connection.quietLooks = 0;
    this.#watched.add(connection);
  }

  /** Its exchange is over. */
  delete(connection: UpstreamConnection): void {
    if (connection.waitIndex === -1) return;
    this.#watched.delete(connection);
    count(connection, false);
  }

  /** Looks at all of them; about four times a second. */
  tick(): void {
    for (const connection of this.#watched) {
      const waits = connection.waitsForClient;
      const isQuiet = waits && connection.movedBytes < quietBytes;
      connection.movedBytes = 0;
      connection.quietLooks = isQuiet ? connection.quietLooks + 1 : 0;
      if (isQuiet) continue;
      count(connection, false);
      if (!waits) this.#watched.delete(connection);
    }
  }

  /**
   * Parks a quiet connection, for which another one may be cut.
   *
   * @param endpoint where it is; `undefined`: anywhere
   * @param address whose it is; `undefined`: anybody's
   * @returns false: there is none
   */
  park(endpoint: Endpoint | undefined, address: ClientShare["address"] | undefined): boolean {
    const connection = this.#quietest(endpoint, address, false, parkAfterLooks);
    if (connection === undefined) return false;
    if (this.#isFull(connection)) {
      const { endpoint: at, share } = connection;
      const own = share?.address;
      const ofClient = own !== undefined && own.parked >= this.#mostOfClient ? own : undefined;
      const cut = this.#quietest(at, ofClient, true, cutAfterLooks);
      if (cut === undefined) return false;
      cut.cut();
    }
    // The cut may have ended it, too: both may be one client's.
    if (connection.waitIndex !== -1) count(connection, true);
    return true;
  }

  #isFull({ endpoint, share }: UpstreamConnection): boolean {
    return (
      endpoint.parked >= this.#mostParked || (share?.address.parked ?? 0) >= this.#mostOfClient
    );
  }

  /** Of the client that has most parked; among its own, the one that has been quiet longest. */
  #quietest(
    endpoint: Endpoint | undefined,
    address: ClientShare["address"] | undefined,
    isParked: boolean,
    looks: number,
  ): UpstreamConnection | undefined {
    let found: UpstreamConnection | undefined;
    for (const connection of this.#watched) {
      if (connection.isParked !== isParked || connection.quietLooks < looks) continue;
      if (endpoint !== undefined && connection.endpoint !== endpoint) continue;
      if (address !== undefined && connection.share?.address !== address) continue;
      if (found === undefined || isWorse(connection, found)) found = connection;
    }
    return found;
  }
}

function isWorse(one: UpstreamConnection, other: UpstreamConnection): boolean {
  const parked = one.share?.address.parked ?? 0;
  const most = other.share?.address.parked ?? 0;
  return parked === most ? one.quietLooks > other.quietLooks : parked > most;
}

/** Parked connections are not among their client's busy ones. */
function count(connection: UpstreamConnection, isParked: boolean): void {
  if (connection.isParked === isParked) return;
  connection.isParked = isParked;
  const more = isParked ? 1 : -1;
  connection.endpoint.parked += more;
  const { share } = connection;
  if (share === undefined) return;
  share.address.parked += more;
  countBusy(share, isParked ? -1 : 1);
}
