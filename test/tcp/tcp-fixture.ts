import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Clock } from "../../src/core/clock.ts";
import type { Log } from "../../src/core/log.ts";
import type { RouterSource, TcpListenerOptions } from "../../src/tcp/options.ts";
import type { OnConnectError, OnInactivity, Route } from "../../src/tcp/route-contract.ts";
import { loadedRouter } from "../../src/tcp/router-module.ts";
import type { TcpAudit, TcpEvent, TcpMetrics, TcpSessionRecord } from "../../src/tcp/interfaces.ts";
import { TcpListener } from "../../src/tcp/tcp-listener.ts";
import { refusedPort } from "../support/ports.ts";
import { waitFor } from "../support/wait-for.ts";

/** A server for one test; closed with its connections when the test ends. */
export interface TestServer {
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly remote: string;
  readonly sockets: Socket[];
  close(): Promise<void>;
}

export async function startServer(
  t: TestContext,
  onConnection: (socket: Socket) => void,
): Promise<TestServer> {
  const sockets: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  t.after(close);
  const { port } = server.address() as AddressInfo;
  return { port, remote: `127.0.0.1:${port}`, sockets, close };
}

/**
 * A server that answers the first bytes with its name and what it got, as ProxyMachine's own test
 * servers did, and ends.
 */
export function startNamedServer(t: TestContext, name: string): Promise<TestServer> {
  return startServer(t, (socket) =>
    socket.once("data", (bytes: Buffer) => socket.end(`${name}:${bytes.toString("latin1")}`)),
  );
}

/** An address on which nothing listens. */
export const refusedRemote = `127.0.0.1:${refusedPort}`;

/** What a listener of a test has told. */
export interface Told {
  readonly listener: TcpListener;
  readonly decided: TcpSessionRecord[];
  readonly ended: TcpSessionRecord[];
  readonly events: TcpEvent[];
  readonly errors: {
    readonly fields: Readonly<Record<string, unknown>>;
    readonly message: string;
  }[];
  readonly connectErrors: [string, Error][];
  readonly inactive: string[];
  /** The record of the first, or the given, session that has ended. */
  end(index?: number): Promise<TcpSessionRecord>;
}

export interface RouteOptions extends Omit<TcpListenerOptions, "router"> {
  /** Used in place of the function. */
  readonly router?: RouterSource;
  readonly onConnectError?: OnConnectError;
  readonly onInactivity?: OnInactivity;
}

/**
 * Listens on a free port of 127.0.0.1 with this function; closed when the test ends. Quick retries,
 * unless told otherwise.
 */
export async function startRouter(
  t: TestContext,
  route: Route,
  options: RouteOptions = {},
): Promise<Told> {
  const decided: TcpSessionRecord[] = [];
  const ended: TcpSessionRecord[] = [];
  const events: TcpEvent[] = [];
  const errors: Told["errors"] = [];
  const connectErrors: Told["connectErrors"] = [];
  const inactive: string[] = [];
  const { onConnectError, onInactivity, router, ...rest } = options;
  const audit: TcpAudit = {
    decided: (session, gate) => {
      decided.push(session);
      gate.proceed(true);
    },
    ended: (session) => ended.push(session),
  };
  const metrics: TcpMetrics = { count: (event) => events.push(event), ended: () => {} };
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (fields, message) => errors.push({ fields, message }),
  };
  const exports = {
    default: route,
    onConnectError:
      onConnectError ?? ((remote: string, error: Error) => connectErrors.push([remote, error])),
    onInactivity: onInactivity ?? ((remote: string) => inactive.push(remote)),
  };
  const listener = await TcpListener.listen({
    host: "127.0.0.1",
    port: 0,
    connectRetryDelayMs: 1,
    audit,
    metrics,
    log,
    router: router ?? { current: loadedRouter(exports, "router.ts") },
    ...rest,
  });
  t.after(() => listener.close());
  const end = (index = 0): Promise<TcpSessionRecord> =>
    waitFor("the session's end", () => ended[index]);
  return { listener, decided, ended, events, errors, connectErrors, inactive, end };
}

/** A client that keeps all it gets and knows how the other side ended. */
export class Client {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  /** `fin`, `reset`, or `open`. */
  end: "open" | "fin" | "reset" = "open";

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
    socket.on("end", () => {
      if (this.end === "open") this.end = "fin";
    });
    socket.on("error", () => {
      this.end = "reset";
    });
  }

  static async connect(t: TestContext, told: Told | TestServer): Promise<Client> {
    const port = "listener" in told ? told.listener.address.port : told.port;
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    t.after(() => socket.destroy());
    const client = new Client(socket);
    await once(socket, "connect");
    return client;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString("latin1");
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Waits until so much has come, and gives all of it. */
  async receives(text: string): Promise<void> {
    await waitFor(
      `${JSON.stringify(text)}, got ${JSON.stringify(this.text)}`,
      () => this.text.length >= text.length,
    );
  }

  /** Waits for the other side's end and gives all that came before it. */
  async untilEnd(): Promise<string> {
    await waitFor("the end of the connection", () => this.end !== "open");
    return this.text;
  }
}

/** Time that passes only when a test says so. Milliseconds. */
export class FakeClock implements Clock {
  #ms = 1000;

  now(): number {
    return this.#ms;
  }

  wallAt(monotonicMs: number): number {
    return 1_700_000_000_000 + monotonicMs;
  }

  reanchor(): void {}

  advance(ms: number): void {
    this.#ms += ms;
  }
}
