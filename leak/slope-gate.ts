import { setTimeout as sleep } from "node:timers/promises";
import type { LiveBytes, PlantName } from "./messages.ts";
import type { SlopeLoad } from "./slope-load.ts";
import { type Slope, theilSen } from "./slope-statistics.ts";

/** How long and how hard; the limits were calibrated with the defaults (see `leak/README.md`). */
export interface SlopeSettings {
  /** Discarded rounds; at least four. */
  readonly warmups: number;
  /** Measured rounds; at least twelve. */
  readonly rounds: number;
  /** Requests of a round. */
  readonly requests: number;
}

/** Bytes per request. */
export type Metric = keyof LiveBytes;

/**
 * What a request may leave behind on average, in bytes: the 10th percentile of the slopes between
 * rounds must be below it. Twice the largest value that leak-free runs had; one string of an id is
 * more.
 */
export const limits: Readonly<Record<Metric, number>> = {
  heap: 32,
  arrayBuffers: 16,
  external: 16,
};

const metrics = ["heap", "arrayBuffers", "external"] as const;
/**
 * The re-run that confirms has this many times the requests: what warms up shrinks per request, a
 * leak does not.
 */
const confirmation = 4;
/** After a round: sockets that were broken off are closed, and the sweep has run. */
const pauseMs = 300;

/** The slopes of one run. */
export interface SlopeRun {
  readonly slopes: Readonly<Record<Metric, Slope>>;
  readonly samples: readonly LiveBytes[];
  /** Metrics above their limit. */
  readonly above: readonly Metric[];
}

/**
 * Red: the metrics that were above their limit in the first run and in the one that confirms it.
 */
export interface SlopeResult {
  readonly first: SlopeRun;
  /** Present when the first run was above a limit. */
  readonly second: SlopeRun | undefined;
  readonly red: readonly Metric[];
}

/**
 * Runs the slope gate on a proxy.
 *
 * @param onRound told about every measured round; the third argument is `true` in the run that
 *   confirms
 */
export async function slopeGate(
  load: SlopeLoad,
  settings: SlopeSettings,
  planted?: { readonly name: PlantName; readonly every: number },
  onRound?: (round: number, live: LiveBytes, isConfirming: boolean) => Promise<void> | void,
): Promise<SlopeResult> {
  for (let round = 0; round < settings.warmups; round += 1)
    await measuredRound(load, settings.requests);
  if (planted !== undefined) await load.fixture.subject.plant(planted.name, planted.every);
  const first = await slopeRun(load, settings.rounds, settings.requests, (round, live) =>
    onRound?.(round, live, false),
  );
  if (first.above.length === 0) return { first, second: undefined, red: [] };
  const requests = settings.requests * confirmation;
  const second = await slopeRun(load, settings.rounds, requests, (round, live) =>
    onRound?.(round, live, true),
  );
  return { first, second, red: second.above.filter((metric) => first.above.includes(metric)) };
}

async function slopeRun(
  load: SlopeLoad,
  rounds: number,
  requests: number,
  onRound: (round: number, live: LiveBytes) => Promise<void> | void | undefined,
): Promise<SlopeRun> {
  const samples: LiveBytes[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const live = await measuredRound(load, requests);
    samples.push(live);
    await onRound(round, live);
  }
  const slopeOf = (metric: Metric): Slope =>
    theilSen(
      samples.map((sample) => sample[metric]),
      requests,
    );
  const slopes = {
    heap: slopeOf("heap"),
    arrayBuffers: slopeOf("arrayBuffers"),
    external: slopeOf("external"),
  };
  return {
    slopes,
    samples,
    above: metrics.filter((metric) => slopes[metric].p10 > limits[metric]),
  };
}

async function measuredRound(load: SlopeLoad, requests: number): Promise<LiveBytes> {
  await load.round(requests);
  await sleep(pauseMs);
  return load.fixture.subject.liveBytes();
}
