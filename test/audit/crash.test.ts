import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import test from "node:test";

import { textAt } from "../../src/audit/format/audit-document.ts";
import { readLine } from "../../src/audit/format/line-reader.ts";
import { parseTextLine } from "../../src/audit/format/text/text-line.ts";
import { bodyPointerAt } from "../../src/audit/format/ecs/ecs-body-fields.ts";
import { readTrail } from "../../src/audit/read/trail-reader.ts";
import { readBody } from "../../src/audit/store/stored-body.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { assertAccounted, recordsById } from "./accounting.ts";
import {
  ended,
  openTrail,
  releaseLock,
  recordingLog,
  someRecord,
  type LogLine,
} from "./trail-fixture.ts";

const writer = join(import.meta.dirname, "writer-process.ts");

/** Runs the writer, kills it once it has told of `enough` records, and gives what it told. */
async function killed(directory: string, format: string, enough: number): Promise<string[]> {
  const child = spawn(execPath, [writer, directory, "loop", format], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  let output = "";
  let told = 0;
  for await (const chunk of child.stdout) {
    output += String(chunk);
    told += String(chunk).split("\n").length - 1;
    if (told >= enough) child.kill("SIGKILL");
  }
  await closed;
  assert.equal(child.signalCode, "SIGKILL");
  return output.split("\n").slice(0, -1);
}

test("after kill -9 every record that was told stored is there, every exchange is closed and no line is torn (ecs)", async () => {
  await using directory = await makeTempDir();
  const told: string[] = [];
  for (const enough of [40, 300, 900]) {
    told.push(...(await killed(directory.path, "ecs", enough)));
    const active = directory.file("audit.ndjson");
    const before = statSync(active).size;
    appendFileSync(active, '{"@timestamp":"2026');
    const log: LogLine[] = [];
    const trail = openTrail(directory.path, { log: recordingLog(log) });
    await trail.close();
    assert.match(log[0]?.message ?? "", /crash_recovered/);
    assert.ok(Number(log[0]?.fields["tornBytes"]) >= 19);
    assert.ok(statSync(active).size > before, "terminal records follow what was there");
  }
  const records = (await readAudit(directory.path)).map(({ record }) => record);
  const byId = recordsById(records);
  for (const [id, count] of byId) assert.deepEqual(count, { request: 1, response: 1 }, id);
  for (const line of told) {
    const [kind, id = ""] = line.split(" ");
    assert.ok(byId.has(id), `${kind} ${id} was told stored and is there`);
  }
  const recovered = records.filter(
    (record) => fieldAt(record, "es_proxy.outcome") === "crash_recovered",
  );
  assert.ok(recovered.length >= 3 * 5, `${recovered.length} were open`);
  for (const record of recovered) {
    assert.equal(fieldAt(record, "url.original"), "/logs/_search");
    assert.equal(fieldAt(record, "source.ip"), "192.0.2.7");
    assert.equal(fieldAt(record, "event.outcome"), "unknown");
  }
  assertAccounted(records);
  assert.ok(
    readdirSync(directory.path).filter((name) => name.endsWith(".ndjson")).length > 3,
    "open exchanges lay in rotated files too",
  );
});

test("after kill -9 the text format recovers in the same way", async () => {
  await using directory = await makeTempDir();
  const told = await killed(directory.path, "text", 300);
  appendFileSync(directory.file("audit.log"), "2026-11-23 04:24");
  await openTrail(directory.path, { format: "text" }).close();
  const lines = readdirSync(directory.path)
    .filter((name) => name.endsWith(".log"))
    .flatMap((name) => readFileSync(directory.file(name), "latin1").split("\n").slice(0, -1))
    .map((line) => parseTextLine(line) ?? assert.fail(`torn line: ${line}`));
  const kinds = new Map<string, string[]>();
  for (const { id, kind } of lines) kinds.set(id, [...(kinds.get(id) ?? []), kind].sort());
  for (const [id, kind] of kinds) assert.deepEqual(kind, ["request", "response"], id);
  for (const line of told) assert.ok(kinds.has(line.split(" ")[1] ?? ""), line);
  const recovered = lines.filter(({ outcome }) => outcome === "crash_recovered");
  assert.ok(recovered.length >= 20);
  // Nobody knows how long they took; earlier versions wrote 0.
  assert.ok(recovered.every(({ durationSeconds }) => durationSeconds === undefined));
  assert.ok(
    recovered.every(
      ({ agent, path }) => agent?.startsWith("agent ") === true && path === "/logs/_search",
    ),
  );
});

test("reads nothing after a clean stop and continues the sequence", async () => {
  await using directory = await makeTempDir();
  const first = openTrail(directory.path);
  const record = someRecord();
  first.request(record, undefined);
  first.response(ended(record), undefined);
  await first.close();
  // A line that would be recovered if the file were read: same length, so that the state still
  // fits.
  const path = directory.file("audit.ndjson");
  const text = readFileSync(path, "latin1");
  writeFileSync(path, text.replace('"record":"response"', '"record":"xesponse"'));
  const log: LogLine[] = [];
  const second = openTrail(directory.path, { log: recordingLog(log) });
  second.request(someRecord(), undefined);
  await second.close();
  assert.deepEqual(log, []);
  const sequences = (await readAudit(directory.path)).map((line) =>
    fieldAt(line.record, "event.sequence"),
  );
  assert.deepEqual(sequences, [1, 2, 3, 4]);
});

test("finds open exchanges in a file that was renamed without a note of it", async () => {
  await using directory = await makeTempDir();
  const crashed = openTrail(directory.path);
  const open = someRecord();
  const closed = someRecord();
  crashed.request(open, undefined);
  crashed.request(closed, undefined);
  crashed.flushNow();
  renameSync(directory.file("audit.ndjson"), directory.file("audit-20261123T042411.123Z.ndjson"));
  crashed.response(ended(closed), undefined);
  crashed.flushNow();
  releaseLock(directory.path);
  await openTrail(directory.path).close();
  const byId = recordsById((await readAudit(directory.path)).map(({ record }) => record));
  assert.deepEqual([...byId.keys()].sort(), [open.id, closed.id].sort());
  for (const count of byId.values()) assert.deepEqual(count, { request: 1, response: 1 });
});

test("after a torn line was cut off a failed write does not fill the file with zeros", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  appendFileSync(directory.file("audit.ndjson"), "torn");
  const trail = openTrail(directory.path);
  trail.request(someRecord(), undefined);
  await trail.close();
  const state = JSON.parse(readFileSync(directory.file(".audit.ndjson.state"), "utf8")) as Record<
    string,
    unknown
  >;
  assert.equal(state["size"], statSync(directory.file("audit.ndjson")).size);
});

test("seals the unfinished body of a dead process and names it in the terminal record", async () => {
  await using directory = await makeTempDir();
  const crashed = openTrail(directory.path, { inlineBodyBytes: 16 });
  const record = someRecord();
  const tap = crashed.tapRequest(record);
  crashed.request(record, undefined);
  tap.write(Buffer.from("x".repeat(1000)), 0, 1000);
  crashed.flushNow();
  // As if the process were gone: its lock names nobody alive.
  releaseLock(directory.path);
  await openTrail(directory.path).close();
  const [, response] = await readAudit(directory.path);
  const pointer = bodyPointerAt(response?.record ?? {}, "request_body");
  assert.equal(fieldAt(response?.record ?? {}, "es_proxy.request_body.complete"), false);
  assert.equal(fieldAt(response?.record ?? {}, "es_proxy.request_body.bytes"), 1000);
  assert.ok(pointer !== undefined);
  assert.equal((await readBody(directory.path, pointer, 1000)).toString(), "x".repeat(1000));
});

for (const [from, to] of [
  ["ecs", "text"],
  ["text", "ecs"],
] as const)
  test(`what a dead process left open in ${from} is closed by one that writes ${to}`, async () => {
    await using directory = await makeTempDir();
    const crashed = openTrail(directory.path, { format: from });
    const open = Array.from({ length: 10 }, () => someRecord());
    for (const record of open) crashed.request(record, undefined);
    crashed.flushNow();
    releaseLock(directory.path);
    for (let start = 0; start < 2; start += 1)
      await openTrail(directory.path, { format: to }).close();
    // Questions join what stands in one journal.
    const sealed = from === "ecs" ? /^audit-.*\.ndjson$/ : /^audit-.*\.log$/;
    const [file = ""] = readdirSync(directory.path).filter((name) => sealed.test(name));
    const ended = readFileSync(directory.file(file), "latin1")
      .split("\n")
      .slice(open.length, -1)
      .map((line) => readLine(line) ?? {});
    assert.deepEqual(
      ended.map((document) => textAt(document, "event.id")).sort(),
      open.map(({ id }) => id).sort(),
      "each once, also after a second start",
    );
    for (const document of ended)
      assert.equal(textAt(document, "es_proxy.outcome"), "crash_recovered");
  });

for (const [format, next] of [
  ["ecs", "text"],
  ["text", "ecs"],
] as const)
  test(`what a process of ${format} left open is one exchange to who asks after a start with ${next}`, async () => {
    await using directory = await makeTempDir();
    const [live, copy] = [directory.file("live"), directory.file("copy")];
    const trail = openTrail(live, { format });
    const [answered, open] = [someRecord(), someRecord({ startedMs: 2000 })];
    trail.request(answered, undefined);
    trail.response(ended(answered), undefined);
    trail.request(open, undefined);
    trail.flushNow();
    // As a process that is killed leaves it.
    cpSync(live, copy, { recursive: true });
    await trail.close();
    await openTrail(copy, { format: next }).close();
    const found: unknown[] = [];
    for await (const entries of readTrail({ directory: copy }))
      for (const entry of entries) found.push([entry.id, entry.text("es_proxy.outcome")]);
    assert.deepEqual(found, [
      [answered.id, "completed"],
      [open.id, "crash_recovered"],
    ]);
  });
