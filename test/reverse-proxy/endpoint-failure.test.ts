import assert from "node:assert/strict";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { respond, stall } from "../support/origin-scripts.ts";
import type { OriginScript } from "../support/recording-origin.ts";
import { waitFor } from "../support/wait-for.ts";
import { startScenarios, tally } from "./fixture.ts";

let flaps = 0;
/** Good for four requests, bad for eight, for ever. */
const flapping: OriginScript = (exchange) =>
  respond({ status: flaps++ % 12 < 4 ? 200 : 503, body: "{}" })(exchange);
const slow: OriginScript = async (exchange) => {
  await sleep(300);
  await respond({ body: "{}" })(exchange);
};
const failing = { onRequest: respond({ status: 500, body: "{}" }) };

/** Answers queries for `/bad` with this. */
const onBadQuery = (script: OriginScript) => ({
  onRequest: (exchange: Parameters<OriginScript>[0]) =>
    exchange.request.head.target.endsWith("/bad/_search")
      ? script(exchange)
      : respond({ body: "{}" })(exchange),
});
const scriptError = JSON.stringify({
  error: { root_cause: [], type: "script_exception", reason: "runtime error" },
  status: 500,
});
const namedError = onBadQuery(
  respond({ status: 500, fields: [["X-elastic-product", "Elasticsearch"]], body: scriptError }),
);
const unnamedError = onBadQuery(respond({ status: 500, body: scriptError }));
/** The error comes behind its head, in pieces. */
const lateError = onBadQuery(async ({ connection }) => {
  await connection.write(`HTTP/1.1 500 X\r\nContent-Length: ${scriptError.length}\r\n\r\n`);
  for (const part of [scriptError.slice(0, 5), scriptError.slice(5)]) {
    await sleep(10);
    await connection.write(part);
  }
});
const pageOfError = onBadQuery(
  respond({ status: 500, body: "<html>Internal Server Error</html>" }),
);

const { fixture, act } = await startScenarios({
  dies: {
    origins: [{}, {}, {}],
    pool: ["outlier: {failures: 3, eject_for: 500ms}", "retry: {attempts: 3, backoff: 10ms}"],
  },
  writes: {
    origins: [{}, {}, {}],
    pool: ["outlier: {failures: 3, eject_for: 60s}", "retry: {attempts: 3, backoff: 10ms}"],
  },
  dead: {
    origins: [{}, {}, {}],
    pool: [
      "outlier: {failures: 2, eject_for: 60s, max_ejected_percent: 100}",
      "retry: {attempts: 3, backoff: 1ms}",
    ],
  },
  flaps: {
    origins: [{}, { onRequest: flapping }, {}],
    pool: [
      "outlier: {failures: 3, eject_for: 300ms}",
      "retry: {attempts: 2, backoff: 1ms, statuses: [503]}",
    ],
  },
  slow: {
    origins: [{}, { onRequest: slow }, {}],
    pool: ["balance: least_requests", "limits: {connections: 2, pending: 100}"],
  },
  silent: {
    origins: [{}, { onRequest: stall() }],
    pool: ["timeouts: {response: 300ms}", "outlier: {failures: 2, eject_for: 60s}"],
  },
  half: {
    origins: [{}, failing, failing, failing],
    pool: ["outlier: {failures: 2, eject_for: 60s, max_ejected_percent: 50}"],
  },
  queries: {
    origins: [namedError, unnamedError, lateError],
    pool: ["outlier: {failures: 2, eject_for: 60s}"],
  },
  heads: {
    origins: [
      {
        onRequest: respond({ status: 503, fields: [["X-elastic-product", "Elasticsearch"]] }),
      },
      {},
    ],
    pool: ["outlier: {failures: 2, eject_for: 60s}"],
  },
  pages: { origins: [pageOfError, {}], pool: ["outlier: {failures: 2, eject_for: 60s}"] },
  pressed: {
    origins: [{ onRequest: respond({ status: 429, body: "{}" }) }, {}],
    pool: [
      "outlier: {failures: 1, statuses: [400-599], eject_for: 60s}",
      "retry: {attempts: 3, statuses: [500-599]}",
    ],
  },
  refuses: {
    origins: [{ onRequest: respond({ status: 503, body: "{}" }) }, {}],
    pool: [
      "outlier: false",
      "retry: {attempts: 2, backoff: 0ms, statuses: [503], budget_percent: 100}",
    ],
  },
  cut: {
    origins: [
      {},
      {
        onRequest: async ({ connection }) => {
          await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
          connection.fin();
        },
      },
    ],
    pool: ["outlier: {failures: 3, eject_for: 60s}"],
  },
});
after(() => fixture[Symbol.asyncDispose]());
const read = () => ({ path: "/_doc/1" });

test("an endpoint that dies and comes back under load costs no read, and takes its share again", async () => {
  const scene = act("dies");
  let isOver = false;
  const running = scene.load(8, () => isOver, read);
  await waitFor("traffic at all three", () => scene.shares.every((count) => count > 20));
  await scene.stop(1);
  await waitFor("the ejection", () => scene.logged("endpoint ejected") > 0);
  await scene.restart(1);
  await waitFor(
    "traffic at the endpoint that has come back",
    () => (scene.shares[1] ?? 0) > 20,
    10_000,
  );
  isOver = true;
  assert.deepEqual(
    [...tally(await running).keys()],
    [200],
    "every read was answered, by another endpoint where need was",
  );
});

test("writes that were under way when their endpoint died are told so, and none is delivered twice", async () => {
  const scene = act("writes");
  const clients = 8;
  let isOver = false;
  const running = scene.load(
    clients,
    () => isOver,
    (index) => ({ method: "POST", path: `/_bulk?n=${index}`, body: "{}" }),
  );
  await waitFor("traffic at all three", () => scene.shares.every((count) => count > 20));
  await scene.stop(2);
  const before = scene.shares[0] ?? 0;
  await waitFor("more traffic", () => (scene.shares[0] ?? 0) > before + 50);
  isOver = true;
  const counts = tally(await running);
  const lost = counts.get(500) ?? 0;
  assert.deepEqual(
    [...counts.keys()].filter((status) => status !== 500),
    [200],
  );
  assert.ok(lost <= clients, `${lost} writes lost with ${clients} under way`);
  const delivered = scene.origins.flatMap(({ requests }) =>
    requests.map(({ head }) => head.target),
  );
  assert.equal(new Set(delivered).size, delivered.length);
});

test("when all endpoints are dead every request is answered with 502, and with 200 again as soon as one lives", async () => {
  const scene = act("dead");
  assert.equal((await scene.send(read())).status, 200);
  for (const index of [0, 1, 2]) await scene.stop(index);
  assert.deepEqual([...tally(await scene.load(4, (sent) => sent >= 40, read)).keys()], [502]);
  const body = JSON.parse((await scene.send(read())).body) as {
    status: number;
    error: { type: string };
  };
  assert.equal(body.status, 502);
  assert.equal(body.error.type, "es_proxy_upstream_unreachable");
  await scene.restart(0);
  // One endpoint is never ejected and is tried first; the attempts that follow prefer the others.
  await waitFor("an answer", async () => (await scene.send(read())).status === 200);
});

test("an endpoint that flaps between good and bad does not take the others along", async () => {
  const scene = act("flaps");
  const stop = performance.now() + 2500;
  const statuses = await scene.load(4, () => performance.now() > stop, read);
  assert.deepEqual([...tally(statuses).keys()], [200], "a retry went elsewhere each time");
  assert.ok(scene.logged("endpoint ejected") >= 2, "it was ejected more than once");
  const [one = 0, bad = 0, other = 0] = scene.shares;
  assert.ok(
    bad < (one + other) / 4,
    `the flapping endpoint got ${bad}, the others ${one} and ${other}`,
  );
});

test("a slow endpoint holds up no more than its own connections", async () => {
  const scene = act("slow");
  const startedMs = performance.now();
  const statuses = await scene.load(12, () => performance.now() > startedMs + 1500, read);
  const elapsedMs = performance.now() - startedMs;
  assert.deepEqual([...tally(statuses).keys()], [200]);
  const [one = 0, held = 0, other = 0] = scene.shares;
  // Two connections that are busy for 300 ms with each request can carry no more.
  assert.ok(held <= 2 * (elapsedMs / 300 + 1), `${held} at the slow one in ${elapsedMs} ms`);
  assert.ok(one > held && other > held, `${one} and ${other} at the others`);
});

test("an endpoint that never answers is ejected after its time-outs, and its requests are told 504", async () => {
  const scene = act("silent");
  const statuses = await scene.load(2, () => scene.logged("endpoint ejected") > 0, read);
  assert.ok(statuses.filter((status) => status === 504).length >= 2);
  assert.deepEqual([...tally(await scene.load(2, (sent) => sent >= 20, read)).keys()], [200]);
});

test("an endpoint that answers and then breaks off is ejected, too", async () => {
  const scene = act("cut");
  const statuses = await scene.load(1, () => scene.logged("endpoint ejected") > 0, read);
  assert.ok(
    statuses.filter((status) => status === 0).length >= 3,
    "each cut was visible to its client",
  );
  assert.deepEqual([...tally(await scene.load(2, (sent) => sent >= 20, read)).keys()], [200]);
});

test("half the pool is ejected and not more, however many endpoints fail", async () => {
  const scene = act("half");
  await scene.load(4, (sent) => sent >= 200, read);
  assert.equal(scene.logged("endpoint ejected"), 2);
  const before = scene.shares;
  const statuses = await scene.load(1, (sent) => sent >= 40, read);
  const gained = scene.shares.map((count, i) => count - (before[i] ?? 0));
  assert.equal(
    gained.filter((count) => count > 0).length,
    2,
    "the good one, and the bad one that may not be ejected",
  );
  assert.deepEqual([...tally(statuses)].sort(), [
    [200, 20],
    [500, 20],
  ]);
});

test("errors that Elasticsearch makes for one client's bad query eject no node, an error page does", async () => {
  const bad = () => ({ method: "POST", path: "/bad/_search", body: "{}" });
  const scene = act("queries");
  assert.deepEqual([...tally(await scene.load(2, (sent) => sent >= 40, bad)).keys()], [500]);
  assert.equal(scene.logged("endpoint ejected"), 0);
  const pages = act("pages");
  await pages.load(1, (sent) => sent >= 10, bad);
  assert.equal(pages.logged("endpoint ejected"), 1);
});

test("503 to HEAD, which do not say why, eject no node, and excuse none for what comes between", async () => {
  const scene = act("heads");
  const asksForHead = () => ({ method: "HEAD", path: "/red/_doc/1" });
  await scene.load(1, (sent) => sent >= 20, asksForHead);
  assert.equal(scene.logged("endpoint ejected"), 0);
  let sent = 0;
  // The node that fails gets HEAD and GET in turn.
  const mixed = () => ((sent += 1) % 4 < 2 ? asksForHead() : read());
  await scene.load(1, (count) => count >= 12, mixed);
  assert.equal(scene.logged("endpoint ejected"), 1);
});

test("429 is back pressure: it is passed on, is not retried, and ejects nobody", async () => {
  const scene = act("pressed");
  assert.deepEqual([...tally(await scene.load(1, (sent) => sent >= 20, read))].sort(), [
    [200, 10],
    [429, 10],
  ]);
  assert.equal(scene.logged("endpoint ejected"), 0);
});

test("a refusal that is retried elsewhere costs no connection, and without a backoff no time", async () => {
  const scene = act("refuses");
  assert.deepEqual([...tally(await scene.load(1, (sent) => sent >= 40, read))], [[200, 40]]);
  assert.deepEqual(scene.shares, [20, 40]);
  assert.deepEqual(
    scene.origins.map((origin) => origin.connections.length),
    [1, 1],
  );
});
