import assert from "node:assert/strict";
import test from "node:test";
import { Agent, request } from "undici";
import { respond } from "../support/origin-scripts.ts";
import { fieldAt } from "../support/audit-reader.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { waitFor } from "../support/wait-for.ts";

const clients = 10;
const requestsEach = 10;
const all = clients * requestsEach;

void test("serves 100 requests of 10 clients at the same time, each with its own answer and its own pair of records", async () => {
  await using pair = await startProxiedOrigin();
  const arrived = new Set<string>();
  const { promise: isFull, resolve } = Promise.withResolvers<void>();
  const bodies = Array.from({ length: all }, (_, n) =>
    JSON.stringify({ query: { match: { n } }, pad: "p".repeat(n * 100) }),
  );
  for (const n of bodies.keys()) {
    pair.when(`/concurrent/${n}`, async (exchange) => {
      arrived.add(exchange.request.head.target);
      if (arrived.size === all) resolve();
      // Nobody is answered before all are here: they are on their way at the same time.
      await isFull;
      await respond({ body: JSON.stringify({ n, got: exchange.request.body.toString("utf8") }) })(
        exchange,
      );
    });
  }
  const agents = Array.from(
    { length: clients },
    () => new Agent({ connections: requestsEach, pipelining: 1 }),
  );
  try {
    await Promise.all(
      bodies.map(async (body, n) => {
        const dispatcher = agents[n % clients];
        assert.ok(dispatcher !== undefined);
        const url = `http://127.0.0.1:${pair.proxy.port}/concurrent/${n}`;
        const headers = { "content-type": "application/json", "x-opaque-id": `concurrent-${n}` };
        const answer = await request(url, { method: "POST", body, headers, dispatcher });
        assert.equal(answer.statusCode, 200);
        assert.deepEqual(await answer.body.json(), { n, got: body });
      }),
    );
  } finally {
    await Promise.all(agents.map((agent) => agent.close()));
  }
  assert.equal(pair.origin.requests.length, all);
  const records = await waitFor("all records", async () => {
    const lines = await Promise.all(bodies.map((_, n) => pair.audit(`/concurrent/${n}`)));
    return lines.every((two) => two.length === 2) ? lines : undefined;
  });
  for (const [n, [first, second]] of records.entries()) {
    assert.equal(fieldAt(first?.record ?? {}, "es_proxy.record"), "request");
    assert.equal(fieldAt(second?.record ?? {}, "es_proxy.record"), "response");
    assert.equal(
      fieldAt(first?.record ?? {}, "event.id"),
      fieldAt(second?.record ?? {}, "event.id"),
    );
    assert.equal(fieldAt(first?.record ?? {}, "http.request.body.content"), bodies[n]);
  }
});
