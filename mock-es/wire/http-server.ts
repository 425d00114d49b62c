import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { HttpClient, HttpClients } from "../store/http-clients.ts";

/**
 * Largest request head: generous, because tests send large ones; the body of a head beyond it is
 * answered 431 by Node.
 */
const maxHeaderBytes = 64 * 1024;

/** An HTTP server that can be closed at once, with its connections numbered. */
export interface NumberedServer {
  readonly server: Server;
  /** Number of a connection, from 1 in the order of arrival. */
  numberOf(socket: Socket): number;
  /** What the node remembers of a connection. */
  clientOf(socket: Socket): HttpClient | undefined;
  /** Closes the listener and every connection. */
  close(): Promise<void>;
}

/**
 * What the server calls; `onContinue` decides whether a client that asks first may send its body.
 */
export interface ServerCallbacks {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onContinue: (request: IncomingMessage, response: ServerResponse) => void;
}

/** How connections are secured and when they end. */
export interface ConnectionOptions {
  /** PEM texts; when set, the server speaks HTTPS only. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Connections older than this are closed as soon as they are idle, in milliseconds; 0 never. */
  readonly maxConnectionAgeMs: number;
  /** Idle time after which a kept-alive connection is closed, in milliseconds. */
  readonly keepAliveMs: number;
  /** Counts the connections of the node that listens. */
  readonly http: HttpClients;
  /** Gives numbers to connections. */
  readonly nextNumber: () => number;
}

/** Builds the server; it does not listen yet. */
export function createNumberedServer(
  options: ConnectionOptions,
  callbacks: ServerCallbacks,
): NumberedServer {
  const settings: ServerOptions = {
    insecureHTTPParser: false,
    maxHeaderSize: maxHeaderBytes,
    // A slow body is not the mock's business; the stress and fault runs would meet this limit
    // first.
    requestTimeout: 0,
    keepAliveTimeout: options.keepAliveMs,
    noDelay: true,
  };
  const listener: RequestListener = callbacks.onRequest;
  const server: Server =
    options.tls === undefined
      ? createServer(settings, listener)
      : createTlsServer({ ...settings, cert: options.tls.cert, key: options.tls.key }, listener);
  server.on("checkContinue", callbacks.onContinue);
  const numbers = new WeakMap<Socket, number>();
  const clients = new WeakMap<Socket, HttpClient>();
  const ageMs = options.maxConnectionAgeMs;
  server.on(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    numbers.set(socket, options.nextNumber());
    clients.set(socket, countConnection(socket, options.http));
    // Clients that go away in the middle are part of many tests; node:http reports them through the
    // request.
    socket.on("error", ignore);
    if (ageMs > 0) endWhenOld(socket, ageMs);
  });
  return {
    server,
    numberOf: (socket) => numbers.get(socket) ?? 0,
    clientOf: (socket) => clients.get(socket),
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

function countConnection(socket: Socket, http: HttpClients): HttpClient {
  const place = (address = "", port = 0): string =>
    address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  const local = place(socket.localAddress, socket.localPort);
  const client = http.opened(local, place(socket.remoteAddress, socket.remotePort));
  socket.once("close", () => {
    http.closed(client);
  });
  return client;
}

function ignore(): void {
  // The end of the connection is seen by the exchange that it interrupts.
}

/**
 * Marks on a socket: how many exchanges run on it, and whether it is to end with the last of them.
 */
interface Aging {
  busy: number;
  isOld: boolean;
}

const agingOf = new WeakMap<Socket, Aging>();

function endWhenOld(socket: Socket, ageMs: number): void {
  const aging: Aging = { busy: 0, isOld: false };
  agingOf.set(socket, aging);
  const timer = setTimeout(() => {
    aging.isOld = true;
    if (aging.busy === 0) socket.end();
  }, ageMs);
  timer.unref();
  socket.once("close", () => {
    clearTimeout(timer);
  });
}

/** Notes that an exchange began on a connection, so that its age does not cut it off. */
export function noteBusy(socket: Socket): void {
  const aging = agingOf.get(socket);
  if (aging !== undefined) aging.busy++;
}

/**
 * Notes that an exchange ended; an old connection ends with it, without an announcement in the
 * answer.
 */
export function noteIdle(socket: Socket): void {
  const aging = agingOf.get(socket);
  if (aging === undefined) return;
  aging.busy--;
  if (aging.isOld && aging.busy === 0) socket.end();
}
