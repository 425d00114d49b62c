import { certificateProblem } from "./certificate.ts";
import type { Child } from "./child.ts";
import { startScript, stopChild } from "./child.ts";
import type { PeerRun } from "./peer-run.ts";
import { finish, resultOf, startPeerRun } from "./peer-run.ts";
import { Measurement } from "./measurement.ts";
import { startOrigins } from "./origins.ts";
import type { Peer } from "./peers/peer.ts";
import { PeerAbsentError } from "./peers/peer.ts";
import type { ScenarioResult } from "./results.ts";
import type { RunSettings } from "./run-settings.ts";
import type { Scenario } from "./scenarios.ts";
import { spreadOf } from "./statistics.ts";

/** Of the rate at saturation: queues are short, and what remains is the work of each request. */
const latencyShare = 0.7;
const latencyRounds = 5;
import { scriptFile } from "./script-file.ts";

/**
 * Runs one scenario: all peers started side by side, each warmed up, then measured in turn in every
 * round.
 *
 * @throws {Error} when any answer is wrong, a request does not reach the origin exactly once, a
 *   peer dies, or a log that a peer must keep has fewer lines than requests.
 */
export async function runScenario(
  scenario: Scenario,
  peers: readonly Peer[],
  settings: RunSettings,
): Promise<ScenarioResult> {
  const children: Child[] = [];
  const absent: { name: string; reason: string }[] = [];
  try {
    const origins = await startOrigins(scenario, children);
    const originPorts = origins.map((origin) => origin.port);
    const load = await startScript(scriptFile("load.ts"), []);
    children.push(load);
    const contestants: PeerRun[] = [];
    for (const peer of peers) {
      const reason = problemOf(peer, scenario, settings);
      if (reason !== undefined) {
        absent.push({ name: peer.name, reason });
        continue;
      }
      try {
        contestants.push(await startPeerRun(peer, scenario, originPorts, settings, children));
      } catch (error) {
        if (!(error instanceof PeerAbsentError)) throw error;
        absent.push({ name: peer.name, reason: error.message });
      }
    }
    const measurement = new Measurement(scenario, origins, load, settings);
    await measurement.forgetProbes();
    for (const contestant of contestants) await measurement.warmUp(contestant);
    for (let round = 1; round <= settings.rounds; round += 1) {
      settings.progress(`${scenario.name}: round ${round} of ${settings.rounds}`);
      for (const contestant of contestants) await measurement.measure(contestant);
    }
    await measureLatencies(measurement, contestants, scenario, settings);
    for (const contestant of contestants) await finish(contestant, scenario);
    return { ...shapeOf(scenario, settings), peers: contestants.map(resultOf), absent };
  } finally {
    for (const child of children.toReversed()) await stopChild(child);
  }
}

/** Latency at a rate that leaves the chain some room, in turn like the rounds. */
async function measureLatencies(
  measurement: Measurement,
  contestants: readonly PeerRun[],
  { latencyPeers }: Scenario,
  { latencyRate }: RunSettings,
): Promise<void> {
  const measured = latencyPeers.flatMap((name) =>
    contestants.filter(({ peer }) => peer.name === name),
  );
  const [first] = measured;
  if (first === undefined || latencyRate === 0) return;
  const reached = spreadOf(first.rounds.map(({ requestsPerSecond }) => requestsPerSecond)).median;
  const rate = latencyRate ?? Math.round(reached * latencyShare);
  for (let round = 0; round < latencyRounds; round += 1)
    for (const contestant of measured) await measurement.measureLatency(contestant, rate);
  for (const contestant of measured) await measurement.askAutocannon(contestant);
}

function problemOf(peer: Peer, scenario: Scenario, settings: RunSettings): string | undefined {
  if (scenario.transport === "tls" && settings.certificate === "") return certificateProblem();
  return peer.problem(scenario, settings.entry);
}

function shapeOf(
  scenario: Scenario,
  settings: RunSettings,
): Omit<ScenarioResult, "peers" | "absent"> {
  const { name, title, base, connections, others } = scenario;
  const exchanges = [scenario, ...others];
  const bytes = exchanges.reduce(
    (sum, { requestBodyBytes, answer }) => sum + requestBodyBytes + answer.length,
    0,
  );
  return {
    name,
    title,
    base,
    connections,
    requestsPerRound: settings.requests,
    bytesPerRequest: Math.round(bytes / exchanges.length),
  };
}
