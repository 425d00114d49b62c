import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { ProxyError } from "../core/errors.ts";
import { errorMessage } from "../core/system-error.ts";
import { modernCiphers, noRenegotiation } from "../net/modern-tls.ts";
import { toSettings, type TcpListenerOptions } from "./options.ts";
import type { TcpAddress } from "./route-contract.ts";
import { TcpRouter, type TcpStats } from "./tcp-router.ts";

/** A bound address whose connections are routed by their first bytes. */
export class TcpListener {
  readonly #server: Server;
  readonly #router: TcpRouter;
  readonly #address: TcpAddress;

  private constructor(server: Server, router: TcpRouter, address: TcpAddress) {
    this.#server = server;
    this.#router = router;
    this.#address = address;
  }

  /**
   * Binds and starts to accept.
   *
   * @throws {ProxyError} ESP_ERR_LISTEN when the address cannot be bound
   * @throws {RangeError} when an option is out of its range
   */
  static async listen(options: TcpListenerOptions): Promise<TcpListener> {
    const own: TcpAddress[] = [];
    const router = new TcpRouter({
      ...options,
      ownListeners: () => [...own, ...(options.ownListeners?.() ?? [])],
    });
    const server = options.tls === undefined ? plainServer(router) : tlsServer(router, options);
    const most = options.maxConnections ?? 10_000;
    server.maxConnections = most === 0 ? Infinity : most;
    server.on("drop", () => options.metrics?.count("connection_refused"));
    const host = options.host ?? "0.0.0.0";
    const port = options.port ?? 5432;
    try {
      server.listen({ host, port, backlog: 4096 });
      await once(server, "listening");
    } catch (cause) {
      await router.drain(0);
      throw new ProxyError(
        "ESP_ERR_LISTEN",
        `cannot listen on ${host}:${port}: ${errorMessage(cause)}`,
        { cause },
      );
    }
    const bound = server.address();
    const address = { address: host, port };
    if (typeof bound === "object" && bound !== null) {
      address.address = bound.address;
      address.port = bound.port;
    }
    own.push(address);
    const log = options.log;
    // Errors of accept, such as EMFILE: the listener goes on.
    server.on("error", (error) =>
      log?.error({ reason: error.message }, "accepting a connection failed"),
    );
    return new TcpListener(server, router, address);
  }

  /** The bound address, with the port that the system chose. */
  get address(): TcpAddress {
    return this.#address;
  }

  get stats(): TcpStats {
    return this.#router.stats;
  }

  /** Ends what is overdue; otherwise done four times a second. */
  checkDeadlines(): void {
    this.#router.checkDeadlines();
  }

  /**
   * Stops accepting, and waits for the sessions; those left after `timeoutMs` are destroyed.
   * `undefined`: waits for all.
   */
  async drain(timeoutMs: number | undefined): Promise<void> {
    if (this.#server.listening) this.#server.close();
    await this.#router.drain(timeoutMs);
  }

  /** Stops accepting and destroys every session. */
  async close(): Promise<void> {
    const drained = this.drain(undefined);
    this.#router.destroyAll();
    await drained;
  }
}

function plainServer(router: TcpRouter): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => router.accept(socket));
}

function tlsServer(router: TcpRouter, options: TcpListenerOptions): Server {
  const { prereadTimeoutMs } = toSettings(options);
  const server = createTlsServer({
    handshakeTimeout: prereadTimeoutMs,
    ciphers: modernCiphers,
    ...options.tls,
    secureOptions: (options.tls?.secureOptions ?? 0) | noRenegotiation,
    allowHalfOpen: true,
    noDelay: true,
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    const name: unknown = socket.servername;
    router.accept(socket, typeof name === "string" ? { tlsServerName: name } : {});
  });
  // A failed handshake: the client's fault, and the socket is closed already.
  server.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
  return server;
}
