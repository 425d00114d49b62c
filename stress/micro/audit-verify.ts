/**
 * Micro-benchmark: verifying a trail against its log.
 *
 * Usage: node stress/micro/audit-verify.ts [megabytes=600] [body bytes=300] [jobs=1]
 *
 * Makes a directory with the proxy's own trail and its log, verifies it, and prints megabytes per
 * second, of CPU time and of the clock, best of five rounds, beside SHA-256 of the same lines.
 */
import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, cpuUsage, stdout } from "node:process";

import { followerSlots } from "../../src/audit/follow/follower-messages.ts";
import { TrailFollower } from "../../src/audit/follow/trail-follower.ts";
import { Trust } from "../../src/audit/read/verify/trust.ts";
import { verifyTrail } from "../../src/audit/read/verify/verify-trail.ts";
import { makeTrail } from "./made-trail.ts";

const megabytes = Number(argv[2] ?? 600);
const bodyBytes = Number(argv[3] ?? 300);
const jobs = Number(argv[4] ?? 1);
const rounds = 5;

async function row(label: string, bytes: number, work: () => Promise<void> | void): Promise<void> {
  let [cpu, clock] = [Infinity, Infinity];
  for (let round = 0; round < rounds; round += 1) {
    const [before, start] = [cpuUsage(), performance.now()];
    await work();
    const { user, system } = cpuUsage(before);
    cpu = Math.min(cpu, (user + system) / 1e6);
    clock = Math.min(clock, (performance.now() - start) / 1000);
  }
  const rate = (seconds: number): string => (bytes / 1e6 / seconds).toFixed(0).padStart(6);
  stdout.write(`${label.padEnd(30)}${rate(cpu)} MB/s of CPU ${rate(clock)} MB/s\n`);
}

const directory = mkdtempSync(join(tmpdir(), "es-proxy-verify-"));
try {
  const rotateBytes = 64_000_000;
  const made = await makeTrail(directory, {
    megabytes,
    workers: 1,
    format: "ecs",
    bodyBytes,
    rotateBytes,
  });
  const slots = new SharedArrayBuffer(followerSlots * 8);
  const proof = {
    origin: "example.com/bench",
    keyFile: join(directory, "proof.key"),
    postQuantum: false,
    checkpointMs: 10_000,
    witnesses: [],
  };
  const follower = new TrailFollower(
    { directory, proof, facts: undefined, slots },
    () => undefined,
  );
  for (let nowMs = 0; follower.step(nowMs); nowMs += 1);
  await follower.finish();
  const files = readdirSync(directory).filter((name) => name.endsWith(".ndjson"));
  const bytes = files
    .map((name) => readFileSync(join(directory, name)).length)
    .reduce((total, length) => total + length, 0);
  stdout.write(
    `${made} exchanges, ${(bytes / 1e6).toFixed(0)} MB, ` +
      `${(bytes / 2 / made).toFixed(0)} bytes a line, ${jobs} job(s)\n`,
  );
  const one = readFileSync(join(directory, files[0] ?? ""));
  await row("SHA-256, line by line", one.length, () => {
    for (let at = 0; at < one.length;) {
      const end = one.indexOf(0x0a, at);
      hash("sha256", one.subarray(at, end), "binary");
      at = end + 1;
    }
  });
  const trust = Trust.ofDirectory(directory);
  await row("verify", bytes, async () => {
    const { findings } = await verifyTrail({ directory, trust, held: [], jobs });
    if (findings.length > 0) throw new Error(findings[0]?.message);
  });
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);
