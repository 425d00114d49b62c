import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { test } from "node:test";

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
