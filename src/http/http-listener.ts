import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { PeerCertificate } from "node:tls";
import type { ConnectionFacts, TlsFacts } from "../audit/record.ts";
import { connectionFacts } from "../audit/record.ts";
import type { CertificateFacts } from "../elasticsearch/identity.ts";
import type { SocketListenerOptions } from "../net/socket-listener.ts";
import { SocketListener } from "../net/socket-listener.ts";
import { ClientConnection } from "./client-connection.ts";
import type { HttpContext } from "./http-context.ts";

/** An HTTP listener with its open connections. */
export class HttpListener {
  readonly context: HttpContext;
  readonly connections = new Set<ClientConnection>();
  #listener: SocketListener | undefined = undefined;
  #onEmpty: (() => void) | undefined = undefined;

  private constructor(context: HttpContext) {
    this.context = context;
  }

  static async open(context: HttpContext, options: Omit<SocketListenerOptions, "onConnection">): Promise<HttpListener> {
    const self = new HttpListener(context);
    self.#listener = await SocketListener.open({ ...options, onConnection: (socket) => self.#accept(socket) });
    return self;
  }

  get url(): string {
    return this.#listener?.url ?? "";
  }

  /** Accepts nothing more, closes idle connections, and resolves when the busy ones have got their responses. */
  async drain(): Promise<void> {
    this.#listener?.stop();
    this.context.isDraining = true;
    for (const connection of this.connections) connection.drain();
    if (this.connections.size === 0) return;
    await new Promise<void>((resolve) => (this.#onEmpty = resolve));
  }

  /** Ends every connection now. */
  destroy(): void {
    this.#listener?.stop();
    for (const connection of this.connections) connection.destroy();
  }

  #accept(socket: Socket): void {
    // A client that went away before its turn has no address any more.
    if (socket.remoteAddress === undefined && this.#listener?.options.bind.kind === "tcp") {
      socket.destroy();
      return;
    }
    const connection = new ClientConnection(socket, factsOf(socket, this.context.name), this.context, (closed) => {
      this.connections.delete(closed);
      if (this.connections.size === 0) this.#onEmpty?.();
    });
    this.connections.add(connection);
    if (this.context.isDraining) connection.drain();
  }
}

function factsOf(socket: Socket, listener: string): ConnectionFacts {
  return connectionFacts({
    listener,
    peerAddress: (socket.remoteAddress ?? "unix").replace(/^::ffff:(?=\d+\.)/, ""),
    peerPort: socket.remotePort ?? 0,
    localAddress: (socket.localAddress ?? "unix").replace(/^::ffff:(?=\d+\.)/, ""),
    localPort: socket.localPort ?? 0,
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
    serverName: socket.servername === false || socket.servername === "" ? undefined : (socket.servername ?? undefined),
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
