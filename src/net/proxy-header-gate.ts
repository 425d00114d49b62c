/** Reads the PROXY protocol header that each connection of a listener must begin with. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { maxProxyHeaderBytes, readProxyHeader } from "./proxy-protocol.ts";
import type { ProxyHeader } from "./proxy-protocol.ts";

export interface ProxyHeaderGateOptions {
  /**
   * Whether the header of a peer is believed; connections of other peers are closed. `undefined`:
   * the peer of a unix socket, which has no address.
   */
  readonly trusts: (address: string | undefined) => boolean;
  /** The header must have arrived after this time. */
  readonly timeoutMs: number;
  /** A connection whose header is read; the bytes behind it can still be read from the socket. */
  readonly onAdmitted: (socket: Socket, header: ProxyHeader) => void;
  /** A connection was closed: not trusted, no valid header, or not in time. */
  readonly onRefused: () => void;
}

/**
 * Reads the PROXY protocol header that each connection of a listener must begin with (specification
 * §2: a receiver must not guess whether there is one).
 */
export class ProxyHeaderGate {
  readonly #options: ProxyHeaderGateOptions;
  readonly #waiting = new Set<Socket>();

  constructor(options: ProxyHeaderGateOptions) {
    this.#options = options;
  }

  /** Connections whose header is awaited. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a connection that nothing has been read of. */
  accept(socket: Socket): void {
    if (!this.#options.trusts(socket.remoteAddress)) {
      this.#refuse(socket);
      return;
    }
    let received: Buffer = Buffer.alloc(0);
    const finish = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
      socket.off("readable", read);
      socket.off("end", refuse);
      socket.off("close", finish);
    };
    const refuse = (): void => {
      finish();
      this.#refuse(socket);
    };
    const read = (): void => {
      for (let bytes: Buffer | null; (bytes = socket.read() as Buffer | null) !== null;)
        received = Buffer.concat([received, bytes]);
      const header = readProxyHeader(received);
      if (header === undefined && received.length < maxProxyHeaderBytes) return;
      if (header === undefined || header === null) {
        refuse();
        return;
      }
      finish();
      const rest = received.subarray(header.length);
      if (rest.length > 0) socket.unshift(rest);
      this.#options.onAdmitted(socket, header);
    };
    const timer = setTimeout(refuse, this.#options.timeoutMs);
    timer.unref();
    this.#waiting.add(socket);
    socket.on("readable", read);
    socket.on("end", refuse);
    socket.on("close", finish);
  }

  /** Ends every connection whose header is still awaited. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy();
  }

  #refuse(socket: Socket): void {
    this.#options.onRefused();
    socket.destroy();
  }
}
