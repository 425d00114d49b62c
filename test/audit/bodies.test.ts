import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import test from "node:test";

import { parseTextLine } from "../../src/audit/format/text/text-line.ts";
import { openStoredBody } from "../../src/audit/store/stored-body.ts";
import type { AuditTrail } from "../../src/audit/trail/audit-trail.ts";
import type { ExchangeRecord } from "../../src/audit/record/exchange-record.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { ended, giveRequest, openTrail, someRecord } from "./trail-fixture.ts";

/** Passes a response body through a capture in pieces. */
function pass(
  trail: AuditTrail,
  record: ExchangeRecord,
  body: Buffer,
  piece: number,
  isComplete = true,
): void {
  const tap = trail.tapResponse(record);
  for (let at = 0; at < body.length; at += piece)
    tap.write(body, at, Math.min(at + piece, body.length));
  tap.finish(isComplete);
}

/** Names of what lies in the body store. */
function storedFiles(directory: string): string[] {
  return readdirSync(join(directory, "bodies"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

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
  assert.deepEqual(fieldAt(stored, "es_proxy.request_body"), {
    sha256: sha256(large),
    pointer: `bodies/${sha256(large).slice(0, 2)}/${sha256(large)}`,
    complete: true,
  });
});

test("stores equal large bodies once, compresses them, and reads them back plain or compressed", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const body = Buffer.from(
    JSON.stringify({ hits: Array.from({ length: 5000 }, (_, id) => ({ id })) }),
  );
  const pointer = `bodies/${sha256(body).slice(0, 2)}/${sha256(body)}`;
  const first = someRecord();
  trail.request(first, undefined);
  pass(trail, first, body, 4096);
  trail.response(ended(first), undefined);
  assert.deepEqual(await buffer(openStoredBody(directory.path, pointer)), body);
  await waitFor(
    "the body is compressed",
    () => existsSync(directory.file(`${pointer}.zst`)) && !existsSync(directory.file(pointer)),
  );
  assert.ok(readFileSync(directory.file(`${pointer}.zst`)).length < body.length / 4);
  assert.deepEqual(await buffer(openStoredBody(directory.path, pointer)), body);
  const second = someRecord();
  giveRequest(trail, second, body);
  trail.request(second, undefined);
  trail.response(ended(second), undefined);
  await trail.close();
  assert.deepEqual(storedFiles(directory.path), [`${sha256(body)}.zst`]);
  const pointers = (await readAudit(directory.path)).map(
    ({ record }) =>
      fieldAt(record, "es_proxy.request_body.pointer") ??
      fieldAt(record, "es_proxy.response_body.pointer"),
  );
  assert.deepEqual(pointers, [undefined, pointer, pointer, undefined]);
});

for (const format of ["ecs", "text"] as const)
  test(`without a store larger bodies leave size, hash and the word that they were not stored (${format})`, async () => {
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path, { format, storesBodies: false });
    const large = Buffer.from("0123456789".repeat(1000));
    const [streamed, whole, small] = [someRecord(), someRecord(), someRecord()];
    const tap = trail.tapRequest(streamed);
    trail.request(streamed, undefined);
    for (let at = 0; at < large.length; at += 100) tap.write(large, at, at + 100);
    tap.finish(true);
    giveRequest(trail, whole, large);
    giveRequest(trail, small, Buffer.from("small"));
    for (const record of [whole, small]) trail.request(record, undefined);
    for (const record of [streamed, whole, small]) {
      pass(trail, record, large, 4096);
      trail.response(ended(record), undefined);
    }
    await trail.close();
    assert.equal(trail.stats.bodyFailures, 0, "nothing has failed");
    assert.deepEqual(storedFiles(directory.path), []);
    const facts = { sha256: sha256(large), stored: false, complete: true };
    if (format === "ecs") {
      const records = (await readAudit(directory.path)).map(({ record }) => record);
      assert.deepEqual(
        records.map((record) => [
          fieldAt(record, "http.request.body.bytes"),
          fieldAt(record, "es_proxy.request_body"),
        ]),
        [
          [undefined, { streamed: true }],
          [10_000, facts],
          [5, undefined],
          [10_000, facts],
          [undefined, undefined],
          [undefined, undefined],
        ],
      );
      for (const record of records.slice(3)) {
        assert.equal(fieldAt(record, "http.response.body.bytes"), 10_000);
        assert.deepEqual(fieldAt(record, "es_proxy.response_body"), facts);
      }
    } else {
      const lines = readFileSync(directory.file("audit.log"), "utf8")
        .trimEnd()
        .split("\n")
        .map(parseTextLine);
      const notStored = `sha256:${sha256(large)},size:10000,not-stored`;
      assert.deepEqual(
        lines.map((line) => line?.body),
        [
          "(streamed)",
          notStored,
          Buffer.from("small").toString("base64"),
          notStored,
          undefined,
          undefined,
        ],
      );
    }
  });

test("without a store a body far larger than memory should be passes at flat memory", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { storesBodies: false });
  const record = someRecord();
  trail.request(record, undefined);
  const tap = trail.tapResponse(record);
  const piece = Buffer.alloc(65_536, "abcdefgh");
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  for (let at = 0; at < 1024; at += 1) {
    tap.write(piece, 0, piece.length);
    if (at % 64 === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  tap.finish(true);
  assert.ok(
    peak - before < 8 * 1_048_576,
    `${peak - before} bytes of buffers for a body of 64 MiB`,
  );
  assert.equal(record.responseBody.bytes, 64 * 1_048_576);
  trail.response(ended(record), undefined);
  await trail.close();
});

test("without a store what a dead process with one had begun is still sealed", async () => {
  await using directory = await makeTempDir();
  const crashed = openTrail(directory.path);
  const record = someRecord();
  const tap = crashed.tapRequest(record);
  crashed.request(record, undefined);
  const body = Buffer.alloc(5000, 0x61);
  tap.write(body, 0, body.length);
  crashed.flushNow();
  // As if the process were gone: its lock names nobody alive.
  writeFileSync(directory.file("audit.lock"), JSON.stringify({ pid: 4_000_000, started: "1" }));
  await openTrail(directory.path, { storesBodies: false }).close();
  assert.ok(storedFiles(directory.path).some((name) => name.startsWith(sha256(body))));
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

test("a body that cannot be stored leaves its hash, says so, and does not disturb the exchange", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  rmSync(directory.file("bodies"), { recursive: true });
  writeFileSync(directory.file("bodies"), "in the way");
  const record = someRecord();
  trail.request(record, undefined);
  const body = Buffer.alloc(5000, 0x61);
  pass(trail, record, body, 1000);
  trail.response(ended(record), undefined);
  assert.equal(trail.stats.bodyFailures, 1);
  rmSync(directory.file("bodies"));
  mkdirSync(directory.file("bodies"));
  await trail.close();
  const response = (await readAudit(directory.path))[1]?.record ?? {};
  assert.deepEqual(fieldAt(response, "es_proxy.response_body"), {
    sha256: sha256(body),
    stored: false,
    complete: true,
  });
});
