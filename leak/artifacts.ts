import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { growthText } from "./exact-gate.ts";
import { describeGrowth, readHeap } from "./retainers.ts";
import { type ExactResult, runLoads } from "./run-exact.ts";
import type { SlopeLoad } from "./slope-load.ts";
import type { LeakFixture } from "./fixture.ts";
import type { ProxyProcess } from "./proxy-process.ts";

/** Ignored by git. */
const artifacts = fileURLToPath(new URL("../artifacts/leak/", import.meta.url));
const snapshots = 3;

/**
 * Leaves what is needed to find a leak that the exact gate has found: the load runs three more
 * times with a heap snapshot after each, and a summary says what grew from the first to the last
 * and what retains it.
 *
 * @returns the summary's file
 */
export async function explainExact(
  fixture: LeakFixture,
  { scenarios, growths }: ExactResult,
): Promise<string> {
  const title = scenarios.map(({ name }) => name).join("; ");
  const classes = growths.flatMap(({ what }) => /^instances of (.+)$/u.exec(what)?.[1] ?? []);
  const lines = [
    `After the load "${title}":`,
    ...growths.map((growth) => `  ${growthText(growth)}`),
  ];
  return explain(fixture.subject, lines, classes, () => runLoads(fixture, scenarios));
}

/**
 * The same for the slope gate, with one round of the load between two snapshots. @returns the
 * summary's file
 */
export async function explainSlope(load: SlopeLoad, requests: number): Promise<string> {
  return explain(
    load.fixture.subject,
    [`Live bytes grew with requests, ${requests} between two snapshots:`],
    [],
    () => load.round(requests),
  );
}

async function explain(
  subject: ProxyProcess,
  lines: readonly string[],
  classes: readonly string[],
  load: () => Promise<void>,
): Promise<string> {
  const folder = join(
    artifacts,
    `${new Date().toISOString().replaceAll(/[-:.]/gu, "")}-${subject.pid}`,
  );
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (let n = 1; n <= snapshots; n += 1) {
    await load();
    const file = join(folder, `${n}.heapsnapshot`);
    await subject.writeHeap(file);
    files.push(file);
  }
  const [first = "", , last = ""] = files;
  const growth = describeGrowth(await readHeap(first), await readHeap(last), classes);
  const summary = join(folder, "summary.txt");
  await writeFile(summary, `${[...lines, "", ...growth].join("\n")}\n`);
  return summary;
}
