import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import test from "node:test";

import { bodyPointerAt } from "../../src/audit/format/ecs/ecs-body-fields.ts";
import { valueAt } from "../../src/audit/format/audit-document.ts";
import { readLine } from "../../src/audit/format/line-reader.ts";
import { SessionRecord } from "../../src/audit/record/session-record.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { noise } from "../support/noise.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { ended, giveRequest, openTrail, releaseLock, someRecord, stored } from "./trail-fixture.ts";
import { contentOf, packsOf, pass, sha256 } from "./bodies-fixture.ts";

test("a streamed request body is recorded by the terminal record, inline or by hash as its size wants", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const large = Buffer.from("0123456789".repeat(1000));
  for (const body of [Buffer.from("small"), large]) {
    const record = someRecord();
    const tap = trail.tapRequest(record);
    tap.write(body, 0, 3);
    trail.request(record, undefined);
    tap.write(body, 3, body.length);
    tap.finish(true);
    trail.response(ended(record), undefined);
  }
  await trail.close();
  const [first, small, second, stored] = (await readAudit(directory.path)).map(
    ({ record }) => record,
  );
  assert.ok(first && small && second && stored);
  assert.deepEqual(fieldAt(first, "es_proxy.request_body"), { streamed: true });
  assert.equal(fieldAt(first, "http.request.body"), undefined);
  assert.deepEqual(fieldAt(small, "http.request.body"), { bytes: 5, content: "small" });
  assert.deepEqual(fieldAt(stored, "http.request.body"), { bytes: 10_000 });
  const facts = fieldAt(stored, "es_proxy.request_body") as Record<string, unknown>;
  const [pack] = packsOf(directory.path);
  assert.ok(Number(facts["stored_bytes"]) < 1000, "it is compressed");
  delete facts["stored_bytes"];
  delete facts["offset"];
  assert.deepEqual(facts, { pack, bytes: 10_000, sha256: sha256(large), complete: true });
});

test("stores equal large bodies of a segment once, compressed, and reads them back", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const body = Buffer.from(
    JSON.stringify({ hits: Array.from({ length: 5000 }, (_, id) => ({ id })) }),
  );
  const first = someRecord();
  trail.request(first, undefined);
  pass(trail, first, body, 4096);
  trail.response(ended(first), undefined);
  const second = someRecord();
  giveRequest(trail, second, body);
  trail.request(second, undefined);
  trail.response(ended(second), undefined);
  await trail.close();
  const [, one = {}, two = {}] = (await readAudit(directory.path)).map(({ record }) => record);
  assert.deepEqual(await contentOf(directory.path, one, "response_body"), body);
  assert.deepEqual(await contentOf(directory.path, two, "request_body"), body);
  assert.deepEqual(bodyPointerAt(one, "response_body"), bodyPointerAt(two, "request_body"));
  const [pack = ""] = packsOf(directory.path);
  assert.ok(statSync(directory.file(pack)).size < body.length / 2);
});

test("stores what is compressed already as it is", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const noise = randomBytes(50_000);
  const text = Buffer.alloc(50_000, '{"coded":"as the client says"}');
  for (const [body, contentEncoding] of [
    [noise, undefined],
    [text, "gzip"],
  ] as const) {
    const record = someRecord({ contentEncoding });
    giveRequest(trail, record, body);
    trail.request(record, undefined);
  }
  await trail.close();
  const records = (await readAudit(directory.path)).map(({ record }) => record).slice(0, 2);
  for (const record of records)
    assert.equal(fieldAt(record, "es_proxy.request_body.stored_bytes"), 50_000);
  assert.deepEqual(await contentOf(directory.path, records[0] ?? {}, "request_body"), noise);
  assert.deepEqual(await contentOf(directory.path, records[1] ?? {}, "request_body"), text);
});

test("many bodies at once, of any size, coding and end, are each what the record says", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { rotateBytes: 262_144 });
  const passed = new Map<string, { body: Buffer; isComplete: boolean }>();
  for (let turn = 0; turn < 12; turn += 1) {
    const records = Array.from({ length: 8 }, () => someRecord());
    const bodies = records.map((_, at) => {
      const size = [1025, 4095, 70_000, 300_000, 600_000][(turn + at) % 5] ?? 0;
      return at % 3 === 0
        ? noise(size, turn * 8 + at)
        : Buffer.alloc(size, `{"n":${turn * 8 + at}}\n`);
    });
    const taps = records.map((record) => {
      trail.request(record, undefined);
      return trail.tapResponse(record);
    });
    for (let at = 0; at < 600_000; at += 37_777) {
      for (const [index, tap] of taps.entries()) {
        const body = bodies[index] ?? Buffer.alloc(0);
        if (at < body.length) tap.write(body, at, Math.min(at + 37_777, body.length));
      }
      if (at % 3 === turn % 3) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const [index, record] of records.entries()) {
      const isComplete = index % 4 !== 3;
      if (isComplete) taps[index]?.finish(true);
      trail.response(ended(record), undefined);
      passed.set(record.id, { body: bodies[index] ?? Buffer.alloc(0), isComplete });
    }
  }
  await trail.close();
  const responses = (await readAudit(directory.path)).flatMap(({ record }) =>
    fieldAt(record, "es_proxy.record") === "response" ? [record] : [],
  );
  assert.equal(responses.length, passed.size);
  for (const record of responses) {
    const { body, isComplete } = passed.get(String(fieldAt(record, "event.id"))) ?? {};
    const content = await contentOf(directory.path, record, "response_body");
    assert.ok(body !== undefined && content.equals(body));
    assert.equal(fieldAt(record, "es_proxy.response_body.complete"), isComplete);
  }
  const packs = packsOf(directory.path);
  assert.ok(packs.length > 2, "packs are rotated by their size, too");
  const journals = readdirSync(directory.path)
    .filter((name) => /^audit-.*\.ndjson$/.test(name))
    .sort();
  assert.deepEqual(
    packs.map((name) => name.replace(".pack", "")).slice(0, journals.length),
    journals.map((name) => name.replace(".ndjson", "")),
    "a pack has the name of its segment",
  );
});

test("a body goes on in the pack in which it began when a new segment begins", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { rotateBytes: 4096 });
  const long = someRecord();
  trail.request(long, undefined);
  const tap = trail.tapResponse(long);
  const body = randomBytes(60_000);
  tap.write(body, 0, 20_000);
  for (let at = 0; at < 40; at += 1) {
    const record = someRecord();
    trail.request(record, undefined);
    pass(trail, record, Buffer.alloc(2000, "x"), 2000);
    trail.response(ended(record), undefined);
    trail.flushNow();
  }
  tap.write(body, 20_000, 60_000);
  tap.finish(true);
  trail.response(ended(long), undefined);
  await trail.close();
  const responses = (await readAudit(directory.path)).map(({ record }) => record);
  const record = responses.find(
    (line) =>
      fieldAt(line, "event.id") === long.id && fieldAt(line, "es_proxy.record") === "response",
  );
  assert.deepEqual(await contentOf(directory.path, record ?? {}, "response_body"), body);
  for (const line of responses)
    if (bodyPointerAt(line, "response_body") !== undefined)
      await contentOf(directory.path, line, "response_body");
});

test("an aborted body keeps what had passed and says that it is incomplete", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const record = someRecord();
  trail.request(record, undefined);
  const body = Buffer.alloc(5000, 0x61);
  const tap = trail.tapResponse(record);
  tap.write(body, 0, 5000);
  trail.response(ended(record, { outcome: "client_aborted" }), undefined);
  await trail.close();
  const response = (await readAudit(directory.path))[1]?.record ?? {};
  assert.equal(fieldAt(response, "es_proxy.response_body.complete"), false);
  assert.equal(fieldAt(response, "es_proxy.response_body.sha256"), sha256(body));
});

test("a body far larger than memory should be passes at flat memory and is stored byte for byte", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { inlineBodyBytes: 16_384 });
  const record = someRecord();
  trail.request(record, undefined);
  const tap = trail.tapResponse(record);
  const piece = Buffer.alloc(65_536, "abcdefgh");
  const hash = createHash("sha256");
  const before = process.memoryUsage();
  let peak = 0;
  for (let at = 0; at < 1024; at += 1) {
    piece.writeUInt32LE(at, 0);
    tap.write(piece, 0, piece.length);
    hash.update(piece);
    if (at % 64 === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  tap.finish(true);
  assert.ok(
    peak - before.arrayBuffers < 8 * 1_048_576,
    `${peak - before.arrayBuffers} bytes of buffers for a body of 64 MiB`,
  );
  trail.response(ended(record), undefined);
  await trail.close();
  const response = (await readAudit(directory.path))[1]?.record ?? {};
  assert.equal(fieldAt(response, "es_proxy.response_body.sha256"), hash.digest("hex"));
  assert.equal(fieldAt(response, "http.response.body.bytes"), 64 * 1_048_576);
});

for (const format of ["ecs", "text"] as const)
  test(`the reader of either format finds the body of a request, also of one whose process died (${format})`, async () => {
    await using directory = await makeTempDir();
    const body = randomBytes(5000);
    const crashed = openTrail(directory.path, { format });
    const whole = someRecord();
    giveRequest(crashed, whole, body);
    crashed.request(whole, undefined);
    crashed.response(ended(whole), undefined);
    const cut = someRecord();
    const tap = crashed.tapRequest(cut);
    crashed.request(cut, undefined);
    tap.write(body, 0, 4000);
    crashed.flushNow();
    releaseLock(directory.path);
    await openTrail(directory.path, { format }).close();
    const name = format === "ecs" ? "audit.ndjson" : "audit.log";
    const documents = readFileSync(directory.file(name), "latin1")
      .trimEnd()
      .split("\n")
      .map((line) => readLine(line) ?? assert.fail(line));
    const contents: [unknown, number][] = [];
    for (const document of documents) {
      if (bodyPointerAt(document, "request_body") === undefined) continue;
      const content = await contentOf(directory.path, document, "request_body");
      assert.ok(content.equals(body.subarray(0, content.length)));
      contents.push([valueAt(document, "event.id"), content.length]);
    }
    assert.deepEqual(contents, [
      [whole.id, 5000],
      [cut.id, 4000],
    ]);
  });

for (const format of ["ecs", "text"] as const)
  test(`first bytes of a TCP session that are too many for the record lie in the pack (${format})`, async () => {
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path, { format });
    const session = new SessionRecord({
      id: "01936f3e-1111-7000-8000-000000000001",
      route: { listener: "git", onFailure: "reject" },
      peer: { address: "192.0.2.7", port: 40_123 },
      local: { address: "127.0.0.1", port: 9418 },
      proxy: undefined,
      tlsServerName: undefined,
      acceptedMs: 1000,
    });
    const seen = Buffer.alloc(9000, "0032git-upload-pack /project.git ");
    trail.tapSession(session).whole(seen, 0, seen.length);
    assert.equal(trail.mustCut(session), false);
    await stored((waiter) => trail.sessionDecided(session, waiter));
    trail.sessionEnded(session);
    await trail.close();
    const name = format === "ecs" ? "audit.ndjson" : "audit.log";
    const [first = ""] = readFileSync(directory.file(name), "latin1").split("\n");
    const document = readLine(first) ?? {};
    assert.ok((await contentOf(directory.path, document, "request_body")).equals(seen));
    assert.equal(valueAt(document, "es_proxy.first_bytes"), undefined);
  });

test("after a rotation that was not noted, and after a state of an earlier version, bodies go into a new pack", async () => {
  await using directory = await makeTempDir();
  const path = directory.file(".audit.ndjson.state");
  const store = async (): Promise<void> => {
    const trail = openTrail(directory.path);
    const record = someRecord();
    giveRequest(trail, record, randomBytes(2000));
    trail.request(record, undefined);
    trail.response(ended(record), undefined);
    await trail.close();
  };
  await store();
  await store();
  assert.equal(packsOf(directory.path).length, 1, "the segment goes on");
  const state = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  renameSync(
    directory.file("audit.ndjson"),
    directory.file(`audit-${String(state["segment"])}.ndjson`),
  );
  await store();
  assert.equal(packsOf(directory.path).length, 2);
  const {
    segment: _segment,
    packs: _packs,
    ...earlier
  } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify(earlier));
  await store();
  assert.equal(packsOf(directory.path).length, 3);
  for (const { record } of await readAudit(directory.path))
    if (bodyPointerAt(record, "request_body") !== undefined)
      assert.equal((await contentOf(directory.path, record, "request_body")).length, 2000);
});
