import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import test from "node:test";

import { freeStamp, packsWithoutSegment } from "../../../src/audit/store/segment-names.ts";
import { makeTempDir } from "../../support/temp-dir.ts";

const wallMs = Date.UTC(2026, 10, 23, 4, 24, 11, 123);

test("a segment is named after its beginning, or the next millisecond that no file has", async () => {
  await using directory = await makeTempDir();
  assert.equal(freeStamp(directory.path, "audit", wallMs), "20261123T042411.123Z");
  writeFileSync(directory.file("audit-20261123T042411.123Z.pack"), "");
  writeFileSync(directory.file("audit-20261123T042411.124Z.ndjson"), "");
  writeFileSync(directory.file("audit-20261123T042411.125Z.log"), "");
  assert.equal(freeStamp(directory.path, "audit", wallMs), "20261123T042411.126Z");
  assert.equal(freeStamp(directory.path, "audit.1", wallMs), "20261123T042411.123Z");
});

test("packs of full journals, of either format and compressed ones, are not those of open segments", async () => {
  await using directory = await makeTempDir();
  for (const name of ["1Z.ndjson", "1Z.pack", "2Z.log.zst", "2Z.pack", "3Z.pack", "4Z.ndjson"])
    writeFileSync(directory.file(`audit-${name}`), "");
  writeFileSync(directory.file("audit.1-5Z.pack"), "");
  assert.deepEqual(packsWithoutSegment(directory.path, "audit"), ["audit-3Z.pack"]);
});
