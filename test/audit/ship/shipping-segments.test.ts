import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { test, type TestContext } from "node:test";

import { writeDeadLetter } from "../../../src/audit/ship/dead-letters.ts";
import { DocumentBatch } from "../../../src/audit/ship/document-batch.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { MadeTrail } from "../read/made-directory.ts";
import { dataStream, Fleet } from "./shipping-fixture.ts";

test("segments that go before they were shipped are told of", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path);
  await made.exchange();
  await fleet.ship();
  await made.trail.close();
  renameSync(fleet.directory.file("audit.ndjson"), fleet.directory.file("gone"));
  const next = new MadeTrail(fleet.directory.path);
  next.clock.monotonicMs += 60_000;
  await next.exchange();
  await next.trail.close();
  await fleet.ship();
  assert.deepEqual(fleet.told, ["lost audit.ndjson"]);
  assert.equal((await fleet.documents()).length, 2);
});

/** Follows a trail of small segments while the target refuses everything. */
async function followFailing(t: TestContext) {
  const fleet = await Fleet.start(t);
  fleet.mock.faults.add({ fault: { kind: "status", status: 503 }, path: `/${dataStream}/_bulk` });
  const made = new MadeTrail(fleet.directory.path, { rotateBytes: 8000 });
  await made.exchange();
  const shipper = fleet.shipper();
  const stop = new AbortController();
  const following = shipper.follow(stop.signal);
  await waitFor("a failure", () => fleet.told.some((text) => text.startsWith("failed")));
  return { fleet, made, shipper, stop, following };
}

test("segments that go while the target is away are told of, those behind are shipped", async (t) => {
  const { fleet, made, shipper, stop, following } = await followFailing(t);
  for (let n = 0; n < 24; n += 1) {
    made.clock.monotonicMs += 1000;
    await made.exchange();
  }
  await made.trail.close();
  const sealed = readdirSync(fleet.directory.path).filter((name) => /^audit-.*ndjson$/.test(name));
  assert.ok(sealed.length > 4, `${sealed.length} segments`);
  for (const name of sealed.toSorted().slice(0, 3)) rmSync(fleet.directory.file(name));
  fleet.mock.faults.clear();
  const left = await fleet.read();
  await waitFor("the rest", () => fleet.shipped > left.length && fleet.looks > 0);
  stop.abort();
  await following;
  await shipper.close();
  assert.ok(fleet.told.includes("lost audit.ndjson"), fleet.told.join("\n"));
  const streamed = await fleet.streamed();
  assert.deepEqual(streamed.slice(-left.length), left);
});

test("segments are shipped whatever the clock does, and not again when written anew", async (t) => {
  const { fleet, made, shipper, stop, following } = await followFailing(t);
  for (let n = 0; n < 24; n += 1) {
    made.clock.monotonicMs += n === 9 ? -3_600_000 : 1000;
    await made.exchange();
  }
  await made.trail.close();
  fleet.mock.faults.clear();
  await waitFor("all of them", () => fleet.shipped === 25);
  const [sealed = ""] = readdirSync(fleet.directory.path).filter((name) =>
    name.startsWith("audit-"),
  );
  writeFileSync(fleet.directory.file("anew"), readFileSync(fleet.directory.file(sealed)));
  renameSync(fleet.directory.file("anew"), fleet.directory.file(sealed));
  const next = new MadeTrail(fleet.directory.path, { rotateBytes: 8000 });
  next.clock.monotonicMs += 100_000;
  for (let n = 0; n < 9; n += 1) await next.exchange();
  await next.trail.close();
  await waitFor("what came later", () => fleet.shipped === 34);
  stop.abort();
  await following;
  await shipper.close();
  assert.equal(fleet.shipped, 34);
  assert.equal((await fleet.documents()).length, 34);
});

test("positions that nobody wrote so are not guessed at", async (t) => {
  const fleet = await Fleet.start(t);
  const made = new MadeTrail(fleet.directory.path);
  await made.exchange();
  await made.trail.close();
  await fleet.ship();
  const path = fleet.directory.file("ship", "target.json");
  const whole = readFileSync(path, "utf8");
  const bad = [whole.slice(0, 40), "", "{}", '{"journals":{"audit.ndjson":{}}}', "null", "[1]"];
  for (const text of bad) {
    writeFileSync(path, text);
    assert.throws(() => fleet.shipper(), /holds no positions; remove it/, text);
  }
  rmSync(path);
  execFileSync("mkfifo", [path]);
  assert.throws(() => fleet.shipper(), /target.json is no regular file/);
  rmSync(path);
  mkdirSync(path);
  assert.throws(() => fleet.shipper(), /target.json cannot be read: EISDIR/);
  rmSync(path, { recursive: true });
  writeFileSync(path, whole.replaceAll(/audit-\d+T\d+/g, "audit-20200101T000000"));
  await fleet.ship();
  assert.deepEqual(fleet.told, ["lost audit.ndjson"], "positions of another directory");
});

test("a file of refused documents that is none is not waited for", async () => {
  await using folder = await makeTempDir();
  const batch = new DocumentBatch();
  batch.addText("0", "{}");
  const [document] = batch.documents;
  const write = (path: string): void => {
    if (document !== undefined) writeDeadLetter(path, document, { status: 400, reason: "no" });
  };
  const path = folder.file("ship", "x.dead-letters.ndjson");
  for (let count = 0; count < 2; count += 1) write(path);
  const line = '{"id":"0","status":400,"reason":"no","document":{}}\n';
  assert.equal(readFileSync(path, "latin1"), line + line);
  rmSync(path);
  execFileSync("mkfifo", [path]);
  assert.throws(() => write(path), /ENXIO|no regular file/);
});

test("only one process at a time ships a directory to a target", async (t) => {
  const fleet = await Fleet.start(t);
  const first = fleet.shipper();
  assert.throws(() => fleet.shipper(), /process \d+ ships .* to target already/);
  await first.close();
  await fleet.shipper().close();
});
