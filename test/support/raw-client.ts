import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { WireMessage } from "./wire-message.ts";
import { WireParser } from "./wire-parser.ts";

/** Where and how {@link connectRaw} connects. */
export interface RawClientOptions {
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** Present: TLS with these options; `host` and `port` are filled in. */
  readonly tls?: ConnectionOptions;
  /** `false` counts the bytes of response bodies without keeping them. @default true */
  readonly keepsBodies?: boolean;
  /**
   * `true` reads nothing until `socket.resume()` is called: a client that does not read. @default
   * false
   */
  readonly startsPaused?: boolean;
}

/** How a connection ended, seen from the client. `open`: it has not. */
export type ConnectionEnd = "open" | "fin" | "reset" | "destroyed";

/**
 * Opens one connection that sends exactly the bytes it is given; the caller destroys it (or uses
 * `using`).
 */
export async function connectRaw(options: RawClientOptions): Promise<RawClient> {
  const place = { host: options.host ?? "127.0.0.1", port: options.port };
  const socket =
    options.tls === undefined
      ? connectTcp({ ...place, allowHalfOpen: true, noDelay: true })
      : connectTls({ ...place, ...options.tls });
  const client = new RawClient(socket, options);
  await once(socket, options.tls === undefined ? "connect" : "secureConnect");
  return client;
}

/** A client without manners: writes any bytes, in any pieces, and reads the answers strictly. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  /** How the other side ended its direction. A FIN followed by a reset is a reset. */
  end: ConnectionEnd = "open";
  /** All bytes received, for assertions on the wire itself; empty with `keepsBodies: false`. */
  readonly received: Buffer[] = [];
  /** Bytes received, kept or not. */
  receivedBytes = 0;
  readonly #parser: WireParser;
  readonly #methods: string[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(
    socket: Socket,
    options: Pick<RawClientOptions, "keepsBodies" | "startsPaused"> = {},
  ) {
    this.socket = socket;
    this.#parser = new WireParser({
      kind: "response",
      keepsBodies: options.keepsBodies !== false,
      nextMethod: () => this.#methods.shift(),
    });
    socket.on("data", (bytes: Buffer) => {
      this.receivedBytes += bytes.length;
      if (options.keepsBodies !== false) this.received.push(bytes);
      this.#parser.push(bytes);
      this.#wake();
    });
    if (options.startsPaused === true) socket.pause();
    socket.on("end", () => {
      this.#parser.end();
      this.end = "fin";
      this.#wake();
    });
    socket.on("error", () => {
      this.end = "reset";
      this.#wake();
    });
    socket.on("close", () => {
      if (this.end === "open") this.end = "destroyed";
      this.#wake();
    });
  }

  /** Every response head that arrived, interim ones included, complete or not. */
  get messages(): readonly WireMessage[] {
    return this.#parser.messages;
  }

  /** Final responses, complete or not. */
  get finals(): WireMessage[] {
    return this.#parser.messages.filter(
      (message) => message.head.status >= 200 || message.head.status === 101,
    );
  }

  /** Interim responses (1xx without 101). */
  get interims(): WireMessage[] {
    return this.#parser.messages.filter(
      (message) => message.head.status < 200 && message.head.status !== 101,
    );
  }

  /** The first rule that the received bytes broke. */
  get fault(): string | undefined {
    return this.#parser.fault;
  }

  /** Whether everything received is whole messages: nothing cut, nothing broken. */
  get isWhole(): boolean {
    const last = this.#parser.last;
    return (
      this.fault === undefined &&
      this.#parser.pending.length === 0 &&
      (last === undefined || last.complete)
    );
  }

  /**
   * Writes bytes; `methods` are those of the requests that start in them, needed to read answers to
   * HEAD.
   */
  send(bytes: Uint8Array | string, ...methods: readonly string[]): void {
    this.expect(...methods);
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Announces the methods of requests whose bytes are written some other way. */
  expect(...methods: readonly string[]): void {
    this.#methods.push(...methods);
  }

  /**
   * Writes `size` bytes at a time, one event-loop turn between the pieces. Stops when the
   * connection is closed.
   */
  async sendSplit(bytes: Uint8Array, size: number, ...methods: readonly string[]): Promise<void> {
    this.expect(...methods);
    for (let at = 0; at < bytes.length && this.socket.writable; at += size) {
      this.socket.write(bytes.subarray(at, at + size));
      await nextTurn();
    }
  }

  /** Sends FIN and goes on reading. */
  halfClose(): void {
    this.socket.end();
  }

  /** Sends RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Waits for the n-th complete final response, counted from 1, and returns it. */
  async response(n = 1, deadlineMs = 5000): Promise<WireMessage> {
    await this.until(
      `response ${n}`,
      () => this.finals[n - 1]?.complete === true || this.end !== "open",
      deadlineMs,
    );
    const message = this.finals[n - 1];
    if (message?.complete !== true)
      throw new Error(`no complete response ${n}: ${this.describe()}`);
    return message;
  }

  /** Waits until the other side has ended the connection, and says how. */
  async closed(deadlineMs = 5000): Promise<ConnectionEnd> {
    await this.until("the end of the connection", () => this.end !== "open", deadlineMs);
    return this.end;
  }

  /**
   * Waits for a condition on this client; checked whenever bytes arrive or the connection changes.
   */
  async until(what: string, condition: () => boolean, deadlineMs = 5000): Promise<void> {
    if (await this.untilSilence(condition, deadlineMs, Infinity)) return;
    throw new Error(`not within ${deadlineMs} ms: ${what}: ${this.describe()}`);
  }

  /**
   * Waits for a condition as long as something happens on the connection: gives up after
   * `silenceMs` without a byte or event, or `deadlineMs` in all. Tells whether the condition came
   * true.
   */
  untilSilence(condition: () => boolean, deadlineMs: number, silenceMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const last = performance.now() + deadlineMs;
    let timer: NodeJS.Timeout | undefined;
    const finish = (isTrue: boolean): void => {
      clearTimeout(timer);
      this.#waiting.delete(check);
      resolve(isTrue);
    };
    const check = (): void => {
      clearTimeout(timer);
      if (condition()) finish(true);
      else
        timer = setTimeout(
          () => finish(condition()),
          Math.max(0, Math.min(silenceMs, last - performance.now())),
        );
    };
    this.#waiting.add(check);
    check();
    return promise;
  }

  /** One line for failure messages. */
  describe(): string {
    const seen = this.messages.map(
      (message) =>
        `${message.head.status}${message.complete ? "" : " incomplete"} (${message.bodyBytes} bytes)`,
    );
    const fault = this.fault === undefined ? "" : `, broken: ${this.fault}`;
    return `${seen.join(", ") || "no response"}, connection ${this.end}${fault}`;
  }

  destroy(): void {
    this.socket.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }
}
