import { once } from "node:events";
import { rm } from "node:fs/promises";
import * as net from "node:net";
import * as tls from "node:tls";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { TlsFiles } from "./tls-files.ts";

export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

export interface ListenerTls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string | undefined;
  readonly clientAuth: "require" | "request";
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
}

export interface SocketListenerOptions {
  readonly name: string;
  readonly bind: ListenAddress;
  readonly tls: ListenerTls | undefined;
  /** Open connections at most; 0: no limit. */
  readonly maxConnections: number;
  /** A TLS handshake must be over after this time. */
  readonly handshakeMs: number;
  readonly log: Log;
  /** Called for each connection, after the TLS handshake. */
  readonly onConnection: (socket: net.Socket) => void;
}

/** A bound address that accepts connections, in clear text or with TLS. */
export class SocketListener {
  readonly options: SocketListenerOptions;
  readonly #server: net.Server;
  readonly #files: TlsFiles | undefined;

  private constructor(options: SocketListenerOptions, server: net.Server, files: TlsFiles | undefined) {
    this.options = options;
    this.#server = server;
    this.#files = files;
  }

  /** @throws {ProxyError} ESP_ERR_LISTEN naming the address, ESP_ERR_TLS_FILE naming the file. */
  static async open(options: SocketListenerOptions): Promise<SocketListener> {
    const files = options.tls === undefined ? undefined : new TlsFiles({ ...options.tls, caFile: options.tls.clientCaFile }, options.log);
    const server = files === undefined ? clearServer() : tlsServer(options, files);
    server.on(files === undefined ? "connection" : "secureConnection", (socket: net.Socket) => {
      // From the first moment: a socket that fails before its owner listens must not end the process.
      socket.on("error", ignore);
      socket.setNoDelay(true);
      options.onConnection(socket);
    });
    if (options.maxConnections > 0) server.maxConnections = options.maxConnections;
    try {
      await listen(server, options.bind);
    } catch (cause) {
      files?.close();
      const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "error";
      throw new ProxyError("ESP_ERR_LISTEN", `cannot listen on ${describe(options.bind)}: ${explain(reason)}`, { cause });
    }
    server.on("error", () => options.log.error({ listener: options.name }, "the listener failed"));
    return new SocketListener(options, server, files);
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** `http://host:port` or `https://…`; `unix:/path`. */
  get url(): string {
    const { bind } = this.options;
    if (bind.kind === "unix") return `unix:${bind.path}`;
    const host = bind.host.includes(":") ? `[${bind.host}]` : bind.host;
    return `${this.options.tls === undefined ? "http" : "https"}://${host}:${this.port}`;
  }

  /** Accepts nothing more; open connections stay. */
  stop(): void {
    this.#files?.close();
    if (this.#server.listening) this.#server.close();
  }
}

function clearServer(): net.Server {
  return net.createServer({ allowHalfOpen: true, noDelay: true });
}

function tlsServer(options: SocketListenerOptions, files: TlsFiles): tls.Server {
  const asksClient = options.tls?.clientCaFile !== undefined;
  const server = tls.createServer({
    ...files.options,
    allowHalfOpen: true,
    handshakeTimeout: options.handshakeMs,
    ALPNProtocols: ["http/1.1"],
    requestCert: asksClient,
    rejectUnauthorized: asksClient && options.tls?.clientAuth === "require",
  } as tls.TlsOptions);
  files.onChange((changed) => server.setSecureContext(changed));
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: tls.TLSSocket) => {
    options.log.debug({ listener: options.name, code: error.code }, "TLS handshake failed");
    socket.destroy();
  });
  return server;
}

async function listen(server: net.Server, bind: ListenAddress): Promise<void> {
  if (bind.kind === "unix") {
    await removeStaleSocket(bind.path);
    server.listen({ path: bind.path });
  } else server.listen({ host: bind.host, port: bind.port, backlog: 4096 });
  await once(server, "listening");
}

/** A socket file that nobody answers on was left by a dead process. */
async function removeStaleSocket(path: string): Promise<void> {
  const probe = net.connect({ path });
  try {
    await once(probe, "connect");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") await rm(path, { force: true });
  } finally {
    probe.destroy();
  }
}

function describe(bind: ListenAddress): string {
  return bind.kind === "unix" ? `unix:${bind.path}` : `${bind.host.includes(":") ? `[${bind.host}]` : bind.host}:${bind.port}`;
}

function explain(code: string): string {
  switch (code) {
    case "EADDRINUSE":
      return "the address is in use by another process (EADDRINUSE)";
    case "EACCES":
      return "permission denied (EACCES)";
    case "EADDRNOTAVAIL":
      return "no such address on this machine (EADDRNOTAVAIL)";
    default:
      return code;
  }
}

function ignore(): void {}
