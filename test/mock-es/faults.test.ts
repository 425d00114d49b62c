import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Client, errors } from "@elastic/elasticsearch";
import type { Fault, FaultRule } from "../../mock-es/index.ts";
import { parseFaultRule } from "../../mock-es/faults/fault.ts";
import { FaultPlan } from "../../mock-es/faults/fault-plan.ts";
import { clientFor, ndjson, send, sendRaw, startFor } from "./running-mock.ts";

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

async function under(t: TestContext, fault: Fault, rule: Omit<FaultRule, "fault"> = {}) {
  return await startFor(t, { faults: [{ fault, ...rule }] });
}

test("answers a scripted status in Elasticsearch's shape without executing the request", async (t) => {
  const mock = await under(
    t,
    { kind: "status", status: 429, retryAfterSeconds: 3 },
    { method: "PUT" },
  );
  const refused = await send(mock, "PUT", "/a/_doc/1", { body: {} });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers["retry-after"], "3");
  assert.equal((refused.json["error"] as { type: string }).type, "es_rejected_execution_exception");
  assert.equal(mock.store.indices.size, 0);
  assert.equal((await send(mock, "GET", "/")).status, 200);
  for (const status of [401, 500, 502, 503, 504]) {
    mock.faults.clear();
    mock.faults.add({ fault: { kind: "status", status } });
    const answer = await send(mock, "GET", "/");
    assert.equal(answer.status, status);
    assert.equal(answer.headers["x-elastic-product"], status === 401 ? undefined : "Elasticsearch");
  }
});

test("strikes the n-th request, every n-th, and at most so often", () => {
  const struck = (rule: Omit<FaultRule, "fault">): boolean[] => {
    const plan = new FaultPlan(1, [{ fault: { kind: "stall" }, ...rule }]);
    return Array.from({ length: 6 }, () => plan.strike("GET", "/a/_search?q=1").length > 0);
  };
  assert.deepEqual(struck({ nth: 2 }), [false, true, false, false, false, false]);
  assert.deepEqual(struck({ every: 3 }), [false, false, true, false, false, true]);
  assert.deepEqual(struck({ times: 2, path: "/*/_search" }), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  assert.deepEqual(struck({ path: "/b/*" }), [false, false, false, false, false, false]);
  assert.deepEqual(struck({ method: "POST" }), [false, false, false, false, false, false]);
});

test("draws the same fortunes from the same seed and others from another", () => {
  const fortunes = (seed: number): string => {
    const plan = new FaultPlan(seed, [{ fault: { kind: "stall" }, odds: 0.3 }]);
    return Array.from({ length: 200 }, () => plan.strike("GET", "/").length).join("");
  };
  assert.equal(fortunes(7), fortunes(7));
  assert.notEqual(fortunes(7), fortunes(8));
  const hits = fortunes(7).split("1").length - 1;
  assert.ok(hits > 30 && hits < 90, `${hits} of 200 at odds 0.3`);
});

test("fails single bulk items by odds and by callback, and executes the others", async (t) => {
  const mock = await under(t, { kind: "bulk-items", status: 429, odds: 0.5 }, { path: "/_bulk" });
  const body = ndjson(
    ...Array.from({ length: 50 }, (_unused, n) => [
      { index: { _index: "a", _id: String(n) } },
      {},
    ]).flat(),
  );
  const answer = await send(mock, "POST", "/_bulk", { body });
  const statuses = (answer.json["items"] as { index: { status: number } }[]).map(
    (item) => item.index.status,
  );
  const failed = statuses.filter((status) => status === 429).length;
  assert.equal(answer.json["errors"], true);
  assert.ok(failed > 5 && failed < 45);
  assert.equal((await send(mock, "GET", "/a/_count")).json["count"], 50 - failed);
  mock.faults.clear();
  mock.faults.onBulkItem = ({ id }) => (id === "3" ? 409 : id === "4" ? 406 : undefined);
  const chosen = await send(mock, "POST", "/_bulk", { body });
  const byId = (chosen.json["items"] as { index: { _id: string; status: number } }[]).filter(
    (item) => item.index.status >= 400,
  );
  assert.deepEqual(
    byId.map((item) => [item.index._id, item.index.status]),
    [
      ["3", 409],
      ["4", 406],
    ],
  );
});

test("resets a connection before the head, after it, and in the body", async (t) => {
  const mock = await under(t, { kind: "reset", at: "before-headers" });
  const before = await sendRaw(mock, get);
  assert.deepEqual([before.text, before.isReset], ["", true]);
  mock.faults.clear();
  mock.faults.add({ fault: { kind: "reset", at: "body", bytes: 5 } });
  const inside = await sendRaw(mock, get);
  assert.equal(inside.isReset, true);
  assert.ok(inside.text === "" || inside.text.endsWith('\r\n\r\n{"nam'), inside.text);
  assert.equal(mock.requests.last()?.end, "faulted");
});

test("truncates a body, promises a wrong length, and cuts inside a chunk", async (t) => {
  const mock = await under(t, { kind: "truncate", bytes: 7 });
  const cut = await sendRaw(mock, get);
  assert.match(cut.text, /content-length: [1-9]\d\d\r\n\r\n\{"name"$/);
  assert.equal(cut.isReset, false);
  mock.faults.clear();
  mock.faults.add({ fault: { kind: "wrong-length", delta: 10 } });
  const long = await sendRaw(mock, get);
  const [head = "", body = ""] = long.text.split("\r\n\r\n");
  assert.equal(Number(/content-length: (\d+)/.exec(head)?.[1]), body.length + 10);
  mock.faults.clear();
  mock.faults.add({ fault: { kind: "chunk-cut", bytes: 4 } });
  assert.match(
    (await sendRaw(mock, get)).text,
    /transfer-encoding: chunked\r\n\r\n[0-9a-f]{3}\r\n\{"na$/,
  );
});

test("drips a body in small pieces that add up to the whole", async (t) => {
  const mock = await under(t, { kind: "drip", bytes: 100, everyMs: 1 });
  const answer = await send(mock, "GET", "/");
  assert.equal(answer.json["tagline"], "You Know, for Search");
  assert.equal(answer.headers["content-length"], String(answer.body.length));
});

test("delays, stalls, half-closes and closes as told", async (t) => {
  const mock = await under(t, { kind: "latency", ms: 60 });
  const startedMs = performance.now();
  await send(mock, "GET", "/");
  assert.ok(performance.now() - startedMs >= 55);
  mock.faults.clear();
  mock.faults.add({ fault: { kind: "stall" } });
  const stalled = await sendRaw(mock, get, (text) => text.endsWith("\r\n\r\n"));
  assert.match(stalled.text, /content-length: \d+\r\n\r\n$/);
  for (const kind of ["close-after", "half-close"] as const) {
    mock.faults.clear();
    mock.faults.add({ fault: { kind } });
    const ended = await sendRaw(mock, get);
    assert.match(ended.text, /You Know, for Search"\}$/);
    assert.doesNotMatch(ended.text, /connection: close/i);
  }
});

test("answers before the body of the request was read", async (t) => {
  const mock = await under(t, { kind: "early-answer", status: 413 });
  const raw = await sendRaw(
    mock,
    "POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nonly this",
  );
  assert.match(raw.text, /^HTTP\/1\.1 413 /);
});

test("gives answers that are complete but wrong, as the official client reports them", async (t) => {
  const cases: readonly (readonly [
    Fault,
    (new (...args: never[]) => Error) | { readonly code: string },
  ])[] = [
    [{ kind: "missing-product" }, errors.ProductNotSupportedError],
    [{ kind: "broken-json" }, errors.DeserializationError],
    [{ kind: "bad-gzip" }, { code: "Z_DATA_ERROR" }],
    [{ kind: "truncated-gzip" }, { code: "Z_BUF_ERROR" }],
  ];
  for (const [fault, expected] of cases) {
    const { client } = await clientFor(
      t,
      { faults: [{ fault }] },
      { maxRetries: 0, compression: true },
    );
    await assert.rejects(client.info(), expected, fault.kind);
  }
  const mock = await under(t, { kind: "wrong-type" });
  assert.equal((await send(mock, "GET", "/")).headers["content-type"], "text/html; charset=UTF-8");
});

test("makes the official client send a bulk four times for 503 and once for 429 and 500", async (t) => {
  for (const [status, count] of [
    [503, 4],
    [429, 1],
    [500, 1],
  ] as const) {
    const { client, mock } = await clientFor(t, {
      faults: [{ fault: { kind: "status", status } }],
    });
    await assert.rejects(client.bulk({ operations: [{ index: { _index: "a" } }, {}] }));
    assert.equal(mock.requests.all("POST", "/_bulk").length, count, String(status));
  }
});

test("takes a fault from a request only when that is allowed", async (t) => {
  const headers = { "x-mock-es-fault": '{"kind":"status","status":503}' };
  const closed = await startFor(t);
  assert.equal((await send(closed, "GET", "/", { headers })).status, 200);
  const open = await startFor(t, { allowsFaultHeader: true });
  assert.equal((await send(open, "GET", "/", { headers })).status, 503);
  assert.equal((await send(open, "GET", "/")).status, 200);
  assert.equal(
    (await send(open, "GET", "/", { headers: { "x-mock-es-fault": '{"kind":"nonsense"}' } }))
      .status,
    400,
  );
});

test("closes connections of a given age once they are idle", async (t) => {
  const mock = await startFor(t, { maxConnectionAgeMs: 400 });
  const raw = await sendRaw(mock, get);
  assert.match(raw.text, /^HTTP\/1\.1 200/);
  assert.doesNotMatch(raw.text, /connection: close/i);
  mock.faults.add({ fault: { kind: "latency", ms: 600 } });
  const busy = await sendRaw(mock, get);
  assert.match(busy.text, /You Know, for Search"\}$/, "an answer that is under way is not cut off");
});

test("refuses fault rules that mean nothing", () => {
  for (const [rule, message] of [
    [{ fault: { kind: "explode" } }, /unknown fault \[explode\]/],
    [{ fault: { kind: "latency" } }, /fault \[latency\] needs a number \[ms\]/],
    [{ fault: { kind: "stall", ms: 1 } }, /fault \[stall\] has no field \[ms\]/],
    [{ fault: { kind: "reset" } }, /needs \[at\]/],
    [{ fault: { kind: "stall" }, colour: 1 }, /has no field \[colour\]/],
    [{ fault: { kind: "stall" }, nth: "x" }, /\[nth\] must be a number/],
    [{}, /a fault is an object/],
  ] as const) {
    assert.throws(() => parseFaultRule(rule), message);
  }
});

test("leaves the real client working when no rule applies", async (t) => {
  const mock = await under(t, { kind: "status", status: 500 }, { path: "/never" });
  const client = new Client({ node: mock.url });
  t.after(async () => {
    await client.close();
  });
  assert.equal(await client.ping(), true);
});
