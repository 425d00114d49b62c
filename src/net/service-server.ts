/** Node's own HTTP server on an address of its own: for what is not on the data path. */
import { once } from "node:events";
import { chmodSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";

import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";
import { limitConnections, serveOneByOne } from "./connection-limit.ts";
import { removeStaleSocket, type ListenAddress, type ListenerTls } from "./socket-listener.ts";
import { TlsFiles } from "./tls-files.ts";

/** Bounds on its clients. */
export interface ServiceLimits {
  /** Milliseconds. */
  readonly keepAliveMs: number;
  readonly connections: number;
}

export interface ServiceServerOptions {
  /** Names it in errors, such as `admin listener`. */
  readonly name: string;
  readonly bind: ListenAddress;
  readonly tls: ListenerTls | undefined;
  readonly log: Log;
  /** @default 15 seconds and 64: small on purpose, for a scraper, a probe and a few persons */
  readonly limits?: ServiceLimits;
  readonly onRequest: (request: http.IncomingMessage, response: http.ServerResponse) => void;
}

/** Of every service: none takes long heads or slow requests. */
const headLimits = { bytes: 8192, ms: 5000, requestMs: 10_000 } as const;
const fewClients: ServiceLimits = { keepAliveMs: 15_000, connections: 64 };

/** Listens in clear text, with TLS or on a unix socket. The certificate follows its files. */
export class ServiceServer {
  readonly #options: ServiceServerOptions;
  readonly #server: http.Server;
  readonly #files: TlsFiles | undefined;

  /** @throws {ProxyError} ESP_ERR_TLS_FILE naming the file */
  constructor(options: ServiceServerOptions) {
    this.#options = options;
    const limits = options.limits ?? fewClients;
    const settings: http.ServerOptions = {
      maxHeaderSize: headLimits.bytes,
      headersTimeout: headLimits.ms,
      requestTimeout: headLimits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: 1000,
      insecureHTTPParser: false,
      requireHostHeader: true,
    };
    const { tls } = options;
    if (tls === undefined) this.#server = http.createServer(settings);
    else {
      const { clientCaFile: caFile, clientCrlFile: crlFile } = tls;
      const files = new TlsFiles({ ...tls, caFile, crlFile }, options.log);
      const asksClient = tls.clientCaFile !== undefined;
      const rejects = asksClient && tls.clientAuth === "require";
      const server = https.createServer({
        ...settings,
        ...files.options,
        requestCert: asksClient,
        rejectUnauthorized: rejects,
      });
      files.onChange(() => server.setSecureContext(files.options));
      this.#files = files;
      this.#server = server;
    }
    limitConnections(this.#server, limits.connections);
    serveOneByOne(this.#server, options.onRequest);
    this.#server.on("upgrade", (_request: http.IncomingMessage, socket: Socket) =>
      socket.destroy(),
    );
  }

  /** @throws {ProxyError} ESP_ERR_LISTEN naming the address and the reason */
  async open(): Promise<void> {
    const { bind, name, log } = this.#options;
    try {
      if (bind.kind === "unix") {
        await removeStaleSocket(bind.path);
        this.#server.listen({ path: bind.path });
        this.#server.once("listening", () => chmodSync(bind.path, 0o600));
      } else this.#server.listen({ host: bind.host, port: bind.port, exclusive: true });
      await once(this.#server, "listening");
    } catch (cause) {
      this.#files?.close();
      const place = bind.kind === "unix" ? `unix:${bind.path}` : `${bind.host}:${bind.port}`;
      const message = `the ${name} cannot listen on ${place}: ${errorCode(cause)}`;
      throw new ProxyError("ESP_ERR_LISTEN", message, { cause });
    }
    this.#server.on("error", () => log.error({}, `the ${name} failed`));
  }

  /** Of what it serves. */
  get scheme(): "http" | "https" {
    return this.#options.tls === undefined ? "http" : "https";
  }

  /** `http://host:port`, `https://…` or `unix:/path`. */
  get url(): string {
    const { bind } = this.#options;
    if (bind.kind === "unix") return `unix:${bind.path}`;
    const address = this.#server.address();
    const port = address !== null && typeof address === "object" ? address.port : bind.port;
    const host = bind.host.includes(":") ? `[${bind.host}]` : bind.host;
    return `${this.scheme}://${host}:${port}`;
  }

  /** @param graceMs answers that are being written have so long to end; milliseconds */
  async close(graceMs: number): Promise<void> {
    this.#files?.close();
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
  }
}
