/**
 * Micro-benchmark: reading a trail with filters, requests joined with their answers.
 *
 * Usage: node stress/micro/audit-scan.ts [megabytes=600] [body bytes=300] [ecs|text] [workers=1]
 *
 * Makes a directory with the proxy's own trail, asks several questions and prints megabytes per
 * second of CPU time, best of five rounds (what else runs on the machine can only add), beside two
 * bounds of the same files: a search for one byte sequence, and `JSON.parse` of every line.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, cpuUsage, stdout } from "node:process";

import { readTrail } from "../../src/audit/read/trail-reader.ts";
import { compileFilter } from "../../src/kql/filter.ts";
import { makeTrail } from "./made-trail.ts";

const megabytes = Number(argv[2] ?? 600);
const bodyBytes = Number(argv[3] ?? 300);
const format = argv[4] === "text" ? "text" : "ecs";
const workers = Number(argv[5] ?? 1);
const rounds = 5;

const questions = [
  "user.name: rare",
  "user: rare and status: 503",
  "status >= 500 and index: logs-7",
  "source: 10.0.3.0/24 and user: rare",
  "body: *nosuch*",
  "nosuch",
  "not user: user-*",
];

async function seconds(
  work: () => Promise<number> | number,
): Promise<[seconds: number, count: number]> {
  let best = Infinity;
  let count = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuUsage();
    count = await work();
    const { user, system } = cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  }
  return [best, count];
}

function row(label: string, bytes: number, [time, count]: readonly [number, number]): void {
  const rate = (bytes / 1e6 / time).toFixed(0).padStart(6);
  stdout.write(`${label.padEnd(44)}${rate} MB/s of CPU  ${count} found\n`);
}

async function entries(directory: string, text: string, order: "any" | "begin"): Promise<number> {
  let count = 0;
  const filter = text === "" ? undefined : compileFilter(text, { nowMs: Date.now() });
  for await (const batch of readTrail({ directory, filter, order })) count += batch.length;
  return count;
}

const directory = mkdtempSync(join(tmpdir(), "es-proxy-scan-"));
try {
  const made = await makeTrail(directory, {
    megabytes,
    workers,
    format,
    bodyBytes,
    rotateBytes: 256_000_000,
  });
  const files = readdirSync(directory).filter((name) => /\.(?:ndjson|log)$/.test(name));
  const bytes = files
    .map((name) => readFileSync(join(directory, name)).length)
    .reduce((total, length) => total + length, 0);
  const [first = ""] = files;
  const one = readFileSync(join(directory, first));
  stdout.write(
    `${made} exchanges, ${(bytes / 1e6).toFixed(0)} MB, ` +
      `${(bytes / 2 / made).toFixed(0)} bytes a line, ${format}, ${workers} worker(s)\n`,
  );
  row("Buffer.indexOf", one.length, await seconds(() => one.indexOf("no such thing")));
  if (format === "ecs") {
    const lines = one.toString("latin1").split("\n").slice(0, 50_000);
    const size = lines.reduce((total, line) => total + line.length, 0);
    const parse = (): number => lines.filter((line) => line !== "" && JSON.parse(line)).length;
    row("JSON.parse of every line", size, await seconds(parse));
  }
  for (const text of questions)
    row(text, bytes, await seconds(() => entries(directory, text, "begin")));
  row("everything, joined, in order", bytes, await seconds(() => entries(directory, "", "begin")));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);
