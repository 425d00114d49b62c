import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { zstdCompressSync } from "node:zlib";

import { CatalogError, listJournals } from "../../../src/audit/read/catalog.ts";
import type { ReadProblem } from "../../../src/audit/read/read-problem.ts";
import type { TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import { readTrail, type ReadOptions } from "../../../src/audit/read/trail-reader.ts";
import { exchangeId } from "../../../src/core/ids.ts";
import { compileFilter } from "../../../src/kql/filter.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { testVariants } from "../../support/test-variants.ts";
import { allRecords, basic, MadeTrail } from "./made-directory.ts";

const nowMs = Date.UTC(2026, 10, 23, 12);

interface Reading {
  readonly entries: TrailEntry[];
  readonly problems: ReadProblem[];
  readonly gaps: number;
}

async function read(
  directory: string,
  options: Partial<ReadOptions> & { text?: string } = {},
): Promise<Reading> {
  const { text, ...rest } = options;
  const entries: TrailEntry[] = [];
  const problems: ReadProblem[] = [];
  let gaps = 0;
  const listener = {
    problem: (problem: ReadProblem) => problems.push(problem),
    gap: () => (gaps += 1),
  };
  const filter = text === undefined ? undefined : compileFilter(text, { nowMs });
  for await (const batch of readTrail({ directory, filter, listener, ...rest }))
    entries.push(...batch);
  return { entries, problems, gaps };
}

/** Three users, three indices, some failures, a slow exchange, a session. */
async function fill(made: MadeTrail, count: number, worker = 0): Promise<void> {
  const slow = await made.begin({ authorization: basic("slow"), target: "/logs/_search" });
  for (let at = 0; at < count; at += 1) {
    await made.exchange(
      {
        authorization: basic(["alice", "bob", "anonymous"][at % 3] ?? ""),
        target: `/${["logs", "patients", "x%2Cy"][at % 3]}/_doc/${at}?q=${at}`,
        method: at % 4 === 0 ? "DELETE" : "GET",
        userAgent: at % 5 === 0 ? "curl/8 Élan" : "-",
      },
      at % 7 === 0 ? { status: 503, errorCode: "ESP_ERR_POOL_BUSY" } : {},
      1 + (at % 3),
    );
    made.clock.monotonicMs += 40;
  }
  await made.end(slow);
  await made.session(`01936f3e-1111-7000-8000-00000000000${worker}`);
}

async function workers(
  directory: TempDir,
  options: { readonly format: "ecs" | "text"; readonly rotateBytes?: number },
): Promise<void> {
  for (const worker of [undefined, 1, 2]) {
    const made = new MadeTrail(directory.path, { ...options, worker, hmacKey: Buffer.alloc(32) });
    made.clock.monotonicMs += 13 * (worker ?? 0);
    await fill(made, 60, worker);
    await made.trail.close();
  }
}

const questions = [
  "",
  "user.name: alice",
  "user: bob and status: 503",
  "user: anonymous",
  'user_agent.original: "-" or user_agent.original: *lan',
  "status >= 500 and method: DELETE",
  "status: * and user_agent.original: curl*",
  "not user: alice",
  "index: pat* and not action: delete",
  "path: */_doc/1*",
  "url.query: q=4*",
  "source: 192.0.2.0/24 and outcome: *",
  "error.code: *",
  "es_proxy.record: session_start",
  "4711",
  "*lice",
  "body: TOOK",
  "event.duration > 2ms",
];

testVariants(
  "gives the entries that a program without shortcuts finds",
  { ecs: "ecs", text: "text" } as const,
  async (format) => {
    await using directory = await makeTempDir();
    await workers(directory, { format, rotateBytes: format === "ecs" ? 16_384 : 4096 });
    assert.ok(readdirSync(directory.path).filter((name) => name.startsWith("audit")).length > 9);
    const records = allRecords(directory.path);
    assert.equal(records.size, 3 * 62);
    for (const text of questions) {
      const filter = compileFilter(text, { nowMs });
      const expected = [...records]
        .filter(([, [first = {}, second]]) => filter.matches(first, second))
        .map(([id]) => id);
      const { entries, problems } = await read(directory.path, { text });
      assert.deepEqual(entries.map(({ id }) => id).sort(), expected.sort(), text);
      assert.deepEqual(problems, [], text);
      assert.ok(
        entries.every(({ opening, closing }) => opening !== undefined && closing !== undefined),
      );
      const isEcsOnly = /body|error\.code/.test(text);
      assert.ok(isEcsOnly || expected.length > 0, `${text} asks for nothing`);
    }
  },
);

test("gives entries of all workers in the order in which they began", async () => {
  await using directory = await makeTempDir();
  await workers(directory, { format: "ecs", rotateBytes: 50_000 });
  const { entries } = await read(directory.path);
  const times = entries.map(({ startMs }) => startMs);
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
  const any = await read(directory.path, { order: "any" });
  assert.deepEqual(any.entries.map(({ id }) => id).sort(), entries.map(({ id }) => id).sort());
});

test("reads compressed segments and those that a log rotator renamed like the others", async () => {
  await using directory = await makeTempDir();
  await workers(directory, { format: "ecs", rotateBytes: 30_000 });
  const before = await read(directory.path, { text: "user: alice or user: slow" });
  const sealed = readdirSync(directory.path).filter((name) => /^audit.*-.*ndjson$/.test(name));
  for (const [at, name] of sealed.entries()) {
    const path = directory.file(name);
    if (at % 2 === 0) {
      const half = statSync(path).size >> 1;
      const bytes = readFileSync(path);
      // Frames may end anywhere: a compressor knows no lines.
      const frames = [bytes.subarray(0, half), bytes.subarray(half)].map((one) =>
        zstdCompressSync(one),
      );
      writeFileSync(`${path}.zst`, Buffer.concat(frames));
      rmSync(path);
    }
  }
  renameSync(directory.file("audit.ndjson"), directory.file("audit.ndjson.1"));
  const after = await read(directory.path, { text: "user: alice or user: slow" });
  assert.deepEqual(after.problems, []);
  assert.deepEqual(
    after.entries.map(({ id }) => id),
    before.entries.map(({ id }) => id),
  );
  assert.ok(after.entries.every((entry) => entry.text("http.response.status_code") !== undefined));
});

test("says what is still open, and that a record of an entry is missing", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  await made.exchange();
  const open = await made.begin({ authorization: basic("open") });
  const live = await read(directory.path);
  assert.deepEqual(
    live.entries.map(({ isOpen, id }) => [isOpen, id === open.id]),
    [
      [false, false],
      [true, true],
    ],
  );
  await made.trail.close();
  const path = directory.file("audit.ndjson");
  const [, ...lines] = readFileSync(path, "latin1").split("\n");
  writeFileSync(path, lines.join("\n"));
  const cut = await read(directory.path);
  assert.equal(cut.entries.length, 2);
  assert.equal(cut.entries[0]?.opening, undefined);
  assert.equal(cut.entries[0]?.kind, "exchange");
  assert.ok(Number.isFinite(cut.entries[0]?.startMs), "the response says when it began");
  assert.equal(cut.entries[1]?.text("es_proxy.outcome"), "shutdown");
});

test("reports torn and broken lines and gaps, and reads the rest", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  for (let count = 0; count < 3; count += 1) await made.exchange();
  await made.trail.close();
  const path = directory.file("audit.ndjson");
  const lines = readFileSync(path, "latin1").split("\n");
  const gap =
    '{"@timestamp":"2026-11-23T04:24:11.123500000Z","event":{"kind":"event",' +
    '"dataset":"es_proxy.audit","sequence":12,"id":"01a206bf-1c6c-73e2-843e-9db3afdf6ba3",' +
    '"action":"audit.gap"},"es_proxy":{"record":"gap","gap":{"records":3}}}';
  const broken = [...Array.from({ length: 8 }, (_, at) => `garbage ${at}`), "\0\0\0", '{"a":'];
  const text = [lines[0], ...broken, lines[1], gap, ...lines.slice(2, -1), "", '{"@timest'];
  writeFileSync(path, text.join("\n"));
  const { entries, problems, gaps } = await read(directory.path);
  assert.equal(entries.filter(({ kind }) => kind === "exchange").length, 3);
  assert.equal(gaps, 1);
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ["garbage", "garbage", "garbage", "garbage", "garbage", "torn", "garbage"],
  );
  assert.match(
    problems.find(({ message }) => message.includes("in all"))?.message ?? "",
    /^11 lines/,
  );
  const filtered = await read(directory.path, { text: "status: 404" });
  assert.equal(filtered.gaps, 1, "a gap is told of whatever the filter wants");
  assert.deepEqual(filtered.entries, []);
});

test("reads what it can of a compressed segment whose end is missing", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  for (let count = 0; count < 400; count += 1) await made.exchange();
  await made.trail.close();
  const path = directory.file("audit.ndjson");
  const whole = readFileSync(path);
  rmSync(path);
  const pieces = [0, 1, 2, 3].map((at) => whole.subarray(at * 2e5, (at + 1) * 2e5));
  const compressed = Buffer.concat(pieces.map((piece) => zstdCompressSync(piece)));
  const name = "audit-20261123T050000.000Z.ndjson.zst";
  writeFileSync(directory.file(name), compressed.subarray(0, compressed.length - 100));
  const { entries, problems } = await read(directory.path);
  assert.ok(entries.length > 10 && entries.length <= 400, `${entries.length} entries`);
  assert.deepEqual(problems.map(({ kind, segment }) => [kind, segment]).slice(0, 1), [
    ["unreadable", name],
  ]);
});

test("opens no segment that lies outside the time that is asked for", async () => {
  await using directory = await makeTempDir();
  const hour = 3_600_000;
  for (const [at, name] of ["early", "middle", "late"].entries()) {
    const made = new MadeTrail(directory.path);
    made.clock.monotonicMs += at * 4 * hour;
    await made.exchange({ authorization: basic(name) });
    const end = made.clock.wallAt(made.clock.monotonicMs);
    await made.trail.close();
    const stamp = new Date(end).toISOString().replaceAll(/[-:]/g, "");
    const path = directory.file(`audit-${stamp}.ndjson`);
    renameSync(directory.file("audit.ndjson"), path);
    utimesSync(path, end / 1000, end / 1000);
  }
  const start = Date.UTC(2026, 10, 23, 4);
  const names = async (
    options: Partial<ReadOptions> & { text?: string },
  ): Promise<(string | undefined)[]> => {
    const { entries, problems } = await read(directory.path, options);
    assert.deepEqual(problems, []);
    return entries.map((entry) => entry.text("user.name"));
  };
  assert.deepEqual(await names({}), ["early", "middle", "late"]);
  // What would be read is broken now, so that reading it shows.
  const [early = "", , late = ""] = readdirSync(directory.path).filter((name) =>
    name.startsWith("audit-"),
  );
  for (const name of [early, late]) appendFileSync(directory.file(name), "garbage\n");
  for (const [name, end] of [
    [early, start + hour],
    [late, start + 9 * hour],
  ] as const)
    utimesSync(directory.file(name), end / 1000, end / 1000);
  const [sinceMs, untilMs] = [start + 2 * hour, start + 6 * hour];
  assert.deepEqual(await names({ sinceMs, untilMs }), ["middle"]);
  const text = '@timestamp >= "2026-11-23T06:30:00Z" and @timestamp < "2026-11-23T10:00:00Z"';
  assert.deepEqual(await names({ text }), ["middle"]);
});

test("joins records that lie megabytes apart, in a compressed segment, too", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path, { inlineBodyBytes: 8e6 });
  const early = await made.begin({ authorization: basic("early") }, Buffer.from("x".repeat(5e6)));
  for (let count = 0; count < 12; count += 1) {
    const record = await made.begin();
    await made.end(record, {}, Buffer.from(`${count}`.repeat(6e5)));
  }
  await made.end(early, { status: 418 });
  await made.trail.close();
  const plain = await read(directory.path, { text: "status: 418 and user: early" });
  const path = directory.file("audit.ndjson");
  writeFileSync(`${path}.zst`, zstdCompressSync(readFileSync(path)));
  rmSync(path);
  const compressed = await read(directory.path, { text: "status: 418 and user: early" });
  for (const { entries, problems } of [plain, compressed]) {
    assert.deepEqual(problems, []);
    assert.equal(entries.length, 1);
    assert.equal(entries[0]?.text("http.request.body.content")?.length, 5e6);
  }
  assert.equal((await read(directory.path)).entries.length, 13);
});

test("follows a segment that its writer renames while it is read", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  const waiting = await made.begin();
  for (let count = 0; count < 50; count += 1) await made.exchange();
  await made.end(waiting);
  await made.trail.close();
  const reader = readTrail({ directory: directory.path, order: "any" });
  const listed = listJournals(directory.path);
  renameSync(directory.file("audit.ndjson"), directory.file("audit-20261123T050000.000Z.ndjson"));
  writeFileSync(directory.file("audit.ndjson"), "garbage\n");
  assert.equal(listed.length, 1);
  let count = 0;
  for await (const entries of reader)
    count += entries.filter(({ kind }) => kind === "exchange").length;
  assert.equal(count, 51);
});

test("changes nothing in the directory and takes no lock", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  await made.exchange();
  const before = readdirSync(directory.path, { recursive: true }).sort();
  await read(directory.path, { text: "user: *" });
  assert.deepEqual(readdirSync(directory.path, { recursive: true }).sort(), before);
  await made.trail.close();
});

test("says what is wrong with a directory that holds no trail", async () => {
  await using directory = await makeTempDir();
  copyFileSync(join(import.meta.dirname, "trail-reader.test.ts"), directory.file("notes.txt"));
  for (const [path, message] of [
    [directory.path, /holds no audit segments.*--dir/],
    [directory.file("nowhere"), /no such directory/],
    [directory.file("notes.txt"), /no directory/],
  ] as const)
    assert.throws(
      () => listJournals(path),
      (error: unknown) => error instanceof CatalogError && message.test(error.message),
    );
});

test("entries from before the wall clock was set back are ended by time, not by their ids", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  // Ids never go back within a process: this one is an hour ahead of what follows.
  exchangeId(made.clock.wallAt(made.clock.monotonicMs) + 3_600_000);
  const record = await made.exchange();
  await made.trail.close();
  const untilMs = made.clock.wallAt(made.clock.monotonicMs) + 60_000;
  const seen: string[] = [];
  for await (const entries of readTrail({ directory: directory.path, untilMs }))
    seen.push(...entries.map(({ id }) => id));
  assert.deepEqual(seen, [record.id]);
});

test("a segment in whose place a shorter file is ends where an index expects more", async () => {
  await using folder = await makeTempDir();
  const made = new MadeTrail(folder.path);
  await made.exchange();
  await made.trail.close();
  const line = (at: number) => ({ at, length: 5_000_000, isClosing: true });
  const index = {
    linesOf: () => undefined,
    linesFor: () => [line(0), line(100_000_000)],
  };
  const facts = (): undefined => undefined;
  const { entries, problems } = await read(folder.path, { facts, index });
  assert.ok(entries.length <= 1);
  assert.deepEqual([...new Set(problems.map(({ kind }) => kind))], ["garbage"]);
});
