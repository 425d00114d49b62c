import type { Clock } from "../core/clock.ts";
import type { DeadlineSweep } from "../core/deadline-sweep.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { StatusSet } from "../core/status-set.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { Balancer } from "./balancer.ts";
import { Dial } from "./dial.ts";
import type { DialOptions, DialResult } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";
import { OutlierDetection } from "./outlier-detection.ts";
import type { OutlierOptions } from "./outlier-detection.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { ConnectionOwner, UpstreamConnection } from "./upstream-connection.ts";

/** Who waits for a connection; exactly one of the two is called, perhaps at once, unless {@link Pool.cancel} came first. */
export interface ConnectionWaiter {
  onConnection(connection: UpstreamConnection): void;
  /** Nothing was sent. `endpoint`: which one could not be reached. */
  onNoConnection(code: ErrorCode, endpoint: Endpoint | undefined): void;
}

export interface PoolOptions {
  readonly name: string;
  readonly dial: DialOptions;
  readonly idleMs: number;
  readonly pendingMs: number;
  /** Connections per endpoint. */
  readonly connections: number;
  /** Exchanges that wait for a connection. */
  readonly pending: number;
  /** Exchanges on one connection; 0: unlimited. */
  readonly requestsPerConnection: number;
  /** `undefined`: nothing is ejected. */
  readonly outlier: (OutlierOptions & { readonly statuses: StatusSet }) | undefined;
  /** Retries at most in percent of requests. */
  readonly retryBudgetPercent: number;
}

interface Pending {
  readonly key: string;
  readonly deadlineMs: number;
}

/**
 * A named, balanced set of endpoints with their connections. Idle connections are reused last in, first out; beyond the cap per endpoint exchanges
 * wait in a bounded queue, first in, first out.
 */
export class Pool implements ConnectionOwner {
  readonly options: PoolOptions;
  readonly endpoints: readonly Endpoint[];
  readonly #balancer: Balancer;
  readonly #clock: Clock;
  readonly #sweep: DeadlineSweep;
  readonly #parsers: ParserList;
  readonly #pending = new Map<ConnectionWaiter, Pending>();
  readonly #dialling = new Map<ConnectionWaiter, PoolDial>();
  readonly #busy = new Set<UpstreamConnection>();
  readonly #outlier: OutlierDetection | undefined;
  readonly #budget: RetryBudget;
  #isClosed = false;

  constructor(
    options: PoolOptions,
    endpoints: readonly Endpoint[],
    balancer: Balancer,
    clock: Clock,
    sweep: DeadlineSweep,
    parsers: ParserList,
    log: Log,
  ) {
    this.options = options;
    this.endpoints = endpoints;
    this.#balancer = balancer;
    this.#clock = clock;
    this.#sweep = sweep;
    this.#parsers = parsers;
    this.#budget = new RetryBudget(options.retryBudgetPercent);
    if (options.outlier !== undefined && endpoints.length > 1)
      this.#outlier = new OutlierDetection(options.outlier, endpoints, (endpoint, isEjected) =>
        log.warn({ pool: options.name, endpoint: endpoint.address.url }, isEjected ? "endpoint ejected" : "endpoint returned"),
      );
    sweep.onTick(() => this.#tick());
  }

  /** An endpoint answered: what outlier detection learns from. */
  answered(endpoint: Endpoint, status: number): void {
    if (this.#outlier === undefined) return;
    if (this.options.outlier?.statuses.has(status) === true) this.#outlier.failed(endpoint, this.#clock.now());
    else this.#outlier.succeeded(endpoint);
  }

  /** An endpoint could not be reached, or broke off. */
  failed(endpoint: Endpoint): void {
    this.#outlier?.failed(endpoint, this.#clock.now());
  }

  /** Takes one retry out of the pool's budget; false: none is left. */
  takeRetry(): boolean {
    return this.#budget.take(this.#clock.now());
  }

  /** A request enters the pool. */
  countRequest(nowMs: number): void {
    this.#budget.countRequest(nowMs);
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  get busyCount(): number {
    return this.#busy.size;
  }

  /**
   * Gets a connection for `waiter`: an idle one, a new one, or the next that becomes free.
   *
   * @param avoid an endpoint that just failed: another one is preferred.
   * @param wantsFresh no connection that was used before.
   */
  acquire(waiter: ConnectionWaiter, key: string, avoid: Endpoint | undefined, wantsFresh: boolean): void {
    const endpoint = this.#pick(key, avoid);
    if (endpoint === undefined) {
      waiter.onNoConnection("ESP_ERR_NO_ENDPOINT", undefined);
      return;
    }
    while (!wantsFresh && endpoint.idle.length > 0) {
      const connection = endpoint.idle.pop();
      if (connection === undefined) break;
      if (!connection.isUsable) {
        connection.abandon();
        continue;
      }
      connection.deadlineMs = Infinity;
      this.#lend(connection, waiter);
      return;
    }
    if (endpoint.open < this.options.connections) this.#dial(endpoint, waiter);
    else if (this.#pending.size < this.options.pending)
      this.#pending.set(waiter, { key, deadlineMs: this.#clock.now() + this.options.pendingMs });
    else waiter.onNoConnection("ESP_ERR_POOL_BUSY", undefined);
  }

  /** `waiter` has gone; neither of its methods is called any more. */
  cancel(waiter: ConnectionWaiter): void {
    this.#pending.delete(waiter);
    const dial = this.#dialling.get(waiter);
    if (dial === undefined) return;
    dial.waiter = undefined;
    this.#dialling.delete(waiter);
  }

  onIdle(connection: UpstreamConnection): void {
    this.#busy.delete(connection);
    const { endpoint } = connection;
    endpoint.active -= 1;
    const { requestsPerConnection } = this.options;
    if (this.#isClosed || endpoint.isDraining || (requestsPerConnection > 0 && connection.served >= requestsPerConnection)) {
      connection.abandon();
      return;
    }
    const next = this.#nextPending();
    if (next !== undefined) {
      this.#lend(connection, next);
      return;
    }
    connection.deadlineMs = this.#clock.now() + this.options.idleMs;
    endpoint.idle.push(connection);
  }

  onClosed(connection: UpstreamConnection): void {
    const { endpoint } = connection;
    endpoint.open -= 1;
    if (this.#busy.delete(connection)) endpoint.active -= 1;
    else {
      const at = endpoint.idle.indexOf(connection);
      if (at !== -1) endpoint.idle.splice(at, 1);
    }
    this.#serveNext();
  }

  /** Closes idle connections now and busy ones when they become idle. */
  close(): void {
    this.#isClosed = true;
    for (const endpoint of this.endpoints) for (const connection of [...endpoint.idle]) connection.abandon();
  }

  /** Called by a dial that has ended. */
  dialled(dial: PoolDial, connection: UpstreamConnection | undefined, code: ErrorCode): void {
    const { waiter } = dial;
    if (waiter !== undefined) this.#dialling.delete(waiter);
    if (connection === undefined) {
      waiter?.onNoConnection(code, dial.endpoint);
      this.#serveNext();
      return;
    }
    if (waiter !== undefined) {
      this.#lend(connection, waiter);
      return;
    }
    // Its exchange has gone while it connected: keep it for the next one.
    dial.endpoint.active += 1;
    this.onIdle(connection);
  }

  #lend(connection: UpstreamConnection, waiter: ConnectionWaiter): void {
    connection.endpoint.active += 1;
    this.#busy.add(connection);
    waiter.onConnection(connection);
  }

  #pick(key: string, avoid: Endpoint | undefined): Endpoint | undefined {
    const { endpoints } = this;
    if (endpoints.length === 1) return endpoints[0];
    let available = endpoints.filter((endpoint) => endpoint.isAvailable && endpoint !== avoid);
    if (available.length === 0) available = endpoints.filter((endpoint) => endpoint.isAvailable);
    // Panic rule: with nothing available, all are tried; an exchange that may fail beats one that is refused.
    if (available.length === 0) available = endpoints.filter((endpoint) => !endpoint.isDraining);
    return this.#balancer.pick(available, key, this.#clock.now());
  }

  #dial(endpoint: Endpoint, waiter: ConnectionWaiter): void {
    endpoint.open += 1;
    const dial = new PoolDial(this, endpoint, waiter);
    this.#dialling.set(waiter, dial);
    void new Dial(endpoint, this.options.dial, this, dial, this.#clock, this.#sweep, this.#parsers);
  }

  #nextPending(): ConnectionWaiter | undefined {
    for (const waiter of this.#pending.keys()) {
      this.#pending.delete(waiter);
      return waiter;
    }
    return undefined;
  }

  #serveNext(): void {
    if (this.#isClosed) return;
    for (const [waiter, { key }] of this.#pending) {
      const endpoint = this.#pick(key, undefined);
      if (endpoint === undefined || endpoint.open >= this.options.connections) return;
      this.#pending.delete(waiter);
      this.#dial(endpoint, waiter);
      return;
    }
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#outlier?.tick(now);
    for (const [waiter, { deadlineMs }] of this.#pending) {
      if (deadlineMs > now) return;
      this.#pending.delete(waiter);
      waiter.onNoConnection("ESP_ERR_POOL_BUSY", undefined);
    }
  }
}

/** One dial for one waiter, which may go away meanwhile. */
class PoolDial implements DialResult {
  readonly endpoint: Endpoint;
  waiter: ConnectionWaiter | undefined;
  readonly #pool: Pool;

  constructor(pool: Pool, endpoint: Endpoint, waiter: ConnectionWaiter) {
    this.#pool = pool;
    this.endpoint = endpoint;
    this.waiter = waiter;
  }

  onConnected(connection: UpstreamConnection): void {
    this.#pool.dialled(this, connection, "ESP_ERR_UPSTREAM_CONNECT");
  }

  onDialFailed(code: ErrorCode): void {
    this.#pool.dialled(this, undefined, code);
  }
}
