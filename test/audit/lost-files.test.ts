import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { lastPolicy } from "../../src/assembly/audit-policy.ts";
import { readHolds } from "../../src/audit/retention/holds.ts";
import { readPosition } from "../../src/audit/store/journal-position.ts";
import { readRemovals } from "../../src/audit/store/removals.ts";
import { sideLogState } from "../../src/audit/store/side-log.ts";

import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { LoopTime } from "../support/loop-time.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  ended,
  openTrail,
  recordingLog,
  someRecord,
  someRoute,
  stored,
  type LogLine,
} from "./trail-fixture.ts";

type Trail = ReturnType<typeof openTrail>;

/** Records one exchange. @returns whether its request would be forwarded */
async function exchange(trail: Trail, onFailure: "continue" | "reject" = "reject") {
  const record = someRecord({ route: someRoute({ onFailure }) });
  const isForwarded = await stored((waiter) => trail.request(record, waiter));
  if (isForwarded) trail.response(ended(record), undefined);
  return isForwarded;
}

async function gapsOf(path: string) {
  return (await readAudit(path, { allowTornTail: true }))
    .map(({ record }) => record)
    .filter((record) => fieldAt(record, "es_proxy.record") === "gap");
}

for (const [what, remove] of [
  ["the journal is removed", (folder: TempDir) => rmSync(folder.file("audit", "audit.ndjson"))],
  [
    "its whole directory is removed",
    (folder: TempDir) => rmSync(folder.file("audit"), { recursive: true }),
  ],
  [
    "another directory takes the place of its own and the file goes",
    (folder: TempDir) => {
      renameSync(folder.file("audit"), folder.file("old"));
      rmSync(folder.file("old"), { recursive: true });
      mkdirSync(folder.file("audit"));
    },
  ],
] as const)
  test(`when ${what} a new file begins within a second, with a gap record of what was lost`, async () => {
    await using folder = await makeTempDir();
    const log: LogLine[] = [];
    const audit = folder.file("audit");
    const trail = openTrail(audit, { log: recordingLog(log) });
    for (let count = 0; count < 5; count += 1) assert.equal(await exchange(trail), true);
    await waitFor("the last record", () => trail.stats.records === 10);
    remove(folder);
    const time = new LoopTime();
    await waitFor("the file is there again", () =>
      existsSync(folder.file("audit", "audit.ndjson")),
    );
    assert.ok(time.stop() < 1000);
    assert.equal(await exchange(trail), true);
    await trail.close();
    const [gap = {}, ...more] = await gapsOf(audit);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [
        fieldAt(gap, "es_proxy.gap.records"),
        fieldAt(gap, "es_proxy.gap.first_sequence"),
        fieldAt(gap, "es_proxy.gap.last_sequence"),
        fieldAt(gap, "es_proxy.gap.refused"),
        fieldAt(gap, "event.reason"),
      ],
      [10, 1, 10, 0, "file_removed"],
    );
    const said = log.filter(({ level }) => level === "error").map(({ message }) => message);
    assert.deepEqual(said, [
      "the audit file was removed: what it held is lost, a new one is begun",
    ]);
  });

test("a file that was renamed is left as it is, and a new one begins", async () => {
  await using folder = await makeTempDir();
  const trail = openTrail(folder.path);
  assert.equal(await exchange(trail), true);
  renameSync(folder.file("audit.ndjson"), folder.file("audit.ndjson.1"));
  await waitFor("a new file", () => existsSync(folder.file("audit.ndjson")));
  assert.equal(await exchange(trail), true);
  await trail.close();
  assert.deepEqual(await gapsOf(folder.path), []);
  assert.equal((await readAudit(folder.path)).length, 2);
});

test("where the file cannot be made again the policy applies, the log says so seldom, and it goes on afterwards", async () => {
  await using folder = await makeTempDir();
  const log: LogLine[] = [];
  const audit = folder.file("audit");
  const trail = openTrail(audit, { log: recordingLog(log) });
  assert.equal(await exchange(trail), true);
  // A file where the directory was: root may not make anything in it either.
  rmSync(audit, { recursive: true });
  writeFileSync(audit, "");
  await waitFor("storing fails", () => trail.stats.isFailing);
  for (let count = 0; count < 200; count += 1) {
    assert.equal(await exchange(trail, "reject"), false);
    assert.equal(await exchange(trail, "continue"), true);
  }
  assert.ok(log.length <= 5, JSON.stringify(log));
  rmSync(audit);
  await waitFor("storing works again", () => !trail.stats.isFailing);
  assert.equal(await exchange(trail), true);
  await trail.close();
  const [gap = {}] = await gapsOf(audit);
  assert.equal(fieldAt(gap, "es_proxy.gap.refused"), 200);
  // Two records of the lost file, and the request records of all 400 exchanges.
  assert.equal(fieldAt(gap, "es_proxy.gap.records"), 2 + 400);
});

test("a body pack that was removed is noticed, and the next bodies go into a new one", async () => {
  await using folder = await makeTempDir();
  const log: LogLine[] = [];
  const trail = openTrail(folder.path, { log: recordingLog(log), inlineBodyBytes: 10 });
  const large = async (): Promise<void> => {
    const record = someRecord();
    const tap = trail.tapRequest(record);
    const body = Buffer.alloc(5000, "a");
    tap.write(body, 0, body.length);
    tap.finish(true);
    await stored((waiter) => trail.request(record, waiter));
    trail.response(ended(record), undefined);
  };
  await large();
  const pack = readdirSync(folder.path).find((name) => name.endsWith(".pack")) ?? "";
  rmSync(folder.file(pack));
  await waitFor("it is said", () =>
    log.some(({ message }) => message.includes("pack was removed")),
  );
  await large();
  await trail.close();
  const now = readdirSync(folder.path).filter((name) => name.endsWith(".pack"));
  assert.equal(now.length, 1);
  assert.notEqual(now[0], pack);
});

test("a gap record that fails itself is not counted as a lost record", async () => {
  await using folder = await makeTempDir();
  const audit = folder.file("audit");
  const trail = openTrail(audit);
  assert.equal(await exchange(trail), true);
  rmSync(audit, { recursive: true });
  writeFileSync(audit, "");
  await waitFor("storing fails", () => trail.stats.isFailing);
  const { dropped } = trail.stats;
  // Some tries to write the gap record fail meanwhile.
  await waitFor("a second has passed", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    return true;
  });
  rmSync(audit);
  await waitFor("storing works again", () => !trail.stats.isFailing);
  await trail.close();
  const [gap = {}] = await gapsOf(audit);
  assert.equal(fieldAt(gap, "es_proxy.gap.records"), dropped);
});

test("with async a request that went on is not counted as refused when its record is lost later", async () => {
  await using folder = await makeTempDir();
  const audit = folder.file("audit");
  const trail = openTrail(audit, { durability: "async" });
  assert.equal(await exchange(trail), true);
  await waitFor("the records", () => trail.stats.records === 2);
  chmodSync(audit, 0o700);
  rmSync(audit, { recursive: true });
  writeFileSync(audit, "");
  // In the turn in which the file is given up the record is under way already.
  let forwarded = 0;
  for (let count = 0; count < 50 && !trail.stats.isFailing; count += 1) {
    if (await exchange(trail, "reject")) forwarded += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await waitFor("storing fails", () => trail.stats.isFailing);
  rmSync(audit);
  await waitFor("storing works again", () => !trail.stats.isFailing);
  await trail.close();
  const [gap = {}] = await gapsOf(audit);
  assert.ok(forwarded > 0);
  assert.equal(fieldAt(gap, "es_proxy.gap.refused"), 0);
});

test("when its directory is renamed what it holds is left there, and both are made again", async () => {
  await using folder = await makeTempDir();
  const log: LogLine[] = [];
  const audit = folder.file("audit");
  const trail = openTrail(audit, { log: recordingLog(log) });
  assert.equal(await exchange(trail), true);
  renameSync(audit, folder.file("moved"));
  await waitFor("a new file", () => existsSync(folder.file("audit", "audit.ndjson")));
  assert.equal(await exchange(trail), true);
  await trail.close();
  for (const name of ["moved", "audit"])
    assert.equal((await readAudit(folder.file(name))).length, 2, name);
  assert.deepEqual(
    log.filter(({ level }) => level !== "info").map(({ message }) => message),
    ["the audit file was renamed: a new one is begun"],
  );
});

for (const [what, length] of [
  ["to nothing", 0],
  ["in the middle of a line", 700],
] as const)
  test(`a file that was cut ${what} is set aside within a second, with a gap record of what it held`, async () => {
    await using folder = await makeTempDir();
    const log: LogLine[] = [];
    const trail = openTrail(folder.path, { log: recordingLog(log) });
    for (let count = 0; count < 5; count += 1) assert.equal(await exchange(trail), true);
    await waitFor("the last record", () => trail.stats.records === 10);
    const { ino } = statSync(folder.file("audit.ndjson"));
    truncateSync(folder.file("audit.ndjson"), length);
    await waitFor("another file", () => {
      const now = statSync(folder.file("audit.ndjson"), { throwIfNoEntry: false });
      return now !== undefined && now.ino !== ino;
    });
    assert.equal(await exchange(trail), true);
    await trail.close();
    const text = readFileSync(folder.file("audit.ndjson"), "utf8");
    const records: Readonly<Record<string, unknown>>[] = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const [gap = {}, ...more] = records;
    assert.equal(more.length, 2);
    assert.deepEqual(
      ["es_proxy.gap.records", "event.reason"].map((path) => fieldAt(gap, path)),
      [10, "file_cut"],
    );
    assert.deepEqual(
      log.filter(({ level }) => level === "error").map(({ message }) => message),
      ["the audit file was cut: what it held is counted as lost, a new one is begun"],
    );
  });

for (const [what, put] of [
  ["a FIFO", (path: string) => void execFileSync("mkfifo", [path])],
  ["a directory", (path: string) => mkdirSync(path)],
  ["a device", (path: string) => symlinkSync("/dev/null", path)],
] as const) {
  test(`${what} in place of a removed file is not written to, and the policy applies until it has gone`, async () => {
    await using folder = await makeTempDir();
    const log: LogLine[] = [];
    const trail = openTrail(folder.path, { log: recordingLog(log) });
    assert.equal(await exchange(trail), true);
    const path = folder.file("audit.ndjson");
    rmSync(path);
    put(path);
    await waitFor("a refused request", async () => !(await exchange(trail)));
    rmSync(path, { recursive: true });
    await waitFor("a request that is forwarded", async () => exchange(trail));
    await trail.close();
    assert.equal((await gapsOf(folder.path)).length, 1);
  });

  test(`${what} in place of a renamed file leaves it going on under its new name, which is said once`, async () => {
    await using folder = await makeTempDir();
    const log: LogLine[] = [];
    const trail = openTrail(folder.path, { log: recordingLog(log) });
    assert.equal(await exchange(trail), true);
    const path = folder.file("audit.ndjson");
    renameSync(path, folder.file("kept.ndjson"));
    put(path);
    const troubles = (): LogLine[] => log.filter(({ level }) => level !== "info");
    await waitFor("a word about it", () => troubles().length > 0);
    assert.equal(await exchange(trail), true);
    rmSync(path, { recursive: true });
    await waitFor("a new file", () => existsSync(path));
    assert.equal(await exchange(trail), true);
    await trail.close();
    assert.deepEqual(
      troubles().map(({ message }) => message),
      [
        "the audit file was renamed, and none can be made in its place; it goes on under its new name",
        "the audit file was renamed: a new one is begun",
      ],
    );
    assert.equal(readFileSync(folder.file("kept.ndjson"), "utf8").trimEnd().split("\n").length, 4);
    assert.equal(readFileSync(path, "utf8").trimEnd().split("\n").length, 2);
  });
}

test("a FIFO in place of a journal is no reason to wait at the start", async () => {
  await using folder = await makeTempDir();
  execFileSync("mkfifo", [folder.file("audit.ndjson")]);
  // Without a reader or a writer at its other end, opening it would never come back.
  assert.throws(() => openTrail(folder.path), { code: "ESP_ERR_AUDIT_DIRECTORY" });
});

test("a FIFO in place of any other file of the directory is read by nobody", async () => {
  await using folder = await makeTempDir();
  const fifo = (name: string): void => void execFileSync("mkfifo", [folder.file(name)]);
  fifo(".audit.ndjson.state");
  // What a new state is written to before it takes the place of the old one.
  fifo(".audit.ndjson.state.new");
  const opened = openTrail(folder.path);
  await opened.close();
  fifo("holds.json");
  fifo("removals.jsonl");
  fifo("side-log.jsonl");
  fifo(".audit-policy.json");
  // Without a writer at the other end, each of these would never come back.
  assert.throws(() => readHolds(folder.path), { code: "ENOTFILE" });
  assert.throws(() => readRemovals(folder.path), { code: "ENOTFILE" });
  assert.equal(sideLogState(folder.path), undefined);
  assert.equal(lastPolicy(folder.path), undefined);
  assert.equal(readPosition(folder.file("side-log.jsonl")), undefined);
});

test("no file of a trail is opened in a way that waits for the other end of a FIFO", () => {
  const root = join(import.meta.dirname, "../../src");
  const waiting: string[] = [];
  for (const folder of ["audit", "coverage", "witness"])
    for (const name of fs.readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".ts"))
        for (const line of fs.readFileSync(join(root, folder, name), "utf8").split("\n"))
          // Folders are opened to be synced; /proc has no FIFOs; "wx" makes a new file.
          if (
            /readFile(?:Sync)?\(|open(?:Sync)?\(.*"[ra]\+?"|[^.]createReadStream\(|appendFile/.test(
              line,
            ) &&
            !/openSync\((?:this\.#)?directory,|\/proc\//.test(line)
          )
            waiting.push(`${folder}/${name}: ${line.trim()}`);
  assert.deepEqual(waiting, []);
});
