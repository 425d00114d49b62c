/**
 * The command behind `make bench-scale`: CPU time per request of 1, 2 and 4 workers with everything
 * on record, once with the listening socket handed to the workers, once with a socket of each
 * (`reusePort`); and a fit of the Universal Scalability Law to each.
 *
 * Usage: node stress/bench-scale/main.ts [ROUNDS]
 *
 * A computer with fewer cores than processes cannot show rates: what is fitted is the rate at which
 * the workers' CPU time would be used up if each had a core for itself. Waiting that costs no CPU
 * time is not in it.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Child } from "../bench/child.ts";
import { ask, startProgram, startScript, stopAllChildren, stopChild } from "../bench/child.ts";
import { cpuNanoseconds, cpuTimeProblem, processTree } from "../bench/cpu-time.ts";
import type { LoadCommand, LoadReport } from "../bench/messages.ts";
import { countOrigins, startOrigins } from "../bench/origins.ts";
import { acceptsOn, freePort } from "../bench/peers/programs.ts";
import { makeRunDirectory } from "../bench/run-directory.ts";
import { scenarios } from "../bench/scenarios.ts";
import { scriptFile } from "../bench/script-file.ts";
import { spreadOf } from "../bench/statistics.ts";
import { fitUsl, uslRate } from "./usl.ts";
import { numberOf, readCommandLine } from "../../scripts/command-line.ts";

const numbers = [1, 2, 4];
const requests = 6000;
const warmup = 20_000;
const entry = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const results = fileURLToPath(new URL("../results", import.meta.url));
const methods = ["handed socket", "reusePort"] as const;

interface Setup {
  readonly method: (typeof methods)[number];
  readonly workers: number;
  readonly port: number;
  readonly children: readonly Child[];
  readonly microseconds: number[];
  readonly perSecond: number[];
}

const { positionals } = readCommandLine(
  `CPU per request of 1, 2 and 4 workers, everything on record, with a fit of the scalability law.

  node stress/bench-scale/main.ts [ROUNDS]    rounds, default 7; run \`make build\` before

  node stress/bench-scale/main.ts 3
`,
  {},
  1,
);
const rounds = numberOf(positionals[0], "ROUNDS", 7);
const problem = cpuTimeProblem();
if (problem !== undefined) throw new Error(problem);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.once("exit", stopAllChildren);
const directory = makeRunDirectory(results);
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
await run();

async function run(): Promise<void> {
  const search = scenarios.find(({ name }) => name === "search");
  if (search === undefined) throw new Error("no scenario search");
  const children: Child[] = [];
  const origins = await startOrigins(search, children);
  const load = await startScript(scriptFile("load.ts"), []);
  children.push(load);
  const setups: Setup[] = [];
  for (const method of methods)
    for (const workers of numbers)
      setups.push(await start(method, workers, origins[0]?.port ?? 0, children));
  const command = async (words: LoadCommand): Promise<LoadReport> => {
    const report = await ask<LoadReport>(load, words);
    if (report.errorCount > 0) throw new Error(report.errors.join("; "));
    return report;
  };
  const measure = async (setup: Setup, count: number): Promise<void> => {
    const { port } = setup;
    const { request, answer, connections } = search;
    await command({
      kind: "open",
      target: {
        port,
        tls: false,
        connections,
        isShort: false,
        expectedStatus: 200,
        exchanges: [{ request, expectedBody: answer }],
      },
    });
    await command({ kind: "run", requests: connections * 2 });
    const pids = setup.children.flatMap(({ pid }) => processTree(pid));
    const before = cpuNanoseconds(pids);
    const { completed, elapsedMs } = await command({ kind: "run", requests: count });
    setup.microseconds.push((cpuNanoseconds(pids) - before) / 1000 / completed);
    setup.perSecond.push((completed / elapsedMs) * 1000);
    await command({ kind: "close" });
    const { healthy } = await countOrigins(origins);
    if (healthy.requests !== count + connections * 2)
      throw new Error(`the origin got ${healthy.requests} requests instead of ${count}`);
  };
  for (const setup of setups) {
    // Each worker compiles its own code.
    await measure(setup, warmup * setup.workers);
    setup.microseconds.length = 0;
    setup.perSecond.length = 0;
  }
  for (let round = 0; round < rounds; round += 1)
    for (const setup of setups) await measure(setup, requests);
  for (const child of children.toReversed()) await stopChild(child);
  report(setups);
}

async function start(
  method: Setup["method"],
  workers: number,
  origin: number,
  all: Child[],
): Promise<Setup> {
  const port = await freePort();
  const processes = method === "reusePort" ? workers : 1;
  const children: Child[] = [];
  for (let at = 0; at < processes; at += 1) {
    const folder = join(directory, `${method === "reusePort" ? "r" : "h"}${workers}-${at}`);
    mkdirSync(join(folder, "audit"), { recursive: true });
    const config = join(folder, "es-proxy.yaml");
    writeFileSync(
      config,
      `workers: ${processes === 1 ? workers : 1}
listeners:
  - {name: es, protocol: http, bind: "127.0.0.1:${port}", routes: [{path: /, pool: origin}]}
pools: {origin: {endpoints: ["http://127.0.0.1:${origin}"], limits: {connections: 256}}}
audit: {directory: ${JSON.stringify(join(folder, "audit"))}, format: ecs, durability: written}
`,
    );
    const patch = fileURLToPath(new URL("reuse-port.ts", import.meta.url));
    const flags = method === "reusePort" ? [`--import=${patch}`] : [];
    const child = await startProgram(process.execPath, [
      ...flags,
      entry,
      "run",
      "--config",
      config,
    ]);
    children.push(child);
    all.push(child);
    await acceptsOn(port, child);
  }
  return { method, workers, port, children, microseconds: [], perSecond: [] };
}

function report(setups: readonly Setup[]): void {
  console.log(
    `${availableParallelism()} cores, ${rounds} rounds of ${requests} searches, full audit`,
  );
  for (const { method, workers, microseconds, perSecond } of setups) {
    const { median, min, max } = spreadOf(microseconds);
    console.log(
      `${method.padEnd(14)}${workers} workers  ${median.toFixed(1)} µs CPU a request ` +
        `(${min.toFixed(1)} to ${max.toFixed(1)}), ${spreadOf(perSecond).median.toFixed(0)}/s here`,
    );
  }
  for (const method of methods) {
    const samples = setups
      .filter((setup) => setup.method === method)
      .flatMap(({ workers, microseconds }) =>
        microseconds.map((cpu) => ({ workers, perSecond: (workers * 1e6) / cpu })),
      );
    const fit = fitUsl(samples);
    console.log(
      `${method}: λ ${fit.lambda.toFixed(0)}/s, σ ${fit.sigma.toFixed(3)}, ` +
        `κ ${fit.kappa.toFixed(4)}; 32 workers: ${uslRate(fit, 32).toFixed(0)}/s if it goes on so`,
    );
  }
}
