/** A pool in front of servers that accept and say nothing. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { DeadlineSweep } from "../../src/core/deadline-sweep.ts";
import { ReadPacer } from "../../src/core/read-pacer.ts";
import type { ErrorCode } from "../../src/core/errors.ts";
import { ParserList } from "../../src/http1/head-reader.ts";
import { createBalancer } from "../../src/upstream/balancer.ts";
import type { ClientPeer } from "../../src/upstream/connector.ts";
import type { Endpoint } from "../../src/upstream/endpoint.ts";
import type { PoolOptions } from "../../src/upstream/pool-options.ts";
import { Pool } from "../../src/upstream/pool.ts";
import type { ConnectionWaiter } from "../../src/upstream/pending-dial.ts";
import type { UpstreamConnection } from "../../src/upstream/upstream-connection.ts";
import { waitFor } from "../support/wait-for.ts";
import { endpointAt, KeptLog, ManualClock } from "./upstream-fixture.ts";

/** Somebody who waits for a connection, and what came of it. */
export class Waiter implements ConnectionWaiter {
  readonly peer: ClientPeer;
  readonly clientKey: string;
  readonly isFresh: boolean;
  connection: UpstreamConnection | undefined = undefined;
  failure: ErrorCode | undefined = undefined;
  failedAt: Endpoint | undefined = undefined;

  constructor(peerPort = 1, clientKey = "127.0.0.1", isFresh = false) {
    this.clientKey = clientKey;
    this.isFresh = isFresh;
    this.peer = { peerAddress: "127.0.0.1", peerPort, localAddress: "127.0.0.1", localPort: 2 };
  }

  onConnection(connection: UpstreamConnection): void {
    this.connection = connection;
  }

  onNoConnection(code: ErrorCode, endpoint: Endpoint | undefined): void {
    this.failure = code;
    this.failedAt = endpoint;
  }

  async served(): Promise<UpstreamConnection> {
    return waitFor("a connection", () => this.connection);
  }
}

/** Servers that accept and say nothing, and a pool in front of them. */
export class Bench implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly sweep = new DeadlineSweep(this.clock);
  reads = new ReadPacer(this.clock);
  readonly servers: Server[] = [];
  readonly sockets = new Set<Socket>();
  endpoints: Endpoint[] = [];

  async pool(count: number, options: Partial<PoolOptions> = {}): Promise<Pool> {
    for (let i = 0; i < count; i += 1) {
      const server = createServer((socket) => {
        this.sockets.add(socket);
        socket
          .on("error", () => {})
          .on("close", () => this.sockets.delete(socket))
          .resume();
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      this.servers.push(server);
    }
    this.endpoints = this.servers.map((server) =>
      endpointAt((server.address() as AddressInfo).port),
    );
    return this.around(this.endpoints, options);
  }

  around(endpoints: readonly Endpoint[], options: Partial<PoolOptions> = {}): Pool {
    const whole: PoolOptions = {
      name: "p",
      dial: { connectMs: 5000, tcpKeepAliveMs: 60_000, tlsIdentity: undefined, preface: undefined },
      idleMs: 30_000,
      pendingMs: 10_000,
      connections: 2,
      pending: 2,
      clientPercent: 100,
      requestsPerConnection: 0,
      outlier: undefined,
      retryBudgetPercent: 20,
      ...options,
    };
    const parsers = new ParserList("response", {
      headBytes: 65_536,
      fields: 100,
      startLineBytes: 1024,
    });
    return new Pool(whole, endpoints, createBalancer("round_robin", 0), parsers, {
      clock: this.clock,
      sweep: this.sweep,
      reads: this.reads,
      log: new KeptLog(),
    });
  }

  /** Waits for a connection and gives it back unused. */
  async visit(pool: Pool, avoid: readonly Endpoint[] = []): Promise<Endpoint> {
    const waiter = new Waiter();
    pool.acquire(waiter, "", avoid, false);
    const connection = await waiter.served();
    pool.onIdle(connection);
    return connection.endpoint;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sweep.close();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(
      this.servers.map(async (server) => new Promise((resolve) => server.close(resolve))),
    );
  }
}
