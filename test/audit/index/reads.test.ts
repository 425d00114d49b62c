import assert from "node:assert/strict";
import { rmSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";

import type { ReadOperation } from "../../../src/elasticsearch/reads/read-operation.ts";
import { FactsReader } from "../../../src/audit/facts/facts-reader.ts";
import { readIndexedTrail } from "../../../src/audit/index/indexed-trail.ts";
import { readOfExchange } from "../../../src/audit/index/read-of-exchange.ts";
import { readOperations } from "../../../src/audit/index/read-operations.ts";
import { TrailIndex } from "../../../src/audit/index/trail-index.ts";
import { findEntry } from "../../../src/audit/read/find-entry.ts";
import { compileFilter } from "../../../src/kql/filter.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { buildIndexes, deriveFacts, silent } from "./generated-trail.ts";
import { stateOf, writeReadsTrail } from "./reads-trail.ts";

let folder: TempDir;
let reads: string[][];

before(async () => {
  folder = await makeTempDir();
  reads = await writeReadsTrail(folder.path);
});

after(() => folder.remove());

/** What an index is asked, to see that it is; without it when there is none. */
async function operations(): Promise<ReadOperation[]> {
  const index = new TrailIndex(folder.path, (segment, reason) => assert.fail(segment + reason));
  const found: ReadOperation[] = [];
  const onOperation = (operation: ReadOperation): void => void found.push(operation);
  await readOperations({ directory: folder.path, index, onOperation, listener: silent });
  index.close();
  return found.sort((one, other) => one.startedMs - other.startedMs);
}

async function idsOf(filter: string): Promise<string[]> {
  const options = { directory: folder.path, filter: compileFilter(filter, { nowMs: 0 }) };
  const ids: string[] = [];
  for await (const entries of readIndexedTrail({ ...options, listener: silent }, assert.fail))
    for (const entry of entries) ids.push(entry.id);
  return ids.sort();
}

const filters = (): string[] => [
  `read: ${reads[0]?.[0]}`,
  `read: *${reads[1]?.[0]?.slice(-8)}`,
  `read: (${reads[2]?.[0]} or ${reads[3]?.[0]}) and not docs: 0`,
  "read: * and user: user-1",
  "not read: * and user: user-1",
  "es_proxy.facts.read.id: * and status: 200",
];

async function placesOf(): Promise<unknown[]> {
  const places: unknown[] = [];
  for (const id of reads.flat()) {
    const entry = await findEntry(folder.path, id, silent);
    assert.ok(entry !== undefined);
    const facts = new FactsReader(folder.path);
    entry.factsLine = facts.factsOf(entry);
    facts.close();
    places.push(await readOfExchange(folder.path, entry));
  }
  return places;
}

test("reads are the same with indexes, with facts only, and without both", async () => {
  const bare = await operations();
  const byFilter = await Promise.all(filters().map(idsOf));
  const firsts = new Set(bare.map(({ id }) => id));
  for (const [first = ""] of reads) assert.ok(firsts.has(first), first);

  await deriveFacts(folder.path);
  assert.deepEqual(await operations(), bare);
  const places = await placesOf();
  // The first page of a paging is a search like all others.
  assert.equal(places.filter((place) => place === undefined).length, 9);

  assert.ok((await buildIndexes(folder.path)) >= 6);
  assert.deepEqual(await operations(), bare);
  assert.deepEqual(await Promise.all(filters().map(idsOf)), byFilter);
  assert.deepEqual(await placesOf(), places);

  const [one] = readdirSync(folder.path).filter((name) => name.endsWith(".index"));
  rmSync(folder.file(one ?? ""));
  assert.deepEqual(await operations(), bare);
  assert.deepEqual(await Promise.all(filters().map(idsOf)), byFilter);
});

test("a filter by read finds its calls, and asking changes nothing", async () => {
  const before = stateOf(folder.path);
  for (const read of reads)
    assert.deepEqual(await idsOf(`read: ${read[0]}`), read.toSorted(), read[0]);
  const all = new Set(await idsOf("read: *"));
  for (const id of reads.flat()) assert.ok(all.has(id));
  assert.deepEqual(
    (await idsOf("not read: *")).filter((id) => all.has(id)),
    [],
  );
  assert.deepEqual(stateOf(folder.path), before);
});

test("most searches of a full segment are not looked at for reads", async () => {
  await buildIndexes(folder.path);
  const index = new TrailIndex(folder.path, assert.fail);
  const numbers: number[] = [];
  await readOperations({
    directory: folder.path,
    index,
    onOperation: () => undefined,
    onNumber: (_, __, number) => numbers.push(number),
    listener: silent,
  });
  index.close();
  const calls = (await idsOf("event.action: *")).length;
  assert.ok(numbers.length > 30 && numbers.length < calls * 0.8, `${numbers.length} of ${calls}`);
});
