import type { Child } from "./child.ts";
import { ask, hasEnded, startScript, stopChild } from "./child.ts";
import type { PeerRun } from "./peer-run.ts";
import {
  computerTime,
  cpuNanoseconds,
  mainThreadNanoseconds,
  processTree,
  residentBytes,
} from "./cpu-time.ts";
import type { AutocannonReport, LoadCommand, LoadReport, LoadTarget } from "./messages.ts";
import type { Origin } from "./origins.ts";
import { countOrigins } from "./origins.ts";
import type { RunSettings } from "./run-settings.ts";
import type { Scenario } from "./scenarios.ts";
import { scriptFile } from "./script-file.ts";

const settleMs = 30;
const latencySeconds = 2;

interface Measured {
  readonly cpuNs: number;
  readonly mainNs: number;
  readonly foreignShare: number;
  readonly report: LoadReport;
}

/** One scenario's moving parts, with the steps that are the same for every peer. */
export class Measurement {
  readonly #scenario: Scenario;
  readonly #origins: readonly Origin[];
  readonly #load: Child;
  readonly #settings: RunSettings;

  constructor(scenario: Scenario, origins: readonly Origin[], load: Child, settings: RunSettings) {
    this.#scenario = scenario;
    this.#origins = origins;
    this.#load = load;
    this.#settings = settings;
  }

  /** Requests with which peers try their endpoints while they start are not part of the load. */
  async forgetProbes(): Promise<void> {
    await this.#forgetRequests();
  }

  async warmUp(contestant: PeerRun): Promise<void> {
    this.#settings.progress(`${this.#scenario.name}: warming up ${contestant.peer.name}`);
    const { warmup } = this.#settings;
    await this.#run(contestant, contestant.peer.isNative ? Math.ceil(warmup / 10) : warmup);
  }

  /** One measured round, see `stress/README.md` for the order of its steps. */
  async measure(contestant: PeerRun): Promise<void> {
    const measured = await this.#run(contestant, this.#settings.requests);
    const { cpuNs, mainNs, foreignShare, report } = measured;
    contestant.rounds.push({
      cpuMicroseconds: cpuNs / 1000 / report.completed,
      mainMicroseconds: mainNs / 1000 / report.completed,
      requestsPerSecond: (report.completed / report.elapsedMs) * 1000,
      foreignShare,
      p50Ms: report.p50Ms,
      p99Ms: report.p99Ms,
    });
    contestant.residentMiB = residentBytes(processTree(contestant.running.child.pid)) / 2 ** 20;
  }

  /** Latency at so many requests per second for {@link latencySeconds}. */
  async measureLatency(contestant: PeerRun, rate: number): Promise<void> {
    this.#settings.progress(`${this.#scenario.name}: latency of ${contestant.peer.name}`);
    const { report } = await this.#run(contestant, rate * latencySeconds, rate);
    contestant.latencies.push({
      requestsPerSecond: rate,
      p50Ms: report.p50Ms,
      p99Ms: report.p99Ms,
    });
  }

  /** autocannon's view. */
  async askAutocannon(contestant: PeerRun): Promise<void> {
    const script = await startScript(scriptFile("autocannon-run.ts"), []);
    try {
      const opinion = await ask<AutocannonReport>(script, this.#target(contestant));
      if (opinion.error !== undefined) throw this.#failure(contestant, opinion.error);
      contestant.autocannon = opinion;
    } finally {
      await stopChild(script);
    }
    // Not compared: autocannon abandons what is in flight when its time is over, and some of it
    // still arrives.
    await this.#forgetRequests();
  }

  async #run(contestant: PeerRun, requests: number, perSecond?: number): Promise<Measured> {
    const primer = this.#scenario.connections * 2;
    await this.#command(contestant, { kind: "open", target: this.#target(contestant) });
    await this.#command(contestant, { kind: "run", requests: primer });
    await settle();
    const pids = processTree(contestant.running.child.pid);
    const everyone = computerTime();
    const ours = cpuNanoseconds(processTree(process.pid));
    const before = cpuNanoseconds(pids);
    const mainBefore = mainThreadNanoseconds(contestant.running.child.pid);
    const pace = perSecond === undefined ? {} : { perSecond };
    const report = await this.#command(contestant, { kind: "run", requests, ...pace });
    await settle();
    const cpuNs = cpuNanoseconds(pids) - before;
    const mainNs = mainThreadNanoseconds(contestant.running.child.pid) - mainBefore;
    const foreignShare = foreignShareSince(everyone, ours);
    await this.#command(contestant, { kind: "close" });
    contestant.sent += primer + requests;
    await this.#reconcile(contestant, [primer, requests]);
    return { cpuNs, mainNs, foreignShare, report };
  }

  async #command(contestant: PeerRun, command: LoadCommand): Promise<LoadReport> {
    const report = await ask<LoadReport>(this.#load, command);
    if (hasEnded(contestant.running.child.process))
      throw this.#failure(contestant, "the process ended");
    if (report.errorCount > 0) throw this.#failure(contestant, report.errors.join("; "));
    if (command.kind === "run" && report.completed !== command.requests) {
      throw this.#failure(
        contestant,
        `${report.completed} of ${command.requests} requests were answered`,
      );
    }
    return report;
  }

  /** Every request must have reached a healthy origin once, with its whole body. */
  async #reconcile(contestant: PeerRun, runs: readonly number[]): Promise<void> {
    const { healthy, failing } = await countOrigins(this.#origins);
    const requests = runs.reduce((sum, run) => sum + run, 0);
    const bodyBytes = runs.reduce((sum, run) => sum + bodyBytesOf(this.#scenario, run), 0);
    if (healthy.requests !== requests || healthy.bodyBytes !== bodyBytes) {
      const got = `${healthy.requests} requests with ${healthy.bodyBytes} body bytes`;
      throw this.#failure(
        contestant,
        `the origin got ${got} instead of ${requests} with ${bodyBytes}`,
      );
    }
    contestant.retries += failing;
    if (this.#scenario.failingOrigins > 0 && failing === 0) {
      throw this.#failure(
        contestant,
        "no request went to the failing origin, so nothing was retried",
      );
    }
  }

  /** Waits until nothing arrives at the origins any more. */
  async #forgetRequests(): Promise<void> {
    for (;;) {
      const { healthy, failing } = await countOrigins(this.#origins);
      if (healthy.requests + healthy.bodyBytes + failing === 0) return;
      await settle();
      await settle();
    }
  }

  #target(contestant: PeerRun): LoadTarget {
    const { transport, connections, isShort, others } = this.#scenario;
    const tls = transport === "tls";
    return {
      port: contestant.running.port,
      tls,
      connections,
      isShort,
      expectedStatus: 200,
      exchanges: [this.#scenario, ...others].map(({ request, answer }) => ({
        request,
        expectedBody: answer,
      })),
    };
  }

  #failure(contestant: PeerRun, problem: string): Error {
    const output = contestant.running.child.output().trim();
    return new Error(
      `${this.#scenario.name}, ${contestant.peer.name}: ${problem}${output === "" ? "" : `\n${output}`}`,
    );
  }
}

/** Bytes of the bodies of so many requests: the exchanges of a scenario take turns in each run. */
function bodyBytesOf(scenario: Scenario, requests: number): number {
  const cycle = [scenario, ...scenario.others];
  return cycle.reduce((sum, { requestBodyBytes }, place) => {
    const times = Math.floor((requests + cycle.length - 1 - place) / cycle.length);
    return sum + times * requestBodyBytes;
  }, 0);
}

/**
 * The part of the computer's time which was neither idle nor used by this process and its children.
 */
function foreignShareSince(everyone: ReturnType<typeof computerTime>, ours: number): number {
  const now = computerTime();
  const foreignNs =
    now.busyNs - everyone.busyNs - (cpuNanoseconds(processTree(process.pid)) - ours);
  return Math.min(1, Math.max(0, foreignNs / (now.totalNs - everyone.totalNs)));
}

/** Lets work end which a proxy does after the last answer, such as its log line. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, settleMs));
}
