import assert from "node:assert/strict";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fieldAt } from "../support/audit-reader.ts";
import { respond, stall } from "../support/origin-scripts.ts";
import { type ProxiedOrigin, startProxiedOrigin } from "../support/proxied-origin.ts";
import type { RawClient } from "../support/raw-client.ts";
import type { OriginConnection } from "../support/recording-origin.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";

const config = (halfClose: string) => (port: number, folder: string) =>
  `
listeners:
  - {name: es, bind: "127.0.0.1:0", half_close: ${halfClose}, routes: [{path: /, pool: origin}]}
pools:
  origin: {endpoints: ["http://127.0.0.1:${port}"]}
audit: {directory: ${folder}/audit, format: ecs}
`;
const aborting = await startProxiedOrigin({ config: config("abort") });
const allowing = await startProxiedOrigin({ config: config("allow") });
after(async () => {
  await aborting[Symbol.asyncDispose]();
  await allowing[Symbol.asyncDispose]();
});

const leave: Record<"fin" | "reset", (client: RawClient) => void> = {
  fin: (client) => client.destroy(),
  reset: (client) => client.reset(),
};

/** So much of an upload that it is not collected any more: 64 KiB and some. */
const beginningBytes = 70_000;
const beginning = `${beginningBytes.toString(16)}\r\n${"a".repeat(beginningBytes)}\r\n`;

function carrierOf(pair: ProxiedOrigin, target: string): OriginConnection | undefined {
  return pair.origin.connections.find((one) =>
    one.requests.some((request) => request.head.target === target),
  );
}

async function outcomeOf(pair: ProxiedOrigin, target: string): Promise<unknown> {
  const records = await waitFor("two records", async () => {
    const lines = await pair.audit(target);
    return lines.length >= 2 ? lines : undefined;
  });
  assert.equal(records.length, 2);
  return fieldAt(records[1]?.record ?? {}, "es_proxy.outcome");
}

testVariants(
  "a client that leaves while the origin works ends the upstream work",
  leave,
  async (goAway) => {
    const target = `/works-${goAway === leave.fin ? "fin" : "reset"}`;
    aborting.when(target, stall());
    const client = await aborting.client();
    client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
    await aborting.origin.until("the request", () => carrierOf(aborting, target) !== undefined);
    goAway(client);
    await aborting.origin.until(
      "the end of the connection",
      () => carrierOf(aborting, target)?.end !== "open",
      2000,
    );
    assert.equal(await outcomeOf(aborting, target), "client_aborted");
  },
);

testVariants(
  "a client that leaves in the middle of the response ends the upstream work",
  leave,
  async (goAway) => {
    const target = `/middle-${goAway === leave.fin ? "fin" : "reset"}`;
    aborting.when(target, ({ connection }) =>
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello"),
    );
    const client = await aborting.client();
    client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
    await client.until("the first bytes", () => client.finals[0]?.bodyBytes === 5);
    goAway(client);
    await aborting.origin.until(
      "the end of the connection",
      () => carrierOf(aborting, target)?.end !== "open",
      2000,
    );
    assert.equal(await outcomeOf(aborting, target), "client_aborted");
  },
);

testVariants(
  "a client that leaves in the middle of its upload leaves an unfinished request at the origin",
  leave,
  async (goAway) => {
    const target = `/upload-${goAway === leave.fin ? "fin" : "reset"}`;
    const client = await aborting.client();
    client.send(
      `POST ${target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${beginning}`,
      "POST",
    );
    await aborting.origin.until(
      "a part of the body",
      () => aborting.origin.requestsFor(target)[0]?.bodyBytes === beginningBytes,
    );
    goAway(client);
    await aborting.origin.until(
      "the end of the connection",
      () => carrierOf(aborting, target)?.end !== "open",
      2000,
    );
    assert.equal(aborting.origin.requestsFor(target)[0]?.complete, false);
    assert.equal(await outcomeOf(aborting, target), "client_aborted");
  },
);

test("a client's FIN behind its request is taken for its leaving by default", async () => {
  const target = "/half-closed";
  aborting.when(target, stall());
  using client = await aborting.client();
  client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
  await aborting.origin.until("the request", () => carrierOf(aborting, target) !== undefined);
  client.halfClose();
  await aborting.origin.until(
    "the end of the connection",
    () => carrierOf(aborting, target)?.end !== "open",
    2000,
  );
  assert.equal(await outcomeOf(aborting, target), "client_aborted");
});

/** Three requests and a FIN behind them. @returns which answers came whole */
async function pipelined(pair: ProxiedOrigin, prefix: string): Promise<boolean[]> {
  using client = await pair.client();
  const one = (n: number): string => `GET ${prefix}/${n} HTTP/1.1\r\nHost: x\r\n\r\n`;
  client.send(one(1) + one(2) + one(3), "GET", "GET", "GET");
  client.halfClose();
  await client.closed();
  return client.finals.map(({ complete }) => complete);
}

test("requests that were pipelined before the client's FIN are all answered, in order", async () => {
  assert.deepEqual(await pipelined(allowing, "/piped"), [true, true, true]);
  assert.deepEqual(
    ["/piped/1", "/piped/2", "/piped/3"].map(
      (target) => allowing.origin.requestsFor(target).length,
    ),
    [1, 1, 1],
  );
  // Elsewhere they are answered when the answers come soon, which a busy machine may not manage.
  let attempt = 0;
  await waitFor("three answers", async () => {
    attempt += 1;
    const answered = await pipelined(aborting, `/piped-${attempt}`);
    return answered.join() === "true,true,true" ? true : undefined;
  });
});

test("a half-closed client gets its answer, however late, where the listener allows it", async () => {
  const target = "/late-answer";
  const { promise, resolve } = Promise.withResolvers<void>();
  allowing.when(target, async (exchange) => {
    await promise;
    await respond({ body: "late" })(exchange);
  });
  using client = await allowing.client();
  client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
  client.halfClose();
  await allowing.origin.until("the request", () => carrierOf(allowing, target) !== undefined);
  // Longer than the time after which a half-closed client counts as gone elsewhere.
  await sleep(300);
  resolve();
  assert.equal((await client.response()).body.toString(), "late");
  assert.equal(await outcomeOf(allowing, target), "completed");
});

test("an upstream answer that comes before the upload has ended reaches the client, and both connections end", async () => {
  const target = "/early-answer";
  aborting.whenHead(target, respond({ status: 429, body: "{}" }));
  using client = await aborting.client();
  client.send(
    `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${beginning}`,
    "POST",
  );
  assert.equal((await client.response()).head.status, 429);
  client.send("b".repeat(1000));
  await aborting.origin.until(
    "the end of the connection",
    () => carrierOf(aborting, target)?.end !== "open",
    5000,
  );
  assert.equal(aborting.origin.requestsFor(target)[0]?.complete, false);
  client.halfClose();
  await client.closed();
  assert.equal(client.finals.length, 1);
});
