import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer, request as forward, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { ClusterClient } from "../../../src/audit/ship/cluster-client.ts";
import { deadLetterPath } from "../../../src/audit/store/ship-position.ts";
import { readStream } from "../../../src/audit/ship/stream-reader.ts";
import { valueAt, type AuditDocument } from "../../../src/audit/format/audit-document.ts";
import { compileFilter } from "../../../src/kql/filter.ts";
import { waitFor } from "../../support/wait-for.ts";
import { basic, MadeTrail } from "../read/made-directory.ts";
import { dataStream, Fleet, gapLine, never } from "./shipping-fixture.ts";

test("every exchange, session and open request is one document that proves its lines", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path, { inlineBodyBytes: 1024 });
  for (let n = 0; n < 20; n += 1)
    await made.exchange({ authorization: basic(`user-${n % 3}`) }, { status: 200 + (n % 2) });
  await made.session("0192f3c4-0000-7000-8000-00000000beef");
  await made.trail.close();
  await fleet.ship();
  const documents = await fleet.documents();
  assert.equal(documents.length, 21);
  assert.deepEqual(fleet.told, []);
  const [first = {}] = documents;
  assert.deepEqual(valueAt(first, "es_proxy.record"), ["request", "response"]);
  assert.equal(valueAt(first, "es_proxy.log.host"), "proxy-1");
  assert.equal(valueAt(first, "es_proxy.log.origin"), "example.com/log/audit.ndjson");
  assert.equal(valueAt(first, "http.request.body.content"), undefined, "no bodies by default");
  assert.equal(valueAt(first, "es_proxy.log.whole"), false);
  assert.doesNotMatch(String(valueAt(first, "event.original")), /4711/);
  assert.equal((await fleet.read()).length, 21);
  assert.deepEqual(await fleet.streamed(), await fleet.read());
});

test("with bodies the lines are whole, and their digests are the entries of the log", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path, { inlineBodyBytes: 1024 });
  await made.exchange();
  await made.trail.close();
  await fleet.ship(1024);
  const [document = {}] = await fleet.documents();
  const lines = String(valueAt(document, "event.original")).split("\n");
  const records = valueAt(document, "es_proxy.log.records") as { entry: string }[];
  const journal = readFileSync(fleet.directory.file("audit.ndjson"), "utf8").trimEnd().split("\n");
  assert.deepEqual(lines, journal);
  assert.deepEqual(
    records.map(({ entry }) => entry),
    journal.map((line) => createHash("sha256").update(line).digest("base64")),
  );
  assert.match(String(valueAt(document, "http.request.body.content")), /4711/);
  assert.equal(valueAt(document, "es_proxy.log.whole"), true);
});

test("runs go on where the last one was, over rotation and with requests under way", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path, { rotateBytes: 8000 });
  const open = await made.begin();
  for (let run = 0; run < 6; run += 1) {
    for (let n = 0; n < 7; n += 1) {
      made.clock.monotonicMs += 1000;
      await made.exchange();
    }
    await fleet.ship();
    assert.equal(fleet.shipped, 7 * (run + 1), `run ${run}`);
  }
  await made.end(open);
  await made.trail.close();
  await fleet.ship();
  assert.equal(fleet.shipped, 43);
  assert.deepEqual(await fleet.streamed(), await fleet.read());
});

test("what fails on the way comes in the end, once", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path, { rotateBytes: 20_000 });
  for (let n = 0; n < 60; n += 1) {
    made.clock.monotonicMs += 10;
    await made.exchange();
  }
  await made.trail.close();
  const path = `/${dataStream}/_bulk`;
  const faults = [
    { kind: "status", status: 429 },
    { kind: "reset", at: "before-headers" },
    { kind: "reset", at: "body", bytes: 10 },
    { kind: "missing-product" },
    { kind: "broken-json" },
    { kind: "status", status: 503 },
    { kind: "bulk-items", status: 429, odds: 0.5 },
    { kind: "status", status: 413 },
  ] as const;
  for (const [at, fault] of faults.entries()) fleet.mock.faults.add({ fault, path, nth: at + 1 });
  await fleet.ship();
  assert.deepEqual(await fleet.streamed(), await fleet.read());
  assert.equal((await fleet.documents()).length, 60);
  assert.equal(fleet.told.length, faults.length - 1, fleet.told.join("\n"));
});

test("whatever a target answers, everything is there in the end, once", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path);
  const product = { "x-elastic-product": "Elasticsearch" };
  const answers: readonly ((response: ServerResponse) => void)[] = [
    (response) => response.end("<h1>It works!</h1>"),
    (response) => response.writeHead(200, product).end("<h1>It works!</h1>"),
    ...["", "null", "[]", '"x"', '{"items":[null]}', '{"items":[{},{}]}', '{"items":[7]}'].map(
      (text) => (response: ServerResponse) => response.writeHead(200, product).end(text),
    ),
    (response) => response.writeHead(302, { ...product, location: "/elsewhere" }).end(),
    (response) => response.writeHead(204, product).end(),
    (response) => response.writeHead(200, { ...product, "content-length": "100" }).write("{"),
    (response) => response.writeHead(200, product).end("x".repeat(17_000_000)),
    (response) => response.writeHead(401, product).end("{}"),
  ];
  let bad: ((response: ServerResponse) => void) | undefined;
  const paths: (string | undefined)[] = [];
  const front = createServer((request, response) => {
    const answer = bad;
    bad = undefined;
    paths.push(request.url?.split("?", 1)[0]);
    if (answer !== undefined) {
      request.resume().on("end", () => answer(response));
      return;
    }
    const { method, headers } = request;
    const on = forward(new URL(request.url ?? "/", fleet.mock.url), { method, headers }, (from) => {
      response.writeHead(from.statusCode ?? 500, from.headers);
      from.pipe(response);
    });
    request.pipe(on);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  t.after(() => {
    front.closeAllConnections();
    front.close();
  });
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const cluster = { ...fleet.cluster, nodes: [url], timeoutMs: 1000 };
  for (const [at, answer] of answers.entries()) {
    await made.exchange();
    bad = answer;
    const shipper = fleet.shipper(0, cluster);
    await shipper.drain(never);
    await shipper.close();
    assert.equal(fleet.shipped, at + 1);
    assert.ok(fleet.told.length > at, `answer ${at} was no failure`);
  }
  await made.trail.close();
  assert.deepEqual([...new Set(paths)], [`/${dataStream}/_bulk`], "no redirect is followed");
  assert.deepEqual(await fleet.streamed(), await fleet.read());
  assert.equal((await fleet.documents()).length, answers.length);
});

test("what the cluster refuses for ever lies beside, with the reason", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path);
  await made.exchange();
  await fleet.ship();
  await made.exchange();
  await made.trail.close();
  const path = `/${dataStream}/_bulk`;
  fleet.mock.faults.add({ fault: { kind: "bulk-items", status: 400 }, path, times: 1 });
  await fleet.ship();
  assert.equal((await fleet.documents()).length, 1);
  const letters = readFileSync(deadLetterPath(fleet.directory.path, "target"), "utf8");
  const letter = JSON.parse(letters.trimEnd()) as Record<string, unknown>;
  assert.equal(letter["status"], 400);
  const document = letter["document"] as AuditDocument;
  assert.equal(valueAt(document, "event.id"), letter["id"]);
  await fleet.ship();
  assert.equal((await fleet.documents()).length, 1, "it is not sent again");
});

test("a trail that was shipped twice, over a rollover, is read once", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path);
  for (let n = 0; n < 9; n += 1) await made.exchange();
  await made.trail.close();
  appendFileSync(fleet.directory.file("audit.ndjson"), `${gapLine}\n`);
  await fleet.ship();
  const client = new ClusterClient(fleet.cluster);
  await client.request({ method: "POST", path: `/${dataStream}/_rollover` });
  await client.close();
  rmSync(fleet.directory.file("ship", "target.json"));
  await fleet.ship();
  assert.equal((await fleet.documents()).length, 20);
  assert.deepEqual(await fleet.streamed(), await fleet.read());
  const asking = new ClusterClient(fleet.cluster);
  const gaps: AuditDocument[] = [];
  const onGap = (document: AuditDocument): number => gaps.push(document);
  const filter = compileFilter("user: nobody", { nowMs: Date.now() });
  for await (const entries of readStream(asking, { dataStream, filter, onGap }))
    assert.fail(`${entries.length} entries`);
  await asking.close();
  assert.deepEqual(
    gaps.map((document) => valueAt(document, "event.reason")),
    ["ENOSPC"],
    "a gap is told of once, whatever the filter wants",
  );
});

test("filters find the same in the data stream as in the directory", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path);
  for (let n = 0; n < 12; n += 1)
    await made.exchange(
      { authorization: basic(`user-${n % 3}`), target: `/logs-${n % 2}/_search` },
      { status: n % 4 === 0 ? 503 : 200 },
    );
  for (const authorization of ["élan:日本", "L".repeat(9000)].map(basic))
    await made.exchange({ authorization });
  for (const target of [`/${"x".repeat(9000)}needle`, "/é/_search"])
    await made.exchange({ target });
  await made.session("0192f3c4-0000-7000-8000-00000000beef");
  await made.trail.close();
  await fleet.ship();
  for (const kql of [
    "user: user-1",
    "status >= 500",
    "not user: user-*",
    "action: search and not status: 503",
    "index: logs-*",
    "path: *1*",
    "source: 192.0.2.0/24",
    "es_proxy.record: response",
    "event.duration > 1ms",
    "outcome: success or outcome: unknown",
    "user: *日本",
    "url.original: *needle",
    "not url.original: *needle",
    "not (not user: LLL*)",
    "index: é*",
    "not event.end: *",
    "event.end: *",
    "es_proxy.log.host: *",
    "not es_proxy.log.whole: false",
    'not "proxy-1"',
    '@timestamp > "2026-11-30T08:15:02.2Z"',
    'not @timestamp > "2026-11-30T08:15:02.2Z"',
    "es_proxy: *",
  ]) {
    const expected = await fleet.read(kql);
    assert.deepEqual(await fleet.streamed(kql), expected, kql);
  }
});

test("a journal that was empty when shipping began is gone on with after a restart", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path);
  const shipper = fleet.shipper();
  const stop = new AbortController();
  const following = shipper.follow(stop.signal);
  await waitFor("a look at the empty journal", () => fleet.looks > 0);
  await made.exchange();
  await waitFor("the document", () => fleet.shipped === 1);
  stop.abort();
  await following;
  await shipper.close();
  await made.exchange();
  await made.trail.close();
  await fleet.ship();
  assert.equal(fleet.shipped, 2);
  const saved = readFileSync(fleet.directory.file("ship", "target.json"), "utf8");
  assert.doesNotMatch(saved, /19700101/);
});
