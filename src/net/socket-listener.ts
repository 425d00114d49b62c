/**
 * A listening socket: TCP or unix, in clear text or with TLS, bound here or handed over by a
 * service manager.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import * as net from "node:net";
import * as tls from "node:tls";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { errorCode, hasErrorCode } from "../core/system-error.ts";
import { ProxyHeaderGate } from "./proxy-header-gate.ts";
import type { ProxyHeader } from "./proxy-protocol.ts";
import { ticketKeysFor } from "./ticket-keys.ts";
import { TlsFiles } from "./tls-files.ts";

export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

export interface ListenerTls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string | undefined;
  readonly clientCrlFile: string | undefined;
  readonly clientAuth: "require" | "request";
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly ciphers: string;
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
  /**
   * Called for each connection, after the TLS handshake. `header`: what its PROXY protocol header
   * says.
   */
  readonly onConnection: (socket: net.Socket, header: ProxyHeader | undefined) => void;
  /**
   * Present: every connection must begin with a PROXY protocol header, and comes from a peer that
   * is believed.
   */
  readonly proxyProtocol?: { readonly trusts: (address: string) => boolean } | undefined;
  /** A connection was closed at once because there are too many. */
  readonly onRefused?: (() => void) | undefined;
  readonly onTlsFailure?: (() => void) | undefined;
  /**
   * Protocols offered in the TLS handshake; empty: none, and what clients offer is not looked at.
   * @default http/1.1
   */
  readonly alpn?: readonly string[] | undefined;
  /** A socket that is bound already (socket activation), used instead of `bind`. */
  readonly fd?: number | undefined;
  /** The socket belongs to several processes: a stale file of a unix socket is not looked for. */
  readonly isShared?: boolean | undefined;
}

/** A bound address that accepts connections, in clear text or with TLS. */
export class SocketListener {
  readonly options: SocketListenerOptions;
  /** The one that listens. */
  readonly #server: net.Server;
  /** The one that speaks TLS; the same, unless PROXY protocol headers come first. */
  readonly #tlsServer: tls.Server | undefined;
  readonly #gate: ProxyHeaderGate | undefined;
  #files: TlsFiles | undefined;
  /** What session ticket keys are derived from; all workers of a listener have the same. */
  readonly #ticketBase: Buffer | undefined;
  #closed: Promise<void> | undefined = undefined;

  private constructor(
    options: SocketListenerOptions,
    server: net.Server,
    tlsServer: tls.Server | undefined,
    gate: ProxyHeaderGate | undefined,
    files: TlsFiles | undefined,
  ) {
    this.options = options;
    this.#server = server;
    this.#tlsServer = tlsServer;
    this.#gate = gate;
    this.#files = files;
    this.#ticketBase = tlsServer?.getTicketKeys();
    if (files !== undefined) this.#follow(files);
  }

  /** @throws {ProxyError} ESP_ERR_LISTEN naming the address, ESP_ERR_TLS_FILE naming the file. */
  static async open(options: SocketListenerOptions): Promise<SocketListener> {
    const files = options.tls === undefined ? undefined : tlsFiles(options.tls, options.log);
    const secure = files === undefined ? undefined : tlsServer(options, files);
    const gate =
      options.proxyProtocol === undefined
        ? undefined
        : gateOf(options, options.proxyProtocol, secure);
    const server = gate === undefined ? (secure ?? clearServer()) : clearServer();
    if (gate !== undefined)
      server.on("connection", (socket) => {
        socket.on("error", ignore);
        gate.accept(socket);
      });
    else
      server.on(secure === undefined ? "connection" : "secureConnection", (socket: net.Socket) =>
        hand(socket, undefined, options),
      );
    if (options.maxConnections > 0) server.maxConnections = options.maxConnections;
    server.on("drop", () => options.onRefused?.());
    try {
      await listen(server, options);
    } catch (cause) {
      files?.close();
      const reason = errorCode(cause);
      throw new ProxyError(
        "ESP_ERR_LISTEN",
        `cannot listen on ${describe(options.bind)}: ${explain(reason)}`,
        {
          cause,
        },
      );
    }
    server.on("error", () => options.log.error({ listener: options.name }, "the listener failed"));
    return new SocketListener(options, server, secure, gate, files);
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

  /**
   * Accepts nothing more; open connections stay. Resolves when the last of them is closed, those
   * within a TLS handshake included.
   */
  async stop(): Promise<void> {
    this.#files?.close();
    this.#closed ??= new Promise((resolve) => this.#server.once("close", resolve));
    if (this.#server.listening) this.#server.close();
    await this.#closed;
  }

  /** Like {@link stop}, and ends connections whose PROXY protocol header has not come yet. */
  abort(): void {
    void this.stop();
    this.#gate?.close();
  }

  /**
   * Follows a changed configuration: connections accepted from now on. Whether clients are asked
   * for a certificate stays as it is.
   *
   * @throws {ProxyError} ESP_ERR_TLS_FILE naming the file; nothing has changed then.
   */
  update(changed: Pick<SocketListenerOptions, "maxConnections" | "tls">): void {
    if (changed.tls !== undefined && this.#tlsServer !== undefined) {
      const files = tlsFiles(changed.tls, this.options.log);
      this.#files?.close();
      this.#files = files;
      this.#apply(files);
      this.#follow(files);
    }
    // 0 in the configuration is no limit; Node.js has no other word for it.
    this.#server.maxConnections = changed.maxConnections === 0 ? Infinity : changed.maxConnections;
  }

  #follow(files: TlsFiles): void {
    this.#setTicketKeys(files);
    files.onChange(() => this.#apply(files));
  }

  #apply(files: TlsFiles): void {
    this.#tlsServer?.setSecureContext(files.options);
    this.#setTicketKeys(files);
  }

  #setTicketKeys({ digest }: TlsFiles): void {
    if (this.#ticketBase !== undefined)
      this.#tlsServer?.setTicketKeys(ticketKeysFor(this.#ticketBase, digest));
  }
}

function tlsFiles(names: ListenerTls, log: Log): TlsFiles {
  const { clientCaFile: caFile, clientCrlFile: crlFile } = names;
  return new TlsFiles({ ...names, caFile, crlFile }, log);
}

/** From the first moment: a socket that fails before its owner listens must not end the process. */
function hand(
  socket: net.Socket,
  header: ProxyHeader | undefined,
  options: SocketListenerOptions,
): void {
  socket.on("error", ignore);
  socket.setNoDelay(true);
  options.onConnection(socket, header);
}

/**
 * Headers come in clear text, before TLS (PROXY protocol specification §2); the handshake then
 * reads on from the same socket.
 */
function gateOf(
  options: SocketListenerOptions,
  { trusts }: { readonly trusts: (address: string) => boolean },
  secure: tls.Server | undefined,
): ProxyHeaderGate {
  // A TLS socket does not tell which socket it reads from, and several may have the same peer.
  const headers = new AsyncLocalStorage<ProxyHeader>();
  secure?.on("secureConnection", (socket) => hand(socket, headers.getStore(), options));
  return new ProxyHeaderGate({
    // The permissions of the folder decide who may open a unix socket.
    trusts: (address) => (address === undefined ? options.bind.kind === "unix" : trusts(address)),
    timeoutMs: options.handshakeMs,
    onRefused: () => options.onRefused?.(),
    onAdmitted: (socket, header) => {
      if (secure === undefined) hand(socket, header, options);
      else headers.run(header, () => secure.emit("connection", socket));
    },
  });
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
    ...(options.alpn?.length === 0 ? {} : { ALPNProtocols: options.alpn ?? ["http/1.1"] }),
    requestCert: asksClient,
    rejectUnauthorized: asksClient && options.tls?.clientAuth === "require",
  } as tls.TlsOptions);
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: tls.TLSSocket) => {
    options.onTlsFailure?.();
    options.log.debug({ listener: options.name, code: error.code }, "TLS handshake failed");
    socket.destroy();
  });
  return server;
}

async function listen(
  server: net.Server,
  { bind, fd, isShared }: SocketListenerOptions,
): Promise<void> {
  if (fd !== undefined) server.listen({ fd });
  else if (bind.kind === "unix") {
    if (isShared !== true) await removeStaleSocket(bind.path);
    server.listen({ path: bind.path });
  } else server.listen({ host: bind.host, port: bind.port, backlog: 4096 });
  await once(server, "listening");
}

/** A socket file on which no process answers was left by a dead one. */
export async function removeStaleSocket(path: string): Promise<void> {
  const probe = net.connect({ path });
  try {
    await once(probe, "connect");
  } catch (error) {
    if (hasErrorCode(error, "ECONNREFUSED")) await rm(path, { force: true });
  } finally {
    probe.destroy();
  }
}

function describe(bind: ListenAddress): string {
  return bind.kind === "unix"
    ? `unix:${bind.path}`
    : `${bind.host.includes(":") ? `[${bind.host}]` : bind.host}:${bind.port}`;
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
