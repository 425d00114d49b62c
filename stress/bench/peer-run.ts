import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "./child.ts";
import { stopChild } from "./child.ts";
import type { Peer, RunningPeer } from "./peers/peer.ts";
import type { PeerResult, RateAndLatency, RoundSample } from "./results.ts";
import type { RunSettings } from "./run-settings.ts";
import type { Scenario } from "./scenarios.ts";

/** A peer that runs, with its figures so far. */
export interface PeerRun {
  readonly peer: Peer;
  readonly running: RunningPeer;
  readonly rounds: RoundSample[];
  sent: number;
  retries: number;
  residentMiB: number;
  /** Of its log, once it has ended. */
  logBytes: number;
  /** At the fixed rate, one for each round. */
  readonly latencies: RateAndLatency[];
  autocannon: RateAndLatency | undefined;
}

/**
 * Starts a peer in a folder of its own and adds its process to `children`, whose owner stops them.
 */
export async function startPeerRun(
  peer: Peer,
  scenario: Scenario,
  originPorts: readonly number[],
  settings: RunSettings,
  children: Child[],
): Promise<PeerRun> {
  const directory = join(settings.directory, scenario.name, peer.name);
  mkdirSync(directory, { recursive: true });
  const { certificate, privateKey, entry } = settings;
  const nodeArguments = settings.nodeArguments(peer.name);
  const running = await peer.start({
    scenario,
    originPorts,
    directory,
    certificate,
    privateKey,
    entry,
    nodeArguments,
  });
  children.push(running.child);
  return {
    peer,
    running,
    rounds: [],
    sent: 0,
    retries: 0,
    residentMiB: 0,
    logBytes: 0,
    latencies: [],
    autocannon: undefined,
  };
}

/**
 * Ends a peer.
 *
 * @throws {Error} when a log that it must keep has fewer lines than it should.
 */
export async function finish(contestant: PeerRun, scenario: Scenario): Promise<void> {
  const { peer, running, sent } = contestant;
  await stopChild(running.child);
  if (running.logLines === undefined) return;
  const lines = running.logLines.count();
  const needed = sent * running.logLines.perRequest;
  contestant.logBytes = running.logLines.bytes();
  if (lines < needed)
    throw new Error(
      `${scenario.name}, ${peer.name}: ${lines} lines in the log for ${sent} requests`,
    );
}

/** The figures of a peer for the report. */
export function resultOf(contestant: PeerRun): PeerResult {
  const { peer, rounds, residentMiB, logBytes, latencies, autocannon, retries, sent } = contestant;
  return {
    name: peer.name,
    description: peer.description,
    version: peer.version(),
    rounds,
    residentMiB,
    ...(logBytes === 0 ? {} : { diskBytesPerRequest: logBytes / sent }),
    ...(retries === 0 ? {} : { retriesPerRequest: retries / sent }),
    ...(latencies.length === 0 ? {} : { fixedRate: latencies }),
    ...(autocannon === undefined ? {} : { autocannon }),
  };
}
