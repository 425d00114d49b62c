/**
 * The command behind `make test-memory`; see `leak/README.md`. Exit codes: 0 green, 1 a gate
 * failed, 2 usage.
 */
import { parseArgs } from "node:util";
import { explainSlope } from "./artifacts.ts";
import type { PlantName } from "./messages.ts";
import {
  limits,
  slopeGate,
  type SlopeResult,
  type SlopeRun,
  type SlopeSettings,
} from "./slope-gate.ts";
import { SlopeLoad } from "./slope-load.ts";
import { slopeText } from "./slope-statistics.ts";

const usage = `Live bytes per request of the proxy, and whether planted leaks are found.

  node leak/slope.ts [options]

  --runs N        leak-free runs, each with a proxy of its own (default 20)
  --rounds N      measured rounds of a run (default 12)
  --requests N    requests of a round (default 400)
  --long          24 rounds of 2000 requests, 3 runs
  --no-controls   leave the planted leaks out
  --help

  node leak/slope.ts --runs 3
`;
/**
 * Leaks that only bytes show; the others are found exactly, by counts (`test/leak/exact.test.ts`).
 */
const controls: readonly PlantName[] = ["id string", "2 KiB buffer", "exchange"];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = parse(args);
  if (options === undefined) return 2;
  const { runs, settings, hasControls } = options;
  process.stdout.write(
    `Node ${process.version}; limits in bytes per request: ${JSON.stringify(limits)}\n`,
  );
  let green = 0;
  for (let run = 1; run <= runs; run += 1) {
    const result = await runOne(settings, undefined, true);
    if (result.red.length === 0) green += 1;
    process.stdout.write(`leak-free ${run}/${runs}: ${verdict(result)}\n`);
  }
  let found = 0;
  for (const name of hasControls ? controls : []) {
    const result = await runOne(settings, { name, every: 1 }, false);
    if (result.red.length > 0) found += 1;
    process.stdout.write(`planted "${name}": ${verdict(result)}\n`);
  }
  const planted = hasControls ? controls.length : 0;
  process.stdout.write(
    `leak-free runs that are green: ${green} of ${runs}; planted leaks that are red: ${found} of ${planted}\n`,
  );
  return green === runs && found === planted ? 0 : 1;
}

async function runOne(
  settings: SlopeSettings,
  planted: { name: PlantName; every: number } | undefined,
  isExplained: boolean,
): Promise<SlopeResult> {
  await using load = await SlopeLoad.open();
  const result = await slopeGate(load, settings, planted);
  if (isExplained && result.red.length > 0) {
    const summary = await explainSlope(load, settings.requests);
    process.stdout.write(`heap snapshots and what retains the growth: ${summary}\n`);
  }
  return result;
}

function verdict({ first, second, red }: SlopeResult): string {
  const word = red.length > 0 ? `RED (${red.join(", ")})` : "green";
  const confirmed =
    second === undefined ? "" : `; with four times the requests: ${figures(second)}`;
  return `${word}; ${figures(first)}${confirmed}`;
}

function figures({ slopes }: SlopeRun): string {
  return `heap ${slopeText(slopes.heap)}, array buffers ${slopeText(slopes.arrayBuffers)}, external ${slopeText(slopes.external)}`;
}

function parse(
  args: readonly string[],
): { runs: number; settings: SlopeSettings; hasControls: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        runs: { type: "string" },
        rounds: { type: "string" },
        requests: { type: "string" },
        long: { type: "boolean", default: false },
        "no-controls": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    const rounds = whole("--rounds", values.rounds, 2) ?? (values.long ? 24 : 12);
    const requests = whole("--requests", values.requests, 20) ?? (values.long ? 2000 : 400);
    const runs = whole("--runs", values.runs, 0) ?? (values.long ? 3 : 20);
    return {
      runs,
      settings: { warmups: 4, rounds, requests },
      hasControls: !values["no-controls"],
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

function whole(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new TypeError(`${name} needs a whole number of at least ${least}`);
  return number;
}
