import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { AuditTail } from "./audit-tail.ts";
import type { Facts, LoadOrder, LoadReport, Tick } from "./messages.ts";
import { type ProxySample, sampleProxy } from "./proxy-meter.ts";
import { Reconciler } from "./reconciler.ts";
import type { Disturbance, StressScenario } from "./scenario.ts";
import { type EnvironmentOptions, StressEnvironment } from "./environment.ts";

/** One second of a run. */
export interface Moment extends Omit<Tick, "kind">, ProxySample {
  /** Seconds since the load began. */
  readonly second: number;
}

/** What a run found. */
export interface StressResult {
  readonly scenario: string;
  readonly title: string;
  readonly clients: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly load: LoadReport;
  readonly moments: readonly Moment[];
  /** CPU time of the proxy per completed request, in microseconds. */
  readonly cpuMicroseconds: number;
  readonly reconciled: {
    readonly agreed: number;
    readonly problemCount: number;
    readonly problems: readonly string[];
    readonly records: number;
  };
  /** Everything that makes the run fail; empty: it passed. */
  readonly failures: readonly string[];
}

export interface RunOptions extends EnvironmentOptions {
  readonly clients: number;
  readonly durationMs: number;
  readonly onMoment?: (moment: Moment) => void;
}

/** How often audit and recorders are read, in milliseconds. */
const readEveryMs = 400;

/**
 * Runs a scenario: starts the processes, sends the load, and compares what was sent, what was
 * recorded and what arrived.
 *
 * @throws {UnsupportedError} when the proxy does not support what the scenario needs
 */
export async function runStress(
  scenario: StressScenario,
  options: RunOptions,
): Promise<StressResult> {
  const { mostAttempts = 1, losesMocks = false, hasNoAudit = false } = scenario;
  const reconciler = new Reconciler({ mostAttempts, losesMocks, hasNoAudit });
  await using environment = await StressEnvironment.open(
    scenario,
    (fact) => reconciler.endpoint(fact),
    options,
  );
  const audit = new AuditTail(environment.auditFolder, (fact) => reconciler.audit(fact));
  const moments: Moment[] = [];
  const failures: string[] = [];
  const before = await sampleProxy(environment.adminUrl);
  const over = new AbortController();
  const report = new Promise<LoadReport>((resolve, reject) => {
    const startedMs = performance.now();
    environment.load.process.on("message", (message: Tick | Facts | LoadReport) => {
      if (message.kind === "facts") for (const fact of message.facts) reconciler.sent(fact);
      else if (message.kind === "done") resolve(message);
      else void noteMoment(message, (performance.now() - startedMs) / 1000);
    });
    environment.load.process.once("exit", () =>
      reject(new Error(`the load ended early:\n${environment.load.output()}`)),
    );
  });
  const noteMoment = async ({ kind: _kind, ...tick }: Tick, second: number): Promise<void> => {
    const sample = await sampleProxy(environment.adminUrl).catch(() => undefined);
    if (sample === undefined) return;
    const moment = { second: Math.round(second), ...tick, ...sample };
    moments.push(moment);
    options.onMoment?.(moment);
  };
  const reading = readUntil(over.signal, async () => {
    if (!hasNoAudit) await audit.read();
    await environment.readMocks(false);
  });
  const order: LoadOrder = {
    kind: "load",
    scenario: scenario.name,
    port: environment.proxyPort,
    clients: options.clients,
    durationMs: options.durationMs,
  };
  environment.load.process.send(order);
  const disturbing = scenario.disturb?.(disturbanceOf(environment, over.signal));
  const load = await report.finally(() => over.abort());
  await disturbing;
  failures.push(...(await reading));
  const after = await sampleProxy(environment.adminUrl);
  const code = await environment.stopProxy();
  if (code !== 0)
    failures.push(`the proxy ended with exit code ${code}:\n${environment.proxy.output()}`);
  if (!hasNoAudit) await audit.read();
  await environment.readMocks(true);
  reconciler.finish();
  const { agreed, problemCount, problems } = reconciler;
  const missing = scenario.missing?.({
    retries: after.retries,
    reloads: after.reloads,
    excused: load.excused,
  });
  if (missing !== undefined) failures.push(`the run did not do what it is about: ${missing}`);
  if (load.completed === 0) failures.push("no request was answered");
  if (load.problemCount > 0)
    failures.push(`${load.problemCount} wrong answers, the first: ${load.problems[0]}`);
  if (problemCount > 0)
    failures.push(
      `${problemCount} requests on which load, audit and mock do not agree, the first: ${problems[0]}`,
    );
  return {
    scenario: scenario.name,
    title: scenario.title,
    clients: options.clients,
    seconds: load.elapsedMs / 1000,
    requestsPerSecond: load.completed / (load.elapsedMs / 1000),
    load,
    moments,
    cpuMicroseconds:
      load.completed === 0 ? 0 : ((after.cpuSeconds - before.cpuSeconds) * 1e6) / load.completed,
    reconciled: { agreed, problemCount, problems, records: audit.records },
    failures,
  };
}

/** Reads again and again until the load is over; what went wrong ends the reading and is told. */
async function readUntil(over: AbortSignal, read: () => Promise<void>): Promise<string[]> {
  try {
    while (!over.aborted) {
      await read();
      await sleep(readEveryMs, undefined, { signal: over }).catch(() => {});
    }
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function disturbanceOf(environment: StressEnvironment, over: AbortSignal): Disturbance {
  return {
    parts: environment.parts,
    get isOver() {
      return over.aborted;
    },
    reload: (config) => environment.reload(config),
    kill: (mock) => environment.kill(mock),
    revive: (mock) => environment.revive(mock),
    wait: async (ms) => {
      const timer = new AbortController();
      await Promise.race([
        once(over, "abort", { signal: timer.signal }).catch(() => {}),
        sleep(ms, undefined, { signal: timer.signal }).catch(() => {}),
      ]);
      timer.abort();
    },
  };
}
