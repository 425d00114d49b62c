import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../src/upstream/endpoint.ts";
import { FailureRule } from "../../src/upstream/failure-rule.ts";
import type { PoolOptions } from "../../src/upstream/pool-options.ts";
import { Pool } from "../../src/upstream/pool.ts";
import { refusedPort } from "../support/ports.ts";
import { waitFor } from "../support/wait-for.ts";
import { answer, endpointAt } from "./upstream-fixture.ts";

import { Bench, Waiter } from "./pool-bench.ts";

/** Idle connections to the first endpoint. */
function idleCount({ endpoints: [first] }: Bench, pool: Pool): number {
  return first === undefined ? 0 : pool.idleCount(first);
}

function take(pool: Pool, peerPort = 1): Waiter {
  const waiter = new Waiter(peerPort);
  pool.acquire(waiter, "", [], false);
  return waiter;
}

test("connections are capped, the queue is bounded, and who waits is served in turn", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1);
  const holders = [take(pool), take(pool)];
  const [one, two] = await Promise.all(holders.map((holder) => holder.served()));
  assert.ok(one !== undefined && two !== undefined);
  const waiting = [take(pool), take(pool)];
  const refused = take(pool);
  assert.equal(refused.failure, "ESP_ERR_POOL_BUSY");
  assert.equal(pool.pendingCount, 2);
  pool.onIdle(two);
  assert.ok(waiting[0]?.connection === two);
  assert.ok(waiting[1]?.connection === undefined);
  one.abandon();
  const fresh = await waiting[1]?.served();
  assert.ok(fresh !== one, "a closed connection makes room for a new one");
  assert.equal(bench.endpoints[0]?.open, 2);
  pool.close();
});

test("who waits too long is told so", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 1 });
  await take(pool).served();
  const waiter = take(pool);
  bench.clock.ms += 9999;
  bench.sweep.sweep(bench.clock.ms);
  assert.equal(waiter.failure, undefined);
  bench.clock.ms += 2;
  bench.sweep.sweep(bench.clock.ms);
  assert.equal(waiter.failure, "ESP_ERR_POOL_BUSY");
  pool.close();
});

test("those whose time in the queue is over together are told over several turns", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 1, pending: 100 });
  const [first, ...others] = Array.from({ length: 51 }, () => new Waiter());
  assert.ok(first !== undefined);
  for (const waiter of [first, ...others]) pool.acquire(waiter, "", [], false);
  const connection = await first.served();
  const told: Waiter[] = [];
  for (const waiter of others)
    waiter.onNoConnection = () => {
      bench.clock.ms += 0.2;
      told.push(waiter);
    };
  bench.clock.ms += 10_000;
  bench.sweep.sweep(bench.clock.ms);
  for (let turn = 1; turn < 50; turn += 1) {
    assert.equal(told.length, turn);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(told, others);
  assert.equal(pool.pendingCount, 0);
  connection.abandon();
  pool.close();
});

test("an endpoint without room is passed over while another one has some", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(2, { connections: 1 });
  const first = await take(pool).served();
  const second = await take(pool).served();
  pool.onIdle(second);
  for (let i = 0; i < 4; i += 1) assert.ok((await bench.visit(pool)) === second.endpoint);
  assert.equal(pool.pendingCount, 0);
  pool.onIdle(first);
  pool.close();
});

test("endpoints that have failed an exchange are avoided, unless there is no other", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(3);
  const [one, two, three] = bench.endpoints;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  for (let i = 0; i < 4; i += 1) assert.ok((await bench.visit(pool, [one, two])) === three);
  three.isHealthy = false;
  assert.ok((await bench.visit(pool, [one, two])) !== three);
  pool.close();
});

test("unhealthy and ejected endpoints get nothing; when all are out, all are tried", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(3);
  const [one, two, three] = bench.endpoints;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  one.isHealthy = false;
  two.ejectedUntilMs = Infinity;
  for (let i = 0; i < 4; i += 1) assert.ok((await bench.visit(pool)) === three);
  three.isHealthy = false;
  const seen = new Set<Endpoint>();
  for (let i = 0; i < 4; i += 1) seen.add(await bench.visit(pool));
  assert.equal(seen.size, 3, "panic rule");
  pool.close();
});

test("a single endpoint is always tried", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1);
  for (const endpoint of bench.endpoints) endpoint.isHealthy = false;
  await bench.visit(pool);
  pool.close();
});

test("an endpoint that cannot be reached is named, and those who wait for it are not forgotten", async () => {
  await using bench = new Bench();
  const endpoint = endpointAt(refusedPort);
  const pool = bench.around([endpoint], { connections: 1 });
  const waiters = [take(pool), take(pool), take(pool)];
  await waitFor("an end for all", () =>
    waiters.every(({ failure }) => failure === "ESP_ERR_UPSTREAM_CONNECT"),
  );
  assert.ok(waiters.every(({ failedAt }) => failedAt === endpoint));
  assert.equal(endpoint.open, 0);
  assert.equal(endpoint.totals.connectFailures, 3);
  pool.close();
});

test("a connection is replaced after its number of exchanges", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { requestsPerConnection: 2 });
  const connection = await take(pool).served();
  connection.served = 1;
  pool.onIdle(connection);
  assert.ok((await take(pool).served()) === connection);
  connection.served = 2;
  pool.onIdle(connection);
  assert.equal(connection.isClosed, true);
  pool.close();
});

test("idle connections are used last in, first out, and never those that were closed meanwhile", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1);
  const [one, two] = await Promise.all([take(pool).served(), take(pool).served()]);
  pool.onIdle(one);
  pool.onIdle(two);
  two.socket.destroy();
  await waitFor("the end of the other", () => two.isClosed);
  assert.ok((await take(pool).served()) === one);
  assert.equal(idleCount(bench, pool), 0);
  pool.close();
});

test("when a name has other addresses, idle connections to the old ones are closed at once and busy ones when they become idle", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1);
  const [idle, busy] = await Promise.all([take(pool).served(), take(pool).served()]);
  pool.onIdle(idle);
  pool.followAddresses("127.0.0.1", new Set(["127.0.0.1", "127.0.0.2"]));
  assert.equal(idle.isClosed, false, "the address is still among them");
  pool.followAddresses("127.0.0.1", new Set(["127.0.0.2"]));
  assert.equal(idle.isClosed, true);
  assert.equal(busy.isClosed, false);
  pool.onIdle(busy);
  assert.equal(busy.isClosed, true);
  pool.close();
});

test("a connection that was made with another TLS identity is not used again", async () => {
  await using bench = new Bench();
  let identity: object = { name: "old" };
  const dial = {
    connectMs: 5000,
    tcpKeepAliveMs: 60_000,
    tlsIdentity: () => identity as never,
    preface: undefined,
  };
  const pool = await bench.pool(1, { dial });
  const connection = await take(pool).served();
  connection.identity = identity;
  pool.onIdle(connection);
  assert.ok((await take(pool).served()) === connection);
  pool.onIdle(connection);
  identity = { name: "new" };
  assert.ok((await take(pool).served()) !== connection);
  assert.equal(connection.isClosed, true);
  pool.close();
});

test("an endpoint that is told of its client serves that client only, and idle connections of others make room", async () => {
  await using bench = new Bench();
  const told: number[] = [];
  const dial: PoolOptions["dial"] = {
    connectMs: 5000,
    tcpKeepAliveMs: 60_000,
    tlsIdentity: undefined,
    preface: (peer) => {
      told.push(peer?.peerPort ?? 0);
      return Buffer.from("hello");
    },
  };
  const pool = await bench.pool(1, { dial });
  const alice = new Waiter(10);
  pool.acquire(alice, "", [], false);
  const first = await alice.served();
  pool.onIdle(first);
  alice.connection = undefined;
  pool.acquire(alice, "", [], false);
  assert.ok((await alice.served()) === first, "the same client goes on");
  pool.onIdle(first);
  const bob = take(pool, 20);
  assert.ok((await bob.served()) !== first);
  const carol = take(pool, 30);
  await carol.served();
  assert.equal(first.isClosed, true, "the cap is two");
  assert.deepEqual(told, [10, 20, 30]);
  const dave = take(pool, 40);
  assert.ok(dave.connection === undefined);
  pool.onIdle(await bob.served());
  assert.ok(
    (await dave.served()).peer === dave.peer,
    "a connection that does not suit who waits is replaced",
  );
  pool.close();
});

test("429 is never a failure, and a success is one only when the response is whole", async () => {
  await using bench = new Bench();
  const outlier = {
    failures: 2,
    ejectForMs: 1000,
    maxEjectedPercent: 100,
    rule: new FailureRule([{ from: 400, to: 599 }]),
  };
  const pool = await bench.pool(2, { outlier });
  const [one] = bench.endpoints;
  assert.ok(one !== undefined);
  for (let i = 0; i < 5; i += 1) pool.verdicts.answered(one, ...answer(429), false);
  assert.equal(one.isAvailable, true);
  pool.verdicts.failed(one);
  pool.verdicts.answered(one, ...answer(200), false);
  pool.verdicts.failed(one);
  assert.equal(one.isAvailable, false, "the answer between the failures never became whole");
  pool.close();
});

test("who has gone is called no more, and its connection waits for the next", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1);
  const gone = take(pool);
  pool.cancel(gone);
  await waitFor("the idle connection", () => idleCount(bench, pool) === 1);
  assert.ok(gone.connection === undefined);
  assert.equal(bench.endpoints[0]?.active, 0);
  pool.close();
  assert.equal(bench.endpoints[0]?.open, 0);
});

/** Somebody whose dial can be seen: a connector asks for the peer when it begins. */
class Dialler extends Waiter {
  readonly #onDial: (self: Dialler) => void;

  constructor(isFresh: boolean, onDial: (self: Dialler) => void) {
    super(1, "127.0.0.1", isFresh);
    Object.defineProperty(this, "peer", { get: () => this.#begin() });
    this.#onDial = onDial;
  }

  #begin(): Waiter["peer"] {
    this.#onDial(this);
    return { peerAddress: "127.0.0.1", peerPort: 1, localAddress: "127.0.0.1", localPort: 2 };
  }
}

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("two dials begin in a turn of the event loop, one of them for a fresh client", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 100 });
  const dialled: Dialler[] = [];
  const ask = (isFresh: boolean): Dialler => {
    const waiter = new Dialler(isFresh, (self) => dialled.push(self));
    pool.acquire(waiter, "", [], false);
    return waiter;
  };
  const fresh = Array.from({ length: 20 }, () => ask(true));
  const known = [ask(false), ask(false), ask(false), ask(false)];
  assert.deepEqual(dialled, [fresh[0], known[0]]);
  const counts = [];
  while (dialled.length < 7) {
    await nextTurn();
    counts.push(dialled.length);
  }
  assert.deepEqual(counts, [4, 6, 7]);
  // Turns are long from now on: fresh clients have one in four, others all of them.
  const later = [ask(false), ask(false), ask(false), ask(false)];
  while (dialled.length < 28) {
    bench.clock.ms += 1;
    await nextTurn();
    counts.push(dialled.length);
  }
  assert.deepEqual(counts.slice(3, 12), [9, 11, 11, 12, 12, 12, 12, 13, 13]);
  assert.deepEqual(dialled, [
    fresh[0],
    ...known,
    ...fresh.slice(1, 3),
    ...later,
    ...fresh.slice(3),
  ]);
  await Promise.all([...fresh, ...known, ...later].map((waiter) => waiter.served()));
  assert.equal(bench.endpoints[0]?.open, 28);
  pool.close();
});

test("who has gone before its dial leaves its place to others", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 3 });
  const dialled: Dialler[] = [];
  const [, , third, fourth] = Array.from({ length: 4 }, () => {
    const waiter = new Dialler(false, (self) => dialled.push(self));
    pool.acquire(waiter, "", [], false);
    return waiter;
  });
  assert.ok(third !== undefined && fourth !== undefined);
  assert.equal(pool.pendingCount, 1);
  pool.cancel(third);
  await fourth.served();
  assert.equal(dialled.includes(third), false);
  assert.equal(bench.endpoints[0]?.open, 3);
  pool.close();
});
