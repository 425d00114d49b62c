import * as net from "node:net";
import * as tls from "node:tls";
import type { Clock } from "../core/clock.ts";
import type { DeadlineOwner, DeadlineSweep } from "../core/deadline-sweep.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { Endpoint } from "./endpoint.ts";
import { UpstreamConnection } from "./upstream-connection.ts";
import type { ConnectionOwner } from "./upstream-connection.ts";

/** TLS towards an endpoint; asked for at each dial so that renewed files are used. */
export interface TlsIdentity {
  readonly secureContext: tls.SecureContext;
  readonly serverName: string | undefined;
  readonly isVerified: boolean;
}

export interface DialOptions {
  /** DNS, TCP and TLS together. */
  readonly connectMs: number;
  /** For `https` endpoints. */
  readonly tlsIdentity: (() => TlsIdentity) | undefined;
  /** Octets to send first on each connection (a PROXY protocol header); `undefined`: none. */
  readonly preface: (() => Buffer) | undefined;
}

/** Called once. */
export interface DialResult {
  onConnected(connection: UpstreamConnection): void;
  onDialFailed(code: ErrorCode): void;
}

const readBufferBytes = 65536;

/**
 * Opens one connection to an endpoint. Clear-text connections read into a buffer of their own that is used again and again: a read then
 * allocates nothing.
 */
export class Dial implements DeadlineOwner {
  deadlineMs: number;
  readonly #endpoint: Endpoint;
  readonly #result: DialResult;
  readonly #sweep: DeadlineSweep;
  readonly #socket: net.Socket;
  #connection: UpstreamConnection | undefined = undefined;
  #isTransportUp = false;
  #isOver = false;

  constructor(
    endpoint: Endpoint,
    options: DialOptions,
    owner: ConnectionOwner,
    result: DialResult,
    clock: Clock,
    sweep: DeadlineSweep,
    parsers: ParserList,
  ) {
    this.#endpoint = endpoint;
    this.#result = result;
    this.#sweep = sweep;
    this.deadlineMs = clock.now() + options.connectMs;
    sweep.add(this);
    const { address } = endpoint;
    const target = address.path === undefined ? { host: address.host, port: address.port } : { path: address.path };
    const onReady = (): void => {
      if (this.#isOver) return;
      this.#settle();
      socket.off("error", onError);
      socket.off("close", onError);
      this.#connection = new UpstreamConnection(endpoint, socket, owner, clock, sweep, parsers);
      if (options.preface !== undefined) socket.write(options.preface());
      result.onConnected(this.#connection);
    };
    const onError = (): void => this.#fail(this.#isTransportUp && address.isTls ? "ESP_ERR_UPSTREAM_TLS" : "ESP_ERR_UPSTREAM_CONNECT");
    let socket: net.Socket;
    if (address.isTls && options.tlsIdentity !== undefined) {
      const identity = options.tlsIdentity();
      const secure = tls.connect({
        ...target,
        secureContext: identity.secureContext,
        rejectUnauthorized: identity.isVerified,
        ALPNProtocols: ["http/1.1"],
        ...serverNameOptions(identity.serverName ?? address.host),
      });
      // An accepted half-close matters for tunnels only, and TLS connections close both ways together (RFC 8446 §6.1 notwithstanding).
      secure.on("secureConnect", onReady);
      secure.on("data", (bytes: Buffer) => this.#connection?.onBytes(bytes, bytes.length));
      socket = secure;
    } else {
      let buffer = Buffer.allocUnsafeSlow(readBufferBytes);
      socket = net.connect({
        ...target,
        allowHalfOpen: true,
        noDelay: true,
        onread: {
          buffer: () => {
            if (this.#connection?.isBufferKept === true) {
              this.#connection.isBufferKept = false;
              buffer = Buffer.allocUnsafeSlow(readBufferBytes);
            }
            return buffer;
          },
          callback: (length: number) => {
            this.#connection?.onBytes(buffer, length);
            return true;
          },
        },
      });
      socket.on("connect", onReady);
    }
    socket.setNoDelay(true);
    socket.on("connect", () => (this.#isTransportUp = true));
    socket.on("error", onError);
    socket.on("close", onError);
    this.#socket = socket;
  }

  expire(): void {
    this.#fail("ESP_ERR_UPSTREAM_CONNECT_TIMEOUT");
  }

  #fail(code: ErrorCode): void {
    if (this.#isOver) return;
    this.#settle();
    this.#socket.destroy();
    this.#endpoint.open -= 1;
    this.#result.onDialFailed(code);
  }

  #settle(): void {
    this.#isOver = true;
    this.deadlineMs = Infinity;
    this.#sweep.delete(this);
  }
}

/** SNI takes host names only (RFC 6066 §3); an address is still verified against the certificate. */
function serverNameOptions(name: string): tls.ConnectionOptions {
  return net.isIP(name) === 0 ? { servername: name } : { checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate) };
}
