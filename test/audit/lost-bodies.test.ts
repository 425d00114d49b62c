import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { parseTextLine } from "../../src/audit/format/text/text-line.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import {
  ended,
  giveRequest,
  openTrail,
  releaseLock,
  someRecord,
  someRoute,
} from "./trail-fixture.ts";
import { contentOf, packsOf, pass, sha256 } from "./bodies-fixture.ts";

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
    assert.deepEqual(packsOf(directory.path), []);
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
  releaseLock(directory.path);
  await openTrail(directory.path, { storesBodies: false }).close();
  const [, response] = (await readAudit(directory.path)).map(({ record }) => record);
  assert.deepEqual(await contentOf(directory.path, response ?? {}, "request_body"), body);
  assert.equal(fieldAt(response ?? {}, "es_proxy.request_body.complete"), false);
});

test("a body that cannot be stored leaves its hash, says so, and does not disturb the exchange", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  // Where the pack would be made there is something else.
  const state = readFileSync(directory.file(".audit.ndjson.state"), "utf8");
  const { segment } = JSON.parse(state) as { segment: string };
  mkdirSync(directory.file(`audit-${segment}.pack`));
  const record = someRecord();
  trail.request(record, undefined);
  const body = Buffer.alloc(5000, 0x61);
  pass(trail, record, body, 1000);
  trail.response(ended(record), undefined);
  assert.equal(trail.stats.bodyFailures, 1);
  await trail.close();
  const response = (await readAudit(directory.path))[1]?.record ?? {};
  assert.deepEqual(fieldAt(response, "es_proxy.response_body"), {
    sha256: sha256(body),
    stored: false,
    complete: true,
  });
});

test("a lost body must be cut off where its route says reject and the options do not say best_effort", async () => {
  await using directory = await makeTempDir();
  const strict = openTrail(directory.path);
  const lax = openTrail(directory.path, { bodies: "best_effort", worker: 1 });
  const reject = someRoute({ onFailure: "reject" });
  const cases = [
    { trail: strict, record: someRecord({ route: reject }), isCut: true },
    { trail: strict, record: someRecord(), isCut: false },
    { trail: lax, record: someRecord({ route: reject }), isCut: false },
  ];
  for (const { trail, record, isCut } of cases) {
    assert.equal(trail.mustCut(record), false);
    record.responseBody.isLost = true;
    assert.equal(trail.mustCut(record), isCut);
  }
  await strict.close();
  await lax.close();
});
