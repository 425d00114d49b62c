import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { array, assert as check, integer, nat, property, record } from "fast-check";

import { FactsReader, lastPlaceIn } from "../../../src/audit/facts/facts-reader.ts";
import { factsStem } from "../../../src/audit/facts/facts-files.ts";
import { RecordLine, TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import type { Segment } from "../../../src/audit/read/segment.ts";
import { makeTempDir } from "../../support/temp-dir.ts";

const segment: Segment = {
  name: "audit.ndjson",
  path: "audit.ndjson",
  journal: "audit.ndjson",
  format: "ecs",
  isCompressed: false,
  isEncrypted: false,
  isSealed: false,
  size: 0,
  inode: 1,
  begunMs: 1_796_000_000_000,
  firstMs: 1_796_000_000_000,
  firstFraction: "000000001",
  endMs: Infinity,
};

function idOf(place: number): string {
  return `00000000-0000-7000-8000-${String(place).padStart(12, "0")}`;
}

function entryAt(place: number): TrailEntry {
  const text = `{"event":{"id":"${idOf(place)}"}}`;
  return new TrailEntry(undefined, new RecordLine(segment, place, Buffer.from(text)));
}

function lineAt(place: number, length: number): string {
  const padding = "x".repeat(length);
  return `{"event":{"id":"${idOf(place)}"},"es_proxy":{"facts":{"at":${place},"p":"${padding}"}}}`;
}

test("finds the line of every record, in any order, among lines of any length", async () => {
  await using folder = await makeTempDir();
  const path = folder.file(`${factsStem(segment)}.facts`);
  const lines = array(
    record({
      step: integer({ min: 1, max: 9 }),
      length: integer({ min: 0, max: 300_000 }),
    }),
    { minLength: 1, maxLength: 40 },
  );
  const order = array(nat(400), { minLength: 1, maxLength: 60 });
  check(
    property(lines, order, (made, asked) => {
      const places = new Set<number>();
      let place = 0;
      const text = made.map(({ step, length }) => {
        place += step;
        places.add(place);
        return `${lineAt(place, length)}\n`;
      });
      // A last line that is being written is none yet.
      writeFileSync(path, `${text.join("")}${lineAt(place + 1, 10).slice(0, 70)}`);
      const reader = new FactsReader(folder.path);
      for (const one of [...asked, ...places]) {
        const entry = entryAt(one);
        entry.factsLine = reader.factsOf(entry);
        const found = entry.number("es_proxy.facts.at");
        assert.equal(found, places.has(one) ? one : undefined);
      }
      reader.close();
      writeFileSync(path, text.join(""));
      assert.equal(lastPlaceIn(path), place);
    }),
    { numRuns: 60 },
  );
});

test("a huge file without lines has no facts, and takes no memory", async () => {
  await using folder = await makeTempDir();
  const path = folder.file(`${factsStem(segment)}.facts`);
  writeFileSync(path, "");
  truncateSync(path, 2_200_000_000);
  const reader = new FactsReader(folder.path);
  assert.equal(reader.factsOf(entryAt(7)), undefined);
  assert.equal(lastPlaceIn(path), -1);
  reader.close();
});

test("facts of another record at the same place are nobody's, and no file has none", async () => {
  await using folder = await makeTempDir();
  const reader = new FactsReader(folder.path);
  assert.equal(reader.factsOf(entryAt(5)), undefined);
  const other = lineAt(5, 3).replace(idOf(5), idOf(6));
  writeFileSync(folder.file(`${factsStem(segment)}.facts`), `${other}\n`);
  assert.equal(reader.factsOf(entryAt(5)), undefined);
  reader.close();
  assert.equal(lastPlaceIn(folder.file("none")), undefined);
});
