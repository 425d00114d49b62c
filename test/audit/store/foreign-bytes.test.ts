import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs, { appendFileSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import test from "node:test";

import type { AuditTrail } from "../../../src/audit/trail/audit-trail.ts";
import { fieldAt, readAudit } from "../../support/audit-reader.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { contentOf, packsOf, pass } from "../bodies-fixture.ts";
import {
  ended,
  openTrail,
  recordingLog,
  someRecord,
  stored,
  type LogLine,
} from "../trail-fixture.ts";

const forged = '{"event":{"id":"forged"}}\n';

async function exchange(trail: AuditTrail, body?: Buffer): Promise<string> {
  const record = someRecord();
  await stored((waiter) => trail.request(record, waiter));
  if (body !== undefined) pass(trail, record, body, body.length);
  await stored((waiter) => trail.response(ended(record), waiter));
  return record.id;
}

/** The next write takes `bytes` of its line and then finds no room. */
function failAfter(bytes: number): Disposable {
  const { writeSync } = fs;
  let isFirst = true;
  fs.writeSync = ((fd: number, data: Buffer, at: number, length: number) => {
    if (!isFirst) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    isFirst = false;
    return writeSync(fd, data, at, Math.min(length, bytes));
  }) as typeof writeSync;
  syncBuiltinESMExports();
  return {
    [Symbol.dispose]: () => {
      fs.writeSync = writeSync;
      syncBuiltinESMExports();
    },
  };
}

for (const [what, change, lines] of [
  ["somebody has appended to it", (file: string) => appendFileSync(file, forged), 5],
  ["somebody has cut it", (file: string) => truncateSync(file, 0), 0],
] as const)
  test(`a torn line is cut off and nothing else, also when ${what}`, async () => {
    await using folder = await makeTempDir();
    const trail = openTrail(folder.path);
    const file = folder.file("audit.ndjson");
    await exchange(trail);
    change(file);
    if (lines > 0) await exchange(trail);
    const before = readFileSync(file, "latin1");
    {
      using _ = failAfter(100);
      await stored((waiter) => trail.request(someRecord(), waiter));
    }
    assert.equal(readFileSync(file, "latin1"), before);
    assert.equal(before.split("\n").length - 1, lines);
    await trail.close();
  });

for (const durability of ["written", "async", "durable"] as const)
  test(`a record begins on a line of its own behind half a line of others, ${durability}`, async () => {
    await using folder = await makeTempDir();
    const trail = openTrail(folder.path, { durability });
    const ids = [await exchange(trail)];
    const foreign = ["half a line", '{"event":{"id":"forged"', "a whole one\n"];
    const allLines = (): string[] =>
      readdirSync(folder.path)
        .filter((name) => name.endsWith(".ndjson"))
        .flatMap((name) => readFileSync(folder.file(name), "latin1").split("\n"));
    const linesOf = (id = ""): string[] => allLines().filter((line) => line.includes(id));
    for (const text of foreign) {
      // `async` writes later: without this, two texts can stand on one line before a record.
      await waitFor("the last record on the disk", () => linesOf(ids.at(-1)).length === 2);
      appendFileSync(folder.file("audit.ndjson"), text);
      ids.push(await exchange(trail));
    }
    await trail.close();
    const lines = allLines();
    for (const id of ids) {
      const records = linesOf(id);
      assert.equal(records.length, 2);
      for (const line of records) assert.ok(JSON.parse(line));
    }
    for (const text of foreign) assert.ok(lines.includes(text.trimEnd()), text);
  });

for (const when of ["while it is written to", "while nobody writes it"])
  test(`what somebody appends to the journal ${when} ends the segment and is on record`, async () => {
    await using folder = await makeTempDir();
    const log: LogLine[] = [];
    let trail = openTrail(folder.path, { log: recordingLog(log) });
    await exchange(trail);
    if (when !== "while it is written to") await trail.close();
    appendFileSync(folder.file("audit.ndjson"), forged);
    if (when !== "while it is written to")
      trail = openTrail(folder.path, { log: recordingLog(log) });
    const full = (): string | undefined =>
      readdirSync(folder.path).find((name) => /^audit-.*\.ndjson$/.test(name));
    await waitFor("another segment", () => full() !== undefined);
    await exchange(trail);
    assert.equal(trail.stats.incidents, 1);
    await trail.close();
    const lines = await readAudit(folder.path);
    const incidents = lines
      .map(({ record }) => record)
      .filter((record) => fieldAt(record, "event.action") === "audit.incident");
    assert.deepEqual(
      incidents.map((record) => fieldAt(record, "es_proxy.event")),
      [
        {
          journal: "audit",
          segment: full(),
          what: "bytes that es-proxy did not write",
          bytes: forged.length,
        },
      ],
    );
    assert.deepEqual(
      log.map(({ level }) => level),
      ["error"],
      "it is said once",
    );
    // Nobody has to answer for it a second time.
    trail = openTrail(folder.path, { log: recordingLog(log) });
    await trail.close();
    assert.equal(log.length, 1);
  });

test("bodies are found where their records say, whatever somebody appends to the pack", async () => {
  await using folder = await makeTempDir();
  const trail = openTrail(folder.path, { inlineBodyBytes: 10 });
  const bodies = [randomBytes(5000), randomBytes(6000), randomBytes(7000)];
  for (const body of bodies) {
    await exchange(trail, body);
    const [pack = ""] = packsOf(folder.path);
    appendFileSync(folder.file(pack), "x".repeat(999));
  }
  await trail.close();
  const responses = (await readAudit(folder.path))
    .map(({ record }) => record)
    .filter((record) => fieldAt(record, "es_proxy.record") === "response");
  assert.equal(responses.length, bodies.length);
  for (const [at, record] of responses.entries())
    assert.deepEqual(await contentOf(folder.path, record, "response_body"), bodies[at]);
});
