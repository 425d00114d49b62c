import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { test } from "node:test";

import { DiskGuard, type DiskSpace } from "../../../src/audit/trail/disk-guard.ts";
import { fieldAt, readAudit } from "../../support/audit-reader.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import {
  ended,
  giveRequest,
  openTrail,
  type LogLine,
  recordingLog,
  someRecord,
  someRoute,
  stored,
} from "../trail-fixture.ts";

const mebi = 1_048_576;
const options = { warnPercent: 20, metadataPercent: 10, reserveBytes: 4 * mebi };

/** A file system of 1000 MiB, whose free space a test sets. */
class MadeDisk {
  freeMebi = 500;
  readonly space = (): DiskSpace => ({ free: this.freeMebi * mebi, total: 1000 * mebi });
}

/** What was done to a trail, in order. */
function madeGuard(path: string, disk: MadeDisk) {
  const done: string[] = [];
  const trail = {
    isFailing: false,
    record: ({ fields }: { readonly fields: Readonly<Record<string, unknown>> }): void => {
      done.push(`record ${String(fields["from"])} ${String(fields["stage"])}`);
    },
    keepBodies: (isOn: boolean): void => void done.push(`bodies ${isOn}`),
    halt: (isOn: boolean): void => void done.push(`halt ${isOn}`),
  };
  const logged: LogLine[] = [];
  const guard = new DiskGuard(path, options, trail, recordingLog(logged), disk.space);
  guard.stop();
  /** What a look does when so much is free. */
  const at = (freeMebi: number): string[] => {
    disk.freeMebi = freeMebi;
    guard.look();
    return done.splice(0);
  };
  return { guard, trail, at, logged };
}

test("less is recorded in stages as the disk fills, and more again when there is room", async () => {
  await using folder = await makeTempDir();
  const { at } = madeGuard(folder.file("reserve"), new MadeDisk());
  assert.deepEqual(at(300), []);
  assert.deepEqual(at(199), ["bodies true", "record fine warn"]);
  assert.deepEqual(at(205), [], "it does not flutter");
  assert.deepEqual(at(99), ["bodies false", "record warn metadata"]);
  assert.deepEqual(at(0.9), ["bodies false", "record metadata stop", "halt true"]);
  assert.deepEqual(at(5.9), [], "the reserve's own room does not count");
  assert.deepEqual(at(90), ["halt false", "bodies false", "record stop metadata"]);
  assert.deepEqual(at(150), ["bodies true", "record metadata warn"]);
  assert.deepEqual(at(400), ["bodies true", "record warn fine"]);
});

test("the reserve grows piece by piece, and goes when its room is needed", async () => {
  await using folder = await makeTempDir();
  const path = folder.file("reserve");
  const { at } = madeGuard(path, new MadeDisk());
  const size = (): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const first = size();
  assert.ok(first > 0 && first < options.reserveBytes);
  for (let look = 0; look < 5; look += 1) at(500);
  assert.equal(size(), options.reserveBytes);
  at(0.5);
  assert.equal(size(), 0);
  at(500);
  assert.ok(size() > 0);
});

test("a folder in the place of the reserve stops nobody, and is told once", async () => {
  await using folder = await makeTempDir();
  mkdirSync(folder.file("reserve"));
  const { at, logged } = madeGuard(folder.file("reserve"), new MadeDisk());
  for (let look = 0; look < 5; look += 1) assert.deepEqual(at(500), []);
  assert.deepEqual(
    logged.map(({ message }) => message),
    ["no room can be reserved for the audit"],
  );
  assert.deepEqual(at(0.9), ["bodies false", "record fine stop", "halt true"]);
});

test("a disk that is full before anybody looked is left until the record is stored", async () => {
  await using folder = await makeTempDir();
  const { at, trail } = madeGuard(folder.file("reserve"), new MadeDisk());
  trail.isFailing = true;
  assert.deepEqual(at(0), []);
  assert.deepEqual(at(4), [], "the room is there, the record not yet");
  trail.isFailing = false;
  assert.deepEqual(at(4), ["bodies false", "record fine stop", "halt true"]);
});

test("a trail keeps no bodies, then nothing, and says so each time", async () => {
  await using folder = await makeTempDir();
  const disk = new MadeDisk();
  const trail = openTrail(folder.path, { disk: { ...options, space: disk.space } });
  const exchange = async (onFailure: "continue" | "reject" = "continue"): Promise<boolean> => {
    const record = someRecord({ route: someRoute({ onFailure }) });
    giveRequest(trail, record, Buffer.from("a body"));
    const isStored = await stored((waiter) => trail.request(record, waiter));
    if (isStored) trail.response(ended(record), undefined);
    trail.flushNow();
    return isStored;
  };
  const stages = async (): Promise<unknown[]> =>
    (await readAudit(folder.path))
      .filter(({ record }) => fieldAt(record, "event.action") === "audit.disk")
      .map(({ record }) => fieldAt(record, "es_proxy.event.stage"));
  const reached = (stage: string): Promise<true> =>
    waitFor(stage, async () => (await stages()).at(-1) === stage, 20_000);
  await exchange();
  disk.freeMebi = 50;
  await reached("metadata");
  await exchange();
  disk.freeMebi = 0;
  await reached("stop");
  await waitFor("nothing is stored", async () => !(await exchange("reject")), 20_000);
  disk.freeMebi = 500;
  await reached("fine");
  await waitFor("everything is stored", () => exchange("reject"), 20_000);
  await trail.close();
  const records = (await readAudit(folder.path)).map(({ record }) => record);
  const bodies = records
    .filter((record) => fieldAt(record, "es_proxy.record") === "request")
    .map((record) => fieldAt(record, "http.request.body.content"));
  assert.equal(bodies[0], "a body");
  assert.equal(bodies[1], undefined);
  assert.equal(bodies.at(-1), "a body");
  assert.deepEqual(await stages(), ["metadata", "stop", "fine"]);
});
