import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { spawn } from "node:child_process";
import { hash } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";

import type { LedgerContent, MadeTotals } from "../../stress/trail/trail-ledger.ts";
import { MadeTrail } from "../audit/read/made-directory.ts";
import { buildIndexes, deriveFacts, smallTrail } from "../audit/index/generated-trail.ts";
import { startScript } from "../support/child-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let folder: TempDir;
/** A trail of two workers in `ecs` and one in `text`, with facts and indexes, and what is true. */
let whole: string;
let ledgers: readonly LedgerContent[];

before(async () => {
  folder = await makeTempDir();
  whole = folder.file("whole");
  ledgers = [
    await smallTrail(whole, { exchanges: 600 }),
    await smallTrail(whole, { exchanges: 300, workers: 1, format: "text", seed: 8 }),
  ];
  await deriveFacts(whole);
  await buildIndexes(whole);
});

after(() => folder.remove());

async function audit(
  directory: string,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const all = ["audit", ...args, "--dir", directory];
  await using child = startScript("src/cli/main.ts", all, {
    env: { ...process.env, NO_COLOR: "1" },
  });
  const { code } = await child.exited(120_000);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** The totals of both ledgers together. */
function totals(what: "users" | "indices" | "actions" | "statuses"): Map<string, MadeTotals> {
  const sums = new Map<string, MadeTotals>();
  for (const ledger of ledgers)
    for (const [value, { count, failed }] of Object.entries(ledger[what])) {
      const known = sums.get(value) ?? { count: 0, failed: 0 };
      sums.set(value, { count: known.count + count, failed: known.failed + failed });
    }
  return sums;
}

const exchanges = "es_proxy.record: (request or response)";
const made = (): number => ledgers.reduce((sum, ledger) => sum + ledger.exchanges, 0);

/**
 * Exchanges that had to do with a document. Lines of `text` hold no answers: of them it is
 * only known what was to be written, and of single documents that it was.
 */
function truthOf(key: string): string[] {
  const [ecs = [], text = []] = ledgers.map((ledger) => ledger.watched[key] ?? []);
  const written = text
    .filter(({ use }) => use !== "read")
    .map((one) => ({ ...one, use: one.action === "bulk" ? "tried" : "wrote" }));
  return [...ecs, ...written].map(({ id, user, use }) => `${id} ${user} ${use}`).sort();
}

/** The same of an output of `who`, without documents that were only asked for. */
function rowsOf(csv: string): string[] {
  const [, ...rows] = csv.trimEnd().split("\r\n");
  return rows
    .map((row) => row.split(","))
    .filter((cells) => cells[7] !== "asked")
    .map((cells) => `${cells[1]} ${cells[2]} ${cells[7]}`)
    .sort();
}

function copy(name: string): string {
  const directory = folder.file(name);
  cpSync(whole, directory, { recursive: true, preserveTimestamps: true });
  return directory;
}

/** Full segments of a directory. */
function segmentsIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => /-\d{8}T.*\.(?:ndjson|log)$/.test(name));
}

/** What is in a directory: names, inodes, times and contents. */
function treeOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const path = `${directory}/${name}`;
      const { ino, size, mtimeMs, mode } = statSync(path);
      const content = statSync(path).isFile() ? hash("sha256", readFileSync(path)) : "";
      return [name, ino, size, mtimeMs, mode, content].join(" ");
    });
}

test("counts and rankings are those of the ledger", async () => {
  const count = await audit(whole, "query", exchanges, "--count");
  assert.deepEqual([count.code, count.stdout, count.stderr], [0, `${made()}\n`, ""]);
  for (const [by, what] of [
    ["user", "users"],
    ["action", "actions"],
    ["status", "statuses"],
    ["es_proxy.indices", "indices"],
  ] as const) {
    const top = await audit(whole, "top", exchanges, "--by", by, "-n", "99", "--format", "json");
    const rows = JSON.parse(top.stdout) as Record<string, number | string>[];
    const found = rows.map((row) => [String(row[by]), row["count"], row["failed"]]);
    const truth = Array.from(totals(what), ([value, sum]) => [value, sum.count, sum.failed]);
    assert.deepEqual(found.toSorted(), truth.toSorted(), by);
  }
});

test("filters count what the ledger counts, with negations and combinations", async () => {
  const users = totals("users");
  const statuses = totals("statuses");
  for (const [filter, truth] of [
    ["user: user-3", users.get("user-3")?.count],
    ["not user: user-3", made() - (users.get("user-3")?.count ?? 0)],
    ["status >= 400", (statuses.get("404")?.count ?? 0) + (statuses.get("503")?.count ?? 0)],
    ["not status: 200 and not status: 201", [...statuses].reduce(failed, 0)],
    ["user: nobody", 0],
  ] as const) {
    const { stdout } = await audit(whole, "query", `${exchanges} and ${filter}`, "--count");
    assert.equal(stdout, `${truth}\n`, filter);
  }
});

function failed(sum: number, [status, { count }]: readonly [string, MadeTotals]): number {
  return status === "200" || status === "201" ? sum : sum + count;
}

test("who has had to do with a document is what the ledger says, in both formats", async () => {
  const keys = Object.entries(ledgers[0]?.watched ?? {}).toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  for (const [key] of keys.slice(0, 2)) {
    const [index = "", id = ""] = key.split(" ");
    const who = await audit(whole, "who", "--index", index, "--id", id, "--format", "csv");
    assert.equal(who.code, 0);
    assert.ok(truthOf(key).length > 3);
    assert.deepEqual(rowsOf(who.stdout), truthOf(key), key);
  }
});

test("who says how many calls may have returned the document, whose answers are not on record", async () => {
  const [key = ""] = Object.keys(ledgers[1]?.watched ?? {});
  const reads = (ledgers[1]?.watched[key] ?? []).filter(({ use }) => use === "read").length;
  assert.ok(reads > 0);
  const document = key.replace(" ", "/");
  const told = async (directory: string, asked: string): Promise<number> => {
    const { code, stderr } = await audit(directory, "who", asked, "--format", "csv");
    assert.equal(code, 0);
    const [, calls = "0"] = /^es-proxy audit who: (\d+) more calls may have/.exec(stderr) ?? [];
    return Number(calls);
  };
  const calls = await told(whole, document);
  assert.ok(calls >= reads, `${calls} calls, and ${reads} of them returned ${document}`);
  const directory = copy("untold");
  for (const name of readdirSync(directory))
    if (name.endsWith(".index")) rmSync(`${directory}/${name}`);
  assert.equal(await told(directory, document), calls);
  for (const name of readdirSync(directory))
    if (/\.(?:facts|documents)$/.test(name)) rmSync(`${directory}/${name}`);
  assert.equal(await told(directory, document), calls);
  const all = await audit(whole, "query", "action: search and status < 300", "--count");
  assert.ok(calls < Number(all.stdout));
  assert.equal(await told(whole, "no-such-index/1"), 0);
});

test("a reader who is slow gets all of it", async () => {
  const args = ["src/cli/main.ts", "audit", "query", "--format", "ndjson", "--dir", whole];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of child.stdout) {
    text += String(chunk);
    await setTimeout(5);
  }
  assert.ok(text.length > 200_000, `${text.length} bytes fit into a pipe`);
  assert.equal(text.trimEnd().split("\n").length, made());
});

test("garbage is told with its place, and the rest is read", async () => {
  const directory = copy("garbage");
  const [segment = "", other = ""] = segmentsIn(directory);
  const lines = readFileSync(`${directory}/${segment}`, "latin1").split("\n");
  lines.splice(10, 0, "no record at all", '{"broken":');
  writeFileSync(`${directory}/${segment}`, lines.join("\n"), "latin1");
  appendFileSync(`${directory}/${other}`, "\u0000\u0001binary\n");
  writeFileSync(`${directory}/audit-20261120T000000.000Z.ndjson`, Buffer.alloc(5000, 7));
  const count = await audit(directory, "query", exchanges, "--count");
  assert.deepEqual([count.code, count.stdout], [1, `${made()}\n`]);
  const at = lines.slice(0, 10).join("\n").length + 1;
  assert.match(count.stderr, new RegExp(`${segment} at ${at}: a line of 16 bytes is no record`));
  assert.match(count.stderr, new RegExp(`${other} at \\d+: a line of 8 bytes is no record`));
  const key = "patients-0 vip-0";
  const asked = ["who", "--index", "patients-0", "--id", "vip-0", "--format", "csv"];
  const who = await audit(directory, ...asked);
  assert.match(who.stderr, /its index is not used: the segment has changed since/);
  assert.deepEqual(rowsOf(who.stdout), truthOf(key));
});

test("a crash and a gap are told, and nothing else is missing", async () => {
  const directory = copy("crash");
  const active = `${directory}/audit.1.ndjson`;
  const gap =
    '{"@timestamp":"2026-11-20T00:01:00.000000000Z","event":{"kind":"event",' +
    '"dataset":"es_proxy.audit","sequence":9,"id":"01a1f641-4968-764b-b0f4-fa69de03c9b2",' +
    '"action":"audit.gap","start":"2026-11-20T00:00:59.000000000Z",' +
    '"end":"2026-11-20T00:01:00.000000000Z","reason":"ENOSPC"},' +
    '"es_proxy":{"record":"gap","gap":{"records":12}}}\n';
  appendFileSync(active, gap);
  const lines = readFileSync(active, "latin1");
  // Within the last record of an exchange.
  const lastAt = lines.lastIndexOf('"record":"response"');
  truncateSync(active, lastAt + 100);
  appendFileSync(`${directory}/audit.2.ndjson`, gap);
  const count = await audit(directory, "query", exchanges, "--count");
  assert.deepEqual([count.code, count.stdout], [0, `${made()}\n`]);
  assert.match(count.stderr, /audit\.1\.ndjson at \d+: the last line has no end/);
  assert.match(count.stderr, /gap: 12 records missing, 2026-11-20 00:00:59 to/);
  const asked = ["query", `${exchanges} and not status: *`, "--columns", "id", "--format", "csv"];
  const open = await audit(directory, ...asked);
  assert.equal(open.stdout.trimEnd().split("\r\n").length, 2);
  // The next process closes what the dead one has left open.
  const next = new MadeTrail(directory, { worker: 1 });
  await next.trail.close();
  const recovered = await audit(directory, "query", "outcome: crash_recovered", "--count");
  assert.deepEqual([recovered.code, recovered.stdout], [0, "1\n"]);
});

test("what was erased is not found any more, and everything else is", async () => {
  const directory = copy("erased");
  const command = ["erase", "--filter", "user: user-0", "--reason", "case 4"];
  const erased = await audit(directory, ...command);
  assert.equal(erased.code, 0, erased.stderr);
  const asked = ["who", "--index", "patients-0", "--id", "vip-0", "--format", "csv"];
  const truth = truthOf("patients-0 vip-0").filter((row) => !row.includes(" user-0 "));
  assert.ok(truth.length < truthOf("patients-0 vip-0").length);
  assert.deepEqual(rowsOf((await audit(directory, ...asked)).stdout), truth);
  await deriveFacts(directory);
  assert.ok((await buildIndexes(directory)) > 0);
  assert.deepEqual(rowsOf((await audit(directory, ...asked)).stdout), truth);
  const rest = await audit(directory, "query", `${exchanges} and user: user-0`, "--count");
  assert.equal(rest.stdout, "0\n");
  const [sample] = ledgers[0]?.samples.filter(({ user }) => user === "user-0") ?? [];
  if (sample === undefined) return;
  const shown = await audit(directory, "show", sample.id);
  assert.doesNotMatch(shown.stdout, /user-0/);
});

test("asking changes nothing but the record of who has asked, and needs no lock", async () => {
  const directory = copy("asked");
  // A process that writes holds the lock, as a proxy does.
  const writer = new MadeTrail(directory, { worker: 3 });
  try {
    const before = treeOf(directory);
    const id = ledgers[0]?.samples[0]?.id ?? "";
    for (const args of [
      ["query", "-n", "3"],
      ["query", "status >= 400", "--histogram", "10s"],
      ["top", "--by", "index"],
      ["show", id],
      ["show", id.slice(-8), "--raw"],
      ["who", "--index", "patients-*", "--id", "vip-1"],
      ["sessions"],
      ["diff", id, id],
      ["export", "--as", "har", "-f", "user: user-5"],
      ["verify"],
    ]) {
      const { code, stderr } = await audit(directory, ...args);
      // There is no log, and of what was copied while it was written no facts are known.
      const isIncomplete = args[0] === "verify" || args[0] === "sessions";
      assert.ok(code === 0 || isIncomplete, `${args.join(" ")}: ${code} ${stderr}`);
    }
    const isOwn = (name: string): boolean => name.startsWith("side-log");
    assert.deepEqual(
      treeOf(directory).filter((name) => !isOwn(name)),
      before.filter((name) => !isOwn(name)),
    );
  } finally {
    await writer.trail.close();
  }
});
