import { Buffer } from "node:buffer";
import * as net from "node:net";
import * as tls from "node:tls";
import { domainToASCII } from "node:url";
import type { DeadlineOwner, DeadlineSweep } from "../core/deadline-sweep.ts";
import { comparableHost } from "../core/host-name.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import type { Services } from "../core/services.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { Endpoint, EndpointAddress } from "./endpoint.ts";
import { isLocalResourceError } from "./local-resource-error.ts";
import type { ConnectionPurpose } from "./own-connections.ts";
import { ReadBuffer } from "./read-buffer.ts";
import { UpstreamConnection } from "./upstream-connection.ts";
import type { ConnectionOwner } from "./upstream-connection.ts";

/**
 * TLS towards an endpoint; asked for at each dial so that renewed files are used. The same object
 * as long as nothing has changed.
 */
export interface TlsIdentity {
  readonly secureContext: tls.SecureContext;
  readonly serverName: string | undefined;
  readonly isVerified: boolean;
}

/**
 * The client connection on whose behalf an endpoint is called. Addresses that are not IP addresses
 * are unix sockets.
 */
export interface ClientPeer {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

export interface DialOptions {
  /** DNS, TCP and TLS together. */
  readonly connectMs: number;
  /** Milliseconds of silence after which TCP asks whether the endpoint is there; 0: never. */
  readonly tcpKeepAliveMs: number;
  /** For `https` endpoints. */
  readonly tlsIdentity: (() => TlsIdentity) | undefined;
  /**
   * Bytes to send first on each connection, before TLS (a PROXY protocol header); `undefined`:
   * none. `peer` undefined: a connection of our own.
   */
  readonly preface: ((peer: ClientPeer | undefined) => Buffer) | undefined;
  /** Finds the addresses of names; `undefined`: the system's resolver. */
  readonly lookup?: net.LookupFunction | undefined;
  /** Is told of each connection; gets the TCP socket, also below TLS. */
  readonly onConnected?: ((transport: net.Socket, purpose: ConnectionPurpose) => void) | undefined;
}

/** What all connections of a pool are made with. */
export interface DialSetup extends Pick<Services, "clock" | "sweep" | "reads"> {
  readonly options: DialOptions;
  readonly owner: ConnectionOwner;
  readonly parsers: ParserList;
}

/** Called once. */
export interface DialResult {
  onConnected(connection: UpstreamConnection): void;
  /**
   * @param reason for the operator: the system's or OpenSSL's error code
   * @param isLocal this machine lacks something (file descriptors, ports); the endpoint is not to
   *   blame
   */
  onDialFailed(code: HttpErrorCode, reason: string, isLocal: boolean): void;
}

/**
 * Opens one connection to an endpoint. Clear-text connections read into a buffer of their own that
 * is used again and again: a read then allocates nothing.
 */
export class Connector implements DeadlineOwner {
  deadlineMs: number;
  sweepIndex = -1;
  readonly #result: DialResult;
  readonly #sweep: DeadlineSweep;
  #transport: net.Socket | undefined = undefined;
  #connection: UpstreamConnection | undefined = undefined;
  #isTransportUp = false;
  #isOver = false;

  /** @param peer the client on whose behalf the endpoint is called. */
  constructor(endpoint: Endpoint, peer: ClientPeer, result: DialResult, setup: DialSetup) {
    const { options, owner, parsers, clock, sweep, reads } = setup;
    this.#result = result;
    this.#sweep = sweep;
    this.deadlineMs = clock.now() + options.connectMs;
    sweep.add(this);
    const { address } = endpoint;
    const identity = address.isTls ? options.tlsIdentity?.() : undefined;
    const onError = (error?: NodeJS.ErrnoException): void =>
      this.#fail(
        this.#isTransportUp && address.isTls ? "ESP_ERR_UPSTREAM_TLS" : "ESP_ERR_UPSTREAM_CONNECT",
        error === undefined ? "closed" : (error.code ?? error.name),
        isLocalResourceError(error),
      );
    const onClose = (): void => onError();
    const onReady = (): void => {
      if (this.#isOver) return;
      this.#settle();
      socket.off("error", onError);
      socket.off("close", onClose);
      const connection = new UpstreamConnection(endpoint, socket, owner, { sweep, reads }, parsers);
      connection.identity = identity;
      if (options.preface !== undefined) connection.peer = peer;
      options.onConnected?.(transport, "relay");
      this.#connection = connection;
      result.onConnected(connection);
    };
    const transport =
      identity === undefined
        ? this.#connectClear(address, options)
        : net.connect({ ...targetOf(address, options), ...keptAlive(options), noDelay: true });
    this.#transport = transport;
    transport.on("connect", () => {
      this.#isTransportUp = true;
      if (options.preface !== undefined) transport.write(options.preface(peer));
    });
    const socket = identity === undefined ? transport : this.#secure(transport, address, identity);
    socket.on(identity === undefined ? "connect" : "secureConnect", onReady);
    if (socket !== transport) transport.on("error", onError);
    socket.on("error", onError);
    socket.on("close", onClose);
  }

  expire(): void {
    this.#fail("ESP_ERR_UPSTREAM_CONNECT_TIMEOUT", "timeout", false);
  }

  #connectClear(address: EndpointAddress, options: DialOptions): net.Socket {
    const reads = new ReadBuffer();
    const socket = net.connect({
      ...targetOf(address, options),
      ...keptAlive(options),
      allowHalfOpen: true,
      noDelay: true,
      onread: {
        buffer: () => reads.next(this.#connection),
        callback: (length: number) => {
          reads.filled = length;
          this.#connection?.onBytes(reads.bytes, length);
          return true;
        },
      },
    });
    socket.on("close", () => reads.release());
    return socket;
  }

  /**
   * An accepted half-close matters for tunnels only, and TLS connections close both ways together
   * (RFC 8446 §6.1 notwithstanding).
   */
  #secure(transport: net.Socket, address: EndpointAddress, identity: TlsIdentity): tls.TLSSocket {
    const secure = tls.connect({ ...tlsOptions(address, identity), socket: transport });
    secure.on("data", (bytes: Buffer) => this.#connection?.onBytes(bytes, bytes.length));
    return secure;
  }

  #fail(code: HttpErrorCode, reason: string, isLocal: boolean): void {
    if (this.#isOver) return;
    this.#settle();
    this.#transport?.destroy();
    this.#result.onDialFailed(code, reason, isLocal);
  }

  #settle(): void {
    this.#isOver = true;
    this.deadlineMs = Infinity;
    this.#sweep.delete(this);
  }
}

/** Where to connect to. */
export function targetOf(
  address: EndpointAddress,
  { lookup }: Pick<DialOptions, "lookup">,
): net.NetConnectOpts {
  if (address.path !== undefined) return { path: address.path };
  return { host: address.host, port: address.port, ...(lookup !== undefined && { lookup }) };
}

type KeepAliveOptions = Pick<net.SocketConstructorOpts, "keepAlive" | "keepAliveInitialDelay">;

/** TCP's own question whether the other side is still there (RFC 9293 §3.8.4). */
function keptAlive({ tcpKeepAliveMs }: DialOptions): KeepAliveOptions {
  return tcpKeepAliveMs === 0 ? {} : { keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs };
}

/** How TLS is spoken to an endpoint, without the transport. */
export function tlsOptions(address: EndpointAddress, identity: TlsIdentity): tls.ConnectionOptions {
  return {
    secureContext: identity.secureContext,
    rejectUnauthorized: identity.isVerified,
    ALPNProtocols: ["http/1.1"],
    ...serverNameOptions(identity.serverName ?? address.host),
  };
}

/**
 * SNI takes host names only, without the dot that ends an absolute one (RFC 6066 §3); an address is
 * still verified against the certificate. A common name is no name of a server (RFC 9110 §4.3.4).
 */
function serverNameOptions(written: string): tls.ConnectionOptions {
  const bare = comparableHost(written);
  const name = net.isIP(bare) === 0 ? domainToASCII(bare) : bare;
  return {
    ...(net.isIP(name) === 0 && { servername: name }),
    checkServerIdentity: (_host, certificate) =>
      tls.checkServerIdentity(name, {
        ...certificate,
        subject: { ...certificate.subject, CN: "" },
      }),
  };
}
