import { once } from "node:events";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { ConnectionEnd } from "./raw-client.ts";
import { respond } from "./origin-scripts.ts";
import type { WireMessage } from "./wire-message.ts";
import { WireParser } from "./wire-parser.ts";
import { waitFor } from "./wait-for.ts";

/**
 * What an origin does with a request; it may write nothing at all. Errors thrown here fail the
 * origin's `close`.
 */
export type OriginScript = (exchange: OriginExchange) => void | Promise<void>;

/** A request at the origin, with the connection that carried it. */
export interface OriginExchange {
  readonly connection: OriginConnection;
  readonly request: WireMessage;
}

/** What a test may choose about an origin. */
export interface OriginOptions {
  /** Runs when a request is complete. @default 200 with a small JSON body, also right for HEAD */
  readonly onRequest?: OriginScript;
  /** Runs when a request's head is there, before its body. */
  readonly onHead?: OriginScript;
  /** Runs when a connection was accepted. */
  readonly onConnection?: (connection: OriginConnection) => void;
  /** Present: TLS with these options. */
  readonly tls?: TlsOptions;
  /** `false` counts the bytes of request bodies without keeping them. @default true */
  readonly keepsBodies?: boolean;
  /** `true` accepts connections and reads nothing: a black hole. @default false */
  readonly startsPaused?: boolean;
  /** @default 0, any free one */
  readonly port?: number;
}

/** One accepted connection: everything it received, and what a script may do with it. */
export class OriginConnection {
  readonly socket: Socket;
  /** How the peer ended its direction. */
  end: ConnectionEnd = "open";
  /** Whether the socket is gone in both directions. */
  isClosed = false;
  byteCount = 0;
  readonly parser: WireParser;
  readonly #content: Buffer[] = [];

  constructor(
    socket: Socket,
    options: OriginOptions,
    onEvent: (exchange: OriginExchange, event: string) => void,
  ) {
    this.socket = socket;
    this.parser = new WireParser({
      kind: "request",
      keepsBodies: options.keepsBodies !== false,
      onMessage: (request, event) => onEvent({ connection: this, request }, event),
    });
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      this.byteCount += bytes.length;
      if (options.keepsBodies !== false) this.#content.push(bytes);
      this.parser.push(bytes);
    });
    if (options.startsPaused === true) socket.pause();
    socket.on("end", () => {
      this.end = "fin";
    });
    socket.on("error", () => {
      this.end = "reset";
    });
    socket.on("close", () => {
      this.isClosed = true;
      if (this.end === "open") this.end = "destroyed";
    });
  }

  /** Everything received on this connection; empty with `keepsBodies: false`. */
  get content(): Buffer {
    if (this.#content.length > 1)
      this.#content.splice(0, this.#content.length, Buffer.concat(this.#content));
    return this.#content[0] ?? Buffer.alloc(0);
  }

  /** Requests whose head arrived here, complete or not. */
  get requests(): readonly WireMessage[] {
    return this.parser.messages;
  }

  /**
   * Writes bytes (text is latin1) and resolves when the kernel has them or the connection is gone.
   */
  write(bytes: Uint8Array | string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.socket.destroyed || this.socket.writableEnded) resolve();
    else
      this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes, () =>
        resolve(),
      );
    return promise;
  }

  /** Sends FIN. */
  fin(): void {
    this.socket.end();
  }

  /** Sends RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** A server that records every byte and answers by script. */
export class RecordingOrigin implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly connections: OriginConnection[] = [];
  readonly #server: Server;
  readonly #faults: unknown[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(options: OriginOptions) {
    const accept = (socket: Socket): void => this.#accept(socket, options);
    const server =
      options.tls === undefined
        ? createTcpServer({ allowHalfOpen: true }, accept)
        : createTlsServer({ allowHalfOpen: true, ...options.tls }, accept);
    // Below TLS too: a client that breaks off the handshake leaves a socket that no
    // "secureConnection" ever shows.
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on("tlsClientError", () => {});
    this.#server = server;
  }

  /** Starts to listen; for {@link startOrigin}. */
  async listen(port: number): Promise<void> {
    this.#server.listen(port, this.host);
    await once(this.#server, "listening");
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Every request that arrived, in order of connections and then of arrival. */
  get requests(): WireMessage[] {
    return this.connections.flatMap((connection) => connection.requests);
  }

  /** Requests with this target, complete or not. */
  requestsFor(target: string): WireMessage[] {
    return this.requests.filter((request) => request.head.target === target);
  }

  /** Broken rules on any connection; a proxy must never cause one. */
  get wireFaults(): string[] {
    return this.connections.flatMap((connection) => connection.parser.fault ?? []);
  }

  /** Waits until a condition on this origin holds. */
  until(what: string, condition: (origin: this) => boolean, deadlineMs = 5000): Promise<boolean> {
    return waitFor(`at the origin: ${what}`, () => condition(this), deadlineMs);
  }

  /** Stops listening, destroys every connection. @throws the first error that a script threw */
  async close(): Promise<void> {
    for (const connection of this.connections) connection.socket.destroy();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) {
      this.#server.close();
      await once(this.#server, "close");
    }
    if (this.#faults.length > 0) throw this.#faults[0];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(socket: Socket, options: OriginOptions): void {
    const script = options.onRequest ?? respond({ body: '{"ok":true}' });
    const connection: OriginConnection = new OriginConnection(
      socket,
      options,
      (exchange, event) => {
        if (event === "head") this.#run(options.onHead, exchange);
        if (event === "complete") this.#run(script, exchange);
      },
    );
    this.connections.push(connection);
    // A half-open origin that has been told FIN ends its side too, unless a script still writes.
    socket.on("end", () => {
      if (options.onRequest === undefined) socket.end();
    });
    options.onConnection?.(connection);
  }

  #run(script: OriginScript | undefined, exchange: OriginExchange): void {
    const run = async (): Promise<void> => script?.(exchange);
    run().catch((error: unknown) => this.#faults.push(error));
  }
}

/** Starts an origin on a port of its own; `await using` closes it. */
export async function startOrigin(options: OriginOptions = {}): Promise<RecordingOrigin> {
  const origin = new RecordingOrigin(options);
  await origin.listen(options.port ?? 0);
  return origin;
}
