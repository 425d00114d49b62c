import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";

import { textAt } from "../../../src/audit/format/audit-document.ts";
import { readLine } from "../../../src/audit/format/line-reader.ts";
import type { TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { erase, type EraseResult } from "../../../src/audit/retention/erase.ts";
import { ErasurePlan } from "../../../src/audit/retention/erasure-plan.ts";
import { openEventSink, type EventSink } from "../../../src/audit/retention/event-sink.ts";
import { DocumentBatch } from "../../../src/audit/ship/document-batch.ts";
import { writeDeadLetter } from "../../../src/audit/ship/dead-letters.ts";
import { sideLogState } from "../../../src/audit/store/side-log.ts";
import { Trust } from "../../../src/audit/read/verify/trust.ts";
import { proveEntry } from "../../../src/audit/read/verify/verify-part.ts";
import { followerOf, logKey, MadeLog } from "../read/verify/made-log.ts";
import { keeperOf, keepOptions, verified } from "./keeping.ts";

/** As a running proxy: its trail takes the event, and its follower goes on. */
function liveSink(log: MadeLog): EventSink {
  return {
    isLive: true,
    record: (event) => {
      log.made.trail.event(event);
      log.made.trail.flushNow();
      return Promise.resolve(undefined);
    },
    seal: () => {
      log.made.trail.seal();
      log.sign();
      return Promise.resolve();
    },
  };
}

async function entriesOf(directory: string): Promise<TrailEntry[]> {
  const all: TrailEntry[] = [];
  for await (const entries of readTrail({ directory })) all.push(...entries);
  return all;
}

async function eraseIds(
  log: MadeLog,
  wanted: (entry: TrailEntry, at: number) => boolean,
  sink: EventSink = liveSink(log),
): Promise<EraseResult & { readonly ids: string[] }> {
  const plan = new ErasurePlan();
  const entries = (await entriesOf(log.folder.path)).filter(({ kind }) => kind === "exchange");
  for (const [at, entry] of entries.entries()) if (wanted(entry, at)) plan.add(entry);
  const reason = { reason: "GDPR request 17", by: "dpo" };
  return { ...(await erase(log.folder.path, plan, reason, sink)), ids: [...plan.ids] };
}

/** Every byte of the directory, unfolded where it is compressed. */
function allBytes(directory: string): string {
  return readdirSync(directory)
    .filter((name) => name.startsWith("audit") && !name.endsWith(".lock"))
    .map((name) => readFileSync(`${directory}/${name}`))
    .map((bytes) => (bytes.readUInt32LE(0) === 0xfd2fb528 ? zstdDecompressSync(bytes) : bytes))
    .map((bytes) => bytes.toString("latin1"))
    .join("");
}

async function secretExchange(log: MadeLog, secret: string): Promise<string> {
  const body = Buffer.from(`{"secret":"${secret}","fill":"${"ab".repeat(300)}"}`);
  const record = await log.made.begin({ target: `/people/_doc/${secret}` }, body);
  await log.made.end(record, {}, Buffer.concat([body, Buffer.from(" ")]));
  return record.id;
}

test("erased records and bodies are gone, and everything else is proven as before", async () => {
  await using log = await MadeLog.make({ rotateBytes: 30_000 });
  await log.exchanges(20);
  const secret = await secretExchange(log, "wanda");
  await log.exchanges(40);
  log.sign();
  log.cosign();
  const last = await secretExchange(log, "wanda");
  const letters = `${log.folder.path}/ship/x.dead-letters.ndjson`;
  const refused = new DocumentBatch();
  const others = ["0".repeat(36), "1".repeat(36)];
  for (const id of [others[0], secret, last, others[1]])
    refused.addText(id ?? "", JSON.stringify({ text: "wanda ".repeat(60_000) }));
  for (const document of refused.documents)
    writeDeadLetter(letters, document, { status: 400, reason: "mapping" });
  assert.ok(allBytes(log.folder.path).includes("wanda"));
  const result = await eraseIds(log, ({ id }) => id === secret || id === last);
  assert.deepEqual([result.records, result.bodies], [4, 4]);
  assert.ok(!allBytes(log.folder.path).includes("wanda"), "nowhere in any file");
  const left = readFileSync(letters, "utf8").trimEnd().split("\n");
  const ids = left.filter((line) => line.includes("wanda")).map((line) => line.slice(7, 43));
  assert.deepEqual(
    [ids, left.length],
    [others, 4],
    "documents that a target refused are gone, too",
  );
  for (const line of left) assert.doesNotThrow(() => void JSON.parse(line));
  log.sign();
  const verification = await verified(log);
  assert.deepEqual(verification.findings, []);
  const erased = (await entriesOf(log.folder.path)).filter(({ id }) => id === secret);
  assert.equal(erased.length, 1, "a reader still sees that there was something");
  assert.equal(erased[0]?.kind, "exchange");
  assert.equal(erased[0]?.text("es_proxy.erasure.reason"), "GDPR request 17");
  const event = (await entriesOf(log.folder.path)).find(({ id }) => id === result.event);
  assert.equal(event?.text("event.action"), "audit.erase");
  assert.equal(event?.number("es_proxy.event.records"), 4);
  // The record that is gone can still be proven to have been there.
  const trust = Trust.ofKeys([logKey(log.folder).verifier]);
  const options = { directory: log.folder.path, trust, held: [], jobs: 1 };
  const proven = await proveEntry(secret, options);
  assert.ok(proven !== undefined && "entry" in proven);
  await log.end();
  assert.deepEqual((await verified(log)).findings, []);
});

test("a body that other records point to stays until the last of them is erased", async () => {
  await using log = await MadeLog.make({ rotateBytes: 100_000 });
  const ids: string[] = [];
  const body = Buffer.from(`{"shared":"${"cd".repeat(300)}"}`);
  for (let at = 0; at < 3; at += 1) {
    const record = await log.made.begin({}, body);
    await log.made.end(record);
    ids.push(record.id);
  }
  log.sign();
  const first = await eraseIds(log, ({ id }) => id === ids[0]);
  assert.deepEqual([first.records, first.bodies], [2, 0]);
  assert.deepEqual((await verified(log)).findings, []);
  const rest = await eraseIds(log, ({ id }) => id === ids[1] || id === ids[2]);
  assert.deepEqual([rest.records, rest.bodies], [4, 1]);
  assert.ok(!allBytes(log.folder.path).includes("cdcdcd"));
  await log.end();
  assert.deepEqual((await verified(log)).findings, []);
});

test("compressed segments and packs are erased in, and compressed again", async () => {
  await using log = await MadeLog.make({ rotateBytes: 20_000 });
  const secret = await secretExchange(log, "wanda");
  await log.exchanges(60);
  log.sign();
  await keeperOf(log, keepOptions({ compress: true })).keeper.look();
  const names = readdirSync(log.folder.path).filter((name) => name.endsWith(".zst"));
  assert.ok(names.length >= 4);
  const result = await eraseIds(log, ({ id }) => id === secret);
  assert.deepEqual([result.records, result.bodies], [2, 2]);
  assert.ok(!allBytes(log.folder.path).includes("wanda"));
  for (const name of names) assert.ok(existsSync(log.folder.file(name)), name);
  await log.end();
  assert.deepEqual((await verified(log)).findings, []);
});

test("without a proxy the open segment is ended, and the proxy goes on behind it", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(5);
  const secret = await secretExchange(log, "wanda");
  await log.end();
  const sink = await openEventSink(log.folder.path);
  assert.equal(sink.isLive, false);
  const result = await eraseIds(log, ({ id }) => id === secret, sink);
  assert.equal(result.records, 2);
  const verification = await verified(log);
  // Whoever takes records away could have written the record beside the trail, too.
  const [finding] = verification.findings;
  assert.equal(finding?.kind, "unproven");
  assert.match(finding.message, /only side-log\.jsonl says why, which no log proves/);
  assert.ok(verification.findings.every(({ kind }) => kind === "unproven"));
  const [line = ""] = readFileSync(log.folder.file("side-log.jsonl"), "utf8").split("\n");
  assert.equal(textAt(readLine(line) ?? {}, "event.action"), "audit.erase");
  // The next run finds a directory without the open file, and its follower goes on.
  await using next = await log.again();
  const { bytes = 0, sha256 = "" } = sideLogState(log.folder.path) ?? {};
  next.made.trail.event({
    action: "audit.start",
    type: "info",
    outcome: "success",
    fields: { side_log_bytes: bytes, side_log_sha256: sha256 },
  });
  await next.exchanges(3);
  await next.end();
  assert.deepEqual((await verified(log)).findings, []);
  const { pass } = (await verified(log)).logs[0] ?? assert.fail();
  assert.equal(pass.result.size, 5 * 2 + 2 + 1 + 3 * 2);
});

test("what the log has not followed is not erased", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(3);
  log.sign();
  await log.exchanges(3);
  await log.made.trail.close();
  await assert.rejects(
    eraseIds(log, (_, at) => at === 4, await openEventSink(log.folder.path)),
    /the log has not followed all records/,
  );
  assert.ok(!existsSync(log.folder.file("side-log.jsonl")), "nothing was said, nothing done");
  const follower = followerOf(log.folder);
  for (let round = 0; round < 4; round += 1) follower.step(2_000_000 + round);
  await follower.finish();
  const result = await eraseIds(log, (_, at) => at === 4, await openEventSink(log.folder.path));
  assert.equal(result.records, 2);
  assert.ok((await verified(log)).findings.every(({ kind }) => kind === "unproven"));
});

test("an erasure that was broken off is finished by doing it again", async () => {
  await using log = await MadeLog.make({ rotateBytes: 30_000 });
  await log.exchanges(30);
  const secret = await secretExchange(log, "wanda");
  await log.exchanges(10);
  log.sign();
  const live = liveSink(log);
  // The record is stored, and nothing else: as if the process had died behind it.
  const dying: EventSink = {
    ...live,
    record: async (event) => {
      await live.record(event);
      throw new Error("killed");
    },
  };
  await assert.rejects(
    eraseIds(log, ({ id }) => id === secret, dying),
    /killed/,
  );
  log.sign();
  assert.deepEqual((await verified(log)).findings, []);
  assert.ok(allBytes(log.folder.path).includes("wanda"));
  await eraseIds(log, ({ id }) => id === secret);
  assert.ok(!allBytes(log.folder.path).includes("wanda"));
  await log.end();
  assert.deepEqual((await verified(log)).findings, []);
});
