import assert from "node:assert/strict";
import { test } from "node:test";

import { derivedBytes } from "../../../src/audit/facts/coverage.ts";
import { listJournals } from "../../../src/audit/read/catalog.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { deriveFacts, smallTrail } from "../index/generated-trail.ts";

test("facts that are complete stay so when they are asked for again", async () => {
  await using folder = await makeTempDir();
  await smallTrail(folder.path, { exchanges: 300 });
  const missing = (): string[] =>
    listJournals(folder.path)
      .flatMap(({ segments }) => segments)
      .filter((segment) => derivedBytes(folder.path, segment) < segment.size)
      .map(({ name }) => name);
  assert.ok(missing().length > 1);
  for (let times = 0; times < 2; times += 1) {
    await deriveFacts(folder.path);
    assert.deepEqual(missing(), []);
  }
});
