/**
 * Micro-benchmark: what the thread that ships pays for an exchange: reading, joining, digests, the
 * request. gzip runs on other threads and is shown apart.
 *
 * Usage: node stress/micro/ship.ts [exchanges=40000] [rounds=3]
 *
 * Writes the trail of `stress/trail/main.ts`, always the same one, and ships it to a process that
 * says yes to each document, in processes of their own that do nothing else. Prints the CPU time of
 * the main thread and of all others for each exchange, the best of the rounds, when the code is
 * compiled; once without facts and once with them.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import process, { argv, cpuUsage, stdout, threadCpuUsage } from "node:process";
import { gunzipSync } from "node:zlib";

import { FactsFollower } from "../../src/audit/follow/facts-follower.ts";
import { Shipper } from "../../src/audit/ship/shipper.ts";
import { generateTrail } from "../trail/generate-trail.ts";

/** What a run took, in microseconds of CPU, and what it sent. */
interface Taken {
  readonly thread: number;
  readonly others: number;
  readonly documents: number;
}

const [replayMark, sinkMark] = ["--replay", "--sink"];
const never = new AbortController().signal;

async function main(): Promise<void> {
  const count = Number(argv[2] ?? 40_000);
  const rounds = Number(argv[3] ?? 3);
  const folder = mkdtempSync(join(tmpdir(), "es-proxy-ship-"));
  const sink = fork(import.meta.filename, [sinkMark]);
  try {
    const [url] = (await once(sink, "message")) as [string];
    const made = join(folder, "made");
    await generateTrail(made, {
      exchanges: count,
      seed: 1,
      workers: 1,
      format: "ecs",
      rotateBytes: 1e12,
      rate: 5000,
    });
    await shipped("records", made, url, rounds);
    const follower = new FactsFollower({ directory: made, watch: [] }, () => undefined);
    await follower.finish(Infinity);
    await shipped("and facts", made, url, rounds);
    stdout.write(`load of the machine: ${loadavg()[0]?.toFixed(1)}\n`);
  } finally {
    sink.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function shipped(name: string, made: string, url: string, rounds: number): Promise<void> {
  const taken: Taken[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const child = fork(import.meta.filename, [replayMark, made, url]);
    const told: Taken[] = [];
    child.on("message", (message: Taken) => told.push(message));
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`a run ended with ${code}`);
    taken.push(...told);
  }
  const best = taken.reduce((one, other) => (one.thread < other.thread ? one : other));
  const each = (time: number): string => (time / best.documents).toFixed(2).padStart(8);
  stdout.write(
    `${name.padEnd(10)}${each(best.thread)} µs in the thread,${each(best.others)} µs in others` +
      ` (gzip), for each of ${best.documents}\n`,
  );
}

/** Ships everything twice; the second time counts. */
async function replay(directory: string, url: string): Promise<void> {
  const twin = `${directory}-twin`;
  cpSync(directory, twin, { recursive: true });
  await ship(twin, url);
  rmSync(twin, { recursive: true });
  const [all, thread] = [cpuUsage(), threadCpuUsage()];
  const documents = await ship(directory, url);
  rmSync(join(directory, "ship"), { recursive: true });
  const inThread = sum(threadCpuUsage(thread));
  const taken: Taken = { thread: inThread, others: sum(cpuUsage(all)) - inThread, documents };
  process.send?.(taken);
}

function sum({ user, system }: { readonly user: number; readonly system: number }): number {
  return user + system;
}

async function ship(directory: string, url: string): Promise<number> {
  let documents = 0;
  const fail = (reason: unknown): never => {
    throw new Error(JSON.stringify(reason));
  };
  const shipper = new Shipper(
    {
      directory,
      name: "target",
      cluster: {
        nodes: [url],
        authorization: () => Promise.resolve(undefined),
        timeoutMs: 30_000,
      },
      dataStream: "logs",
      host: "proxy-1",
      originOf: (journal) => `example.com/${journal}`,
      bodyBytes: 0,
      everyMs: 1000,
      awaitsFacts: false,
    },
    {
      problem: fail,
      gap: fail,
      lost: fail,
      failed: fail,
      refused: fail,
      shipped: (count) => {
        documents += count;
      },
    },
  );
  await shipper.drain(never);
  await shipper.close();
  return documents;
}

/** Says yes to every document. */
function serveSink(): void {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const lines = gunzipSync(Buffer.concat(pieces)).toString("latin1").split("\n").length - 1;
      const items = Array.from({ length: lines / 2 }, () => ({ create: { status: 201 } }));
      response.setHeader("x-elastic-product", "Elasticsearch");
      response.end(JSON.stringify({ errors: false, items }));
    });
  });
  server.listen(0, "127.0.0.1", () => {
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  process.on("disconnect", () => process.exit(0));
}

if (argv[2] === replayMark) await replay(argv[3] ?? "", argv[4] ?? "");
else if (argv[2] === sinkMark) serveSink();
else await main();
