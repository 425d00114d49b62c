import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";

import { factsStem } from "../../../src/audit/facts/facts-files.ts";
import { readTrailWithFacts } from "../../../src/audit/facts/facts-trail.ts";
import { TrailIndex } from "../../../src/audit/index/trail-index.ts";
import { listJournals } from "../../../src/audit/read/catalog.ts";
import type { FoundLine, LineIndex } from "../../../src/audit/read/line-index.ts";
import type { Segment } from "../../../src/audit/read/segment.ts";
import { compileFilter, type Filter } from "../../../src/kql/filter.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { buildIndexes, deriveFacts, smallTrail } from "./generated-trail.ts";

let folder: TempDir;

before(async () => {
  folder = await makeTempDir();
  await smallTrail(folder.path, { exchanges: 320, rotateBytes: 150_000 });
  await smallTrail(folder.path, {
    exchanges: 120,
    workers: 1,
    format: "text",
    rotateBytes: 70_000,
  });
  await deriveFacts(folder.path);
  await buildIndexes(folder.path);
});

after(() => folder.remove());

/** An index that counts the lines that it names. */
class CountedIndex implements LineIndex {
  readonly #index: TrailIndex;
  lines = 0;
  segments = 0;

  constructor(bytesPerLookUp: number) {
    const fail = (segment: string, reason: string): void => assert.fail(segment + reason);
    this.#index = new TrailIndex(folder.path, fail, bytesPerLookUp);
  }

  linesOf(segment: Segment, idEnd: string): readonly FoundLine[] | undefined {
    return this.#index.linesOf(segment, idEnd);
  }

  linesFor(segment: Segment, filter: Filter | undefined): readonly FoundLine[] | undefined {
    const lines = this.#index.linesFor(segment, filter);
    if (lines !== undefined) this.segments += 1;
    this.lines += lines?.length ?? 0;
    return lines;
  }

  close(): void {
    this.#index.close();
  }
}

async function idsOf(
  filter: Filter,
  order: "begin" | "any",
  index: LineIndex | undefined,
): Promise<string[]> {
  const ids: string[] = [];
  const options = { directory: folder.path, filter, order, index };
  for await (const entries of readTrailWithFacts(options))
    for (const entry of entries)
      ids.push(`${entry.id} ${entry.opening?.offset} ${entry.closing?.offset}`);
  return order === "any" ? ids.sort() : ids;
}

const questions = [
  "user: user-3",
  "user: (user-3 or user-9) and not action: search",
  "not user: user-0",
  "status: 503",
  "status >= 400",
  "index: patients-2",
  "action: bulk and user: user-1",
  "user: user-9 or status: 404",
  "not (index: patients-0 or action: search)",
  "es_proxy.facts.fingerprint: *",
  "not es_proxy.facts.indices: patients-1",
  "docs > 5 and user: user-2",
  "user: nobody",
  "user-5",
  "user.name: user-1*",
  "user.name.text: user",
  "body: vip and user: user-4",
  "es_proxy.outcome: completed and status: 404",
  "event.action: audit.*",
];

for (const [order, asked] of [
  ["begin", questions],
  ["any", questions.slice(0, 5)],
] as const)
  test(`filters find the same with indexes, in order "${order}"`, async () => {
    // All that may match is looked up, however much that is.
    const index = new CountedIndex(0);
    let found = 0;
    for (const text of asked) {
      const filter = compileFilter(text, { nowMs: Date.now() });
      const ids = await idsOf(filter, order, undefined);
      assert.deepEqual(await idsOf(filter, order, index), ids, text);
      found += ids.length;
    }
    assert.ok(found > 100 && index.segments > 10, `${found} found in ${index.segments} segments`);
    index.close();
  });

test("only what may match is read, and where that is much the segment is", async () => {
  const filter = compileFilter("user: user-11 and status: 404", { nowMs: Date.now() });
  const index = new CountedIndex(100);
  const ids = await idsOf(filter, "begin", index);
  const sealed = listJournals(folder.path)
    .flatMap(({ segments }) => segments)
    .filter(({ isSealed }) => isSealed).length;
  assert.equal(index.segments, sealed);
  // Beside the matches, exchanges of which the other half is in another segment.
  const none = new CountedIndex(100);
  const nobody = compileFilter("user: nobody", { nowMs: Date.now() });
  assert.deepEqual(await idsOf(nobody, "begin", none), []);
  assert.equal(none.segments, sealed, "all fields of a short name are indexed");
  none.close();
  assert.ok(index.lines < 2 * ids.length + 150 * sealed, `${index.lines} lines`);
  index.close();
  const costly = new CountedIndex(1e9);
  assert.deepEqual(await idsOf(filter, "begin", costly), ids);
  assert.equal(costly.lines, 0);
  costly.close();
});

test("an exchange over two segments is found when one of them has no index", async () => {
  const filter = compileFilter("user: user-0 and status: 200", { nowMs: Date.now() });
  const ids = await idsOf(filter, "begin", undefined);
  const journal = listJournals(folder.path).find(({ segments }) => segments.length > 3);
  const second = journal?.segments[1];
  assert.ok(second !== undefined);
  const name = factsStem(second);
  rmSync(folder.file(`${name}.index`));
  const index = new CountedIndex(0);
  assert.deepEqual(await idsOf(filter, "begin", index), ids);
  index.close();
});
