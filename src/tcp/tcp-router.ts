import type { Socket } from "node:net";
import { exchangeId } from "../core/ids.ts";
import { DialSlots } from "./dial-slots.ts";
import { toSettings, type TcpRouterOptions, type TcpSettings } from "./options.ts";
import type { DialOptions } from "./dial.ts";
import type { TcpAddress } from "./route-contract.ts";
import { Session, type SessionHost } from "./session.ts";

/** Connections now, the most at one time, and all since the start: ProxyMachine's three numbers. */
export interface TcpStats {
  readonly current: number;
  readonly max: number;
  readonly total: number;
}

/** What a listener knows of a connection that the socket itself does not say. */
export interface AcceptFacts {
  /** The client as a PROXY protocol header named it. Absent: the socket's peer. */
  readonly peer?: TcpAddress;
  readonly tlsServerName?: string;
}

/** Milliseconds between two looks at the deadlines; they are kept to within this. */
const sweepMs = 250;

/** Takes accepted sockets and runs a session for each. It does not listen: that is the listener's part. */
export class TcpRouter implements SessionHost {
  readonly settings: TcpSettings;
  readonly dialOptions: DialOptions;
  readonly #sessions = new Set<Session>();
  readonly #sweep: NodeJS.Timeout;
  #max = 0;
  #total = 0;
  #whenEmpty: (() => void) | undefined;

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
    this.#sweep = setInterval(() => this.checkDeadlines(), sweepMs).unref();
  }

  get stats(): TcpStats {
    return { current: this.#sessions.size, max: this.#max, total: this.#total };
  }

  /** Takes over a connected socket, which must allow half-open connections (`allowHalfOpen: true`). */
  accept(socket: Socket, facts: AcceptFacts = {}): void {
    const { clock, metrics } = this.settings;
    const acceptedAt = clock.now();
    const session = new Session(this, socket, {
      id: exchangeId(clock.wallAt(acceptedAt)),
      peer: facts.peer,
      tlsServerName: facts.tlsServerName,
      acceptedAt,
    });
    this.#sessions.add(session);
    this.#total += 1;
    this.#max = Math.max(this.#max, this.#sessions.size);
    metrics?.count("connection");
    session.start();
  }

  /** Ends what is overdue; runs every quarter of a second. */
  checkDeadlines(): void {
    const now = this.settings.clock.now();
    for (const session of this.#sessions) session.checkDeadline(now);
  }

  sessionEnded(session: Session): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) this.#whenEmpty?.();
  }

  /**
   * Waits until every session has ended; what is left after `timeoutMs` is destroyed. `undefined`: waits without end.
   * The listener must have stopped accepting.
   */
  async drain(timeoutMs: number | undefined): Promise<void> {
    if (this.#sessions.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#whenEmpty = resolve;
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#destroyAll(), timeoutMs);
      await promise;
      clearTimeout(timer);
    }
    clearInterval(this.#sweep);
  }

  #destroyAll(): void {
    for (const session of this.#sessions) session.destroy();
  }
}
