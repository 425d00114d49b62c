import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { after, before, test } from "node:test";

import { TrailIndex } from "../../../src/audit/index/trail-index.ts";
import { listJournals } from "../../../src/audit/read/catalog.ts";
import { findEntry } from "../../../src/audit/read/find-entry.ts";
import type { LedgerContent } from "../../../stress/trail/trail-ledger.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import {
  buildIndexes,
  deriveFacts,
  ledgerSightings,
  sightingsOf,
  silent,
  smallTrail,
  whoHas,
} from "./generated-trail.ts";

let folder: TempDir;
let ledger: LedgerContent;

before(async () => {
  folder = await makeTempDir();
  ledger = await smallTrail(folder.path);
  await deriveFacts(folder.path);
});

after(() => folder.remove());

function indexFiles(): string[] {
  return readdirSync(folder.path).filter((name) => name.endsWith(".index"));
}

function sealed(): number {
  return listJournals(folder.path)
    .flatMap(({ segments }) => segments)
    .filter(({ isSealed }) => isSealed).length;
}

async function whoIsAsTheLedgerSays(): Promise<void> {
  assert.ok(Object.keys(ledger.watched).length > 4);
  for (const key of Object.keys(ledger.watched)) {
    const [index = "", id = ""] = key.split(" ");
    const { found, notices } = await whoHas(folder.path, index, id);
    assert.deepEqual(sightingsOf(found), ledgerSightings(ledger, key), key);
    assert.deepEqual(notices, []);
  }
}

test("who has seen a document is what the ledger says, without an index", async () => {
  assert.deepEqual(indexFiles(), []);
  await whoIsAsTheLedgerSays();
});

test("each full segment gets an index, once, that only its owner can read", async () => {
  const built = await buildIndexes(folder.path);
  assert.ok(built >= 4, `${built} segments`);
  assert.equal(built, sealed());
  assert.equal(indexFiles().length, built);
  for (const name of indexFiles())
    assert.equal(statSync(folder.file(name)).mode & 0o777, 0o600, name);
  assert.equal(await buildIndexes(folder.path), 0);
});

test("who has seen a document is what the ledger says, with an index", async () => {
  await whoIsAsTheLedgerSays();
  const everywhere = await whoHas(folder.path, "patients-*,-patients-1", "vip-0");
  assert.deepEqual(
    sightingsOf(everywhere.found),
    ["patients-0 vip-0", "patients-2 vip-0"].flatMap((key) => ledgerSightings(ledger, key)).sort(),
  );
  assert.deepEqual((await whoHas(folder.path, "patients-0", "vip")).found, []);
});

test("an exchange is found by its id and by the end of it", async () => {
  const index = new TrailIndex(folder.path, (segment, reason) => assert.fail(segment + reason));
  for (const { id, user } of ledger.samples) {
    for (const part of [id, id.slice(-8), id.slice(-6).toUpperCase(), id.slice(-13)]) {
      const entry = await findEntry(folder.path, part, silent, index);
      assert.deepEqual([entry?.id, entry?.text("user.name")], [id, user], part);
      const without = await findEntry(folder.path, part, silent);
      assert.deepEqual(without?.closing?.bytes, entry?.closing?.bytes);
    }
    assert.equal((await findEntry(folder.path, id.slice(9, 23), silent, index))?.id, id);
  }
  assert.equal(await findEntry(folder.path, "ffffffffffff", silent, index), undefined);
  index.close();
});

test("an index alone names no document", () => {
  for (const name of indexFiles()) {
    const bytes = readFileSync(folder.file(name));
    assert.ok(bytes.includes("patients-0"), name);
    for (const id of ["vip-0", "vip-1", "p17", "p39"])
      assert.ok(!bytes.includes(id), `${name} ${id}`);
  }
});

/** Damages something, asks, and puts it right again. */
async function damaged(
  name: string,
  damage: (path: string) => void,
  reason: RegExp,
): Promise<void> {
  const path = folder.file(name);
  const content = readFileSync(path);
  damage(path);
  try {
    const { found, notices } = await whoHas(folder.path, "patients-0", "vip-0");
    assert.deepEqual(sightingsOf(found), ledgerSightings(ledger, "patients-0 vip-0"));
    assert.equal(notices.length, 1, notices.join());
    assert.match(notices[0] ?? "", reason);
  } finally {
    rmSync(path);
    writeFileSync(path, content);
  }
}

test("an index that does not fit its segment is told and not used", async () => {
  const [index = ""] = indexFiles();
  const stem = index.replace(/\.index$/, "");
  await damaged(index, (path) => truncateSync(path, 3000), /cannot be read/);
  const fifo = (path: string): void => (rmSync(path), void execFileSync("mkfifo", [path]));
  await damaged(index, fifo, /it is no file/);
  await damaged(index, (path) => writeFileSync(path, "garbage ".repeat(2000)), /cannot be read/);
  const words = "the facts have changed since";
  await damaged(`${stem}.documents`, (path) => appendFileSync(path, "\n"), new RegExp(words));
  const segment = listJournals(folder.path)
    .flatMap(({ segments }) => segments)
    .find((one) => one.isSealed)?.name;
  const changed = /the segment has changed since/;
  await damaged(segment ?? "", (path) => appendFileSync(path, "{}\n"), changed);
});

test("a byte that has changed in an index is noticed where it matters", async () => {
  const [index = ""] = indexFiles();
  const path = folder.file(index);
  const content = readFileSync(path);
  let noticed = 0;
  try {
    for (let at = 600; at < content.length; at += Math.ceil(content.length / 25)) {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      writeFileSync(path, changed);
      const { found, notices } = await whoHas(folder.path, "patients-0", "vip-0");
      assert.deepEqual(sightingsOf(found), ledgerSightings(ledger, "patients-0 vip-0"), `${at}`);
      noticed += notices.length;
    }
  } finally {
    writeFileSync(path, content);
  }
  assert.ok(noticed > 0);
});

test("without its key, or with another one, an index is not used", async () => {
  const path = folder.file("facts/key");
  const key = readFileSync(path);
  writeFileSync(path, Buffer.alloc(32, 7));
  try {
    const { found, notices } = await whoHas(folder.path, "patients-0", "vip-0");
    assert.deepEqual(sightingsOf(found), ledgerSightings(ledger, "patients-0 vip-0"));
    assert.equal(notices.length, sealed());
    assert.match(notices[0] ?? "", /another key/);
  } finally {
    writeFileSync(path, key);
  }
});

test("an index that no longer fits is built again", async () => {
  const [index = "", other = ""] = indexFiles();
  truncateSync(folder.file(index), 3000);
  writeFileSync(folder.file(other), "garbage");
  assert.equal(await buildIndexes(folder.path), 2);
  assert.deepEqual((await whoHas(folder.path, "patients-0", "vip-0")).notices, []);
});
