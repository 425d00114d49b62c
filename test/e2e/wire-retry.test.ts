import assert from "node:assert/strict";
import test, { after } from "node:test";
import { fieldAt } from "../support/audit-reader.ts";
import { respond, respondThenClose } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import type { OriginScript } from "../support/recording-origin.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";

const pair = await startProxiedOrigin();
after(() => pair[Symbol.asyncDispose]());
let count = 0;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

const reads: Record<string, Call> = {
  GET: { method: "GET", path: "/logs/_doc/1", body: "" },
  HEAD: { method: "HEAD", path: "/logs", body: "" },
  "POST _search": { method: "POST", path: "/logs/_search", body: '{"size":0}' },
  "POST _msearch": { method: "POST", path: "/_msearch", body: "{}\n{}\n" },
  "POST _count": { method: "POST", path: "/logs/_count", body: "{}" },
  "POST _mget": { method: "POST", path: "/logs/_mget", body: '{"ids":["1"]}' },
};

const writes: Record<string, Call> = {
  "POST _bulk": { method: "POST", path: "/_bulk", body: '{"index":{"_index":"a"}}\n{}\n' },
  "PUT _doc": { method: "PUT", path: "/logs/_doc/1", body: "{}" },
  "POST _doc": { method: "POST", path: "/logs/_doc", body: "{}" },
  "DELETE _doc": { method: "DELETE", path: "/logs/_doc/1", body: "" },
  "POST _update_by_query": { method: "POST", path: "/logs/_update_by_query", body: "{}" },
  "POST _reindex": { method: "POST", path: "/_reindex", body: "{}" },
  "DELETE index": { method: "DELETE", path: "/logs", body: "" },
};

/** How the connection dies: after the request was read, without a byte of an answer. */
const deaths: Record<"fin" | "reset", OriginScript> = {
  fin: ({ connection }) => connection.fin(),
  reset: ({ connection }) => connection.reset(),
};

/**
 * Sends one request over an upstream connection that has served another one before, and lets that
 * connection die.
 */
async function sendOverDyingConnection(call: Call, death: OriginScript) {
  count += 1;
  const warm = `/warm-${count}`;
  const target = `${call.path}?n=${count}`;
  using client = await pair.client();
  client.send(`GET ${warm} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
  await client.response(1);
  let isFirst = true;
  let diedOn: unknown;
  pair.when(target, (exchange) => {
    if (!isFirst) return respond({ body: '{"second":true}' })(exchange);
    isFirst = false;
    diedOn = exchange.connection;
    return death(exchange);
  });
  const length =
    call.body === ""
      ? ""
      : `Content-Type: application/json\r\nContent-Length: ${call.body.length}\r\n`;
  client.send(
    `${call.method} ${target} HTTP/1.1\r\nHost: x\r\n${length}\r\n${call.body}`,
    call.method,
  );
  const answer = await client.response(2);
  const carriers = pair.origin.connections.filter((one) =>
    one.requests.some((request) => request.head.target === target),
  );
  assert.equal(carriers[0], diedOn);
  assert.ok((carriers[0]?.requests.length ?? 0) > 1, "the request must go over a used connection");
  return { target, answer, deliveries: pair.origin.requestsFor(target), client };
}

for (const [how, death] of Object.entries(deaths)) {
  testVariants(
    `a read that meets a dying pooled connection (${how}) is repeated once on a fresh one`,
    reads,
    async (call) => {
      const { answer, deliveries } = await sendOverDyingConnection(call, death);
      assert.equal(answer.head.status, 200);
      assert.equal(deliveries.length, 2);
      for (const delivery of deliveries) assert.equal(delivery.body.toString(), call.body);
    },
  );

  testVariants(
    `a write that meets a dying pooled connection (${how}) is delivered once and its outcome is called unknown`,
    writes,
    async (call) => {
      const { answer, deliveries } = await sendOverDyingConnection(call, death);
      assert.equal(deliveries.length, 1);
      // Official clients repeat a call four times on 502, 503 and 504, but not on 500.
      assert.equal(answer.head.status, 500);
      const body = JSON.parse(answer.body.toString()) as {
        error: { type: string; reason: string };
        status: number;
      };
      assert.equal(body.status, 500);
      assert.equal(body.error.type, "es_proxy_outcome_unknown");
    },
  );
}

test("a write that was lost on a fresh connection is delivered once too, and recorded as failed upstream", async () => {
  const target = "/fresh/_bulk";
  pair.when(target, ({ connection }) => connection.reset());
  using client = await pair.client();
  client.send(`POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`, "POST");
  assert.equal((await client.response()).head.status, 500);
  assert.equal(pair.origin.requestsFor(target).length, 1);
  const records = await waitFor("two records", async () => {
    const lines = await pair.audit(target);
    return lines.length >= 2 ? lines : undefined;
  });
  assert.equal(fieldAt(records[1]?.record ?? {}, "es_proxy.outcome"), "upstream_failed");
});

test("a read whose answer has begun is not repeated", async () => {
  const target = "/logs/_search?begun";
  pair.when(target, async ({ connection }) => {
    await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    connection.reset();
  });
  using client = await pair.client();
  client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
  await client.closed();
  assert.equal(client.isWhole, false);
  assert.equal(pair.origin.requestsFor(target).length, 1);
});

test("an idle pooled connection that the origin has closed is dropped and not used", async () => {
  using client = await pair.client();
  pair.when("/closes", respondThenClose({ body: "{}" }));
  for (let i = 1; i <= 5; i += 1) {
    client.send("GET /closes HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
    assert.equal((await client.response(i)).head.status, 200);
    await pair.origin.until("the proxy's side of the closed connection ends", (origin) =>
      origin.connections.every(
        (one) => one.end !== "open" || one.requests.at(-1)?.head.target !== "/closes",
      ),
    );
  }
  assert.equal(pair.origin.requestsFor("/closes").length, 5);
});
