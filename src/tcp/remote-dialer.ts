import type { Buffer } from "node:buffer";
import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import { connect, isIP, type Socket } from "node:net";
import { ProxyError } from "../core/errors.ts";
import type { AddressPolicy } from "./address-policy.ts";
import type { ForwardTarget } from "./decision.ts";
import type { DialSlots } from "./dial-slots.ts";
import type { TcpErrorCode } from "../core/tcp-errors.ts";
import { tcpErrors } from "../core/tcp-errors.ts";
import { failure, type Failure } from "./failure.ts";
import { ReadBuffer } from "./read-buffer.ts";
import { formatRemote } from "./remote-address.ts";
import type { TcpClient, TcpEndpoint, TcpPools } from "./interfaces.ts";

/** Resolves a name to all its addresses; `dns.lookup`, but in tests. */
export type Lookup = (
  host: string,
  callback: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** What all dials of one listener share. */
export interface DialOptions {
  /** Attempts at most. */
  readonly attempts: number;
  /** Milliseconds between two attempts. */
  readonly retryDelayMs: number;
  readonly slots: DialSlots;
  readonly pools: TcpPools | undefined;
  readonly lookup: Lookup;
}

/** What one dial is for. */
export interface DialRequest {
  readonly target: ForwardTarget;
  /** Milliseconds per attempt: waiting for the name and for the connection. */
  readonly connectTimeoutMs: number;
  /**
   * All must allow the address. They judge `remote` only; the endpoints of pools come from the
   * configuration.
   */
  readonly policies: readonly AddressPolicy[];
  /** For pools, which may balance by it or tell it to their endpoints. */
  readonly client: TcpClient;
}

/**
 * Waits for the connection. Exactly one of the two methods is called, unless the dial is cancelled
 * first.
 */
export interface DialOwner {
  /**
   * Bytes from the server, once the dial has succeeded. Of a shared buffer what is kept must be
   * copied.
   */
  serverBytes(length: number, buffer: ReadBuffer): void;
  /**
   * `dialled` is the `ip:port` connected to. The socket has no listeners: its new owner adds them
   * in this call. Its bytes come to `serverBytes`, never as `data`.
   */
  dialSucceeded(socket: Socket, endpoint: TcpEndpoint | undefined, dialled: string): void;
  /**
   * `remote`, as `host:port`, is what was tried last; `error` is there when a connection was tried
   * and refused or timed out.
   */
  dialFailed(problem: Failure, remote: string, error: Error | undefined): void;
}

/** The system's resolver, with its order of addresses. */
export const systemLookup: Lookup = (host, callback) => {
  dnsLookup(host, { all: true, order: "verbatim" }, callback);
};

/**
 * Gets one connection to a server: up to `attempts` times it looks the name up, judges each
 * address, and connects to the very address that was judged. Within an attempt the addresses are
 * tried one after the other; each attempt starts with the next one, so that a black-holed address
 * does not take them all.
 */
export class RemoteDialer {
  /** Attempts begun. */
  attempts = 0;
  readonly #options: DialOptions;
  readonly #request: DialRequest;
  readonly #owner: DialOwner;
  #isOver = false;
  #mayRetry = true;
  #hasSlot = false;
  #host = "";
  #port = 0;
  /** What is connected to, for people. */
  #label = "";
  #endpoint: TcpEndpoint | undefined;
  #addresses: readonly string[] = [];
  #addressesLeft = 0;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastError: Error | undefined;
  readonly #buffer = new ReadBuffer();
  readonly #nextBuffer = (): Buffer => this.#buffer.next();
  readonly #onRead = (length: number): boolean => {
    this.#buffer.filled = length;
    this.#owner.serverBytes(length, this.#buffer);
    return true;
  };

  constructor(options: DialOptions, request: DialRequest, owner: DialOwner) {
    this.#options = options;
    this.#request = request;
    this.#owner = owner;
    if (request.target.kind === "remote") {
      this.#host = request.target.host;
      this.#port = request.target.port;
    }
  }

  start(): void {
    this.#options.slots.acquire(this);
  }

  /** The client has gone: gives everything up; the owner is not called any more. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#endpoint?.released();
    this.#dropAttempt();
    this.#options.slots.forget(this);
  }

  /** The client has ended its direction and may have gone: the attempt under way is the last. */
  stopRetrying(): void {
    this.#mayRetry = false;
  }

  slotGranted(): void {
    this.#hasSlot = true;
    this.attempts += 1;
    const { target, connectTimeoutMs, client } = this.#request;
    if (target.kind === "pool") {
      this.#endpoint = this.#options.pools?.pick(target.pool, client);
      if (this.#endpoint === undefined)
        return this.#attemptFailed("ESP_ERR_TCP_NO_ENDPOINT", undefined);
      this.#host = this.#endpoint.host;
      this.#port = this.#endpoint.port;
    }
    this.#label = this.#endpoint?.path ?? formatRemote(this.#host, this.#port);
    this.#timer = setTimeout(() => this.#timedOut(), connectTimeoutMs);
    if (this.#endpoint?.path !== undefined) return this.#resolved([this.#endpoint.path]);
    if (isIP(this.#host) !== 0) return this.#resolved([this.#host]);
    const attempt = this.attempts;
    this.#options.lookup(this.#host, (error, found) => {
      // The answer may come after the attempt's timeout, or after the client has left.
      if (this.#isOver || attempt !== this.attempts || this.#timer === undefined) return;
      if (error !== null) this.#attemptFailed("ESP_ERR_TCP_LOOKUP", error);
      else this.#resolved(found.map(({ address }) => address));
    });
  }

  #resolved(found: readonly string[]): void {
    const isFree = this.#request.target.kind === "remote";
    const refusals = isFree ? found.map((address) => this.#refusal(address)) : [];
    this.#addresses = isFree ? found.filter((_, index) => refusals[index] === undefined) : found;
    const [first] = found;
    if (first !== undefined && this.#addresses.length === 0) {
      const message = `${formatRemote(first, this.#port)} is refused: ${refusals[0] ?? ""}`;
      return this.#end(failure("ESP_ERR_TCP_ADDRESS_REFUSED", message), undefined);
    }
    this.#addressesLeft = this.#addresses.length;
    this.#connectNext();
  }

  #refusal(address: string): string | undefined {
    for (const policy of this.#request.policies) {
      const refusal = policy.refusal(address, this.#port);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #connectNext(): void {
    if (this.#addressesLeft === 0)
      return this.#attemptFailed("ESP_ERR_TCP_CONNECT", this.#lastError);
    const at =
      (this.attempts - 1 + this.#addresses.length - this.#addressesLeft) % this.#addresses.length;
    this.#addressesLeft -= 1;
    const address = this.#addresses[at] ?? "";
    const place =
      this.#endpoint?.path === undefined ? { host: address, port: this.#port } : { path: address };
    const socket = connect({
      ...place,
      allowHalfOpen: true,
      noDelay: true,
      onread: { buffer: this.#nextBuffer, callback: this.#onRead },
    });
    const onError = (error: Error): void => {
      // The error of an abandoned attempt is not reported.
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#lastError = error;
      this.#connectNext();
    };
    this.#socket = socket;
    socket.on("error", onError);
    socket.once("connect", () => {
      if (this.#socket !== socket) return;
      socket.off("error", onError);
      this.#connected(socket, address);
    });
  }

  #connected(socket: Socket, address: string): void {
    this.#socket = undefined;
    this.#isOver = true;
    const endpoint = this.#endpoint;
    endpoint?.connected();
    this.#dropAttempt();
    this.#owner.dialSucceeded(
      socket,
      endpoint,
      endpoint?.path ?? formatRemote(address, this.#port),
    );
  }

  #timedOut(): void {
    const message = `no connection to ${this.#label} within ${this.#request.connectTimeoutMs} ms`;
    this.#attemptFailed(
      "ESP_ERR_TCP_CONNECT_TIMEOUT",
      new ProxyError("ESP_ERR_UPSTREAM_CONNECT_TIMEOUT", message),
    );
  }

  #attemptFailed(code: TcpErrorCode, error: Error | undefined): void {
    this.#lastError = undefined;
    this.#endpoint?.connectFailed(error);
    this.#dropAttempt();
    const isRetried = this.#mayRetry && tcpErrors[code].retry !== "never";
    if (isRetried && this.attempts < this.#options.attempts) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#options.slots.acquire(this);
      }, this.#options.retryDelayMs);
      return;
    }
    this.#end(failure(code, error?.message), error);
  }

  #end(problem: Failure, error: Error | undefined): void {
    this.#isOver = true;
    this.#endpoint?.released();
    this.#dropAttempt();
    const wasTried =
      problem.code === "ESP_ERR_TCP_CONNECT" || problem.code === "ESP_ERR_TCP_CONNECT_TIMEOUT";
    this.#owner.dialFailed(problem, this.#label, wasTried ? error : undefined);
  }

  /** Ends what the attempt holds: its timer, its half-made connection, its slot. */
  #dropAttempt(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#endpoint = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    if (!this.#hasSlot) return;
    this.#hasSlot = false;
    this.#options.slots.release();
  }
}
