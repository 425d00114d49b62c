import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import { startConfigured } from "./configured.ts";
import { startNamedServer, startServer } from "./tcp-fixture.ts";
import { configuration, series, toPool } from "./configured-fixture.ts";

test("a reload brings the new router and settings to new connections; running sessions stay", async (t) => {
  const server = await startServer(t, (socket) =>
    socket.on("data", (bytes: Buffer) => socket.write(bytes)),
  );
  const text = configuration([server.remote]);
  const configured = await startConfigured(t, text, { "router.ts": toPool });
  const running = await configured.connect();
  running.send("a");
  await running.receives("a");
  await configured.reload(text, { "router.ts": `export default () => ({ close: "two" });` });
  const second = await configured.connect();
  second.send("x");
  assert.equal(await second.untilEnd(), "two");
  second.socket.end();
  await configured.reload(text.replace("delay: 1ms}", "delay: 1ms}, preread: {bytes: 4B}"), {
    "router.ts": `export default (data) => data.length < 5 ? { noop: true } : { close: "five" };`,
  });
  const third = await configured.connect();
  third.send("12345");
  assert.equal(await third.untilEnd(), "", "four bytes are shown now, and the router wants five");
  assert.equal(configured.metric(series("failures_total", 'reason="preread_limit"')), 1);
  running.send("b");
  await running.receives("ab");
  await waitFor(
    "the others to end",
    () => configured.metric('es_proxy_listener_connections_open{listener="git"}') === 1,
  );
});

test("a reload with a router that cannot be used names its line and changes nothing", async (t) => {
  const server = await startNamedServer(t, "server");
  const configured = await startConfigured(t, configuration([server.remote]), {
    "router.ts": toPool,
  });
  await assert.rejects(
    configured.reload(configuration([server.remote], { rest: "drain_timeout: 1s" }), {
      "router.ts": "\nthrow new Error('broken');",
    }),
    (error: Error) =>
      /es\.yaml:3:\d+: listeners\[0\]\.router: .*router\.ts:2:7: broken/.test(error.message),
  );
  assert.equal(configured.proxy.drainTimeoutMs, 30_000);
  const client = await configured.connect();
  client.send("x");
  assert.equal(await client.untilEnd(), "server:x");
});

test("a reload adds and removes listeners, and one that cannot be bound changes nothing", async (t) => {
  const server = await startNamedServer(t, "server");
  const text = configuration([server.remote]);
  const configured = await startConfigured(t, text, { "router.ts": toPool });
  const [line = ""] = text.split("\n").filter((one) => one.includes("name: git"));
  const taken = line.replace("name: git", "name: other").replace("127.0.0.1:0", server.remote);
  await assert.rejects(
    configured.reload(text.replace(line, `${line}\n${taken}`)),
    /collides|in use|cannot listen|requests would go round/,
  );
  const free = line.replace("name: git", "name: other");
  await configured.reload(text.replace(line, `${line}\n${free}`));
  const client = await configured.connect("other");
  client.send("x");
  assert.equal(await client.untilEnd(), "server:x");
  client.socket.end();
  await configured.reload(text);
  assert.deepEqual(
    configured.proxy.listeners.map(({ name }) => name),
    ["git"],
  );
});
