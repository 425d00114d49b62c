/** The command behind `make stress` and `make test-stress`; see `stress/README.md`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stopAllChildren } from "./bench/child.ts";
import { describeMachine } from "./bench/machine.ts";
import { momentLine, resultLines } from "./harness/progress.ts";
import { runStress, type StressResult } from "./harness/run.ts";
import type { StressScenario } from "./harness/scenario.ts";
import { UnsupportedError } from "./harness/environment.ts";
import { parseStressOptions, type StressOptions, stressUsage } from "./harness/stress-options.ts";
import { type StressReport, stressPage } from "./report/stress-page.ts";

const exitCodes = { ok: 0, failure: 1, usage: 2, unsupported: 3 } as const;
const defaultFolder = join(fileURLToPath(new URL(".", import.meta.url)), "results");

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stopAllChildren();
    process.exitCode = exitCodes.failure;
    setTimeout(() => process.exit(), 2000).unref();
  });
}
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: StressOptions | undefined;
  try {
    options = parseStressOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodes.usage;
  }
  if (options === undefined) {
    process.stdout.write(stressUsage);
    return exitCodes.ok;
  }
  let code: number = exitCodes.ok;
  for (const scenario of options.scenarios) {
    const outcome = await runOne(scenario, options);
    if (outcome !== exitCodes.ok && code !== exitCodes.failure) code = outcome;
  }
  return code;
}

async function runOne(scenario: StressScenario, options: StressOptions): Promise<number> {
  const { clients, durationMs, nodeArguments } = options;
  process.stdout.write(
    `${scenario.name}: ${scenario.title}; ${clients} clients, ${durationMs / 1000} s\n`,
  );
  try {
    const result = await runStress(scenario, {
      clients,
      durationMs,
      nodeArguments,
      onMoment: (moment) => showProgress(momentLine(moment)),
    });
    endProgress();
    const page = writeReport(result, options);
    for (const line of resultLines(result)) process.stdout.write(`  ${line}\n`);
    process.stdout.write(`  page: ${page}\n`);
    return result.failures.length === 0 ? exitCodes.ok : exitCodes.failure;
  } catch (error) {
    endProgress();
    if (!(error instanceof UnsupportedError)) throw error;
    process.stdout.write(`  not run: the proxy says "${error.message}"\n`);
    return exitCodes.unsupported;
  }
}

/** One line that is written over on a terminal, a line for each second elsewhere. */
function showProgress(line: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K  ${line}` : `  ${line}\n`);
}

function endProgress(): void {
  if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");
}

function writeReport(result: StressResult, options: StressOptions): string {
  const folder = resolve(options.folder ?? defaultFolder);
  mkdirSync(folder, { recursive: true });
  const accepted = join(folder, `stress-${result.scenario}-accepted.json`);
  const baseline = existsSync(accepted)
    ? (JSON.parse(readFileSync(accepted, "utf8")) as StressReport)
    : undefined;
  const report: StressReport = {
    takenAt: new Date().toISOString(),
    machine: describeMachine(),
    result,
  };
  const json = `${JSON.stringify(report, null, 1)}\n`;
  writeFileSync(join(folder, `stress-${result.scenario}.json`), json);
  if (options.isAccepted && result.failures.length === 0) writeFileSync(accepted, json);
  const page = join(folder, `stress-${result.scenario}.html`);
  writeFileSync(page, stressPage(report, baseline));
  return page;
}
