import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { ndjson, send, sendRaw, startFor } from "./running-mock.ts";

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

test("records target, headers and body byte for byte, and the answer", async (t) => {
  const mock = await startFor(t, { recorder: { bodyBytes: 100 } });
  const body = '{"a":"caf\u00e9"}';
  const raw = await sendRaw(
    mock,
    `PUT /%61/_doc/%C3%A9%2F%20x?pretty&x=%2B HTTP/1.1\r\nhOsT: x\r\nX-A: 1\r\nx-a: 2\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  const [exchange] = mock.requests.all();
  assert.equal(exchange?.target, "/%61/_doc/%C3%A9%2F%20x?pretty&x=%2B");
  assert.deepEqual(exchange.headers.slice(0, 6), ["hOsT", "x", "X-A", "1", "x-a", "2"]);
  assert.equal(exchange.bodyBytes, Buffer.byteLength(body));
  assert.equal(exchange.bodySha256, sha256(Buffer.from(body)));
  assert.equal(exchange.body?.toString(), body);
  const answer = raw.text.slice(raw.text.indexOf("\r\n\r\n") + 4);
  assert.equal(exchange.status, 400);
  assert.equal(exchange.answerBytes, answer.length);
  assert.equal(exchange.answerSha256, sha256(answer));
  assert.equal(exchange.end, "answered");
});

test("counts requests, lines of bulks and connections", async (t) => {
  const mock = await startFor(t);
  await send(mock, "POST", "/_bulk", { body: ndjson({ index: { _index: "a" } }, {}) });
  const get = "GET / HTTP/1.1\r\nHost: x\r\n";
  await sendRaw(mock, `${get}\r\n${get}Connection: close\r\n\r\n`);
  assert.equal(mock.requests.count, 3);
  const [bulk, first, second] = mock.requests.all();
  assert.equal(bulk?.bodyLines, 2);
  assert.equal(first?.bodyBytes, 0);
  assert.deepEqual([bulk?.connection, first?.connection, second?.connection], [1, 2, 2]);
  assert.deepEqual([bulk?.n, first?.n, second?.n], [1, 2, 3]);
  mock.requests.reset();
  assert.equal(mock.requests.count, 0);
  assert.deepEqual(mock.requests.all(), []);
});

test("keeps the latest exchanges only, oldest first, and goes on counting", async (t) => {
  const mock = await startFor(t, { recorder: { capacity: 3 } });
  for (let n = 1; n <= 5; n++) await send(mock, "GET", `/?n=${n}`);
  assert.equal(mock.requests.count, 5);
  assert.deepEqual(
    mock.requests.all().map((exchange) => exchange.n),
    [3, 4, 5],
  );
});

test("notes that a client went away before its answer", async (t) => {
  const mock = await startFor(t, { faults: [{ fault: { kind: "latency", ms: 10_000 } }] });
  const socket = connect(mock.port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  while (mock.requests.count === 0) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  await once(socket, "close");
  while (mock.requests.last()?.end === "pending")
    await new Promise((resolve) => setImmediate(resolve));
  assert.equal(mock.requests.last()?.end, "aborted");
  assert.equal(mock.requests.last()?.status, 0);
});

test("can be read, reset and given faults over the control port, which is not the Elasticsearch port", async (t) => {
  const mock = await startFor(t, { controlPort: 0, seed: 5 });
  const control = { url: mock.controlUrl ?? "" };
  assert.notEqual(control.url, mock.url);
  await send(mock, "POST", "/_bulk", { body: ndjson({ index: { _index: "a" } }, {}) });
  await send(mock, "GET", "/a/_count");
  const listed = await send(control, "GET", "/requests?method=POST&path=/_bulk");
  assert.equal(listed.json["count"], 2);
  assert.equal((listed.json["requests"] as { target: string }[])[0]?.target, "/_bulk");
  const added = await send(control, "POST", "/faults", {
    body: [
      { fault: { kind: "status", status: 503 }, nth: 1 },
      { kind: "latency", ms: 1 },
    ],
  });
  assert.equal(added.json["seed"], 5);
  assert.equal((await send(mock, "GET", "/")).status, 503);
  assert.equal((await send(mock, "GET", "/")).status, 200);
  const rules = (await send(control, "GET", "/faults")).json["rules"] as { struck: number }[];
  assert.deepEqual(
    rules.map((rule) => rule.struck),
    [1, 2],
  );
  assert.deepEqual((await send(control, "DELETE", "/faults")).json["rules"], []);
  assert.deepEqual((await send(control, "GET", "/store")).json, {
    indices: [{ index: "a", documents: 1 }],
  });
  await send(control, "DELETE", "/store");
  assert.equal(mock.store.indices.size, 0);
  assert.deepEqual((await send(control, "DELETE", "/requests")).json, { count: 0 });
  assert.equal(
    (await send(control, "POST", "/faults", { body: { kind: "nonsense" } })).status,
    400,
  );
  assert.equal((await send(control, "GET", "/nothing")).status, 404);
  assert.equal((await send(mock, "GET", "/requests")).status, 404);
});
