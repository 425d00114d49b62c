import type { Clock } from "../core/clock.ts";
import type { DeadlineSweep } from "../core/deadline-sweep.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import type { Services } from "../core/services.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { Balancer } from "./balancer.ts";
import { countBusy } from "./client-shares.ts";
import type { ClientShare } from "./client-shares.ts";
import { DialFailures } from "./dial-failures.ts";
import { DialTurns } from "./dial-turns.ts";
import { EndpointPicker } from "./endpoint-picker.ts";
import { EndpointVerdicts } from "./endpoint-verdicts.ts";
import type { Endpoint } from "./endpoint.ts";
import { IdleConnections } from "./idle-connections.ts";
import { PendingDial } from "./pending-dial.ts";
import type { ConnectionWaiter } from "./pending-dial.ts";
import { PendingQueue } from "./pending-queue.ts";
import type { PendingWaiter } from "./pending-queue.ts";
import type { PoolOptions } from "./pool-options.ts";
import { PoolRoom } from "./pool-room.ts";
import { EndpointReservation } from "./reservation.ts";
import type { ReservationOwner } from "./reservation.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { ConnectionOwner, UpstreamConnection } from "./upstream-connection.ts";

/**
 * A named, balanced set of endpoints with their connections. Idle connections are reused last in,
 * first out; beyond the cap per endpoint exchanges wait in a bounded queue, in which clients take
 * turns. No client address has more than its share of connections and queue, and connections that
 * wait for a slow client leave their places to others.
 */
export class Pool implements ConnectionOwner, ReservationOwner {
  readonly options: PoolOptions;
  readonly endpoints: readonly Endpoint[];
  readonly verdicts: EndpointVerdicts;
  readonly #picker: EndpointPicker;
  readonly #idle: IdleConnections;
  readonly #clock: Clock;
  readonly #sweep: DeadlineSweep;
  readonly #dials: DialTurns;
  readonly #pending: PendingQueue;
  readonly #room: PoolRoom;
  readonly #dialling = new Map<ConnectionWaiter, PendingDial>();
  #busy = 0;
  readonly #budget: RetryBudget;
  readonly #dialFailures: DialFailures;
  /** False: each connection began with its client's PROXY protocol header and is that client's. */
  readonly #isShared: boolean;
  #isClosed = false;
  #isRetired = false;
  /** True while connections are closed for a place: {@link onClosed} must not serve the queue. */
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
    const { clock, sweep, reads, log } = services;
    this.options = options;
    this.endpoints = endpoints;
    this.#idle = new IdleConnections(endpoints);
    this.#room = new PoolRoom(options, endpoints, this.#idle);
    this.#picker = new EndpointPicker(endpoints, balancer, clock, (endpoint) =>
      this.#room.isAt(endpoint),
    );
    this.#clock = clock;
    this.#pending = new PendingQueue(clock);
    this.#sweep = sweep;
    const setup = { options: options.dial, owner: this, parsers, clock, sweep, reads };
    this.#dials = new DialTurns(setup, (endpoint) => this.#leave(endpoint));
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
    const share = this.#room.shares.of(waiter.clientKey, waiter.isFresh);
    if (endpoint === undefined) waiter.onNoConnection("ESP_ERR_NO_ENDPOINT", undefined);
    else if (this.#admits(endpoint, share)) this.#place(waiter, share, endpoint, wantsFresh);
    else if (this.#room.isInQueue(share, this.#pending.size)) {
      if (this.#isRetired) this.#sweep.onTick(this.#onTick);
      this.#pending.add({
        waiter,
        share,
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
    countBusy(dial.share, -1);
    this.#dialling.delete(waiter);
  }

  /**
   * Room at an endpoint for a connection that is made and kept elsewhere. It counts like the pool's
   * own connections: for balancing, for the limit per endpoint, for outlier detection, for the
   * metrics.
   *
   * @param key what consistent hashing hashes.
   * @param clientKey see `ConnectionWaiter`.
   * @returns `undefined`: no endpoint is available, all are full, or the client has its share.
   */
  reserve(key: string, clientKey: string): EndpointReservation | undefined {
    const endpoint = this.#picker.pick(key, []);
    const share = this.#room.shares.of(clientKey, false);
    if (endpoint === undefined || !this.#admits(endpoint, share)) return undefined;
    const wasPlacing = this.#isPlacing;
    this.#isPlacing = true;
    this.#room.make(endpoint);
    this.#isPlacing = wasPlacing;
    endpoint.open += 1;
    countBusy(share, 1);
    endpoint.totals.requests += 1;
    return new EndpointReservation(this, endpoint, share);
  }

  // ConnectionOwner

  onIdle(connection: UpstreamConnection): void {
    const { endpoint } = connection;
    if (connection.isLent) this.#takeBack(connection);
    const { requestsPerConnection } = this.options;
    const isUsedUp = requestsPerConnection > 0 && connection.served >= requestsPerConnection;
    if (
      this.#isClosed ||
      isUsedUp ||
      this.#room.isExceeded(endpoint) ||
      !this.#isCurrent(connection)
    ) {
      connection.abandon();
      return;
    }
    const next = this.#pending.size === 0 ? undefined : this.#nextPending(connection);
    if (next !== undefined) {
      this.#pending.serve(next);
      countBusy(next.share, 1);
      this.#lend(connection, next.share, next.waiter);
      return;
    }
    // The queue waits for other connections than this one: closing it makes room for them.
    if (this.#isRetired || this.#pending.next(this.#room.hasShare, undefined) !== undefined) {
      connection.abandon();
      return;
    }
    connection.deadlineMs = this.#sweep.deadlineIn(this.options.idleMs);
    this.#idle.add(connection);
  }

  onClosed(connection: UpstreamConnection): void {
    if (connection.isLent) this.#takeBack(connection);
    else this.#idle.delete(connection);
    this.#leave(connection.endpoint);
  }

  onTlsError({ endpoint }: UpstreamConnection, reason: string): void {
    this.#dialFailures.note(endpoint, reason);
  }

  onClientWait(connection: UpstreamConnection): void {
    if (connection.isLent) this.#room.waits.add(connection);
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

  reservationReleased(endpoint: Endpoint, share: ClientShare, wasConnected: boolean): void {
    countBusy(share, -1);
    if (wasConnected) endpoint.active -= 1;
    this.#leave(endpoint);
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
  dialled({ waiter, share }: PendingDial, connection: UpstreamConnection): void {
    if (waiter !== undefined) {
      this.#dialling.delete(waiter);
      this.#lend(connection, share, waiter);
      return;
    }
    // Its exchange has gone while it connected.
    this.onIdle(connection);
  }

  /** Called by a dial that has failed. `isLocal`: for want of something on this machine. */
  dialFailed(
    { waiter, endpoint, share }: PendingDial,
    code: HttpErrorCode,
    reason: string,
    isLocal: boolean,
  ): void {
    if (waiter !== undefined) {
      this.#dialling.delete(waiter);
      countBusy(share, -1);
    }
    endpoint.open -= 1;
    endpoint.totals.connectFailures += 1;
    this.#dialFailures.note(endpoint, reason);
    waiter?.onNoConnection(code, isLocal ? undefined : endpoint);
    this.#serveNext();
  }

  #takeBack(connection: UpstreamConnection): void {
    this.#room.waits.delete(connection);
    connection.isLent = false;
    connection.endpoint.active -= 1;
    if (connection.share !== undefined) countBusy(connection.share, -1);
    connection.share = undefined;
    this.#busy -= 1;
  }

  /** Its share has been counted. */
  #lend(connection: UpstreamConnection, share: ClientShare, waiter: ConnectionWaiter): void {
    connection.share = share;
    connection.endpoint.active += 1;
    connection.endpoint.totals.requests += 1;
    connection.isLent = true;
    this.#busy += 1;
    waiter.onConnection(connection);
  }

  #admits(endpoint: Endpoint, share: ClientShare): boolean {
    const wasPlacing = this.#isPlacing;
    this.#isPlacing = true;
    const isAdmitted = this.#room.mayServe(share) && this.#room.mayPlace(endpoint, share);
    this.#isPlacing = wasPlacing;
    return isAdmitted;
  }

  /** Lends an idle connection of an endpoint that has room, or makes a new one. */
  #place(
    waiter: ConnectionWaiter,
    share: ClientShare,
    endpoint: Endpoint,
    wantsFresh: boolean,
  ): void {
    const wasPlacing = this.#isPlacing;
    this.#isPlacing = true;
    countBusy(share, 1);
    const connection = wantsFresh
      ? undefined
      : this.#idle.take(endpoint, this.#isShared ? undefined : waiter.peer, this.#isUsable);
    if (connection === undefined) this.#room.make(endpoint);
    this.#isPlacing = wasPlacing;
    if (connection === undefined) this.#dial(endpoint, share, waiter);
    else {
      connection.deadlineMs = Infinity;
      this.#lend(connection, share, waiter);
    }
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

  #dial(endpoint: Endpoint, share: ClientShare, waiter: ConnectionWaiter): void {
    endpoint.open += 1;
    const dial = new PendingDial(this, endpoint, share, waiter);
    this.#dialling.set(waiter, dial);
    this.#dials.add(dial);
  }

  /** A place at an endpoint is free again. */
  #leave(endpoint: Endpoint): void {
    endpoint.open -= 1;
    this.#serveNext();
  }

  /** Whose turn it is, if this connection, which has just become free, may serve it. */
  #nextPending(connection: UpstreamConnection): PendingWaiter | undefined {
    const { endpoint } = connection;
    if (!endpoint.isAvailable && this.endpoints.some((other) => other.isAvailable))
      return undefined;
    return this.#pending.next(this.#room.hasShare, this.#isShared ? undefined : connection.peer);
  }

  /** Room has come: whose turn it is in the queue gets it. @returns that there was somebody */
  #serveNext(): boolean {
    if (this.#isClosed || this.#isPlacing) return false;
    this.#isPlacing = true;
    const next = this.#pending.next(this.#room.mayServe, undefined);
    const endpoint = next && this.#picker.pick(next.key, next.avoid);
    const isPlaced =
      next !== undefined && endpoint !== undefined && this.#room.mayPlace(endpoint, next.share);
    this.#isPlacing = false;
    if (next === undefined || endpoint === undefined || !isPlaced) return false;
    this.#pending.serve(next);
    this.#place(next.waiter, next.share, endpoint, false);
    return true;
  }

  #tick(): void {
    const now = this.#clock.now();
    this.verdicts.tick(now);
    this.#room.tick();
    // A retired pool that is not used stops ticking; acquire() starts it again for an exchange that
    // was routed before the reload.
    if (this.#isRetired && this.#pending.size + this.#dialling.size + this.#busy === 0)
      this.#sweep.offTick(this.#onTick);
    this.#pending.expire();
    // An endpoint that has come back may have room, and connections that have become quiet.
    while (this.#pending.size > 0 && this.#serveNext());
  }
}
