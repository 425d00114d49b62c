import type { Socket } from "node:net";
import type { TcpSettings } from "./options.ts";
import type { Splice } from "./splice.ts";

/**
 * Milliseconds of silence after which the kernel probes the peer (TCP keep-alive): below the
 * minutes after which NATs and load balancers usually forget an idle connection.
 */
const keepAliveMs = 60_000;

/**
 * How long two joined connections may be silent: until the server's first byte, both ways, and
 * after one side has ended its direction.
 */
export class SpliceTimeouts {
  readonly #settings: TcpSettings;
  #idleLimitMs: number;
  /** Monotonic milliseconds; `Infinity`: never. */
  #deadline = Infinity;
  #isKeptAlive = false;
  #inactivity: NodeJS.Timeout | undefined = undefined;

  constructor(settings: TcpSettings) {
    this.#settings = settings;
    this.#idleLimitMs = settings.idleTimeoutMs;
  }

  /**
   * The connections are joined.
   *
   * @param limitMs until the server's first byte; `undefined`: as the settings say. 0: no limit.
   * @param onSilent called once when that time is over.
   */
  start(limitMs: number | undefined, onSilent: () => void): void {
    const waitMs = limitMs ?? this.#settings.inactivityTimeoutMs;
    if (waitMs > 0) this.#inactivity = setTimeout(onSilent, waitMs);
  }

  /** The server has sent its first byte. */
  serverAnswered(): void {
    clearTimeout(this.#inactivity);
  }

  /** One side has ended its direction: what the other still sends gets a limit of its own. */
  halfClosed(): void {
    const { halfClosedTimeoutMs, clock } = this.#settings;
    if (
      halfClosedTimeoutMs === 0 ||
      (this.#idleLimitMs > 0 && this.#idleLimitMs <= halfClosedTimeoutMs)
    )
      return;
    this.#idleLimitMs = halfClosedTimeoutMs;
    this.#deadline = clock.now() + halfClosedTimeoutMs;
  }

  /** Asked about four times a second. @returns true once: no byte has passed for too long */
  isOverdue(now: number, splice: Splice, client: Socket, server: Socket | undefined): boolean {
    if (!this.#isKeptAlive) this.#keepAlive(client, server);
    if (this.#idleLimitMs > 0 && splice.isActive) {
      splice.isActive = false;
      this.#deadline = now + this.#idleLimitMs;
    }
    if (now < this.#deadline) return false;
    this.#deadline = Infinity;
    return true;
  }

  stop(): void {
    clearTimeout(this.#inactivity);
  }

  #keepAlive(client: Socket, server: Socket | undefined): void {
    this.#isKeptAlive = true;
    // Four system calls a socket: only connections that last are worth them.
    client.setKeepAlive(true, keepAliveMs);
    server?.setKeepAlive(true, keepAliveMs);
  }
}
