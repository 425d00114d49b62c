import assert from "node:assert/strict";
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { erasedLine } from "../../../../src/audit/format/erased-line.ts";
import { Trust } from "../../../../src/audit/read/verify/trust.ts";
import { proveEntry, proveSegment } from "../../../../src/audit/read/verify/verify-part.ts";
import {
  verifyTrail,
  type Verification,
  type VerifyOptions,
} from "../../../../src/audit/read/verify/verify-trail.ts";
import { recordEntry } from "../../../../src/tlog/hashes.ts";
import { parsePolicy } from "../../../../src/tlog/policy-file.ts";
import { makeTempDir } from "../../../support/temp-dir.ts";
import { followerOf, knownKeys, logKey, MadeLog, origin, witness } from "./made-log.ts";
import { linesIn, TamperedDirectory } from "./tampered-directory.ts";

/** Against the key of the log alone, unless told otherwise. */
function optionsOf(log: MadeLog, changes: Partial<VerifyOptions> = {}): VerifyOptions {
  const trust = Trust.ofKeys([logKey(log.folder).verifier]);
  return { directory: log.folder.path, trust, held: [], jobs: 1, ...changes };
}

function kindsOf({ findings }: Verification): string[] {
  return findings.map(({ kind, index }) => `${kind} ${index ?? ""}`.trim());
}

test("what is signed, by whom, and what nobody has signed yet is told in numbers", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(10);
  log.sign();
  log.cosign();
  await log.exchanges(5);
  log.sign();
  await log.exchanges(2);
  const trust = Trust.ofKeys(knownKeys(log.folder));
  const { findings, logs } = await verifyTrail(optionsOf(log, { trust }));
  assert.deepEqual(findings, []);
  const [audit] = logs;
  assert.ok(audit !== undefined);
  assert.equal(audit.pass.result.size, 34);
  assert.deepEqual(
    audit.anchors.map(({ size, isHeldElsewhere }) => [size, isHeldElsewhere]),
    [
      [20, true],
      [30, false],
    ],
  );
  assert.deepEqual(audit.anchors[0]?.cosigners, [{ name: "witness.example/w1", time: 1.8e9 }]);
  await log.end();
});

test("a policy must be satisfied, and a directory's own keys are those of nobody else", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(3);
  await log.end();
  const text = `log ${logKey(log.folder).verifier.toString()}\nwitness w ${witness.verifier.toString()}\nquorum w\n`;
  const read = parsePolicy(Buffer.from(text));
  assert.ok("policy" in read);
  const trust = Trust.ofPolicy(read.policy);
  assert.deepEqual(kindsOf(await verifyTrail(optionsOf(log, { trust }))), ["unsigned 0"]);
  const own = Trust.ofDirectory(log.folder.path);
  assert.equal(own.source, "directory");
  assert.deepEqual(kindsOf(await verifyTrail(optionsOf(log, { trust: own }))), []);
  log.cosign();
  assert.deepEqual(kindsOf(await verifyTrail(optionsOf(log, { trust }))), []);
});

test("a directory that was put back to an older state is betrayed by a checkpoint kept elsewhere", async () => {
  await using log = await MadeLog.make();
  await using old = await makeTempDir("verify");
  await log.exchanges(20);
  log.sign();
  cpSync(log.folder.path, old.path, { recursive: true });
  await log.exchanges(20);
  await log.end();
  const note = readFileSync(log.folder.file("tlog", "audit", "checkpoint"));
  const options = optionsOf(log, { directory: old.path });
  assert.deepEqual(kindsOf(await verifyTrail(options)), [], "it looks fine");
  const held = [{ name: "kept.txt", note }];
  const found = await verifyTrail({ ...options, held });
  assert.deepEqual(kindsOf(found), ["cut 40"]);
  assert.match(found.findings[0]?.message ?? "", /records 40 to 79: cut off.+kept\.txt/);
  // The same log, and a checkpoint of another one.
  assert.deepEqual(kindsOf(await verifyTrail(optionsOf(log, { held }))), []);
  const other = Trust.ofKeys([logKey(log.folder, "example.com/other").verifier]);
  const kinds = kindsOf(await verifyTrail(optionsOf(log, { held, trust: other })));
  assert.ok(kinds.includes("checkpoint_invalid"), kinds.join());
});

test("pruned segments and erased records with a record that says so are no finding", async () => {
  await using log = await MadeLog.make({ rotateBytes: 30_000 });
  await log.exchanges(70);
  log.sign();
  const directory = new TamperedDirectory(log.folder.path);
  const [first = "", second = "", third = ""] = directory.files(/^audit-.*\.ndjson$/);
  const [pruned, kept] = [directory.linesOf(first).length, directory.linesOf(second)];
  const record = kept[3] ?? "";
  const event = log.made.trail.event({
    action: "audit.erase",
    type: "deletion",
    outcome: "success",
    fields: {
      reason: "request 17",
      by: "dpo",
      entries: [recordEntry(Buffer.from(record, "latin1")).toString("hex")],
    },
  });
  const erased = erasedLine(record, { event, reason: "request 17", by: "dpo" });
  directory.writeLines(second, kept.with(3, erased));
  log.made.trail.event({
    action: "audit.prune",
    type: "deletion",
    outcome: "success",
    fields: {
      log: "audit",
      segment: first,
      first_index: 0,
      records: pruned,
      packs: [first.replace("ndjson", "pack")],
      reason: "older than 90d",
    },
  });
  rmSync(log.folder.file(first));
  rmSync(log.folder.file(first.replace("ndjson", "pack")), { force: true });
  await log.end();
  const verified = await verifyTrail(optionsOf(log));
  assert.deepEqual(verified.findings, []);
  assert.deepEqual(
    verified.events.prunedOf("audit").map(({ from, to, reason }) => [from, to, reason]),
    [[0, pruned, "older than 90d"]],
  );
  // The same when the follower's position is lost, and an edit is still named right.
  rmSync(log.folder.file("tlog", "audit", "position.json"));
  assert.deepEqual((await verifyTrail(optionsOf(log))).findings, []);
  const lines = linesIn(readFileSync(log.folder.file(third)));
  const text = lines.with(2, (lines[2] ?? "").replace("2026", "2027")).join("\n");
  writeFileSync(log.folder.file(third), `${text}\n`);
  const kinds = kindsOf(await verifyTrail(optionsOf(log)));
  assert.deepEqual(kinds, [`edited ${pruned + kept.length + 2}`]);
});

test("a log that the manifest or a kept checkpoint names is missed when it is gone", async () => {
  await using folder = await makeTempDir("verify");
  for (const worker of [1, 2]) {
    const log = await MadeLog.make({ worker });
    await log.exchanges(3);
    await log.made.trail.close();
    cpSync(log.folder.path, folder.path, { recursive: true });
    await log[Symbol.asyncDispose]();
  }
  const follower = followerOf(folder);
  for (let at = 0; at < 3; at += 1) follower.step(at);
  await follower.finish();
  const trust = Trust.ofKeys([logKey(folder).verifier]);
  const options = { directory: folder.path, trust, held: [], jobs: 1 };
  assert.deepEqual((await verifyTrail(options)).findings, []);
  const note = readFileSync(folder.file("tlog", "audit.2", "checkpoint"));
  rmSync(folder.file("tlog", "audit.2"), { recursive: true });
  for (const name of readdirSync(folder.path))
    if (name.startsWith("audit.2")) rmSync(folder.file(name));
  assert.deepEqual(kindsOf(await verifyTrail(options)), ["log_missing 0"]);
  rmSync(folder.file("tlog", "manifest"));
  assert.deepEqual(kindsOf(await verifyTrail(options)), [], "nothing here names it any more");
  const held = [{ name: "kept.txt", note }];
  assert.deepEqual(kindsOf(await verifyTrail({ ...options, held })), ["log_missing 0"]);
});

test("several threads find the same as one", async () => {
  await using log = await MadeLog.make({ rotateBytes: 20_000 });
  await log.exchanges(60);
  await log.end();
  const one = await verifyTrail(optionsOf(log));
  let last: [number, number] = [0, 0];
  const onProgress = (done: number, total: number): void => void (last = [done, total]);
  const three = await verifyTrail(optionsOf(log, { jobs: 3, onProgress }));
  assert.deepEqual(three.findings, one.findings);
  assert.deepEqual(three.logs, one.logs);
  assert.ok(last[0] === last[1] && last[0] > 0, "the progress ends at the whole");
  const directory = new TamperedDirectory(log.folder.path);
  const [segment = ""] = directory.files(/^audit-.*\.ndjson$/);
  directory.writeLines(segment, directory.linesOf(segment).toSpliced(4, 1));
  assert.deepEqual(kindsOf(await verifyTrail(optionsOf(log, { jobs: 3 }))), ["removed 4"]);
});

test("one segment is proven without the others, and only when it is whole", async () => {
  await using log = await MadeLog.make({ rotateBytes: 20_000 });
  await log.exchanges(60);
  await log.end();
  const directory = new TamperedDirectory(log.folder.path);
  const segments = directory.files(/^audit.*\.ndjson$/);
  let next = 0;
  for (const name of segments) {
    const lines = directory.linesOf(name).length;
    if (lines === 0) continue;
    const proven = await proveSegment(name, optionsOf(log));
    assert.deepEqual([proven?.firstIndex, proven?.lines, proven?.unsigned], [next, lines, 0], name);
    next += lines;
  }
  const [, second = "", third = ""] = segments;
  directory.writeLines(second, directory.linesOf(second).toSpliced(4, 1));
  assert.equal(await proveSegment(second, optionsOf(log)), undefined);
  assert.ok((await proveSegment(third, optionsOf(log))) !== undefined, "another one is fine");
  // A position that claims the segment to be a new one does not hide what was signed.
  const position = log.folder.file("tlog", "audit", "position.json");
  writeFileSync(
    position,
    readFileSync(position, "utf8").replaceAll(/"firstIndex":\d+/g, '"firstIndex":900'),
  );
  assert.equal(await proveSegment(second, optionsOf(log)), undefined);
  assert.ok((await proveSegment(third, optionsOf(log))) !== undefined, "found by its first line");
  await assert.rejects(proveSegment("audit-none.ndjson", optionsOf(log)), /has no segment/);
});

test("one exchange is proven by the earliest checkpoint that others have signed", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(9);
  log.sign();
  log.cosign();
  await log.exchanges(1);
  await log.end();
  const directory = new TamperedDirectory(log.folder.path);
  const lines = directory.linesOf("audit.ndjson");
  const idOf = (line: string | undefined): string =>
    /"id":"([0-9a-f-]{36})"/.exec(line ?? "")?.[1] ?? "";
  const options = optionsOf(log, { trust: Trust.ofKeys(knownKeys(log.folder)) });
  const early = await proveEntry(idOf(lines[0]).slice(9), options);
  assert.ok(early !== undefined && "entry" in early);
  assert.deepEqual(
    early.proofs.map(({ index, anchor }) => [index, anchor.size]),
    [
      [0, 18],
      [1, 18],
    ],
  );
  assert.equal(early.bodies, 2);
  const late = await proveEntry(idOf(lines[18]), options);
  assert.ok(late !== undefined && "entry" in late);
  assert.deepEqual(
    late.proofs.map(({ index, anchor }) => [index, anchor.size]),
    [
      [18, 20],
      [19, 20],
    ],
  );
  directory.writeLines("audit.ndjson", lines.with(1, (lines[1] ?? "").replace("2026", "2025")));
  const changed = await proveEntry(idOf(lines[0]), options);
  assert.ok(Array.isArray(changed) && changed.length === 1, "the other record is fine");
  assert.match(String(changed[0]), /it is not in the log/);
  assert.equal(await proveEntry("ffffffffffff", options), undefined);
});

test("a log of whose checkpoints the key is unknown is not signed", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(2);
  await log.end();
  const trust = Trust.ofKeys([logKey(log.folder, `${origin}-other`).verifier]);
  const kinds = kindsOf(await verifyTrail(optionsOf(log, { trust })));
  assert.deepEqual(kinds, ["checkpoint_invalid", "checkpoint_invalid", "unsigned 0"]);
  rmSync(log.folder.file("tlog"), { recursive: true });
  assert.deepEqual(kindsOf(await verifyTrail(optionsOf(log))), ["unsigned 0"]);
});

test("what is no record is named with its place, whether anything is signed or not", async () => {
  await using empty = await makeTempDir("verify");
  const trust = Trust.ofDirectory(empty.path);
  const options = { directory: empty.path, trust, held: [], jobs: 1 };
  const places = ({ findings }: Verification): unknown[] =>
    findings.map(({ kind, segment, offset }) => [kind, segment, offset]);
  writeFileSync(empty.file("audit.ndjson"), "");
  assert.deepEqual(kindsOf(await verifyTrail(options)), ["unsigned"], "nothing at all");
  writeFileSync(empty.file("audit.ndjson"), Buffer.alloc(100_000));
  assert.deepEqual(places(await verifyTrail(options)), [
    ["unreadable", "audit.ndjson", 0],
    ["unsigned", undefined, undefined],
  ]);
  writeFileSync(empty.file("audit.ndjson"), "x".repeat(70_000_000));
  assert.deepEqual(places(await verifyTrail(options)), [
    ["unreadable", "audit.ndjson", 0],
    ["unsigned", undefined, undefined],
  ]);

  await using log = await MadeLog.make();
  await log.exchanges(5);
  await log.end();
  const journal = log.folder.file("audit.ndjson");
  const whole = readFileSync(journal);
  const middle = whole.indexOf("\n") + 1;
  const long = Buffer.alloc(70_000_000, "x");
  long[long.length - 1] = 0x0a;
  writeFileSync(journal, Buffer.concat([whole.subarray(0, middle), long, whole.subarray(middle)]));
  assert.deepEqual(places(await verifyTrail(optionsOf(log))), [
    ["unreadable", "audit.ndjson", middle],
  ]);
  assert.equal(await proveSegment("audit.ndjson", optionsOf(log)), undefined);
  writeFileSync(journal, Buffer.concat([whole, Buffer.alloc(4096)]));
  assert.deepEqual(places(await verifyTrail(optionsOf(log))), [
    ["unreadable", "audit.ndjson", whole.length],
  ]);
  // A line that is still being written is none of these.
  writeFileSync(journal, Buffer.concat([whole, whole.subarray(0, 100)]));
  const { findings, remarks } = await verifyTrail(optionsOf(log));
  assert.deepEqual(findings, []);
  assert.match(remarks.join(), /audit\.ndjson ends with 100 bytes that are no whole record/);
});
