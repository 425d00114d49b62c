import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fieldAt } from "../support/audit-reader.ts";
import type { Child } from "../support/child-process.ts";
import { type ProxiedOrigin, startProxiedOrigin } from "../support/proxied-origin.ts";
import type { OriginConnection } from "../support/recording-origin.ts";
import { waitFor } from "../support/wait-for.ts";

const mebibyte = 1 << 20;
const maxGrowth = 64 * mebibyte;
// Pseudo-random, so that no store can make it small and cheap, and the same in each run.
const block = Buffer.alloc(mebibyte);
for (let i = 0, x = 1; i < block.length; i += 4) {
  x = (Math.imul(x, 1664525) + 1013904223) | 0;
  block.writeInt32LE(x, i);
}

/**
 * Largest resident memory while `work` runs, above that at its start; `undefined` where the system
 * does not tell.
 */
async function growthDuring(child: Child, work: () => Promise<void>): Promise<number | undefined> {
  const start = await child.residentBytes();
  if (start === undefined) {
    await work();
    return undefined;
  }
  let peak = start;
  const measuring = setInterval(() => {
    void child.residentBytes().then((now) => (peak = Math.max(peak, now ?? 0)));
  }, 50);
  try {
    await work();
  } finally {
    clearInterval(measuring);
  }
  return Math.max(peak, (await child.residentBytes()) ?? 0) - start;
}

/** SHA-256 of `count` blocks. */
function digestOf(count: number): string {
  const hash = createHash("sha256");
  for (let i = 0; i < count; i += 1) hash.update(block);
  return hash.digest("hex");
}

/**
 * The terminal record must name the whole body: a flat line that drops the body would prove
 * nothing.
 */
async function assertRecorded(
  pair: ProxiedOrigin,
  path: string,
  field: string,
  count: number,
): Promise<void> {
  const record = await waitFor(
    "the terminal record",
    async () => (await pair.audit(path))[1]?.record,
    30_000,
  );
  assert.equal(fieldAt(record, `es_proxy.${field}.complete`), true);
  assert.equal(fieldAt(record, `es_proxy.${field}.sha256`), digestOf(count));
}

function assertFlat(growth: number | undefined): void {
  assert.ok(
    growth === undefined || growth <= maxGrowth,
    `resident memory grew by ${Math.round((growth ?? 0) / mebibyte)} MiB`,
  );
}

/** Writes `count` blocks, waiting for drain as a well-behaved sender does. */
async function writeBlocks(connection: OriginConnection, count: number): Promise<void> {
  for (let i = 0; i < count && !connection.isClosed; i += 1) await connection.write(block);
}

/** Something ordinary first: code, pools and audit files are there before memory is measured. */
async function warmUp(pair: ProxiedOrigin): Promise<void> {
  using client = await pair.client();
  for (let i = 1; i <= 200; i += 1) {
    client.send("POST /warm HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "POST");
    await client.response(i);
  }
}

test(
  "passes an upload of 100 MiB on with full audit at flat memory",
  { timeout: 120_000 },
  async () => {
    await using pair = await startProxiedOrigin({ keepsBodies: false });
    await warmUp(pair);
    using client = await pair.client();
    const growth = await growthDuring(pair.proxy.child, async () => {
      client.send(
        `POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: ${100 * mebibyte}\r\n\r\n`,
        "POST",
      );
      for (let i = 0; i < 100; i += 1)
        if (!client.socket.write(block)) await once(client.socket, "drain");
      assert.equal((await client.response(1, 60_000)).head.status, 200);
    });
    assert.equal(pair.origin.requestsFor("/_bulk")[0]?.bodyBytes, 100 * mebibyte);
    assertFlat(growth);
    await assertRecorded(pair, "/_bulk", "request_body", 100);
  },
);

test(
  "passes an answer of 1 GiB on with full audit at flat memory",
  { timeout: 240_000 },
  async () => {
    await using pair = await startProxiedOrigin({ keepsBodies: false });
    await warmUp(pair);
    pair.when("/big/_search", async ({ connection }) => {
      await connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${1024 * mebibyte}\r\n\r\n`);
      await writeBlocks(connection, 1024);
    });
    using client = await pair.client({ keepsBodies: false });
    const growth = await growthDuring(pair.proxy.child, async () => {
      client.send("GET /big/_search HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
      assert.equal((await client.response(1, 200_000)).bodyBytes, 1024 * mebibyte);
    });
    assertFlat(growth);
    await assertRecorded(pair, "/big/_search", "response_body", 1024);
  },
);

test(
  "stops reading from the origin when the client does not read, and loses nothing",
  { timeout: 120_000 },
  async () => {
    await using pair = await startProxiedOrigin({ keepsBodies: false });
    await warmUp(pair);
    const total = 256;
    let written = 0;
    pair.when("/slow-reader", async ({ connection }) => {
      await connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total * mebibyte}\r\n\r\n`);
      for (; written < total && !connection.isClosed; written += 1) await connection.write(block);
    });
    using client = await pair.client({ keepsBodies: false, startsPaused: true });
    const growth = await growthDuring(pair.proxy.child, async () => {
      client.send("GET /slow-reader HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
      await untilStill(() => written);
    });
    // What may be on its way: the kernel's buffers of two connections and two high-water marks.
    assert.ok(written < 64, `${written} MiB left the origin although nobody read them`);
    assertFlat(growth);
    client.socket.resume();
    assert.equal((await client.response(1, 60_000)).bodyBytes, total * mebibyte);
  },
);

test(
  "stops reading from the client when the origin does not read, and loses nothing",
  { timeout: 120_000 },
  async () => {
    await using pair = await startProxiedOrigin({ keepsBodies: false, startsPaused: true });
    using client = await pair.client();
    const total = 256;
    let written = 0;
    const growth = await growthDuring(pair.proxy.child, async () => {
      client.send(
        `POST /slow-origin HTTP/1.1\r\nHost: x\r\nContent-Length: ${total * mebibyte}\r\n\r\n`,
        "POST",
      );
      void (async () => {
        for (; written < total && client.socket.writable; written += 1)
          if (!client.socket.write(block))
            await once(client.socket, "drain").catch(() => undefined);
      })();
      await untilStill(() => written);
    });
    assert.ok(written < 64, `${written} MiB left the client although nobody read them`);
    assertFlat(growth);
    for (const connection of pair.origin.connections) connection.socket.resume();
    assert.equal((await client.response(1, 60_000)).head.status, 200);
    assert.equal(pair.origin.requestsFor("/slow-origin")[0]?.bodyBytes, total * mebibyte);
  },
);

/** Waits until a counter has moved and then stood still for half a second. */
async function untilStill(counter: () => number): Promise<void> {
  await waitFor("the first bytes", () => counter() > 0);
  for (let last = -1; last !== counter(); await sleep(500)) last = counter();
}
