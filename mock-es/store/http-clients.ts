/** HTTP connections of a node with what they asked for, as `_nodes/stats/http` tells of them. */

/** What a node remembers of one connection. */
export interface HttpClient {
  readonly id: number;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly openedMs: number;
  closedMs: number | undefined;
  agent: string | undefined;
  lastUri: string | undefined;
  opaqueId: string | undefined;
  forwardedFor: string | undefined;
  lastRequestMs: number | undefined;
  requests: number;
  requestBytes: number;
}

/** The request of a client, as far as it is remembered. */
export interface CountedRequest {
  readonly uri: string;
  readonly agent: string | undefined;
  readonly opaqueId: string | undefined;
  readonly forwardedFor: string | undefined;
}

/** Defaults of `http.client_stats.closed_channels.max_count` and `.max_age`. */
const maxClosed = 10_000;
const maxClosedMs = 300_000;

/** Counts connections and requests of one node, as `HttpClientStatsTracker` of the server does. */
export class HttpClients {
  totalOpened = 0;
  readonly #open = new Set<HttpClient>();
  /** In the order in which they were closed. */
  #closed: HttpClient[] = [];
  readonly #nowMs: () => number;
  readonly #newId: () => number;

  /** @param newId ids are hashes in the real server: 31 bits, in no order */
  constructor(nowMs: () => number, newId: () => number) {
    this.#nowMs = nowMs;
    this.#newId = newId;
  }

  get currentOpen(): number {
    return this.#open.size;
  }

  /** A connection was accepted; addresses are `ip:port`. */
  opened(localAddress: string, remoteAddress: string): HttpClient {
    const client: HttpClient = {
      id: this.#newId(),
      localAddress,
      remoteAddress,
      openedMs: this.#nowMs(),
      closedMs: undefined,
      agent: undefined,
      lastUri: undefined,
      opaqueId: undefined,
      forwardedFor: undefined,
      lastRequestMs: undefined,
      requests: 0,
      requestBytes: 0,
    };
    this.totalOpened += 1;
    this.#open.add(client);
    return client;
  }

  /** The head of a request has arrived. Fields that it does not have keep their last value. */
  requested(client: HttpClient, request: CountedRequest): void {
    client.requests += 1;
    client.lastRequestMs = this.#nowMs();
    client.lastUri = request.uri;
    client.agent = request.agent ?? client.agent;
    client.opaqueId = request.opaqueId ?? client.opaqueId;
    client.forwardedFor = request.forwardedFor ?? client.forwardedFor;
  }

  closed(client: HttpClient): void {
    if (!this.#open.delete(client)) return;
    client.closedMs = this.#nowMs();
    this.#closed.push(client);
    if (this.#closed.length > maxClosed) this.#closed.shift();
  }

  /** Open ones, and those that were closed in the last five minutes, 10,000 at most. */
  list(): readonly HttpClient[] {
    const oldest = this.#nowMs() - maxClosedMs;
    this.#closed = this.#closed.filter(({ closedMs = 0 }) => closedMs >= oldest);
    return [...this.#closed, ...this.#open];
  }
}
