import { baselineOf, growthsSince, type Growth } from "./exact-gate.ts";
import type { LeakScenario, ScenarioGroup } from "./scenario.ts";
import { LeakFixture } from "./fixture.ts";

/** What the exact gate found after the loads of one batch, or after one of them alone. */
export interface ExactResult {
  readonly scenarios: readonly LeakScenario[];
  /** Empty: green. */
  readonly growths: readonly Growth[];
}

export interface ExactOptions {
  /** Runs between the baseline and the first comparison: what it leaves behind must be found. */
  readonly prepare?: (fixture: LeakFixture) => Promise<void>;
  /** Runs when a load is red, while its proxy still lives. */
  readonly onRed?: (fixture: LeakFixture, result: ExactResult) => Promise<void>;
  /** Time that the proxy gets for letting go of everything, in milliseconds. @default 6000 */
  readonly patienceMs?: number;
}

/**
 * Runs the scenarios of a group on one proxy: all of them once to warm up, then the baseline, then
 * each batch again with a comparison. The loads of a batch run at the same time; those of a batch
 * that is red run again one by one, so that the result names what leaks.
 */
export async function runGroup(
  group: ScenarioGroup,
  options: ExactOptions = {},
): Promise<ExactResult[]> {
  await using fixture = await LeakFixture.open(group.config);
  for (const batch of group.batches) await runLoads(fixture, batch);
  let baseline = await baselineOf(fixture.subject);
  await options.prepare?.(fixture);
  let isStale = false;
  const results: ExactResult[] = [];
  const compare = async (scenarios: readonly LeakScenario[]): Promise<ExactResult> => {
    // What one load left behind must not be held against the next.
    if (isStale) baseline = await baselineOf(fixture.subject);
    await runLoads(fixture, scenarios);
    const growths = await growthsSince(fixture.subject, baseline, options.patienceMs);
    isStale = growths.length > 0;
    return { scenarios, growths };
  };
  for (const batch of group.batches) {
    const whole = await compare(batch);
    results.push(whole);
    if (whole.growths.length === 0) continue;
    const alone: ExactResult[] = [];
    for (const scenario of batch.length === 1 ? [] : batch) alone.push(await compare([scenario]));
    const red = alone.filter(({ growths }) => growths.length > 0);
    results.push(...red);
    for (const result of red.length === 0 ? [whole] : red) await options.onRed?.(fixture, result);
  }
  return results;
}

/** Runs loads at the same time and then closes the idle connections to the endpoints. */
export async function runLoads(
  fixture: LeakFixture,
  scenarios: readonly LeakScenario[],
): Promise<void> {
  const ends = await Promise.allSettled(scenarios.map((scenario) => scenario.run(fixture)));
  for (const [index, end] of ends.entries()) {
    if (end.status === "rejected")
      throw new Error(`the load of "${scenarios[index]?.name}" did not do what it is about`, {
        cause: end.reason,
      });
  }
  fixture.closeUpstream();
}
