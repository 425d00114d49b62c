import type { Spread } from "./statistics.ts";
import { pairedRatios, spreadOf } from "./statistics.ts";
import { isUpperBound, type Target } from "./targets.ts";

/** Figures of one round of one peer. */
export interface RoundSample {
  /** CPU time of the peer's processes per completed request, in microseconds. */
  readonly cpuMicroseconds: number;
  /** The same of the first thread of the peer's first process. */
  readonly mainMicroseconds: number;
  readonly requestsPerSecond: number;
  /**
   * Share of the computer's CPU time that went to programs which are no part of the benchmark, 0 to
   * 1.
   */
  readonly foreignShare: number;
  /**
   * Latency in the closed loop, in milliseconds: it includes waiting behind the other connections.
   */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Rate and latency of a run beside the rounds. */
export interface RateAndLatency {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** All figures of one peer in one scenario. */
export interface PeerResult {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly rounds: readonly RoundSample[];
  readonly residentMiB: number;
  /** Bytes that its log takes for a request; present for peers that keep one. */
  readonly diskBytesPerRequest?: number;
  /**
   * Requests which reached an origin that only fails, per request of the load; present where there
   * is one.
   */
  readonly retriesPerRequest?: number;
  /**
   * Latency at a rate below saturation, one for each round of it: delay of the proxy, not of the
   * queue in front of it.
   */
  readonly fixedRate?: readonly RateAndLatency[];
  /** What autocannon measured in its closed loop. */
  readonly autocannon?: RateAndLatency;
}

/** All figures of one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly base: string;
  readonly connections: number;
  readonly requestsPerRound: number;
  /** Body bytes that one request moves, both directions. */
  readonly bytesPerRequest: number;
  readonly peers: readonly PeerResult[];
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
}

/** What a run leaves behind as JSON. */
export interface BenchResult {
  readonly takenAt: string;
  readonly command: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly scenarios: readonly ScenarioResult[];
  readonly verdicts: readonly Verdict[];
}

/**
 * A target compared with what was measured; without `ratio` one side was absent, and `reason` says
 * which.
 */
export interface Verdict {
  readonly target: Target;
  readonly ratio?: Spread;
  readonly holds?: boolean;
  readonly reason?: string;
}

/** Medians of the rounds at a fixed rate; `undefined`: there was none. */
export function medianLatency({ fixedRate = [] }: PeerResult): RateAndLatency | undefined {
  const [first] = fixedRate;
  if (first === undefined) return undefined;
  const medianOf = (pick: (sample: RateAndLatency) => number): number =>
    spreadOf(fixedRate.map(pick)).median;
  return {
    requestsPerSecond: first.requestsPerSecond,
    p50Ms: medianOf((sample) => sample.p50Ms),
    p99Ms: medianOf((sample) => sample.p99Ms),
  };
}

/**
 * CPU per request of a peer divided by that of another, round by round; `undefined` when one of
 * them did not run.
 */
export function cpuRatio(result: ScenarioResult, peer: string, base: string): Spread | undefined {
  return ratioOf(result, peer, base, samplers.cpu);
}

/**
 * Median share of the computer's CPU time that other programs took during the rounds, 0 to 1.
 *
 * Above {@link noisyShare} the caches were theirs as well, and the ratios deserve less trust.
 */
export function foreignShareOf(result: ScenarioResult): number {
  const shares = result.peers.flatMap((peer) => peer.rounds.map((sample) => sample.foreignShare));
  return shares.length === 0 ? 0 : spreadOf(shares).median;
}

/** From this share of foreign work on a report says that it was disturbed. */
export const noisyShare = 0.15;

/** What a report says about other programs. */
export function disturbanceText(result: ScenarioResult): string {
  const share = foreignShareOf(result);
  const text = `other programs used ${(share * 100).toFixed(0)} % of the computer`;
  return share < noisyShare
    ? text
    : `${text}: disturbed, repeat on a quiet one before you believe small differences`;
}

/** Compares the targets of the scenarios that ran with what was measured. */
export function judge(results: readonly ScenarioResult[], targets: readonly Target[]): Verdict[] {
  return results.flatMap((result) =>
    targets
      .filter((target) => target.scenario === result.name)
      .map((target) => judgeOne(result, target)),
  );
}

/** The targets of scenarios that did not run. */
export function unjudged(
  results: readonly ScenarioResult[],
  targets: readonly Target[],
): Verdict[] {
  return targets
    .filter((target) => !results.some(({ name }) => name === target.scenario))
    .map((target) => ({ target, reason: `the scenario did not run without ${target.base}` }));
}

/** What a target compares: the samples of a peer, round by round. */
const samplers: Readonly<Record<Target["figure"], (peer: PeerResult) => readonly number[]>> = {
  cpu: ({ rounds }) => rounds.map((sample) => sample.cpuMicroseconds),
  main: ({ rounds }) => rounds.map((sample) => sample.mainMicroseconds),
  throughput: ({ rounds }) => rounds.map((sample) => sample.requestsPerSecond),
  p99: ({ fixedRate }) => fixedRate?.map((sample) => sample.p99Ms) ?? [],
};

function judgeOne(result: ScenarioResult, target: Target): Verdict {
  const { peer, base, figure, bound } = target;
  const ratio = ratioOf(result, peer, base, samplers[figure]);
  if (ratio !== undefined)
    return {
      target,
      ratio,
      holds: isUpperBound(target) ? ratio.median <= bound : ratio.median >= bound,
    };
  const missing = [peer, base].filter((name) => !result.peers.some((ran) => ran.name === name));
  const reasons = missing.map((name) => {
    const absence = result.absent.find((absent) => absent.name === name);
    return `${name}: ${absence?.reason ?? "not asked for"}`;
  });
  return { target, reason: reasons.length > 0 ? reasons.join("; ") : "not measured" };
}

function ratioOf(
  result: ScenarioResult,
  peer: string,
  base: string,
  samplesOf: (peer: PeerResult) => readonly number[],
): Spread | undefined {
  const own = result.peers.find((candidate) => candidate.name === peer);
  const other = result.peers.find((candidate) => candidate.name === base);
  if (own === undefined || other === undefined) return undefined;
  const ratios = pairedRatios(samplesOf(own), samplesOf(other));
  return ratios.length === 0 ? undefined : spreadOf(ratios);
}
