import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadPacer, type PacedReader } from "../../src/core/read-pacer.ts";
import type { ResponseHandler } from "../../src/upstream/response-handler.ts";
import type { UpstreamConnection } from "../../src/upstream/upstream-connection.ts";
import { waitFor } from "../support/wait-for.ts";
import { Bench, Waiter } from "./pool-bench.ts";

const kib = 1024;
const bodyBytes = 2048 * kib;
const count = 16;
const plain = `HTTP/1.1 200 OK\r\nContent-Length: ${bodyBytes}\r\n\r\n`;
const closing = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
const upgraded = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads of all responses, by turn of the event loop. */
class Turns {
  readonly reads: number[] = [];
  #isOpen = false;

  count(): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.reads.push(0);
      setImmediate(() => {
        this.#isOpen = false;
      });
    }
    this.reads.push((this.reads.pop() ?? 0) + 1);
  }
}

/** Takes a response, and says how much of it has come. */
class Taker implements ResponseHandler {
  bytes = 0;
  failure: string | undefined = undefined;
  readonly #turns: Turns;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  onResponseHead(_head: unknown, piece: { readonly contentBytes: number }): void {
    this.bytes = piece.contentBytes;
    this.#turns.count();
  }

  onResponseBody(piece: { readonly contentBytes: number }): void {
    this.bytes = piece.contentBytes;
    this.#turns.count();
  }

  onTunnelBytes(_bytes: Buffer, start: number, end: number): void {
    this.bytes += end - start;
    this.#turns.count();
  }

  onSwitchedProtocols(): boolean {
    return true;
  }

  onUpstreamFailed(code: string): void {
    this.failure = code;
  }

  onInterimHead(): void {}
  onResponseClosed(): void {}
  onClientTooSlow(): void {}
  onUpstreamDrain(): void {}
  onTunnelEnd(): void {}
}

/** So many large responses at once; each read takes a millisecond of the pacer's time. */
async function start(bench: Bench, head: string, isFresh = false, bytes = bodyBytes) {
  let nowMs = 0;
  bench.reads = new ReadPacer({ now: () => (nowMs += 1) });
  const pool = await bench.pool(1, { connections: count });
  bench.servers[0]?.on("connection", (socket) => {
    socket.once("data", () => {
      socket.write(head);
      socket.write(Buffer.alloc(bytes, "x"));
    });
  });
  const turns = new Turns();
  const waiters = Array.from({ length: count }, (_, at) => new Waiter(1, `${at}`, isFresh));
  for (const waiter of waiters) pool.acquire(waiter, "", [], false);
  const connections = await Promise.all(waiters.map((waiter) => waiter.served()));
  const takers = connections.map((connection) => {
    const taker = new Taker(turns);
    begin(connection, taker);
    return taker;
  });
  return { pool, turns, connections, takers };
}

function begin(connection: UpstreamConnection, taker: Taker): void {
  const timeouts = { responseMs: 1000, responseLongMs: 1000, bodyIdleMs: 1000 };
  connection.begin(taker, timeouts, { isHead: false, apiMatch: { waitMs: 0 } });
  connection.send(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  connection.sent();
}

for (const [what, head] of [
  ["large responses", plain],
  ["tunnels", upgraded],
] as const)
  test(`of ${count} ${what}, few are read in a turn when two use it up`, async () => {
    await using bench = new Bench();
    const { pool, turns, connections, takers } = await start(bench, head);
    await waitFor("all of them", () => takers.every(({ bytes }) => bytes === bodyBytes));
    // Whoever has not been held yet reads beside those whose turn it is.
    const crowded = turns.reads.filter((reads) => reads > 5).length;
    assert.ok(crowded <= count + 1, turns.reads.join(" "));
    assert.ok(turns.reads.length > (count * bodyBytes) / (512 * kib), turns.reads.join(" "));
    for (const connection of connections) connection.abandon();
    pool.close();
  });

for (const [what, head, isFresh] of [
  ["client that has taken answers before", plain, false],
  ["client that has not taken an answer before", plain, true],
  ["tunnel", upgraded, false],
] as const)
  test(`the pacer is told of a ${what}`, async (t) => {
    const spend = t.mock.method(ReadPacer.prototype, "spend");
    await using bench = new Bench();
    const { pool, connections, takers } = await start(bench, head, isFresh);
    await waitFor("all of them", () => takers.every(({ bytes }) => bytes === bodyBytes));
    assert.ok(spend.mock.callCount() > 0);
    for (const { arguments: told } of spend.mock.calls) assert.equal(told[2], isFresh);
    for (const connection of connections) connection.abandon();
    pool.close();
  });

test("a client that has taken 8 MiB of its first answer reads it", async (t) => {
  const bytes = 12_288 * kib;
  const told: boolean[] = [];
  t.mock.method(
    ReadPacer.prototype,
    "spend",
    ({ messageBytes }: PacedReader, _bytes: number, isUnproven: boolean) => {
      assert.equal(isUnproven, messageBytes <= 8192 * kib);
      told.push(isUnproven);
    },
  );
  await using bench = new Bench();
  const { pool, connections, takers } = await start(bench, closing, true, bytes);
  await waitFor("all of them", () => takers.every((taker) => taker.bytes === bytes));
  assert.ok(told.includes(true) && told.includes(false));
  for (const connection of connections) connection.abandon();
  pool.close();
});

test("the pacer knows the announced length of a response before it has come", async (t) => {
  const lengths = new Set<number>();
  t.mock.method(ReadPacer.prototype, "spend", ({ messageBytes }: PacedReader) =>
    lengths.add(messageBytes),
  );
  await using bench = new Bench();
  const { pool, connections, takers } = await start(bench, plain);
  await waitFor("all of them", () => takers.every(({ bytes }) => bytes === bodyBytes));
  assert.deepEqual([...lengths], [bodyBytes]);
  for (const connection of connections) connection.abandon();
  pool.close();
});

test("a response that waits for its turn meets no deadline", async () => {
  await using bench = new Bench();
  const { pool, connections, takers } = await start(bench, plain);
  while (takers.some(({ bytes }) => bytes === 0)) await nextTurn();
  assert.ok(bench.reads.waitingCount > 0);
  bench.clock.ms += 60_000;
  bench.sweep.sweep(bench.clock.ms);
  const failed = takers.filter(({ failure }) => failure !== undefined);
  assert.ok(failed.length <= 5, `${failed.length}`);
  for (const connection of connections) connection.abandon();
  pool.close();
});

test("a response that is given up, or paused, while it waits holds nobody else", async () => {
  await using bench = new Bench();
  const { pool, connections, takers } = await start(bench, plain);
  while (takers.some(({ bytes }) => bytes === 0)) await nextTurn();
  const wasOver = takers.map(({ bytes }) => bytes === bodyBytes);
  for (const [at, connection] of connections.entries())
    if (at % 3 === 0) connection.abandon();
    else if (at % 3 === 1) connection.pause();
  const others = takers.filter((_, at) => at % 3 === 2);
  await waitFor("the others", () => others.every(({ bytes }) => bytes === bodyBytes));
  assert.ok(
    takers.every(({ bytes }, at) => at % 3 === 2 || wasOver[at] === true || bytes < bodyBytes),
  );
  const paused = connections.filter((_, at) => at % 3 === 1);
  for (const connection of paused) connection.resume();
  const resumed = takers.filter((_, at) => at % 3 === 1);
  await waitFor("those that go on", () => resumed.every(({ bytes }) => bytes === bodyBytes));
  for (const connection of connections) connection.abandon();
  pool.close();
});
