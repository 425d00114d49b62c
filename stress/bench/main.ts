/**
 * The command behind `make bench`; see `stress/README.md`. Exit codes: 0 fine, 1 failure or a
 * missed target, 2 usage.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { htmlPage } from "../report/html-page.ts";
import { sentences } from "../report/sentences.ts";
import { scenarioTable, verdictTable } from "../report/terminal-table.ts";
import { certificateProblem, writeCertificate } from "./certificate.ts";
import { stopAllChildren } from "./child.ts";
import { cpuTimeProblem } from "./cpu-time.ts";
import { describeMachine } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import { parseOptions, usage } from "./options.ts";
import { peers as allPeers } from "./peers/catalogue.ts";
import { profileArguments, profileSummary } from "./profile.ts";
import type { BenchResult, ScenarioResult } from "./results.ts";
import { judge, unjudged } from "./results.ts";
import { makeRunDirectory } from "./run-directory.ts";
import { runScenario } from "./runner.ts";
import type { Scenario } from "./scenarios.ts";
import { scenarios as allScenarios } from "./scenarios.ts";
import { targets } from "./targets.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const results = join(project, "stress", "results");

const noCertificate = { certificate: "", privateKey: "" };

process.exitCode = await main();

async function main(): Promise<number> {
  let options: BenchOptions | undefined;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  if (options === undefined) {
    console.log(usage);
    return 0;
  }
  const problem = cpuTimeProblem();
  if (problem !== undefined) {
    console.error(problem);
    return 1;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", stopAllChildren);
  // Not the system's folder for temporary files, which may be memory: logs and records must go to a
  // disk.
  const directory = makeRunDirectory(results);
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  try {
    return await bench(options, directory);
  } catch (error) {
    console.error(`\nbenchmark failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function bench(options: BenchOptions, directory: string): Promise<number> {
  const measured: ScenarioResult[] = [];
  const machine = describeMachine();
  const hasTls = allScenarios.some(
    ({ name, transport }) => transport === "tls" && options.scenarios.includes(name),
  );
  const { certificate, privateKey } =
    hasTls && certificateProblem() === undefined ? writeCertificate(directory) : noCertificate;
  for (const scenario of allScenarios.filter(({ name }) => options.scenarios.includes(name))) {
    const names = options.peers.length > 0 ? options.peers : scenario.peers;
    const result = await runScenario(
      scenario,
      allPeers.filter((peer) => names.includes(peer.name)),
      {
        ...loadOf(scenario, options),
        rounds: options.rounds,
        latencyRate: options.latencyRate,
        entry: resolve(options.entry ?? join(project, "dist", "cli", "main.js")),
        directory,
        certificate,
        privateKey,
        nodeArguments: (peer) =>
          options.isProfiled && peer.startsWith("es-proxy")
            ? profileArguments(results, scenario.name, peer)
            : [],
        progress: showProgress,
      },
    );
    showProgress("");
    measured.push(result);
    console.log(scenarioTable(result));
    if (options.isProfiled) console.log(profileSummary(results, result));
  }
  const result: BenchResult = {
    takenAt: new Date().toISOString(),
    command: ["node stress/bench/main.ts", ...process.argv.slice(2)].join(" "),
    machine,
    scenarios: measured,
    verdicts: [
      ...judge(measured, targets),
      ...(options.isWhole ? unjudged(measured, targets) : []),
    ],
  };
  console.log(`\n${sentences(result).join("\n")}`);
  if (result.verdicts.length > 0) console.log(`${verdictTable(result.verdicts)}\n`);
  keep(options.json ?? join(results, "bench.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  keep(options.html ?? join(results, "bench.html"), htmlPage(result));
  return options.isChecked ? exitCodeOf(result) : 0;
}

function loadOf(scenario: Scenario, options: BenchOptions): { requests: number; warmup: number } {
  return {
    requests: options.requests ?? (options.isQuick ? scenario.quickRequests : scenario.requests),
    warmup: options.warmup ?? scenario.warmup,
  };
}

/** A check which compared nothing has not shown that the targets hold. */
function exitCodeOf(result: BenchResult): number {
  const compared = result.verdicts.filter((verdict) => verdict.holds !== undefined);
  if (compared.length === 0) console.error("no target could be compared: see the reasons above");
  return compared.length > 0 && compared.every((verdict) => verdict.holds) ? 0 : 1;
}

function keep(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(file);
}

function showProgress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${message}`);
}
