import type { Socket } from "node:net";
import { exchangeId } from "../core/ids.ts";
import { IndexedSet } from "../core/indexed-set.ts";
import { YoungConnections } from "../core/young-collection.ts";
import { DialSlots } from "./dial-slots.ts";
import { toSettings, type TcpRouterOptions, type TcpSettings } from "./options.ts";
import type { DialOptions } from "./remote-dialer.ts";
import type { TcpAddress } from "./route-contract.ts";
import { Session, type SessionHost } from "./session.ts";

/** Connections now, the most at one time, and all since the start: ProxyMachine's three numbers. */
export interface TcpStats {
  readonly current: number;
  readonly max: number;
  readonly total: number;
}

/** The facts of a connection that its listener has and its socket has not. */
export interface AcceptFacts {
  /** The client as a PROXY protocol header named it. Absent: the socket's peer. */
  readonly peer?: TcpAddress;
  /** Our end as that header named it. Absent: the socket's. */
  readonly local?: TcpAddress;
  /** The socket's peer, where there was such a header. */
  readonly proxy?: TcpAddress;
  readonly tlsServerName?: string;
}

/**
 * Milliseconds between two looks at the deadlines, which are kept to within this: a quarter of the
 * shortest usual timeout.
 */
const sweepMs = 250;
/**
 * Milliseconds that a sweep may take of one turn of the event loop, looked at after so many
 * sessions: to end one with its record takes up to 300 µs, and thousands may be overdue at once.
 */
const sliceMs = 0.5;
const perLook = 16;

/**
 * Takes accepted sockets and runs a session for each. It does not listen: that is the listener's
 * part.
 */
export class TcpRouter implements SessionHost {
  readonly settings: TcpSettings;
  readonly dialOptions: DialOptions;
  readonly #sessions = new IndexedSet<"setIndex", Session>("setIndex");
  readonly #young = new YoungConnections();
  #sweep: NodeJS.Timeout | undefined;
  #max = 0;
  #total = 0;
  /** Sessions that the present sweep has not looked at. */
  #rest: Iterator<Session> | undefined;
  #empty: PromiseWithResolvers<void> | undefined;

  /** @throws {RangeError} when an option is out of its range */
  constructor(options: TcpRouterOptions) {
    this.settings = toSettings(options);
    this.dialOptions = {
      attempts: this.settings.connectAttempts,
      retryDelayMs: this.settings.connectRetryDelayMs,
      slots: new DialSlots(this.settings.concurrentDials),
      pools: this.settings.pools,
      lookup: this.settings.lookup,
    };
    this.#startSweep();
  }

  get stats(): TcpStats {
    return { current: this.#sessions.size, max: this.#max, total: this.#total };
  }

  /** Bytes of the sessions that run, so far. */
  get openBytes(): { readonly up: number; readonly down: number } {
    let [up, down] = [0, 0];
    for (const session of this.#sessions) {
      up += session.bytesUp;
      down += session.bytesDown;
    }
    return { up, down };
  }

  /**
   * Takes over a connected socket, which must allow half-open connections (`allowHalfOpen: true`).
   */
  accept(socket: Socket, facts: AcceptFacts = {}): void {
    const { clock, metrics } = this.settings;
    const acceptedAt = clock.now();
    const session = new Session(this, socket, {
      id: exchangeId(clock.wallAt(acceptedAt)),
      peer: facts.peer,
      local: facts.local,
      proxy: facts.proxy,
      tlsServerName: facts.tlsServerName,
      acceptedAt,
    });
    this.#sessions.add(session);
    this.#young.note(this.#sessions.size);
    // A handshake that was under way when the listener stopped.
    if (this.#sweep === undefined) this.#startSweep();
    this.#total += 1;
    this.#max = Math.max(this.#max, this.#sessions.size);
    metrics?.count("connection");
    session.start();
  }

  /** Ends what is overdue; runs every quarter of a second. */
  checkDeadlines(): void {
    if (this.#rest !== undefined) return;
    this.#rest = this.#sessions[Symbol.iterator]();
    this.#checkSlice();
  }

  readonly #checkSlice = (): void => {
    const { clock } = this.settings;
    const now = clock.now();
    for (let count = 1; ; count += 1) {
      const session = this.#rest?.next().value as Session | undefined;
      if (session === undefined) break;
      session.checkDeadline(now);
      if (count % perLook !== 0 || clock.now() < now + sliceMs) continue;
      setImmediate(this.#checkSlice);
      return;
    }
    this.#rest = undefined;
  };

  sessionEnded(session: Session): void {
    this.#sessions.delete(session);
    this.#young.note(this.#sessions.size);
    if (this.#sessions.size === 0) this.#empty?.resolve();
  }

  /**
   * Waits until every session has ended; what is left after `timeoutMs` is destroyed. `undefined`:
   * waits without end. The listener must have stopped accepting.
   */
  async drain(timeoutMs: number | undefined): Promise<void> {
    if (this.#sessions.size > 0) {
      this.#empty ??= Promise.withResolvers();
      const timer =
        timeoutMs === undefined ? undefined : setTimeout(() => this.destroyAll(), timeoutMs);
      await this.#empty.promise;
      clearTimeout(timer);
    }
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  /** Gives every session up at once; their records are complete when the call returns. */
  destroyAll(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #startSweep(): void {
    this.#sweep = setInterval(() => this.checkDeadlines(), sweepMs).unref();
  }
}
