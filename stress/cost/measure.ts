/** Measures instructions per request of one case: origin, load and the proxy under callgrind. */
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { Child } from "../bench/child.ts";
import { ask, startScript, stopChild } from "../bench/child.ts";
import type { LoadCommand, LoadReport } from "../bench/messages.ts";
import { countOrigins, startOrigins } from "../bench/origins.ts";
import { scriptFile } from "../bench/script-file.ts";
import type { Spread } from "../bench/statistics.ts";
import { spreadOf } from "../bench/statistics.ts";
import { InstructionCounter, underCallgrind } from "./callgrind.ts";
import type { CostCase } from "./cases.ts";

const entry = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/**
 * Windows of one case. The least counts: other work on the computer, or V8 compiling once more, can
 * only add to a window.
 */
const windows = 5;

/**
 * Origin and load run before everything else where that is allowed, so that on a busy computer,
 * too, all connections are ready in each turn of the proxy's event loop.
 */
const helperPriority = -15;

/**
 * Makes V8 do the same in each run: no compiling and collecting on other threads at their own pace,
 * fixed seeds, a young generation so small that each window has many collections of it, and an old
 * one so large that the time at which it is collected does not matter.
 */
const repeatable = [
  "--single-threaded",
  "--hash-seed=1",
  "--random-seed=1",
  "--min-semi-space-size=1",
  "--max-semi-space-size=1",
  "--initial-old-space-size=512",
  "--no-incremental-marking",
  "--no-memory-reducer",
  "--no-flush-bytecode",
];

/**
 * Instructions per request of one case: the least and the range over its windows.
 *
 * @param directory An empty folder for configuration, records and counts.
 * @throws {Error} when an answer is wrong, a request does not arrive once, or a record is missing.
 */
export async function measureCost(costCase: CostCase, directory: string): Promise<Spread> {
  const { scenario } = costCase;
  const children: Child[] = [];
  try {
    const origins = await startOrigins(scenario, children);
    const load = await startScript(scriptFile("load.ts"), []);
    children.push(load);
    for (const { pid } of children) raisePriority(pid);
    const { child, port, logLines } = await costCase.peer.start({
      scenario,
      originPorts: origins.map((origin) => origin.port),
      directory,
      certificate: "",
      privateKey: "",
      entry,
      nodeArguments: [...repeatable, ...costCase.nodeArguments],
      launcher: underCallgrind(directory),
    });
    children.push(child);
    const target = {
      port,
      tls: false,
      connections: scenario.connections,
      isShort: false,
      expectedStatus: 200,
      exchanges: [{ request: scenario.request, expectedBody: scenario.answer }],
    };
    const counter = new InstructionCounter(child.pid, directory);
    await command(load, { kind: "open", target });
    await command(load, { kind: "run", requests: costCase.warmup });
    counter.start();
    const samples: number[] = [];
    for (let window = 0; window < windows; window += 1) {
      await command(load, { kind: "run", requests: costCase.requests });
      samples.push(counter.read() / costCase.requests);
    }
    const sent = costCase.warmup + windows * costCase.requests;
    const { healthy } = await countOrigins(origins);
    if (healthy.requests !== sent)
      throw new Error(`the origin got ${healthy.requests} requests instead of ${sent}`);
    await stopChild(child);
    const lines = logLines?.count();
    if (lines !== undefined && lines < 2 * sent)
      throw new Error(`${lines} records instead of ${2 * sent}`);
    return spreadOf(samples);
  } finally {
    for (const child of children) await stopChild(child);
  }
}

function raisePriority(pid: number): void {
  try {
    setPriority(pid, helperPriority);
  } catch {
    // Only root may: then the figures are less steady on a busy computer.
  }
}

async function command(load: Child, words: LoadCommand): Promise<void> {
  const report = await ask<LoadReport>(load, words);
  if (report.errorCount > 0) throw new Error(report.errors.join("; "));
}
