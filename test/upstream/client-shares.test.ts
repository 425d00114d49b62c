import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientShares, countBusy } from "../../src/upstream/client-shares.ts";
import type { ResponseHandler } from "../../src/upstream/response-handler.ts";
import type { UpstreamConnection } from "../../src/upstream/upstream-connection.ts";
import type { Pool } from "../../src/upstream/pool.ts";
import { waitFor } from "../support/wait-for.ts";
import { Bench, Waiter } from "./pool-bench.ts";

const [alice, bob] = ["192.0.2.1", "192.0.2.2"] as const;

function ask(pool: Pool, client: string): Waiter {
  const waiter = new Waiter(1, client);
  pool.acquire(waiter, "", [], false);
  return waiter;
}

function askFor(pool: Pool, client: string, count: number): Waiter[] {
  return Array.from({ length: count }, () => ask(pool, client));
}

/** Waits until so many have a connection, and gives them. */
async function served(waiters: readonly Waiter[], count: number): Promise<UpstreamConnection[]> {
  const connections = (): UpstreamConnection[] =>
    waiters.flatMap(({ connection }) => connection ?? []);
  await waitFor(`${count} connections`, () => connections().length >= count);
  return connections();
}

/** The clock moves on and the sweep looks; connections are watched from then on. */
function look(bench: Bench): void {
  bench.clock.ms += 250;
  bench.sweep.sweep(bench.clock.ms);
}

/** An exchange that waits for the rest of its upload. */
class SlowUpload implements ResponseHandler {
  isCut = false;
  readonly connection: UpstreamConnection;

  constructor(connection: UpstreamConnection) {
    this.connection = connection;
    const timeouts = { responseMs: 60_000, responseLongMs: 60_000, bodyIdleMs: 60_000 };
    connection.begin(this, timeouts, { isHead: false, apiMatch: { waitMs: 0 } });
    connection.awaitUpload();
  }

  onClientTooSlow(): void {
    this.isCut = true;
    this.connection.abandon();
  }

  onInterimHead(): void {}
  onSwitchedProtocols(): boolean {
    return false;
  }
  onResponseHead(): void {}
  onResponseBody(): void {}
  onResponseClosed(): void {}
  onUpstreamFailed(): void {}
  onUpstreamDrain(): void {}
  onTunnelBytes(): void {}
  onTunnelEnd(): void {}
}

test("what others are sure of is rounded down, and addresses that have nothing are forgotten", () => {
  const shares = new ClientShares(80);
  assert.deepEqual(
    [1, 2, 4, 5, 10, 256, 1024].map((all) => shares.most(all)),
    [1, 2, 4, 4, 8, 205, 820],
  );
  assert.equal(new ClientShares(100).most(256), 256);
  countBusy(shares.of(alice, true), 1);
  shares.of(bob, false);
  shares.tick();
  assert.equal(shares.size, 1);
  countBusy(shares.of(alice, true), -1);
  shares.tick();
  assert.equal(shares.size, 0);
});

test("one client address gets its share of the connections, and others get the rest at once", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 10, pending: 100, clientPercent: 80 });
  const hers = askFor(pool, alice, 20);
  const [first] = await served(hers, 8);
  const his = askFor(pool, bob, 2);
  await served(his, 2);
  assert.equal(hers.filter(({ connection }) => connection !== undefined).length, 8);
  assert.equal(pool.pendingCount, 12);
  // What she gives back she may have again.
  if (first !== undefined) pool.onIdle(first);
  assert.equal(hers.filter(({ connection }) => connection !== undefined).length, 9);
  pool.close();
});

test("fresh connections leave a quarter of their address's share to those that have taken an answer", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 8, pending: 8, clientPercent: 100 });
  const askAs = (isFresh: boolean, count: number): Waiter[] =>
    Array.from({ length: count }, () => {
      const waiter = new Waiter(1, alice, isFresh);
      pool.acquire(waiter, "", [], false);
      return waiter;
    });
  const fresh = askAs(true, 20);
  const [first] = await served(fresh, 6);
  const counted = (waiters: readonly Waiter[]): unknown => ({
    served: waiters.filter(({ connection }) => connection !== undefined).length,
    refused: waiters.filter(({ failure }) => failure === "ESP_ERR_POOL_BUSY").length,
  });
  assert.deepEqual(counted(fresh), { served: 6, refused: 8 });
  const known = askAs(false, 5);
  await served(known, 2);
  assert.deepEqual(counted(known), { served: 2, refused: 1 });
  // A place that comes back is whoever's turn it is, within the bound of the fresh ones.
  assert.ok(first !== undefined);
  pool.onIdle(first);
  assert.deepEqual(counted(fresh), { served: 7, refused: 8 });
  pool.onIdle(first);
  assert.deepEqual(counted(known), { served: 3, refused: 1 });
  pool.close();
});

/** As many fresh or other client connections of `alice`. */
function askAs(pool: Pool, isFresh: boolean, count: number): Waiter[] {
  return Array.from({ length: count }, () => {
    const waiter = new Waiter(1, alice, isFresh);
    pool.acquire(waiter, "", [], false);
    return waiter;
  });
}

test("fresh connections that were parked and go on take nothing of what is kept for the others", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 8, pending: 40, clientPercent: 100 });
  const slow = (await served(askAs(pool, true, 6), 6)).map((one) => new SlowUpload(one));
  const more = askAs(pool, true, 6);
  look(bench);
  look(bench);
  slow.push(...(await served(more, 6)).map((one) => new SlowUpload(one)));
  // All twelve go on at once, and are quiet again afterwards.
  for (const { connection } of slow) connection.send(Buffer.alloc(100_000));
  look(bench);
  assert.equal(bench.endpoints[0]?.parked, 0);
  const known = askAs(pool, false, 2);
  look(bench);
  assert.equal(pool.pendingCount, 0);
  await served(known, 2);
  for (const { connection } of slow) connection.abandon();
  pool.close();
});

test("places are made for few fresh connections at a time, and others do not wait behind them", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 40, pending: 100, clientPercent: 100 });
  const slow = [
    ...(await served(askAs(pool, true, 30), 30)),
    ...(await served(askFor(pool, bob, 10), 10)),
  ].map((one) => new SlowUpload(one));
  const fresh = askAs(pool, true, 30);
  const given = (): number => fresh.filter(({ connection }) => connection !== undefined).length;
  look(bench);
  await served(fresh, 8);
  await served(askAs(pool, false, 10), 10);
  assert.equal(given(), 8);
  look(bench);
  await served(fresh, 16);
  assert.equal(given(), 16);
  assert.ok(slow.every(({ isCut }) => !isCut));
  pool.close();
});

test("one client address gets its share of the queue, and others may still wait", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 1, pending: 10, clientPercent: 80 });
  await served(askFor(pool, alice, 1), 1);
  const hers = askFor(pool, alice, 10);
  assert.deepEqual(
    hers.map(({ failure }) => failure),
    [...Array.from({ length: 8 }, () => undefined), "ESP_ERR_POOL_BUSY", "ESP_ERR_POOL_BUSY"],
  );
  const his = askFor(pool, bob, 2);
  assert.deepEqual(
    his.map(({ failure }) => failure),
    [undefined, undefined],
  );
  assert.equal(ask(pool, "192.0.2.3").failure, "ESP_ERR_POOL_BUSY", "it is full");
  pool.close();
});

test("clients take turns in the queue, whoever came first", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 1, pending: 10, clientPercent: 100 });
  const [only] = await served(askFor(pool, alice, 1), 1);
  assert.ok(only !== undefined);
  const hers = askFor(pool, alice, 3);
  const his = askFor(pool, bob, 2);
  const order: string[] = [];
  for (let i = 0; i < 5; i += 1) {
    const had = [...hers, ...his].filter(({ connection }) => connection !== undefined);
    pool.onIdle(only);
    const next = [...hers, ...his].find(
      (waiter) => waiter.connection !== undefined && !had.includes(waiter),
    );
    order.push(next?.clientKey === alice ? "alice" : "bob");
  }
  assert.deepEqual(order, ["alice", "bob", "alice", "bob", "alice"]);
  pool.close();
});

test("connections that wait for slow clients leave their places to others, as many again", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 2, pending: 10, clientPercent: 100 });
  const [endpoint] = bench.endpoints;
  const slow = (await served(askFor(pool, alice, 2), 2)).map((one) => new SlowUpload(one));
  const next = askFor(pool, bob, 2);
  assert.equal(pool.pendingCount, 2, "a moment ago they were quick");
  look(bench);
  const quick = await served(next, 2);
  assert.deepEqual([endpoint?.parked, endpoint?.open, pool.pendingCount], [2, 4, 0]);
  assert.deepEqual(
    slow.map(({ isCut }) => isCut),
    [false, false],
  );
  // One goes on: it has its place again, and a connection that comes back is one too many.
  slow[0]?.connection.send(Buffer.alloc(100_000));
  look(bench);
  assert.equal(endpoint?.parked, 1);
  for (const connection of quick) pool.onIdle(connection);
  assert.deepEqual(
    quick.map(({ isClosed }) => isClosed),
    [true, false],
  );
  assert.equal(endpoint.open, 3);
  for (const { connection } of slow) connection.abandon();
  assert.deepEqual([endpoint.parked, endpoint.active], [0, 0]);
  pool.close();
});

test("when there is nowhere to park the quietest connection of the client with most of them is cut", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 4, pending: 10, clientPercent: 100 });
  const uploads = async (client: string, count: number): Promise<SlowUpload[]> =>
    (await served(askFor(pool, client, count), count)).map((one) => new SlowUpload(one));
  const his = await uploads(bob, 1);
  const hers = await uploads(alice, 3);
  look(bench);
  // All four are parked by these four.
  const more = await uploads(alice, 4);
  look(bench);
  look(bench);
  const all = (): number => [...his, ...hers, ...more].filter(({ isCut }) => isCut).length;
  assert.equal(all(), 0, "nobody else waits");
  await served(askFor(pool, bob, 2), 2);
  assert.equal(all(), 2);
  assert.deepEqual(
    his.map(({ isCut }) => isCut),
    [false],
  );
  assert.equal(hers.filter(({ isCut }) => isCut).length, 2, "those that were quiet for longest");
  pool.close();
});

test("a client at its share is served when one of its own connections has become quiet", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 10, pending: 10, clientPercent: 80 });
  const slow = (await served(askFor(pool, alice, 8), 8)).map((one) => new SlowUpload(one));
  const next = ask(pool, alice);
  assert.equal(next.connection, undefined);
  look(bench);
  look(bench);
  await served([next, ask(pool, alice)], 1);
  assert.equal(slow.filter(({ isCut }) => isCut).length, 0);
  pool.close();
});

test("a waiter that leaves while its connection is made gives its share back", async () => {
  await using bench = new Bench();
  const pool = await bench.pool(1, { connections: 10, pending: 10, clientPercent: 80 });
  for (let i = 0; i < 30; i += 1) {
    const waiter = new Waiter(1, alice);
    pool.acquire(waiter, "", [], true);
    pool.cancel(waiter);
  }
  await waitFor("idle connections", () => bench.endpoints.every((one) => pool.idleCount(one) > 1));
  await served(askFor(pool, alice, 8), 8);
  pool.close();
});
