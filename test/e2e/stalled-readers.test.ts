import assert from "node:assert/strict";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fieldAt } from "../support/audit-reader.ts";
import { responseBytes, type ResponseSpec } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";

const pair = await startProxiedOrigin({
  config: (port, folder) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    routes:
      - {path: /unrecorded, pool: kept, audit: {level: none}}
      - {path: /not-kept, pool: bare}
      - {path: /, pool: kept}
pools:
  kept:
    endpoints: ["http://127.0.0.1:${port}"]
    limits: {connections: 1, response_buffer: 16MiB}
  bare:
    endpoints: ["http://127.0.0.1:${port}"]
    limits: {connections: 1, response_buffer: 0}
audit: {directory: ${folder}/audit}
`,
});
after(() => pair[Symbol.asyncDispose]());

/** More than the kernel takes for a client that does not read. */
const body = Buffer.alloc(8 * 1024 * 1024);
for (let at = 0; at < body.length; at += 4) body.writeUInt32BE(at, at);
/** Requests that have come over the connection that carried this target. */
const servedWith = (target: string): number =>
  pair.origin.connections.find(({ requests }) =>
    requests.some(({ head }) => head.target === target),
  )?.requests.length ?? 0;

interface Answer {
  readonly prefix: string;
  readonly framing: NonNullable<ResponseSpec["framing"]>;
}

testVariants<Answer>(
  "an answer that nobody reads yet leaves its endpoint's connection to others, and arrives whole",
  {
    "with a length": { prefix: "", framing: "length" },
    chunked: { prefix: "", framing: "chunked" },
    "with a length, not recorded": { prefix: "/unrecorded", framing: "length" },
    "chunked, not recorded": { prefix: "/unrecorded", framing: "chunked" },
  },
  async ({ prefix, framing }) => {
    const target = `${prefix}/large/${framing}`;
    pair.when(target, ({ connection }) => connection.write(responseBytes({ body, framing })));
    using reader = await pair.client({ startsPaused: true });
    reader.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
    await pair.origin.until("the request", () => servedWith(target) > 0);
    const before = servedWith(target);
    using other = await pair.client();
    other.send(`GET ${prefix}/small HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
    assert.equal((await other.response()).head.status, 200);
    assert.equal(servedWith(target), before + 1, "over the same connection");
    reader.socket.resume();
    const answer = await reader.response(1, 20_000);
    assert.ok(answer.body.equals(body));
    // The client's connection goes on as well.
    reader.send(`GET ${prefix}/small HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
    assert.equal((await reader.response(2)).head.status, 200);
    if (prefix !== "") return;
    const [, record] = await waitFor("both records", async () => {
      const lines = await pair.audit(target);
      return lines.length === 2 && lines;
    });
    assert.equal(fieldAt(record?.record ?? {}, "es_proxy.outcome"), "completed");
    assert.equal(fieldAt(record?.record ?? {}, "http.response.body.bytes"), body.length);
  },
);

test("a client that leaves without reading what was kept for it is recorded as gone", async () => {
  const target = "/left";
  pair.when(target, ({ connection }) => connection.write(responseBytes({ body })));
  using reader = await pair.client({ startsPaused: true });
  reader.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
  await pair.origin.until("the request", () => servedWith(target) > 0);
  using other = await pair.client();
  other.send("GET /small HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  await other.response();
  reader.reset();
  const [, record] = await waitFor("both records", async () => {
    const lines = await pair.audit(target);
    return lines.length === 2 && lines;
  });
  assert.equal(fieldAt(record?.record ?? {}, "es_proxy.outcome"), "client_aborted");
});

test("where nothing is kept, a connection that waits for its client is parked for others", async () => {
  const target = "/not-kept/large";
  pair.when(target, ({ connection }) => connection.write(responseBytes({ body })));
  using reader = await pair.client({ startsPaused: true });
  reader.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
  await pair.origin.until("the request", () => servedWith(target) > 0);
  using other = await pair.client();
  other.send("GET /not-kept/small HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  assert.equal((await other.response()).head.status, 200);
  assert.equal(servedWith(target), 1, "over another connection");
  reader.socket.resume();
  assert.ok((await reader.response(1, 20_000)).body.equals(body));
});

test("who sends requests at once and does not read is not asked for the next answer", async () => {
  const target = "/one-of-many";
  const many = 400;
  const content = Buffer.alloc(60_000, "x");
  let asked = 0;
  pair.when(target, async ({ connection }) => {
    asked += 1;
    await connection.write(responseBytes({ body: content }));
  });
  using reader = await pair.client({ startsPaused: true, keepsBodies: false });
  const requests = `GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`.repeat(many);
  reader.send(requests, ...Array.from({ length: many }, () => "GET"));
  let before = 0;
  // The kernel takes some 10 MB.
  await waitFor(
    "the proxy to stop",
    async () => {
      const isQuiet = asked > 0 && asked === before;
      before = asked;
      if (!isQuiet) await sleep(200);
      return isQuiet;
    },
    20_000,
  );
  assert.ok(asked < 350, `${asked} were asked for`);
  reader.socket.resume();
  await reader.response(many, 20_000);
  assert.equal(asked, many);
  // The connection goes on as well.
  reader.send("GET /unrecorded/small HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  assert.equal((await reader.response(many + 1)).head.status, 200);
});
