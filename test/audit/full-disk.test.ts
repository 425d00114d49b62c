import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import test from "node:test";

import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { LoopTime } from "../support/loop-time.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { assertAccounted, recordsById } from "./accounting.ts";
import {
  ended,
  openTrail,
  recordingLog,
  someRecord,
  someRoute,
  stored,
  type LogLine,
} from "./trail-fixture.ts";

const writer = join(import.meta.dirname, "writer-process.ts");

interface Summary {
  readonly refused: string[];
  readonly forwarded: string[];
  readonly open: string;
  readonly last: string;
  readonly wasFailing: boolean;
  readonly recoveredMs: number;
  readonly dropped: number;
  readonly gaps: number;
}

/** Runs the writer in a process whose files may not grow beyond 64 blocks of the shell's unit. */
function limited(directory: string, onFailure: string): Summary {
  const run = spawnSync(
    "sh",
    ["-c", 'ulimit -f 64; exec "$@"', "sh", execPath, writer, directory, "limit", onFailure],
    {
      encoding: "utf8",
      timeout: 20_000,
      killSignal: "SIGKILL",
    },
  );
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as Summary;
}

test("at the file-size limit `reject` refuses what cannot be recorded, loses no terminal record and goes on when there is room", async () => {
  await using directory = await makeTempDir();
  const summary = limited(directory.path, "reject");
  assert.ok(summary.wasFailing && summary.refused.length > 0 && summary.forwarded.length > 0);
  const records = (await readAudit(directory.path)).map(({ record }) => record);
  const byId = recordsById(records);
  for (const id of [...summary.forwarded, summary.open, summary.last])
    assert.deepEqual(byId.get(id), { request: 1, response: 1 }, `forwarded ${id} has its pair`);
  for (const id of summary.refused)
    assert.equal(byId.get(id), undefined, `refused ${id} left no half`);
  const gap = records.find((record) => fieldAt(record, "es_proxy.record") === "gap") ?? {};
  assert.equal(fieldAt(gap, "es_proxy.gap.records"), summary.refused.length);
  assert.equal(fieldAt(gap, "es_proxy.gap.refused"), summary.refused.length);
  assert.equal(fieldAt(gap, "event.reason"), "EFBIG");
  assert.ok(summary.recoveredMs <= 1000, `recovered after ${summary.recoveredMs} ms`);
  assertAccounted(records);
});

test("at the file-size limit `continue` lets requests pass and tells exactly what is missing", async () => {
  await using directory = await makeTempDir();
  const summary = limited(directory.path, "continue");
  assert.deepEqual(summary.refused, []);
  assert.ok(summary.dropped > 0);
  const records = (await readAudit(directory.path)).map(({ record }) => record);
  const byId = recordsById(records);
  for (const id of summary.forwarded)
    assert.equal(byId.get(id)?.response, 1, `${id} has its terminal record`);
  const gap = records.find((record) => fieldAt(record, "es_proxy.record") === "gap") ?? {};
  assert.equal(fieldAt(gap, "es_proxy.gap.records"), summary.dropped);
  assert.equal(fieldAt(gap, "es_proxy.gap.refused"), 0);
  assertAccounted(records);
});

/** Mounts a small tmpfs on the folder; false where that is not allowed. */
function mountSmall(path: string): boolean {
  return (
    process.getuid?.() === 0 &&
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", path]).status === 0
  );
}

test("on a full disk nothing is torn, losses are counted exactly, and it goes on within a second of getting space", async (context) => {
  await using directory = await makeTempDir();
  if (!mountSmall(directory.path)) {
    context.skip("cannot mount a tmpfs");
    return;
  }
  try {
    const log: LogLine[] = [];
    const audit = directory.file("audit");
    const trail = openTrail(audit, { log: recordingLog(log) });
    const filler = directory.file("filler");
    const fd = openSync(filler, "w");
    try {
      for (;;) writeSync(fd, Buffer.alloc(4096));
    } catch (error) {
      assert.match(String(error), /ENOSPC/);
    } finally {
      closeSync(fd);
    }
    const open = [];
    for (let at = 0; at < 30; at += 1) {
      const record = someRecord({
        route: someRoute({ onFailure: at % 2 === 0 ? "continue" : "reject" }),
      });
      const isForwarded = await stored((waiter) => trail.request(record, waiter));
      if (trail.stats.isFailing) assert.equal(isForwarded, at % 2 === 0);
      if (isForwarded) open.push(record);
    }
    assert.ok(trail.stats.isFailing);
    for (const record of open) trail.response(ended(record), undefined);
    const { dropped } = trail.stats;
    assert.ok(dropped >= 20);
    const size = statSync(join(audit, "audit.ndjson")).size;
    rmSync(filler);
    const time = new LoopTime();
    await waitFor("records are stored again", () => !trail.stats.isFailing);
    assert.ok(time.stop() < 1000);
    assert.ok(statSync(join(audit, "audit.ndjson")).size > size);
    const after = someRecord({ route: someRoute({ onFailure: "reject" }) });
    assert.equal(await stored((waiter) => trail.request(after, waiter)), true);
    await trail.close();
    const records = (await readAudit(audit)).map(({ record }) => record);
    assertAccounted(records);
    const gap = records.find((record) => fieldAt(record, "es_proxy.record") === "gap") ?? {};
    assert.equal(fieldAt(gap, "es_proxy.gap.records"), dropped);
    assert.equal(fieldAt(gap, "event.reason"), "ENOSPC");
    const byId = recordsById(records);
    for (const record of open) assert.equal(byId.get(record.id)?.response, 1);
    assert.deepEqual(
      log.map(({ message }) => message),
      ["audit records cannot be stored", "audit records are stored again"],
    );
  } finally {
    execFileSync("umount", ["-l", directory.path]);
  }
});
