import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { listJournals } from "../../../../src/audit/read/catalog.ts";
import { findEntry } from "../../../../src/audit/read/find-entry.ts";
import { readTrail } from "../../../../src/audit/read/trail-reader.ts";
import {
  standingsOf,
  type RecordStanding,
  type StandingOptions,
} from "../../../../src/audit/read/verify/record-standing.ts";
import { standingSummary } from "../../../../src/audit/read/verify/standing-text.ts";
import { Trust } from "../../../../src/audit/read/verify/trust.ts";
import { makeTempDir } from "../../../support/temp-dir.ts";
import { knownKeys, logKey, MadeLog } from "./made-log.ts";

function optionsOf(log: MadeLog, changes: Partial<StandingOptions> = {}): StandingOptions {
  const trust = Trust.ofKeys(knownKeys(log.folder));
  return { directory: log.folder.path, trust, held: [], ...changes };
}

async function idsIn(directory: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const entries of readTrail({ directory })) ids.push(...entries.map(({ id }) => id));
  return ids;
}

async function standings(id: string | undefined, options: StandingOptions) {
  const entry = await findEntry(options.directory, id ?? "", {
    problem: () => undefined,
    gap: () => undefined,
  });
  assert.ok(entry !== undefined);
  return standingsOf(entry, options);
}

function brief(all: readonly RecordStanding[]): string[] {
  return all.map(
    ({ standing, index, witnessed }) => `${standing} ${index} ${witnessed?.size ?? "-"}`,
  );
}

test("a record is proven, cosigned or not, or stands behind the newest checkpoint", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(10);
  log.sign();
  log.cosign();
  await log.exchanges(5);
  log.sign();
  await log.exchanges(2);
  const options = optionsOf(log);
  const ids = await idsIn(log.folder.path);
  assert.deepEqual(brief(await standings(ids[0], options)), ["proven 0 20", "proven 1 20"]);
  assert.deepEqual(brief(await standings(ids[12], options)), ["proven 24 -", "proven 25 -"]);
  const late = await standings(ids[16], options);
  assert.deepEqual(brief(late), ["unsigned 32 -", "unsigned 33 -"]);
  assert.equal(late[0]?.newest?.size, 30);
  await log.end();
  assert.deepEqual(brief(await standings(ids[16], options)), ["proven 32 -", "proven 33 -"]);
});

test("a record that was changed or inserted does not fit, and its neighbours do", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(20);
  await log.end();
  const [segment] = listJournals(log.folder.path).flatMap(({ segments }) => segments);
  assert.ok(segment !== undefined);
  const options = optionsOf(log);
  const ids = await idsIn(log.folder.path);
  const text = readFileSync(segment.path, "latin1");
  const lines = text.split("\n");
  const changed = lines[14]?.replace('"POST"', '"PUT"') ?? "";
  assert.notEqual(changed, lines[14]);
  writeFileSync(segment.path, lines.with(14, changed).join("\n"), "latin1");
  assert.deepEqual(brief(await standings(ids[7], options)), ["contradicted 14 -", "proven 15 -"]);
  assert.deepEqual(brief(await standings(ids[8], options)), ["proven 16 -", "proven 17 -"]);
  const id = ids[3] ?? "";
  const inserted = (lines[6] ?? "").replaceAll(id, `${id.slice(0, -4)}ffff`);
  writeFileSync(segment.path, lines.toSpliced(2, 0, inserted).join("\n"), "latin1");
  const [first] = await standings(`${id.slice(0, -4)}ffff`, options);
  assert.equal(first?.standing, "contradicted");
});

test("a copy without the position, and one with other file numbers, prove the same", async () => {
  await using log = await MadeLog.make();
  await using copy = await makeTempDir("verify");
  await log.exchanges(8);
  await log.end();
  cpSync(log.folder.path, copy.path, { recursive: true });
  const options = optionsOf(log, { directory: copy.path });
  const ids = await idsIn(copy.path);
  assert.deepEqual(brief(await standings(ids[5], options)), ["proven 10 -", "proven 11 -"]);
  rmSync(copy.file("tlog", "audit", "position.json"));
  assert.deepEqual(brief(await standings(ids[5], options)), ["proven 10 -", "proven 11 -"]);
  rmSync(copy.file("tlog"), { recursive: true });
  const [none] = await standings(ids[5], options);
  assert.deepEqual([none?.standing, none?.reason], ["unknown", "no log is kept of this journal"]);
});

test("a checkpoint that somebody holds, and keys of nobody, decide what is said", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(4);
  log.sign();
  const note = readFileSync(log.folder.file("tlog", "audit", "checkpoint"));
  await log.exchanges(4);
  await log.end();
  const ids = await idsIn(log.folder.path);
  const trust = Trust.ofKeys([logKey(log.folder).verifier]);
  const held = optionsOf(log, { trust, held: [{ name: "kept", note }] });
  assert.deepEqual(brief(await standings(ids[0], held)), ["proven 0 8", "proven 1 8"]);
  assert.deepEqual(brief(await standings(ids[6], held)), ["proven 12 -", "proven 13 -"]);
  const foreign = Trust.ofKeys([logKey(log.folder, "example.org/another").verifier]);
  const [unknown] = await standings(ids[0], optionsOf(log, { trust: foreign }));
  assert.equal(unknown?.standing, "unknown");
  const path = log.folder.file("tlog", "audit", "checkpoint");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/\n(\d+)\n/, "\n7\n"));
  const [invalid] = await standings(ids[0], optionsOf(log));
  assert.equal(invalid?.standing, "contradicted");
  assert.match(invalid.reason, /the newest checkpoint is not valid/);
});

test("the words say what is signed by whom, and what nobody has signed", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(3);
  log.sign();
  log.cosign();
  const record = await log.made.begin({}, Buffer.from("{}"));
  log.sign();
  await log.made.end(record, {}, Buffer.from("{}"));
  const options = optionsOf(log);
  const ids = await idsIn(log.folder.path);
  const proven = standingSummary(await standings(ids[0], options), "vkeys");
  assert.equal(proven.verdict, "As it was signed");
  assert.equal(
    proven.sentences[0],
    "Both records, numbers 0 and 1 of the log audit, are in the newest checkpoint " +
      "(example.com/es-proxy-test, 7 records). witness.example/w1 at 2027-01-15 08:00:00 UTC " +
      "cosigned the one of 6: by then the records were there.",
  );
  const half = standingSummary(await standings(ids[3], options), "directory");
  assert.equal(half.verdict, "Not signed yet");
  assert.match(half.sentences[0] ?? "", /Only the log itself has signed it/);
  assert.match(half.sentences[1] ?? "", /^The last record, number 7 .* stands behind the newest/);
  assert.match(half.sentences[2] ?? "", /proven by nothing yet/);
  assert.match(half.sentences[3] ?? "", /the directory itself names/);
  await log.end();
});
