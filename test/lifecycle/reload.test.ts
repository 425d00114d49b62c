import assert from "node:assert/strict";
import test from "node:test";
import { connectRaw } from "../support/raw-client.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { waitFor } from "../support/wait-for.ts";
import { startLoad } from "./load.ts";
import { askPort, startService } from "./service.ts";

interface Choices {
  readonly origin: number;
  readonly connectMs?: number;
  readonly more?: string;
  readonly audit?: string;
}

function configuration({ origin, connectMs = 3000, more = "", audit = "" }: Choices): string {
  return `drain_timeout: 10s
listeners:
  - name: es
    bind: 127.0.0.1:0
    routes: [{path: /, pool: es}]
${more}
pools:
  es:
    endpoints: ["http://127.0.0.1:${origin}"]
    timeouts: {connect: ${connectMs}ms}
audit: {directory: audit${audit}}
admin: {bind: "127.0.0.1:0"}
`;
}

test("a hundred reloads under load fail no request, on kept and on new connections", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration({ origin: origin.port }));
  using idle = await connectRaw({ port: service.port });
  const load = startLoad(service.port, 3, 2);
  try {
    for (let at = 0; at < 100; at += 1) {
      // Every reload swaps the pool; every second one also brings or takes away a listener.
      const more =
        at % 2 === 0 ? "" : "  - {name: more, bind: 127.0.0.1:0, routes: [{path: /, pool: es}]}";
      await service.write(configuration({ origin: origin.port, connectMs: 3000 + at, more }));
      const { status, body } = await service.ask("POST", "/reload");
      assert.equal(status, 200, body);
    }
    await waitFor("load after the last reload", () => load.done > 200, 60_000);
  } finally {
    await load.stop();
  }
  assert.deepEqual(load.failures, []);
  assert.equal(await service.metric('es_proxy_reloads_total{result="ok"}'), 100);
  // A connection that was open before all of them is still the same one.
  idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET");
  await waitFor("an answer on the oldest connection", () => idle.finals.length === 1);
});

test("a file that cannot be used keeps the old configuration and says where it is wrong", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration({ origin: origin.port }));
  await service.write(
    configuration({ origin: origin.port }).replace("pool: es}", "pool: nowhere}"),
  );
  const { status, body } = await service.ask("POST", "/reload");
  assert.equal(status, 422);
  assert.match(body, /es\.yaml:5:\d+: .*nowhere/);
  await service.child.stderrMatch(/es\.yaml:5:\d+/);
  assert.equal((await askPort(service.port, "GET", "/")).status, 200);
  assert.equal(await service.metric('es_proxy_reloads_total{result="failed"}'), 1);
  assert.match((await service.ask("GET", "/")).body, /nowhere/);
});

test("what a running process cannot follow is refused by name, and nothing of the rest is used", async () => {
  await using origin = await startOrigin();
  await using other = await startOrigin();
  await using service = await startService(configuration({ origin: origin.port }));
  await service.write(configuration({ origin: other.port, audit: ", durability: durable" }));
  const { status, body } = await service.ask("POST", "/reload");
  assert.equal(status, 422);
  assert.match(body, /audit\.durability cannot change in a running process/);
  await askPort(service.port, "GET", "/");
  assert.deepEqual([origin.requests.length, other.requests.length], [1, 0]);
});

test("SIGHUP reads the file again", async () => {
  await using origin = await startOrigin();
  await using other = await startOrigin();
  await using service = await startService(configuration({ origin: origin.port }));
  await service.write(configuration({ origin: other.port }));
  service.child.signal("SIGHUP");
  await service.child.stderrMatch(/configuration reloaded/);
  await askPort(service.port, "GET", "/");
  assert.deepEqual([origin.requests.length, other.requests.length], [0, 1]);
});

test("an endpoint that vanishes finishes what it serves, and its connections close", async () => {
  const gate = Promise.withResolvers<void>();
  await using origin = await startOrigin({
    onRequest: async ({ connection }) => {
      await gate.promise;
      await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold");
    },
  });
  await using other = await startOrigin();
  await using service = await startService(configuration({ origin: origin.port }));
  const running = askPort(service.port, "GET", "/slow");
  await waitFor("the request at the old endpoint", () => origin.requests.length === 1);
  await service.write(configuration({ origin: other.port }));
  assert.equal((await service.ask("POST", "/reload")).status, 200);
  assert.equal((await askPort(service.port, "GET", "/new")).status, 200);
  assert.equal(other.requests.length, 1);
  gate.resolve();
  assert.deepEqual(await running, { status: 200, body: "old" });
  await waitFor("the old endpoint's connections to close", () =>
    origin.connections.every((connection) => connection.end !== "open"),
  );
  const { body } = await service.ask("GET", "/metrics");
  assert.ok(!body.includes(`127.0.0.1:${origin.port}`), "the old endpoint is still in the metrics");
});

test("a listener that vanishes finishes what it serves and accepts nothing more", async () => {
  const gate = Promise.withResolvers<void>();
  await using origin = await startOrigin({
    onRequest: async ({ connection }) => {
      await gate.promise;
      await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    },
  });
  const more = "  - {name: more, bind: 127.0.0.1:0, routes: [{path: /, pool: es}]}";
  await using service = await startService(configuration({ origin: origin.port, more }));
  const [, second] = await service.child.stderrMatch(
    /listening on [^\n]+\nlistening on http:\/\/127\.0\.0\.1:(\d+)/,
  );
  const running = askPort(Number(second), "GET", "/");
  await waitFor("the request at the endpoint", () => origin.requests.length === 1);
  await service.write(configuration({ origin: origin.port }));
  assert.equal((await service.ask("POST", "/reload")).status, 200);
  await assert.rejects(askPort(Number(second), "GET", "/"), { code: "ECONNREFUSED" });
  gate.resolve();
  assert.deepEqual(await running, { status: 200, body: "ok" });
});
