import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { PeerCertificate } from "node:tls";
import type { ConnectionFacts, TlsFacts } from "../audit/record/exchange-record.ts";
import { connectionFacts } from "../audit/record/exchange-record.ts";
import { IndexedSet } from "../core/indexed-set.ts";
import { YoungConnections } from "../core/young-collection.ts";
import type { CertificateFacts } from "../elasticsearch/identity/identity.ts";
import { slot } from "../metrics/metric-slots.ts";
import { plainAddress } from "../net/client-network.ts";
import type { ProxyHeader } from "../net/proxy-protocol.ts";
import type { SocketListenerOptions } from "../net/socket-listener.ts";
import { SocketListener } from "../net/socket-listener.ts";
import { ClientConnection } from "./client-connection.ts";
import type { HttpContext } from "./http-context.ts";

/** Where to listen. */
export interface HttpListenerOptions extends Omit<
  SocketListenerOptions,
  "onConnection" | "onRefused" | "onTlsFailure" | "proxyProtocol"
> {
  /** Every connection begins with a PROXY protocol header, and comes from a trusted proxy. */
  readonly hasProxyHeaders: boolean;
}

/** An HTTP listener with its open connections. */
export class HttpListener {
  readonly context: HttpContext;
  readonly connections = new IndexedSet<"setIndex", ClientConnection>("setIndex");
  readonly #young = new YoungConnections();
  #listener: SocketListener | undefined = undefined;

  private constructor(context: HttpContext) {
    this.context = context;
  }

  /** @throws {ProxyError} as `SocketListener.open` does. */
  static async open(context: HttpContext, options: HttpListenerOptions): Promise<HttpListener> {
    const self = new HttpListener(context);
    self.#listener = await SocketListener.open({
      ...options,
      proxyProtocol: options.hasProxyHeaders
        ? { trusts: (address) => context.forwarded.trusted.has(address) }
        : undefined,
      onConnection: (socket, header) => self.#accept(socket, header),
      onRefused: () => self.#count(slot.listener.refused),
      onTlsFailure: () => self.#count(slot.listener.tlsFailures),
    });
    return self;
  }

  get url(): string {
    return this.#listener?.url ?? "";
  }

  /**
   * Accepts nothing more and resolves when every connection is closed: the busy ones with their
   * responses, the idle ones after `idleMs`. A connection that has just been accepted gets time for
   * its first request in any case, because its client could not know of the drain.
   */
  async drain(idleMs = 0): Promise<void> {
    this.context.isDraining = true;
    this.context.drainIdleMs = idleMs;
    const stopped = this.#listener?.stop();
    for (const connection of this.connections) connection.drain();
    // The server waits for handshakes that are under way, too; they become connections.
    await stopped;
  }

  /** Follows a changed configuration without touching the socket. */
  update(options: {
    readonly maxConnections: number;
    readonly tls: SocketListenerOptions["tls"];
  }): void {
    this.#listener?.update(options);
  }

  /** Writes what is open now into the listener's metrics. */
  collect(): void {
    const values = this.context.metrics.listener;
    values[slot.listener.open] = this.connections.size;
    let idle = 0;
    for (const connection of this.connections) if (connection.isIdle) idle += 1;
    values[slot.listener.idle] = idle;
  }

  /** Ends every connection now. */
  destroy(): void {
    this.#listener?.abort();
    for (const connection of this.connections) connection.destroy();
  }

  #accept(socket: Socket, header: ProxyHeader | undefined): void {
    // A client that went away before its turn has no address any more.
    if (socket.remoteAddress === undefined && this.#listener?.options.bind.kind === "tcp") {
      socket.destroy();
      return;
    }
    const { tcpKeepAliveMs } = this.context;
    if (tcpKeepAliveMs > 0) socket.setKeepAlive(true, tcpKeepAliveMs);
    const connection = new ClientConnection(
      socket,
      factsOf(socket, header, this.context.name),
      this.context,
      (closed) => {
        this.connections.delete(closed);
        this.#young.note(this.connections.size);
      },
    );
    this.connections.add(connection);
    this.#young.note(this.connections.size);
    this.#count(slot.listener.accepted);
    if (this.context.isDraining) connection.drain();
  }

  #count(index: number): void {
    const values = this.context.metrics.listener;
    values[index] = (values[index] ?? 0) + 1;
  }
}

/**
 * With a PROXY protocol header the client is the one that the header names; the peer of the socket
 * is recorded beside it.
 */
function factsOf(
  socket: Socket,
  header: ProxyHeader | undefined,
  listener: string,
): ConnectionFacts {
  const peer = {
    address: plainAddress(socket.remoteAddress ?? "unix"),
    port: socket.remotePort ?? 0,
  };
  const local = {
    address: plainAddress(socket.localAddress ?? "unix"),
    port: socket.localPort ?? 0,
  };
  const source = header?.source ?? peer;
  const destination = header?.destination ?? local;
  return connectionFacts({
    listener,
    peerAddress: source.address,
    peerPort: source.port,
    localAddress: destination.address,
    localPort: destination.port,
    proxy: header === undefined ? undefined : peer,
    tls: socket instanceof TLSSocket ? tlsFacts(socket) : undefined,
  });
}

function tlsFacts(socket: TLSSocket): TlsFacts {
  // Without the issuer chain: `getPeerCertificate(true)` has leaked memory (CVE-2025-59464).
  const certificate = socket.authorized ? socket.getPeerCertificate(false) : undefined;
  const hasCertificate = certificate !== undefined && certificate.fingerprint256 !== undefined;
  return {
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher().standardName,
    serverName:
      socket.servername === false || socket.servername === ""
        ? undefined
        : (socket.servername ?? undefined),
    clientCertificate: hasCertificate ? certificateFacts(certificate) : undefined,
  };
}

function certificateFacts(certificate: PeerCertificate): CertificateFacts {
  const { CN: commonName } = certificate.subject;
  return {
    subject: Object.entries(certificate.subject)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(", "),
    commonName: Array.isArray(commonName) ? commonName[0] : commonName,
    fingerprint256: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}
