import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import test from "node:test";

import { ProxyError } from "../../src/core/errors.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { descriptorsBelow } from "../support/descriptors-below.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { assertAccounted } from "./accounting.ts";
import {
  ended,
  FixedClock,
  openTrail,
  recordingLog,
  someRecord,
  stored,
  type LogLine,
} from "./trail-fixture.ts";

function isDirectoryError(pattern: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof ProxyError &&
    error.code === "ESP_ERR_AUDIT_DIRECTORY" &&
    pattern.test(error.message);
}

test("tells those who wait in order, after the line is in the file and never within the call", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const events: string[] = [];
  const record = someRecord();
  const told = [
    stored((waiter) => {
      trail.request(record, {
        recordStored: (isStored) => {
          events.push(
            `request ${readFileSync(directory.file("audit.ndjson"), "utf8").split("\n").length - 1}`,
          );
          waiter.recordStored(isStored);
        },
      });
    }),
    stored((waiter) =>
      trail.response(ended(record), {
        recordStored: (isStored) => {
          events.push("response");
          waiter.recordStored(isStored);
        },
      }),
    ),
  ];
  events.push("returned");
  assert.deepEqual(await Promise.all(told), [true, true]);
  assert.deepEqual(events, ["returned", "request 2", "response"]);
  await trail.close();
});

for (const durability of ["async", "written", "durable"] as const) {
  test(`stores both records of many exchanges with durability ${durability}`, async () => {
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path, { durability, queueBytes: 64 * 1_048_576 });
    for (let turn = 0; turn < 20; turn += 1) {
      const records = Array.from({ length: 50 }, () => someRecord());
      const told = records.map((record) => stored((waiter) => trail.request(record, waiter)));
      assert.ok((await Promise.all(told)).every((isStored) => isStored));
      await Promise.all(
        records.map((record) => stored((waiter) => trail.response(ended(record), waiter))),
      );
    }
    assert.equal(trail.stats.openExchanges, 0);
    await trail.close();
    assert.ok(!readdirSync(directory.path).includes("audit.lock"));
    const sequences = (await readAudit(directory.path)).map(({ record }) =>
      fieldAt(record, "event.sequence"),
    );
    assert.deepEqual(
      sequences,
      Array.from({ length: 2000 }, (_, at) => at + 1),
    );
    assert.equal(trail.stats.records, 2000);
  });
}

test("counts and tells of what the bounded queue of async had no room for", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { durability: "async", queueBytes: 8192 });
  const records = Array.from({ length: 100 }, () => someRecord());
  for (const record of records) trail.request(record, undefined);
  await stored((waiter) => trail.request(someRecord(), waiter));
  const lost = trail.stats.dropped;
  assert.ok(lost > 50, `${lost} records did not fit`);
  while (trail.stats.gaps === 0) {
    trail.flushNow();
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (trail.stats.records < 102 - lost) await new Promise((resolve) => setImmediate(resolve));
  const lines = await readAudit(directory.path, { allowTornTail: true });
  const gap = lines.find(({ record }) => fieldAt(record, "es_proxy.record") === "gap");
  assert.equal(fieldAt(gap?.record ?? {}, "es_proxy.gap.records"), lost);
  assert.equal(fieldAt(gap?.record ?? {}, "event.reason"), "queue_full");
  assertAccounted(lines.map(({ record }) => record));
  await trail.close();
});

test("renames a full file, never overwrites or deletes one, and loses no line", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { rotateBytes: 4096 });
  for (let at = 0; at < 60; at += 1) {
    const record = someRecord();
    trail.request(record, undefined);
    trail.response(ended(record), undefined);
    trail.flushNow();
  }
  await trail.close();
  const names = readdirSync(directory.path).filter((name) => name.endsWith(".ndjson"));
  assert.ok(names.length > 5, "the clock stands still, so all names but one need a suffix");
  const sequences = (await readAudit(directory.path)).map(({ record }) =>
    Number(fieldAt(record, "event.sequence")),
  );
  assert.deepEqual(
    sequences.sort((a, b) => a - b),
    Array.from({ length: 120 }, (_, at) => at + 1),
  );
  assert.ok(names.every((name) => readFileSync(directory.file(name)).length < 4096 + 4000));
});

test("goes on in a new file after somebody renamed the old one and asked to reopen", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const record = someRecord();
  trail.request(record, undefined);
  trail.reopen();
  renameSync(directory.file("audit.ndjson"), directory.file("old.ndjson"));
  trail.reopen();
  trail.response(ended(record), undefined);
  await trail.close();
  const kinds = (await readAudit(directory.path)).map(({ file, record }) => [
    file,
    fieldAt(record, "es_proxy.record"),
  ]);
  assert.deepEqual(kinds, [
    ["audit.ndjson", "response"],
    ["old.ndjson", "request"],
  ]);
});

for (const durability of ["async", "durable"] as const) {
  test(`rotates and reopens under load with durability ${durability} without losing a line or a file descriptor`, async () => {
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path, {
      durability,
      rotateBytes: 8192,
      queueBytes: 64 * 1_048_576,
    });
    for (let turn = 0; turn < 60; turn += 1) {
      const told = Array.from({ length: 5 }, () => {
        const record = someRecord();
        return stored((waiter) => {
          trail.request(record, undefined);
          trail.response(ended(record), waiter);
        });
      });
      if (turn % 10 === 5) {
        // With async the last reopening waits for the write under way.
        await waitFor("the file is there", () => existsSync(directory.file("audit.ndjson")));
        renameSync(directory.file("audit.ndjson"), directory.file(`moved-${turn}.ndjson`));
        trail.reopen();
      }
      await Promise.all(told);
    }
    assert.ok(descriptorsBelow(directory.path) > 0, "an open trail holds descriptors");
    await trail.close();
    const sequences = (await readAudit(directory.path)).map(({ record }) =>
      Number(fieldAt(record, "event.sequence")),
    );
    assert.deepEqual(
      sequences.sort((a, b) => a - b),
      Array.from({ length: 600 }, (_, at) => at + 1),
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(descriptorsBelow(directory.path), 0);
  });
}

test("keeps the old file when a new one cannot be opened", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  renameSync(directory.file("audit.ndjson"), directory.file("old.ndjson"));
  mkdirSync(directory.file("audit.ndjson"));
  trail.reopen();
  trail.request(someRecord(), undefined);
  trail.flushNow();
  assert.match(readFileSync(directory.file("old.ndjson"), "utf8"), /"record":"request".*\n$/);
  await trail.close();
});

test("refuses a directory that a live process uses, and takes one whose process is dead", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  assert.throws(
    () => openTrail(directory.path),
    isDirectoryError(new RegExp(`in use by another es-proxy \\(process ${process.pid}\\)`)),
  );
  const other = openTrail(directory.path, { worker: 2 });
  other.request(someRecord(), undefined);
  await other.close();
  await trail.close();
  // A killed process leaves the file, but not the lock.
  writeFileSync(directory.file("audit.lock"), "");
  await openTrail(directory.path).close();
  writeFileSync(directory.file("audit.lock"), "torn");
  await openTrail(directory.path).close();
  assert.deepEqual(
    readdirSync(directory.path).filter((name) => name.includes("lock")),
    [],
  );
  assert.ok(readdirSync(directory.path).includes("audit.2.ndjson"));
});

test("says which directory cannot be used and why", async () => {
  await using directory = await makeTempDir();
  writeFileSync(directory.file("file"), "");
  assert.throws(
    () => openTrail(directory.file("file")),
    isDirectoryError(/directory .*\/file cannot be used: it exists and is not a directory/),
  );
  assert.throws(
    () => openTrail(directory.file("file", "below")),
    isDirectoryError(/\/below cannot be used: a part of the path is not a directory/),
  );
  assert.throws(() => openTrail("/proc/audit"), isDirectoryError(/\/proc\/audit cannot be used: /));
});

test(
  "says permission denied for a directory that may not be written",
  { skip: process.getuid?.() === 0 && "root may write anywhere" },
  async () => {
    await using directory = await makeTempDir();
    chmodSync(directory.path, 0o500);
    assert.throws(() => openTrail(directory.path), isDirectoryError(/permission denied/));
    chmodSync(directory.path, 0o700);
  },
);

test("an exchange that throws when it is told does not keep the others waiting", async () => {
  await using directory = await makeTempDir();
  const log: LogLine[] = [];
  const trail = openTrail(directory.path, { log: recordingLog(log) });
  trail.request(someRecord(), {
    recordStored: () => {
      throw new Error("canary");
    },
  });
  assert.equal(await stored((waiter) => trail.request(someRecord(), waiter)), true);
  assert.equal(log.length, 1);
  assert.ok(!JSON.stringify(log).includes("canary"));
  await trail.close();
});

test("ends exchanges that are still open at the stop with the outcome shutdown", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  trail.request(someRecord(), undefined);
  trail.request(someRecord(), undefined);
  assert.equal(trail.stats.openExchanges, 2);
  await trail.close();
  await trail.close();
  const outcomes = (await readAudit(directory.path)).map(({ record }) =>
    fieldAt(record, "es_proxy.outcome"),
  );
  assert.deepEqual(outcomes, [undefined, undefined, "shutdown", "shutdown"]);
});

test("a file that is old enough and has records is ended by time", async () => {
  await using directory = await makeTempDir();
  const clock = new FixedClock();
  const trail = openTrail(directory.path, { clock, rotateMs: 3_600_000 });
  const sealed = (): string[] =>
    readdirSync(directory.path).filter((name) => /^audit-.*\.ndjson$/.test(name));
  clock.monotonicMs += 7_200_000;
  trail.request(someRecord({ startedMs: clock.monotonicMs }), undefined);
  trail.flushNow();
  await waitFor("the file to end", () => sealed().length === 1);
  trail.request(someRecord({ startedMs: clock.monotonicMs }), undefined);
  trail.flushNow();
  clock.monotonicMs += 3_600_000;
  await waitFor("the next file to end", () => sealed().length === 2);
  await trail.close();
  assert.equal((await readAudit(directory.path)).length, 4, "two requests, and their ends");
});
