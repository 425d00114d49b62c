import assert from "node:assert/strict";
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

import { listJournals } from "../../../src/audit/read/catalog.ts";
import { isSameSegment, type Segment } from "../../../src/audit/read/segment.ts";
import { makeTempDir } from "../../support/temp-dir.ts";

test("segments are in the order in which they were begun, whatever their first records say", async () => {
  await using directory = await makeTempDir();
  // A request is recorded when its head is complete, with the time at which it began to come.
  for (const [name, time] of [
    ["audit-20261129T100000.000Z.ndjson", "2026-11-29T10:00:01.000Z"],
    ["audit-20261129T100002.000Z.ndjson", "2026-11-29T10:00:00.500Z"],
    ["audit-20261129T100003.000Z.ndjson", "2026-11-29T10:00:03.100Z"],
    ["audit.ndjson", "2026-11-29T09:59:59.000Z"],
  ] as const)
    writeFileSync(directory.file(name), `{"@timestamp":"${time}","event":{}}\n`);
  const [journal] = listJournals(directory.path);
  assert.deepEqual(
    journal?.segments.map(({ name }) => name),
    [
      "audit-20261129T100000.000Z.ndjson",
      "audit-20261129T100002.000Z.ndjson",
      "audit-20261129T100003.000Z.ndjson",
      "audit.ndjson",
    ],
  );
});

test("a file that got the inode of one that is gone is another segment", async () => {
  await using directory = await makeTempDir();
  const write = (name: string, time: string): void =>
    writeFileSync(directory.file(name), `{"@timestamp":"${time}","event":{}}\n`);
  const listed = (): Segment => {
    const segment = listJournals(directory.path)[0]?.segments[0];
    assert.ok(segment);
    return segment;
  };
  write("audit.ndjson", "2026-11-29T10:00:00.123456789Z");
  const before = listed();
  renameSync(directory.file("audit.ndjson"), directory.file("audit-20261129T100100.000Z.ndjson"));
  const renamed = listed();
  assert.equal(renamed.inode, before.inode);
  assert.ok(isSameSegment(before, renamed));
  write(renamed.name, "2026-11-29T10:00:00.123456788Z");
  assert.equal(listed().inode, before.inode);
  assert.ok(!isSameSegment(before, listed()));
  writeFileSync(directory.file(renamed.name), "");
  const empty = listed();
  write(renamed.name, "2026-11-29T10:00:00.123456788Z");
  assert.ok(isSameSegment(empty, listed()), "an empty one says nothing of its first record");
});

/** Seals the file that is written to, and begins the next one, many times, each a second later. */
const firstMs = Date.UTC(2026, 10, 29);
const rotating = `
  const { renameSync, writeFileSync } = require("node:fs");
  const { parentPort, workerData: directory } = require("node:worker_threads");
  const begin = (number) => {
    const time = new Date(${firstMs} + number * 1000).toISOString().replace("Z", "000000Z");
    writeFileSync(directory + "/fresh", '{"@timestamp":"' + time + '","event":{}}\\n');
    renameSync(directory + "/fresh", directory + "/audit.ndjson");
  };
  begin(0);
  for (let number = 1; number <= 200; number += 1) {
    // It takes its time to list many files, in which more happens.
    if (number === 40) parentPort.postMessage("goes on");
    const stamp = new Date(${firstMs} + number * 1000 - 1000).toISOString().replaceAll(/[-:]/g, "");
    renameSync(directory + "/audit.ndjson", directory + "/audit-" + stamp + ".ndjson");
    begin(number);
  }
`;

test("no segment is left out, or listed twice, when the journal is rotated meanwhile", async (t) => {
  await using directory = await makeTempDir();
  const worker = new Worker(rotating, { eval: true, workerData: directory.path });
  t.after(() => worker.terminate());
  let isOver = false;
  worker.on("exit", () => (isOver = true));
  await once(worker, "message");
  for (let last = -1; last < 200;) {
    // Asked first: the last look is at a directory in which nothing changes any more.
    const mustBeWhole = isOver;
    const seconds = listJournals(directory.path)[0]?.segments.map(
      (segment) => (segment.firstMs - firstMs) / 1000,
    );
    assert.deepEqual(
      seconds,
      Array.from({ length: seconds?.length ?? 0 }, (_, number) => number),
    );
    last = seconds?.at(-1) ?? -1;
    assert.ok(!mustBeWhole || last === 200, `the last one is ${last}`);
    await new Promise(setImmediate);
  }
});
