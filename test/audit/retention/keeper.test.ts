import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";

import { Decrypter, generateIdentity, identityToRecipient } from "age-encryption";

import { writeHolds } from "../../../src/audit/retention/holds.ts";
import { shipPositionPath, writeShipPositions } from "../../../src/audit/store/ship-position.ts";
import { factsStem } from "../../../src/audit/facts/facts-files.ts";
import { listJournals } from "../../../src/audit/read/catalog.ts";
import { openKeys, useIdentities } from "../../../src/audit/store/opened-keys.ts";
import type { Verification } from "../../../src/audit/read/verify/verify-trail.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { verificationText } from "../../../src/cli/audit/verify-report.ts";
import { MadeLog } from "../read/verify/made-log.ts";
import { keeperOf, keepOptions, verified } from "./keeping.ts";

/** Some full segments, followed and signed. */
async function madeLog(exchanges = 90): Promise<MadeLog> {
  const log = await MadeLog.make({ rotateBytes: 30_000 });
  await log.exchanges(exchanges);
  log.sign();
  return log;
}

function names(log: MadeLog, pattern: RegExp): string[] {
  return readdirSync(log.folder.path)
    .filter((name) => pattern.test(name))
    .sort();
}

/** Older than a minute in the future: all full segments. */
const everything = -60_000;
const sealed = /^audit-.*\.ndjson(?:\.zst)?$/;

async function ids(log: MadeLog): Promise<string[]> {
  const found: string[] = [];
  for await (const entries of readTrail({ directory: log.folder.path }))
    found.push(...entries.filter(({ kind }) => kind === "exchange").map(({ id }) => id));
  return found;
}

test("full segments are compressed with their packs, and read and verified as before", async () => {
  await using log = await madeLog();
  const before = names(log, sealed);
  const content = before.map((name) => readFileSync(log.folder.file(name)));
  const { mtimeMs } = statSync(log.folder.file(before[0] ?? ""));
  const readBefore = await ids(log);
  const { keeper } = keeperOf(log, keepOptions({ compress: true }));
  await keeper.look();
  assert.deepEqual(
    names(log, sealed),
    before.map((name) => `${name}.zst`),
  );
  for (const [at, name] of before.entries())
    assert.deepEqual(zstdDecompressSync(readFileSync(log.folder.file(`${name}.zst`))), content[at]);
  const [first = ""] = before;
  const after = statSync(log.folder.file(`${first}.zst`)).mtimeMs;
  assert.ok(Math.abs(after - mtimeMs) < 2, `${after} is ${mtimeMs}`);
  assert.ok(names(log, /\.pack$/).length <= 1, "but for the pack that is written to");
  assert.ok(names(log, /\.pack\.zst$/).length >= 2);
  assert.deepEqual(await ids(log), readBefore);
  const { findings, logs } = await verified(log);
  assert.deepEqual(findings, []);
  const bodies = logs[0]?.pass.segments.reduce((sum, { end }) => sum + end.bodies, 0) ?? 0;
  assert.ok(bodies > 10, "bodies in compressed packs are compared with their hashes");
  await log.end();
});

test("a segment that is not followed yet, or may hold what is still open, stays", async () => {
  await using log = await MadeLog.make({ rotateBytes: 30_000 });
  const open = await log.made.begin({}, Buffer.alloc(500, 0x61));
  await log.exchanges(90);
  const { keeper } = keeperOf(log, keepOptions({ compress: true, forMs: everything }));
  await keeper.look();
  assert.equal(names(log, /\.zst$/).length, 0, "nobody has followed them");
  log.sign();
  const before = names(log, sealed);
  await keeper.look();
  assert.deepEqual(names(log, sealed), before, "the open exchange may have bodies in any of them");
  await log.made.end(open);
  // What is open is noted when the next segment begins.
  await log.exchanges(20);
  log.sign();
  await keeper.look();
  assert.ok(!names(log, sealed).includes(before[0] ?? ""));
  await log.end();
  assert.deepEqual((await verified(log)).findings, []);
});

test("old segments and what is too much is pruned, oldest first, and a record says so", async () => {
  await using log = await madeLog();
  const before = names(log, sealed);
  const bytes = readdirSync(log.folder.path)
    .filter((name) => name.startsWith("audit-") && !name.includes("908Z"))
    .map((name) => statSync(log.folder.file(name)).size);
  const all = bytes.reduce((sum, size) => sum + size, 0);
  const { keeper, told } = keeperOf(log, keepOptions({ sizeBytes: all - 1 }));
  await keeper.look();
  const events = told.filter((message) => message.kind === "event");
  const pruned = events.map(({ fields }) => String(fields["segment"]));
  assert.ok(pruned.length >= 1 && pruned.length < before.length);
  assert.deepEqual(pruned, before.slice(0, pruned.length));
  assert.deepEqual(names(log, sealed), before.slice(pruned.length));
  const fields = events[0]?.fields ?? {};
  assert.deepEqual(
    [fields["log"], fields["first_index"], fields["reason"]],
    ["audit", 0, "retain.size"],
  );
  log.sign();
  const result = await verified(log);
  assert.deepEqual(result.findings, []);
  assert.equal(result.events.prunedOf("audit").length, pruned.length);
  // A process that was killed leaves them.
  for (const segment of listJournals(log.folder.path).flatMap(({ segments }) => segments))
    if (segment.isSealed) writeFileSync(log.folder.file(`${factsStem(segment)}.index.new`), "");
  const { keeper: older } = keeperOf(log, keepOptions({ forMs: everything }));
  await older.look();
  assert.deepEqual(names(log, sealed), []);
  assert.deepEqual(names(log, /\.index\.new$/), []);
  assert.ok(names(log, /^audit-.*\.pack/).length <= 1);
  await log.end();
  assert.deepEqual((await verified(log)).findings, []);
});

test("a clock that is set forward prunes nothing for a day", async () => {
  await using log = await madeLog();
  const hour = 3_600_000;
  const [year, day] = [365 * 24 * hour, 24 * hour];
  let [wallMs, monotonicMs] = [Date.now(), 1000];
  const clocks = { wallMs: () => wallMs, monotonicMs: () => monotonicMs };
  const { keeper, told } = keeperOf(log, keepOptions({ forMs: 90 * day }), [], clocks);
  const before = names(log, sealed);
  const looks = async (stepMs: number, passedMs = 1000): Promise<string[]> => {
    wallMs += stepMs + passedMs;
    monotonicMs += passedMs;
    await keeper.look();
    return names(log, sealed);
  };
  assert.deepEqual(await looks(year), before);
  assert.deepEqual(await looks(0, 23 * hour), before);
  assert.deepEqual(await looks(-year), before, "it was set right");
  assert.deepEqual(await looks(year), before);
  const texts = told.map((message) => (message.kind === "log" ? message.text : message.kind));
  const text = "the clock was set forward by 8760 hours: nothing is pruned by its age for a day";
  assert.deepEqual(texts, [text, text]);
  assert.deepEqual(await looks(0, 25 * hour), [], "nobody has set it back: it may be right");
  await log.end();
});

test("what is held is not pruned, by filter and by id; holds that cannot be read keep all", async () => {
  await using log = await MadeLog.make({ rotateBytes: 20_000 });
  const all: string[] = [];
  for (let at = 0; at < 60; at += 1) {
    const user = at === 20 ? "alice" : "bob";
    const record = await log.made.begin({ target: `/i/_doc/${user}` }, Buffer.from("{}"));
    await log.made.end(record);
    all.push(record.id);
  }
  log.sign();
  const before = names(log, sealed);
  const hold = { reason: "case 17", by: "legal", at: "2026-11-29T00:00:00Z" };
  writeHolds(log.folder.path, [
    { id: "h1", filter: "url.path: *alice*", ids: [], ...hold },
    { id: "h2", filter: undefined, ids: [all[45] ?? ""], ...hold },
  ]);
  const { keeper, told } = keeperOf(log, keepOptions({ forMs: everything }));
  await keeper.look();
  const left = await ids(log);
  assert.ok(left.includes(all[20] ?? "") && left.includes(all[45] ?? ""));
  const kept = names(log, sealed);
  assert.ok(kept.length >= 1 && kept.length < before.length, `${kept.length} of ${before.length}`);
  for (const attack of [
    () => writeFileSync(log.folder.file("holds.json"), ""),
    () => rmSync(log.folder.file("holds.json")),
  ]) {
    attack();
    await keeper.look();
    assert.deepEqual(names(log, sealed), kept);
  }
  assert.ok(told.some((message) => message.kind === "log" && message.text.includes("holds.json")));
  writeHolds(log.folder.path, []);
  // What was open when the last segment ended is noted when the next one does.
  await log.exchanges(20);
  log.sign();
  await keeper.look();
  assert.ok(before.every((name) => !names(log, sealed).includes(name)));
  await log.end();
  assert.deepEqual((await verified(log)).findings, []);
});

test("what is not shipped yet is not encrypted, but for a day at most", async () => {
  await using log = await madeLog();
  const before = names(log, sealed);
  const recipients = [await identityToRecipient(await generateIdentity())];
  const options = keepOptions({ recipients });
  const { keeper } = keeperOf(log, options, ["target"]);
  await keeper.look();
  assert.deepEqual(names(log, sealed), before);
  const path = shipPositionPath(log.folder.path, "target");
  const ahead = { stem: "audit-later", begunMs: Date.UTC(2099, 0), offset: 0 };
  writeShipPositions(path, { "audit.ndjson": { shipped: ahead, oldestOpen: ahead } });
  await keeper.look();
  assert.deepEqual(names(log, sealed), []);
  await log.end();
});

test("a segment stays while a body in it is of a held exchange that ended long behind it", async () => {
  await using log = await MadeLog.make({ rotateBytes: 20_000 });
  const open = await log.made.begin({ target: "/i/_doc/slow" }, Buffer.alloc(500, 0x61));
  await log.exchanges(120);
  // Only its last record says why it is held.
  await log.made.end(open, { status: 418 });
  await log.exchanges(40);
  log.sign();
  const before = names(log, sealed);
  assert.ok(before.length > 8);
  const hold = { reason: "case 18", by: "legal", at: "2026-11-29T00:00:00Z" };
  writeHolds(log.folder.path, [{ id: "h1", filter: "status: 418", ids: [], ...hold }]);
  const { keeper } = keeperOf(log, keepOptions({ forMs: everything }));
  await keeper.look();
  const left = names(log, sealed);
  assert.equal(left[0], before[0], "the first record and the body");
  assert.equal(left.length, 2, "and the segment with the last record");
  assert.ok((await ids(log)).includes(open.id));
  assert.deepEqual((await verified(log)).findings, []);
  writeHolds(log.folder.path, []);
  await keeper.look();
  assert.deepEqual(names(log, sealed), []);
  await log.end();
  assert.deepEqual((await verified(log)).findings, []);
});

test("encrypted segments are read by the holder of the key alone, and still stand in the log", async () => {
  await using log = await madeLog();
  const before = names(log, sealed);
  const content = readFileSync(log.folder.file(before[0] ?? ""));
  const identity = await generateIdentity();
  const recipients = [await identityToRecipient(identity)];
  const { keeper } = keeperOf(log, keepOptions({ recipients }));
  await keeper.look();
  assert.deepEqual(names(log, sealed), []);
  const encrypted = names(log, /^audit-.*\.ndjson\.zst\.age$/);
  assert.deepEqual(
    encrypted,
    before.map((name) => `${name}.zst.age`),
  );
  assert.equal(names(log, /\.pack\.zst$/).length, 0);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const plain = await decrypter.decrypt(readFileSync(log.folder.file(encrypted[0] ?? "")));
  assert.deepEqual(zstdDecompressSync(plain), content);
  log.sign();
  const result = await verified(log);
  assert.deepEqual(result.findings, []);
  const segments = ({ logs }: Verification): number => logs[0]?.pass.segments.length ?? 0;
  const unread = segments(result);
  const told = / {4}records 0 to \d+ are encrypted and were not read, only their files compared/;
  assert.match(verificationText(result, "directory"), told, "nobody may take them for proven");
  useIdentities([identity]);
  await openKeys(log.folder.path);
  for (const jobs of [1, 2]) {
    const read = await verified(log, jobs);
    assert.deepEqual(read.findings, []);
    assert.ok(segments(read) > unread);
    assert.doesNotMatch(verificationText(read, "directory"), told);
  }
  useIdentities([]);
  // One byte of what nobody here can read.
  const file = log.folder.file(encrypted[1] ?? "");
  const bytes = readFileSync(file);
  bytes[300] = (bytes[300] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const changed = await verified(log);
  assert.equal(changed.findings[0]?.kind, "unreadable");
  assert.match(changed.findings[0]?.message ?? "", /encrypted.*changed/);
  rmSync(file);
  assert.match((await verified(log)).findings[0]?.message ?? "", /encrypted.*missing/);
  execFileSync("mkfifo", [file]);
  assert.match((await verified(log)).findings[0]?.message ?? "", /encrypted.*cannot be read/);
  await log.end();
});
