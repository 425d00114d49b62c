/**
 * Micro-benchmark: how far a tail is behind a proxy that writes.
 *
 * Usage: node stress/micro/audit-tail.ts [exchanges a second=5000] [seconds=10] [workers=2]
 *
 * A thread writes exchanges (two records each) with the proxy's own trail; this one follows them,
 * with a filter that wants all of them, and prints how long after its end an exchange was given.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, cpuUsage, stdout } from "node:process";
import { isMainThread, Worker, workerData } from "node:worker_threads";

import { tailTrail } from "../../src/audit/read/trail-tail.ts";
import { compileFilter } from "../../src/kql/filter.ts";
import { writeSteadily } from "./made-trail.ts";

const rate = Number(argv[2] ?? 5000);
const seconds = Number(argv[3] ?? 10);
const workers = Number(argv[4] ?? 2);

async function follow(directory: string): Promise<void> {
  const stop = new AbortController();
  const delays: number[] = [];
  const workerDone = new Worker(import.meta.filename, {
    workerData: directory,
    argv: argv.slice(2),
  });
  workerDone.on("exit", () => setTimeout(() => stop.abort(), 500));
  const before = cpuUsage();
  const listener = { problem: console.error, gap: console.error };
  const filter = compileFilter("es_proxy.record: *", { nowMs: 0 });
  for await (const entries of tailTrail({
    directory,
    filter,
    listener,
    history: 0,
    signal: stop.signal,
  })) {
    const nowMs = Date.now();
    for (const { closing } of entries) delays.push(nowMs - (closing?.timeMs ?? Number.NaN));
  }
  const { user, system } = cpuUsage(before);
  delays.sort((one, other) => one - other);
  const at = (share: number): number =>
    Math.round(delays[Math.floor(share * (delays.length - 1))] ?? 0);
  stdout.write(
    `${delays.length} exchanges, ${rate} a second over ${workers} worker(s): behind by ` +
      `${at(0.5)} ms (median), ${at(0.99)} ms (99 %), ${at(1)} ms (most); ` +
      `${((user + system) / 1e6).toFixed(1)} s of CPU for both in ${seconds} s\n`,
  );
}

if (isMainThread) {
  const directory = mkdtempSync(join(tmpdir(), "es-proxy-tail-"));
  try {
    await follow(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
} else await writeSteadily(String(workerData), { rate, seconds, workers });
