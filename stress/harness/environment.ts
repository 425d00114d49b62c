import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { makeSelfSigned, writeIdentity } from "../../test/support/certificates.ts";
import {
  type Child,
  hasEnded,
  listeningPort,
  startProgram,
  startScript,
  stopChild,
} from "../bench/child.ts";
import { fill } from "./documents.ts";
import { MockTail } from "./mock-tail.ts";
import type { EndpointFact } from "./reconciler.ts";
import type { ConfigParts, StressScenario } from "./scenario.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const loadScript = fileURLToPath(new URL("load-process.ts", import.meta.url));

/** A configuration that this proxy does not know how to run yet. */
export class UnsupportedError extends Error {}

interface RunningMock {
  child: Child;
  readonly port: number;
  tail: MockTail;
}

/** How the proxy is started. */
export interface EnvironmentOptions {
  /** Options of Node for the proxy, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
  readonly entry?: string;
  /** A program that runs the proxy's command, which is appended to these words. */
  readonly wrapper?: readonly [command: string, ...args: string[]];
}

/** The processes of a run: mocks, proxy and load. */
export class StressEnvironment implements AsyncDisposable {
  readonly folder: string;
  readonly auditFolder: string;
  readonly parts: ConfigParts;
  readonly proxy: Child;
  readonly proxyPort: number;
  readonly adminUrl: string;
  readonly load: Child;
  readonly #scenario: StressScenario;
  readonly #mocks: RunningMock[];
  readonly #onFact: (fact: EndpointFact) => void;

  private constructor(
    scenario: StressScenario,
    parts: ConfigParts,
    mocks: RunningMock[],
    proxy: { readonly child: Child; readonly port: number; readonly adminUrl: string },
    load: Child,
    onFact: (fact: EndpointFact) => void,
  ) {
    this.#scenario = scenario;
    this.parts = parts;
    this.folder = parts.folder;
    this.auditFolder = join(parts.folder, "audit");
    this.#mocks = mocks;
    this.proxy = proxy.child;
    this.proxyPort = proxy.port;
    this.adminUrl = proxy.adminUrl;
    this.load = load;
    this.#onFact = onFact;
  }

  /**
   * Starts everything. @throws {UnsupportedError} when the proxy does not support what the scenario
   * needs
   */
  static async open(
    scenario: StressScenario,
    onFact: (fact: EndpointFact) => void,
    options: EnvironmentOptions = {},
  ): Promise<StressEnvironment> {
    const folder = mkdtempSync(join(tmpdir(), "es-proxy-stress-"));
    const started: Child[] = [];
    try {
      mkdirSync(join(folder, "audit"));
      const { cert, key } = await writeIdentity(folder, "es", await makeSelfSigned());
      const mocks: RunningMock[] = [];
      for (let n = 0; n < (scenario.mocks ?? 1); n += 1) {
        const mock = await startMock(scenario, 0, onFact);
        started.push(mock.child);
        mocks.push(mock);
      }
      const parts = { mocks: mocks.map(({ port }) => port), folder, cert, key };
      const proxy = await startProxy(scenario, parts, options);
      started.push(proxy.child);
      const load = await startScript(loadScript, []);
      started.push(load);
      return new StressEnvironment(scenario, parts, mocks, proxy, load, onFact);
    } catch (error) {
      for (const child of started) await stopChild(child);
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Replaces the configuration file and has it read again. */
  async reload(config: string): Promise<void> {
    writeFileSync(configFile(this.folder), wholeConfig(config, this.folder));
    this.proxy.process.kill("SIGHUP");
  }

  async kill(index: number): Promise<void> {
    const mock = this.#mocks[index];
    if (mock === undefined) return;
    await mock.tail.read(true);
    const exit = once(mock.child.process, "exit");
    mock.child.process.kill("SIGKILL");
    await exit;
  }

  async revive(index: number): Promise<void> {
    const mock = this.#mocks[index];
    if (mock === undefined || !hasEnded(mock.child.process)) return;
    const { child, tail } = await startMock(this.#scenario, mock.port, this.#onFact);
    mock.child = child;
    mock.tail = tail;
  }

  /** Reads what the mocks' recorders have. */
  async readMocks(isLast: boolean): Promise<void> {
    for (const { child, tail } of this.#mocks)
      if (!hasEnded(child.process)) await tail.read(isLast);
  }

  /** Ends the proxy; what still runs is recorded. Gives its exit code. */
  async stopProxy(): Promise<number | null> {
    return stopChild(this.proxy);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.load.process.disconnect();
    for (const child of [this.load, this.proxy, ...this.#mocks.map((mock) => mock.child)])
      await stopChild(child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function startMock(
  scenario: StressScenario,
  port: number,
  onFact: (fact: EndpointFact) => void,
): Promise<RunningMock> {
  const args = ["--port", String(port), "--control-port", "0", "--seed", "7"];
  // A run writes as much as it can in its time, and searches what it wrote before it began.
  args.push("--instant-refresh", "--max-documents", "1000000000");
  args.push("--max-source-characters", "1000000000000");
  const child = await startProgram(
    process.execPath,
    [join(root, "mock-es", "main.ts"), ...args],
    root,
  );
  const control = await output(child, /control on (http\S+)/u);
  const url = await output(child, /listening on (http\S+)/u);
  await fill(url);
  // Only now: they would strike the documents' requests too.
  if (scenario.faults !== undefined) {
    const answer = await fetch(`${control}/faults`, {
      method: "POST",
      body: JSON.stringify(scenario.faults),
    });
    if (!answer.ok)
      throw new Error(
        `the mock does not take the faults of ${scenario.name}: ${await answer.text()}`,
      );
  }
  return { child, port: Number(new URL(url).port), tail: new MockTail(control, onFact) };
}

async function startProxy(
  scenario: StressScenario,
  parts: ConfigParts,
  options: EnvironmentOptions,
): Promise<{ child: Child; port: number; adminUrl: string }> {
  const file = configFile(parts.folder);
  writeFileSync(file, wholeConfig(scenario.config(parts), parts.folder));
  const entry = options.entry ?? join(root, "src", "cli", "main.ts");
  const command = [
    ...(options.wrapper ?? []),
    process.execPath,
    ...(options.nodeArguments ?? []),
    entry,
    "run",
    "--config",
    file,
  ];
  const child = await startProgram(command[0] ?? process.execPath, command.slice(1), parts.folder);
  try {
    const port = await listeningPort(child, "es-proxy");
    const adminUrl = await output(child, /admin[^\n]*?(http:\/\/[\d.:]+)/u);
    return { child, port, adminUrl };
  } catch (error) {
    await stopChild(child);
    const unsupported = /^.*not supported.*$/mu.exec(child.output())?.[0];
    throw unsupported === undefined
      ? error
      : new UnsupportedError(unsupported.replace(/^.*?:\d+:\d+: /u, ""));
  }
}

function configFile(folder: string): string {
  return join(folder, "es-proxy.yaml");
}

/** Small journal files, because they are read and removed while the load runs. */
function wholeConfig(config: string, folder: string): string {
  return `${config}audit: {directory: ${JSON.stringify(join(folder, "audit"))}, format: ecs, rotate: {size: 64MiB}}
admin: {bind: "127.0.0.1:0"}
`;
}

async function output(child: Child, pattern: RegExp): Promise<string> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const match = pattern.exec(child.output())?.[1];
    if (match !== undefined) return match;
    if (hasEnded(child.process) || Date.now() > deadline)
      throw new Error(`waited for ${String(pattern)} in:\n${child.output()}`);
    await sleep(20);
  }
}
