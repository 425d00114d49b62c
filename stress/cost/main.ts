/**
 * The command behind `make check-cost`: instructions per request of four cases, compared with the
 * accepted ones in `accepted.json`, and a control that must be found. With `--distance` it prints
 * those of three loads without audit beside the bare relay's instead, and judges nothing.
 *
 * Usage: node stress/cost/main.ts [--accept | --distance]
 *
 * Exit codes: 0 fine, or not judged because nothing was accepted for this kind of machine; 1 worse,
 * or the control was not found, or with CI=true there is no Valgrind; 2 usage; 3 no Valgrind.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stopAllChildren } from "../bench/child.ts";
import type { Spread } from "../bench/statistics.ts";
import { callgrindProblem } from "./callgrind.ts";
import type { CostCase } from "./cases.ts";
import { controlBase, costCases, distanceCases, plantedCase } from "./cases.ts";
import { kindOfMachine } from "./kind.ts";
import { measureCost } from "./measure.ts";
import type { AcceptedCosts, Costs, CostVerdict } from "./verdict.ts";
import { costProblems, judgeCosts } from "./verdict.ts";
import { readCommandLine } from "../../scripts/command-line.ts";

const acceptedFile = fileURLToPath(new URL("./accepted.json", import.meta.url));
const results = fileURLToPath(new URL("../results", import.meta.url));

/** How often a case that is worse is measured once more. */
const repetitions = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  const flag = { type: "boolean", default: false } as const;
  const { values: wanted } = readCommandLine(
    `Instructions per request beside the accepted ones, under Valgrind: \`make check-cost\`.

  node stress/cost/main.ts [options]    run \`make build\` before

  --accept      what is measured is the accepted figure of this kind of machine
  --distance    three loads without audit beside the bare relay; nothing is judged

  node stress/cost/main.ts --distance
`,
    { accept: flag, distance: flag },
  );
  const problem = callgrindProblem();
  if (problem !== undefined) {
    console.error(`instructions were not counted: ${problem}`);
    return process.env["CI"] === "true" ? 1 : 3;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", stopAllChildren);
  mkdirSync(results, { recursive: true });
  const directory = mkdtempSync(join(results, "cost-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  try {
    const measured = new Map<string, Spread>();
    console.log(`instructions per request on ${kindOfMachine()}`);
    if (wanted.distance) {
      await measureCases(distanceCases.flat(), directory, measured);
      return printDistances(measured);
    }
    await measureCases([...costCases, plantedCase], directory, measured);
    return wanted.accept ? accept(measured) : await judge(directory, measured);
  } catch (error) {
    console.error(`not measured: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

/** Measures cases, as many at a time as there are cores, two at most; keeps the lower figures. */
async function measureCases(
  cases: readonly CostCase[],
  directory: string,
  measured: Map<string, Spread>,
): Promise<void> {
  const waiting = [...cases];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const cost = await measureCost(next, mkdtempSync(join(directory, "case-")));
      const before = measured.get(next.name);
      if (before === undefined || cost.min < before.min) measured.set(next.name, cost);
      console.log(`  measured ${next.name}: ${spreadText(cost)}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
}

/**
 * Judges, and measures once more what is worse: V8 sometimes leaves a hot function uncompiled for a
 * whole run.
 */
async function judge(directory: string, measured: Map<string, Spread>): Promise<number> {
  const kind = kindOfMachine();
  const accepted = readAccepted().kinds[kind];
  let outcome = outcomeOf(measured, accepted?.costs);
  for (let again = 0; again < repetitions && outcome.doubtful.length > 0; again += 1) {
    console.log("measured once more, because it is worse:");
    await measureCases(outcome.doubtful, directory, measured);
    outcome = outcomeOf(measured, accepted?.costs);
  }
  for (const verdict of outcome.verdicts) console.log(verdictLine(verdict));
  const { base, planted } = outcome;
  console.log(`  control: planted work is ${(planted / base).toFixed(3)} times "${controlBase}"`);
  if (accepted === undefined)
    console.log(
      `not judged: nothing was accepted for ${kind}. ` +
        "On a commit whose speed is known: node stress/cost/main.ts --accept",
    );
  if (outcome.verdicts.some(({ judgement }) => judgement === "better"))
    console.log("better than accepted: node stress/cost/main.ts --accept keeps it so");
  for (const problem of outcome.problems) console.error(problem);
  return outcome.problems.length === 0 ? 0 : 1;
}

interface Outcome {
  readonly verdicts: readonly CostVerdict[];
  /** Instructions per request of the control's case, without and with the planted work. */
  readonly base: number;
  readonly planted: number;
  readonly problems: readonly string[];
  /** What another measurement could still acquit. */
  readonly doubtful: readonly CostCase[];
}

function outcomeOf(measured: ReadonlyMap<string, Spread>, accepted: Costs | undefined): Outcome {
  const verdicts = judgeCosts(costsOf(measured), accepted);
  const base = measured.get(controlBase)?.min ?? Number.NaN;
  const planted = measured.get(plantedCase.name)?.min ?? Number.NaN;
  const problems = costProblems(verdicts, base, planted);
  const worse = verdicts.filter(({ judgement }) => judgement === "worse").map(({ name }) => name);
  // A control that is not found has a base that is too high.
  if (problems.length > worse.length) worse.push(controlBase);
  return {
    verdicts,
    base,
    planted,
    problems,
    doubtful: costCases.filter(({ name }) => worse.includes(name)),
  };
}

function accept(measured: ReadonlyMap<string, Spread>): number {
  const before = readAccepted();
  const accepted: AcceptedCosts = {
    kinds: {
      ...before.kinds,
      [kindOfMachine()]: {
        acceptedOn: new Date().toISOString().slice(0, 10),
        costs: costsOf(measured),
      },
    },
  };
  writeFileSync(acceptedFile, `${JSON.stringify(accepted, undefined, 2)}\n`);
  console.log(`written to ${acceptedFile}`);
  return 0;
}

/** What the proxy's own work costs beside Node's, in instructions. */
function printDistances(measured: ReadonlyMap<string, Spread>): number {
  for (const [ours, bare] of distanceCases) {
    const [own, floor] = [ours, bare].map(({ name }) => measured.get(name)?.min ?? Number.NaN);
    if (own === undefined || floor === undefined) continue;
    console.log(`  ${ours.name}: ${(own / floor).toFixed(3)} times the bare relay`);
  }
  return 0;
}

function costsOf(measured: ReadonlyMap<string, Spread>): Record<string, number> {
  return Object.fromEntries(
    costCases.map(({ name }) => [name, Math.round(measured.get(name)?.min ?? Number.NaN)]),
  );
}

function readAccepted(): AcceptedCosts {
  return JSON.parse(readFileSync(acceptedFile, "utf8")) as AcceptedCosts;
}

function spreadText({ median, min, max }: Spread): string {
  const over = [median, max].map((cost) => (100 * (cost / min - 1)).toFixed(1)).join(" and ");
  return `${Math.round(min).toLocaleString("en")} (median and most ${over} % above)`;
}

function verdictLine({ name, accepted, ratio, judgement }: CostVerdict): string {
  const comparison =
    accepted === undefined || ratio === undefined
      ? ""
      : `${ratio.toFixed(3)} times the accepted ${accepted.toLocaleString("en")}: `;
  return `  ${name}: ${comparison}${judgement}`;
}
