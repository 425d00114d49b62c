import assert from "node:assert/strict";
import { readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import test from "node:test";

import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { descriptorsBelow } from "../support/descriptors-below.ts";
import { FailingDevice, type Failing } from "../support/failing-device.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { assertAccounted, recordsById } from "./accounting.ts";
import {
  ended,
  openTrail,
  recordingLog,
  someRecord,
  someRoute,
  stored,
  type LogLine,
} from "./trail-fixture.ts";

type Trail = ReturnType<typeof openTrail>;

/** Records one exchange. @returns whether its request would be forwarded */
async function exchange(trail: Trail, onFailure: "continue" | "reject" = "reject") {
  const record = someRecord({ route: someRoute({ onFailure }) });
  const isForwarded = await stored((waiter) => trail.request(record, waiter));
  await stored((waiter) => trail.response(ended(record), waiter));
  return isForwarded;
}

const recordsOf = async (folder: TempDir) =>
  (await readAudit(folder.path, { allowTornTail: true })).map(({ record }) => record);

const gapsIn = (records: readonly Readonly<Record<string, unknown>>[]) =>
  records.filter((record) => fieldAt(record, "es_proxy.record") === "gap");

const segmentsOf = (folder: TempDir): string[] =>
  readdirSync(folder.path).filter((name) => /^audit-.*\.ndjson$/.test(name));

/** The first such call fails, and no other. */
function once(code: string, which: Failing): Failing {
  let isOver = false;
  return (call, name) => {
    if (isOver || which(call, name) === undefined) return undefined;
    isOver = true;
    return code;
  };
}

const isJournal: Failing = (call, name) =>
  call.includes("sync") && name.endsWith(".ndjson") ? "EIO" : undefined;

test("after a failed fdatasync a new segment begins, and what may not be on the device is a gap", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const trail = openTrail(folder.path, { durability: "durable" });
  assert.equal(await exchange(trail), true);
  await waitFor("all on the device", () => trail.stats.records === 2 && device.underWay === 0);
  device.fails = once("EIO", isJournal);
  assert.equal(await exchange(trail), false, "its record may be lost");
  await waitFor("a new segment", () => segmentsOf(folder).length > 0);
  assert.equal(await exchange(trail), true, "the new file is fine");
  await trail.close();
  const [gap = {}] = gapsIn(await recordsOf(folder));
  assert.equal(fieldAt(gap, "event.reason"), "EIO");
  const records = Number(fieldAt(gap, "es_proxy.gap.records"));
  assert.ok(records >= 1 && records <= 3, `${records} records since the last good sync`);
});

test("a request whose record is written while another sync fails is not forwarded either", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const trail = openTrail(folder.path, { durability: "durable" });
  const gate = Promise.withResolvers<void>();
  device.gate = gate.promise;
  device.fails = once("EIO", isJournal);
  const first = exchange(trail);
  await waitFor("the sync", () => device.underWay === 1);
  const second = exchange(trail);
  await waitFor("its record", () => trail.stats.records === 2);
  device.gate = undefined;
  gate.resolve();
  assert.deepEqual(await Promise.all([first, second]), [false, false]);
  await trail.close();
  const [gap = {}] = gapsIn(await recordsOf(folder));
  assert.equal(fieldAt(gap, "es_proxy.gap.records"), 2);
});

for (const [what, which] of [
  [
    "of the full file",
    (call, name) => (call === "fdatasyncSync" ? isJournal(call, name) : undefined),
  ],
  [
    "of the directory's names",
    (call, name) => (call === "fsyncSync" && name === "" ? "" : undefined),
  ],
] as const satisfies readonly (readonly [string, Failing])[])
  test(`a failed sync ${what} when a segment ends refuses those who wait and is a gap`, async () => {
    await using folder = await makeTempDir();
    using device = new FailingDevice(folder.path);
    const trail = openTrail(folder.path, { durability: "durable", rotateBytes: 1 });
    device.fails = once("EIO", which);
    assert.equal(await exchange(trail), false);
    assert.equal(await exchange(trail), true);
    await trail.close();
    const [gap = {}, ...more] = gapsIn(await recordsOf(folder));
    assert.equal(fieldAt(gap, "event.reason"), "EIO");
    assert.equal(fieldAt(gap, "es_proxy.gap.records"), 1);
    assert.equal(more.length, 0);
  });

test("a device that stays broken refuses everything in a handful of files, and then goes on", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const log: LogLine[] = [];
  const trail = openTrail(folder.path, { durability: "durable", log: recordingLog(log) });
  assert.equal(await exchange(trail), true);
  await waitFor("all on the device", () => trail.stats.records === 2 && device.underWay === 0);
  const results: boolean[] = [];
  const tries: string[] = [];
  device.fails = (call, name) => {
    const code = isJournal(call, name);
    if (code !== undefined) tries.push(call);
    return code;
  };
  while (tries.length < 5) results.push(await exchange(trail));
  assert.ok(results.every((isForwarded) => !isForwarded));
  assert.equal(await exchange(trail, "continue"), true);
  assert.equal(trail.stats.isFailing, true);
  assert.ok(segmentsOf(folder).length <= 2, segmentsOf(folder).join());
  assert.ok(log.length < 10, JSON.stringify(log));
  device.fails = () => undefined;
  await waitFor("storing works again", () => !trail.stats.isFailing);
  assert.equal(await exchange(trail), true);
  await trail.close();
  const records = await recordsOf(folder);
  // What was written before the first failure may be there or not: it is counted and it is there.
  const counts = recordsById(records);
  for (const { request, response } of counts.values()) assert.ok(request <= 1 && response <= 1);
  assert.ok(gapsIn(records).length <= 2);
});

test("a body under way in a pack that could not be brought to the device is lost, and says so", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const trail = openTrail(folder.path, { durability: "durable", inlineBodyBytes: 10 });
  const route = someRoute({ onFailure: "reject" });
  const record = someRecord({ route });
  await stored((waiter) => trail.request(record, waiter));
  const tap = trail.tapResponse(record);
  const piece = Buffer.alloc(200_000, "a");
  tap.write(piece, 0, piece.length);
  device.fails = once("EIO", (call, name) =>
    call === "fdatasync" && name.endsWith(".pack") ? "" : undefined,
  );
  assert.equal(await exchange(trail), false);
  tap.write(piece, 0, piece.length);
  tap.finish(true);
  assert.equal(trail.mustCut(record), true);
  trail.response(ended(record), undefined);
  await trail.close();
  const response = (await recordsOf(folder)).find(
    (line) =>
      fieldAt(line, "event.id") === record.id && fieldAt(line, "es_proxy.record") === "response",
  );
  assert.equal(fieldAt(response ?? {}, "es_proxy.response_body.stored"), false);
});

test("a pack that cannot be brought to the device when its segment ends refuses those who wait", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const trail = openTrail(folder.path, {
    durability: "durable",
    inlineBodyBytes: 10,
    rotateBytes: 1,
  });
  const record = someRecord({ route: someRoute({ onFailure: "reject" }) });
  const piece = Buffer.alloc(50_000, "a");
  const tap = trail.tapRequest(record);
  tap.write(piece, 0, piece.length);
  tap.finish(true);
  device.fails = once("EIO", (call, name) =>
    call === "fdatasyncSync" && name.endsWith(".pack") ? "" : undefined,
  );
  assert.equal(await stored((waiter) => trail.request(record, waiter)), false);
  await trail.close();
  const [gap = {}] = gapsIn(await recordsOf(folder));
  assert.equal(fieldAt(gap, "event.reason"), "EIO");
});

for (const durability of ["written", "async", "durable"] as const)
  test(`a file whose closing says that it was not stored is a gap, and no number is used again, ${durability}`, async () => {
    await using folder = await makeTempDir();
    using device = new FailingDevice(folder.path);
    const log: LogLine[] = [];
    const trail = openTrail(folder.path, { durability, rotateBytes: 1500, log: recordingLog(log) });
    device.fails = once("EDQUOT", (call, name) =>
      call === "closeSync" && name.startsWith("audit-") && name.endsWith(".ndjson")
        ? ""
        : undefined,
    );
    for (let count = 0; count < 6; count += 1) await exchange(trail, "continue");
    await waitFor("six exchanges", () => trail.stats.records >= 12 + trail.stats.gaps);
    await trail.close();
    assert.equal(descriptorsBelow(folder.path), 0);
    const records = await recordsOf(folder);
    const gaps = gapsIn(records);
    assert.equal(gaps.length, 1);
    assert.equal(fieldAt(gaps[0] ?? {}, "event.reason"), "EDQUOT");
    assert.ok(Number(fieldAt(gaps[0] ?? {}, "es_proxy.gap.records")) >= 1);
    const counts = [...recordsById(records).values()];
    assert.equal(counts.length, 6);
    assert.ok(counts.every(({ request, response }) => request === 1 && response === 1));
  });

test("a pack whose closing fails harms no exchange", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const log: LogLine[] = [];
  const trail = openTrail(folder.path, {
    inlineBodyBytes: 10,
    rotateBytes: 1,
    log: recordingLog(log),
  });
  device.fails = (call, name) =>
    call === "closeSync" && name.endsWith(".pack") ? "EIO" : undefined;
  for (let count = 0; count < 3; count += 1) {
    const record = someRecord();
    const body = Buffer.alloc(5000, String(count));
    await stored((waiter) => trail.request(record, waiter));
    trail.tapResponse(record).whole(body, 0, body.length);
    await stored((waiter) => trail.response(ended(record), waiter));
  }
  await trail.close();
  assert.ok(log.some(({ message }) => message.includes("pack could not be brought")));
  assertAccounted(await recordsOf(folder));
});

test("a stop that cannot bring the records to the device says so", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const log: LogLine[] = [];
  const trail = openTrail(folder.path, { durability: "durable", log: recordingLog(log) });
  device.fails = (call, name) => (call === "fdatasyncSync" ? isJournal(call, name) : undefined);
  const last = someRecord({ route: someRoute({ onFailure: "reject" }) });
  const told = stored((waiter) => trail.request(last, waiter));
  await trail.close();
  assert.equal(await told, false);
  assert.deepEqual(
    log.map(({ message }) => message),
    ["audit records may not be on the device after the stop"],
  );
});

for (const at of [1, 2])
  test(`a rotation whose ${at === 1 ? "first" : "second"} rename fails loses nothing`, async () => {
    await using folder = await makeTempDir();
    using device = new FailingDevice(folder.path);
    const trail = openTrail(folder.path, { rotateBytes: 1 });
    let count = 0;
    device.fails = (call, name) => {
      if (call !== "renameSync" || !name.startsWith("audit")) return undefined;
      if (name.includes("state")) return undefined;
      count += 1;
      return count === at ? "EIO" : undefined;
    };
    for (let turn = 0; turn < 3; turn += 1) assert.equal(await exchange(trail), true);
    assert.ok(count > at);
    await trail.close();
    const records = await recordsOf(folder);
    assert.equal(records.length, 6);
    assertAccounted(records);
  });

test("a directory that has become a circle of links does not end the process", async () => {
  await using folder = await makeTempDir();
  const audit = folder.file("audit");
  const trail = openTrail(audit, { rotateBytes: 1500 });
  assert.equal(await exchange(trail), true);
  renameSync(audit, folder.file("moved"));
  symlinkSync("audit", audit);
  for (let count = 0; count < 4; count += 1) assert.equal(await exchange(trail, "continue"), true);
  rmSync(audit);
  renameSync(folder.file("moved"), audit);
  assert.equal(await exchange(trail), true);
  await trail.close();
  assertAccounted((await readAudit(audit)).map(({ record }) => record));
});
