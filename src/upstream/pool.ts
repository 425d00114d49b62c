import type { Clock } from "../core/clock.ts";
import type { DeadlineSweep } from "../core/deadline-sweep.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import type { Services } from "../core/services.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { Balancer } from "./balancer.ts";
import { Connector } from "./connector.ts";
import type { DialSetup } from "./connector.ts";
import { DialFailures } from "./dial-failures.ts";
import { EndpointPicker } from "./endpoint-picker.ts";
import { EndpointVerdicts } from "./endpoint-verdicts.ts";
import type { Endpoint } from "./endpoint.ts";
import { IdleConnections } from "./idle-connections.ts";
import { PendingDial } from "./pending-dial.ts";
import type { ConnectionWaiter } from "./pending-dial.ts";
import { PendingQueue } from "./pending-queue.ts";
import type { PoolOptions } from "./pool-options.ts";
import { EndpointReservation } from "./reservation.ts";
import type { ReservationOwner } from "./reservation.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { ConnectionOwner, UpstreamConnection } from "./upstream-connection.ts";

/**
 * A named, balanced set of endpoints with their connections. Idle connections are reused last in,
 * first out; beyond the cap per endpoint exchanges wait in a bounded queue, first in, first out.
 */
export class Pool implements ConnectionOwner, ReservationOwner {
  readonly options: PoolOptions;
  readonly endpoints: readonly Endpoint[];
  readonly verdicts: EndpointVerdicts;
  readonly #picker: EndpointPicker;
  readonly #idle: IdleConnections;
  readonly #clock: Clock;
  readonly #sweep: DeadlineSweep;
  readonly #dialSetup: DialSetup;
  readonly #pending = new PendingQueue();
  readonly #dialling = new Map<ConnectionWaiter, PendingDial>();
  #busy = 0;
  readonly #budget: RetryBudget;
  readonly #dialFailures: DialFailures;
  /** False: each connection began with its client's PROXY protocol header and is that client's. */
  readonly #isShared: boolean;
  #isClosed = false;
  #isRetired = false;
  /** True while {@link #place} closes a connection: {@link onClosed} must not serve the queue. */
  #isPlacing = false;
  readonly #isUsable = (connection: UpstreamConnection): boolean =>
    connection.isUsable && this.#isCurrent(connection);
  readonly #onTick = (): void => this.#tick();

  constructor(
    options: PoolOptions,
    endpoints: readonly Endpoint[],
    balancer: Balancer,
    parsers: ParserList,
    services: Services,
  ) {
    const { clock, sweep, log } = services;
    this.options = options;
    this.endpoints = endpoints;
    this.#idle = new IdleConnections(endpoints);
    this.#picker = new EndpointPicker(endpoints, balancer, clock, (endpoint) =>
      this.#hasRoom(endpoint),
    );
    this.#clock = clock;
    this.#sweep = sweep;
    this.#dialSetup = { options: options.dial, owner: this, parsers, clock, sweep };
    this.#budget = new RetryBudget(options.retryBudgetPercent);
    this.#dialFailures = new DialFailures(options.name, clock, log);
    this.#isShared = options.dial.preface === undefined;
    this.verdicts = new EndpointVerdicts(options, endpoints, services);
    sweep.onTick(this.#onTick);
  }

  /**
   * Takes one retry out of the pool's budget; false: none is left. `percent`: the route's share.
   */
  takeRetry(percent: number): boolean {
    return this.#budget.take(this.#clock.now(), percent);
  }

  /** A request enters the pool. */
  countRequest(nowMs: number): void {
    this.#budget.countRequest(nowMs);
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  get busyCount(): number {
    return this.#busy;
  }

  /** Idle connections to one of its endpoints. */
  idleCount(endpoint: Endpoint): number {
    return this.#idle.count(endpoint);
  }

  /**
   * Gets a connection for `waiter`: an idle one, a new one, or the next that becomes free.
   *
   * @param avoid endpoints that have failed this exchange: others are preferred.
   * @param wantsFresh no connection that was used before.
   */
  acquire(
    waiter: ConnectionWaiter,
    key: string,
    avoid: readonly Endpoint[],
    wantsFresh: boolean,
  ): void {
    const endpoint = this.#picker.pick(key, avoid);
    if (endpoint === undefined) waiter.onNoConnection("ESP_ERR_NO_ENDPOINT", undefined);
    else if (this.#hasRoom(endpoint)) this.#place(waiter, endpoint, wantsFresh);
    else if (this.#pending.size < this.options.pending) {
      if (this.#isRetired) this.#sweep.onTick(this.#onTick);
      this.#pending.add({
        waiter,
        key,
        avoid,
        deadlineMs: this.#clock.now() + this.options.pendingMs,
      });
    } else waiter.onNoConnection("ESP_ERR_POOL_BUSY", undefined);
  }

  /** `waiter` has gone; neither of its methods is called any more. */
  cancel(waiter: ConnectionWaiter): void {
    this.#pending.delete(waiter);
    const dial = this.#dialling.get(waiter);
    if (dial === undefined) return;
    dial.waiter = undefined;
    this.#dialling.delete(waiter);
  }

  /**
   * Room at an endpoint for a connection that is made and kept elsewhere. It counts like the pool's
   * own connections: for balancing, for the limit per endpoint, for outlier detection, for the
   * metrics.
   *
   * @param key what consistent hashing hashes.
   * @returns `undefined`: no endpoint is available, or all are full.
   */
  reserve(key: string): EndpointReservation | undefined {
    const endpoint = this.#picker.pick(key, []);
    if (endpoint === undefined || endpoint.isDraining || !this.#hasRoom(endpoint)) return undefined;
    this.#isPlacing = true;
    this.#makeRoom(endpoint);
    this.#isPlacing = false;
    endpoint.open += 1;
    endpoint.totals.requests += 1;
    return new EndpointReservation(this, endpoint);
  }

  // ConnectionOwner

  onIdle(connection: UpstreamConnection): void {
    const { endpoint } = connection;
    if (connection.isLent) this.#takeBack(connection);
    const { requestsPerConnection } = this.options;
    const isUsedUp = requestsPerConnection > 0 && connection.served >= requestsPerConnection;
    if (this.#isClosed || endpoint.isDraining || isUsedUp || !this.#isCurrent(connection)) {
      connection.abandon();
      return;
    }
    const next = this.#pending.size === 0 ? undefined : this.#nextPending(connection);
    if (next !== undefined) {
      this.#lend(connection, next);
      return;
    }
    // The queue waits for other connections than this one: closing it makes room for them.
    if (this.#isRetired || this.#pending.size > 0) {
      connection.abandon();
      return;
    }
    connection.deadlineMs = this.#sweep.deadlineIn(this.options.idleMs);
    this.#idle.add(connection);
  }

  onClosed(connection: UpstreamConnection): void {
    const { endpoint } = connection;
    endpoint.open -= 1;
    if (connection.isLent) this.#takeBack(connection);
    else this.#idle.delete(connection);
    this.#serveNext();
  }

  onTlsError({ endpoint }: UpstreamConnection, reason: string): void {
    this.#dialFailures.note(endpoint, reason);
  }

  // ReservationOwner

  reservationConnected(endpoint: Endpoint): void {
    endpoint.active += 1;
    this.verdicts.completed(endpoint);
  }

  reservationFailed(endpoint: Endpoint): void {
    endpoint.totals.connectFailures += 1;
    this.verdicts.failed(endpoint);
  }

  reservationReleased(endpoint: Endpoint, wasConnected: boolean): void {
    endpoint.open -= 1;
    if (wasConnected) endpoint.active -= 1;
    this.#serveNext();
  }

  /**
   * The configuration no longer has this pool as it is: no connection is kept for later, while
   * exchanges that have it still get what they need, queue and retries included.
   */
  retire(): void {
    this.#isRetired = true;
    this.#idle.close(() => true);
  }

  /** Closes idle connections now and busy ones when they become idle. */
  close(): void {
    this.#isClosed = true;
    this.#sweep.offTick(this.#onTick);
    this.#idle.close(() => true);
  }

  /**
   * A name was resolved again: idle connections to addresses that it no longer has are closed now,
   * busy ones when they become idle.
   */
  followAddresses(host: string, addresses: ReadonlySet<string>): void {
    for (const endpoint of this.endpoints)
      if (endpoint.address.host === host) endpoint.addresses = addresses;
    this.#idle.close((connection) => !this.#isCurrent(connection));
  }

  /** Called by a dial that has connected. */
  dialled({ waiter }: PendingDial, connection: UpstreamConnection): void {
    if (waiter !== undefined) {
      this.#dialling.delete(waiter);
      this.#lend(connection, waiter);
      return;
    }
    // Its exchange has gone while it connected: keep it for the next one.
    this.onIdle(connection);
  }

  /** Called by a dial that has failed. `isLocal`: for want of something on this machine. */
  dialFailed(
    { waiter, endpoint }: PendingDial,
    code: HttpErrorCode,
    reason: string,
    isLocal: boolean,
  ): void {
    if (waiter !== undefined) this.#dialling.delete(waiter);
    endpoint.open -= 1;
    endpoint.totals.connectFailures += 1;
    this.#dialFailures.note(endpoint, reason);
    waiter?.onNoConnection(code, isLocal ? undefined : endpoint);
    this.#serveNext();
  }

  #takeBack(connection: UpstreamConnection): void {
    connection.isLent = false;
    connection.endpoint.active -= 1;
    this.#busy -= 1;
  }

  #lend(connection: UpstreamConnection, waiter: ConnectionWaiter): void {
    connection.endpoint.active += 1;
    connection.endpoint.totals.requests += 1;
    connection.isLent = true;
    this.#busy += 1;
    waiter.onConnection(connection);
  }

  #hasRoom(endpoint: Endpoint): boolean {
    return endpoint.open < this.options.connections || this.#idle.count(endpoint) > 0;
  }

  /** Lends an idle connection of an endpoint that has room, or makes a new one. */
  #place(waiter: ConnectionWaiter, endpoint: Endpoint, wantsFresh: boolean): void {
    this.#isPlacing = true;
    const connection = wantsFresh
      ? undefined
      : this.#idle.take(endpoint, this.#isShared ? undefined : waiter.peer, this.#isUsable);
    if (connection === undefined) this.#makeRoom(endpoint);
    this.#isPlacing = false;
    if (connection === undefined) {
      this.#dial(endpoint, waiter);
      return;
    }
    connection.deadlineMs = Infinity;
    this.#lend(connection, waiter);
  }

  /** Only idle connections are left that cannot be used: the oldest one is closed. */
  #makeRoom(endpoint: Endpoint): void {
    if (endpoint.open >= this.options.connections) this.#idle.oldest(endpoint)?.abandon();
  }

  /** Made with the TLS identity in use, to an address that its endpoint still has. */
  #isCurrent(connection: UpstreamConnection): boolean {
    const { endpoint, socket, identity } = connection;
    if (identity !== undefined && identity !== this.options.dial.tlsIdentity?.()) return false;
    return (
      endpoint.addresses === undefined ||
      socket.remoteAddress === undefined ||
      endpoint.addresses.has(socket.remoteAddress)
    );
  }

  #dial(endpoint: Endpoint, waiter: ConnectionWaiter): void {
    endpoint.open += 1;
    const dial = new PendingDial(this, endpoint, waiter);
    this.#dialling.set(waiter, dial);
    void new Connector(endpoint, waiter.peer, dial, this.#dialSetup);
  }

  /** Takes out the first waiter that this connection, which has just become free, may serve. */
  #nextPending(connection: UpstreamConnection): ConnectionWaiter | undefined {
    const { endpoint } = connection;
    if (!endpoint.isAvailable && this.endpoints.some((other) => other.isAvailable))
      return undefined;
    return this.#pending.take(this.#isShared ? undefined : connection.peer);
  }

  /** Room has come: the first in the queue gets it. */
  #serveNext(): void {
    if (this.#isClosed || this.#isPlacing) return;
    const { first } = this.#pending;
    if (first === undefined) return;
    const endpoint = this.#picker.pick(first.key, first.avoid);
    if (endpoint === undefined || !this.#hasRoom(endpoint)) return;
    this.#pending.delete(first.waiter);
    this.#place(first.waiter, endpoint, false);
  }

  #tick(): void {
    const now = this.#clock.now();
    this.verdicts.tick(now);
    // A retired pool that is not used stops ticking; acquire() starts it again for an exchange that
    // was routed before the reload.
    if (this.#isRetired && this.#pending.size + this.#dialling.size + this.#busy === 0)
      this.#sweep.offTick(this.#onTick);
    let expired = this.#pending.takeExpired(now);
    while (expired !== undefined) {
      expired.onNoConnection("ESP_ERR_POOL_BUSY", undefined);
      expired = this.#pending.takeExpired(now);
    }
    // An endpoint that has come back may have room.
    if (this.#pending.size > 0) this.#serveNext();
  }
}
