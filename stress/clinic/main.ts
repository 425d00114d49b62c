/**
 * The command behind `make doctor`, `make flame` and `make heap`; see `stress/README.md`. Exit
 * codes: 0 fine, 1 failure, 2 usage.
 */
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { numberOf, oneOf, readCommandLine } from "../../scripts/command-line.ts";
import { hasEnded, stopAllChildren } from "../bench/child.ts";
import { processTree } from "../bench/cpu-time.ts";
import type { Facts, LoadOrder, LoadReport, Tick } from "../harness/messages.ts";
import { type EnvironmentOptions, StressEnvironment } from "../harness/environment.ts";
import { scenarios } from "../scenarios/catalogue.ts";

interface Tool {
  /** The name of clinic's command. */
  readonly command: string;
  /** What Node itself offers, where clinic does not work, and the ending of its files. */
  readonly nodeOption: string;
  readonly ending: string;
}

const tools: Readonly<Record<string, Tool>> = {
  doctor: { command: "doctor", nodeOption: "--cpu-prof", ending: ".cpuprofile" },
  flame: { command: "flame", nodeOption: "--cpu-prof", ending: ".cpuprofile" },
  heap: { command: "heapprofiler", nodeOption: "--heap-prof", ending: ".heapprofile" },
};
const usage = `One of clinic's tools on the proxy under load.

  node stress/clinic/main.ts ${Object.keys(tools).join("|")} [options]

  --scenario NAME    of the load: ${scenarios.map(({ name }) => name).join(", ")} (default mixed)
  --duration N       seconds (default 10)
  --clients N        default 20
  --dest FOLDER      where the page goes (default artifacts/clinic)
  --node-only        Node's own profiler, as where clinic is not installed or leaves no file

  node stress/clinic/main.ts flame --duration 30
`;
/** clinic turns what it has collected into a page after the program has ended; that takes long. */
const analysisMs = 300_000;
const clinic = fileURLToPath(new URL("node_modules/.bin/clinic", import.meta.url));
const defaultFolder = fileURLToPath(new URL("../../artifacts/clinic", import.meta.url));

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stopAllChildren);
process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = readCommandLine(
    usage,
    {
      scenario: { type: "string", default: "mixed" },
      duration: { type: "string", default: "10" },
      clients: { type: "string", default: "20" },
      dest: { type: "string", default: defaultFolder },
      "node-only": { type: "boolean", default: false },
    },
    1,
  );
  const tool = tools[oneOf(positionals[0] ?? "", "the tool", Object.keys(tools))];
  oneOf(
    values.scenario,
    "--scenario",
    scenarios.map(({ name }) => name),
  );
  const scenario = scenarios.find(({ name }) => name === values.scenario);
  if (tool === undefined || scenario === undefined) return 2;
  mkdirSync(values.dest, { recursive: true });
  const load = {
    scenario: scenario.name,
    clients: numberOf(values.clients, "--clients", 20),
    durationMs: numberOf(values.duration, "--duration", 10) * 1000,
  };
  if (!values["node-only"] && existsSync(clinic)) {
    const page = await profile(load, values.dest, ".html", {
      wrapper: [clinic, tool.command, "--open=false", `--dest=${values.dest}`, "--"],
    });
    if (page !== undefined) return tell(`clinic ${tool.command}: ${page}`);
    process.stdout.write(
      `clinic ${tool.command} left no page on Node ${process.version}: Node's own profiler is used\n`,
    );
  } else if (!values["node-only"])
    process.stdout.write(
      "clinic is not installed (npm ci --prefix stress/clinic): Node's own profiler is used\n",
    );
  const file = await profile(load, values.dest, tool.ending, {
    nodeArguments: [tool.nodeOption, `${tool.nodeOption}-dir=${values.dest}`],
  });
  if (file === undefined) {
    process.stderr.write(`Node's profiler left no file in ${values.dest}\n`);
    return 1;
  }
  return tell(`Node's ${tool.nodeOption}: ${file} (Chrome's developer tools open it)`);
}

function tell(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** Runs the load; gives the file with this ending that was not there before. */
async function profile(
  load: Omit<LoadOrder, "kind" | "port">,
  folder: string,
  ending: string,
  options: EnvironmentOptions,
): Promise<string | undefined> {
  const scenario = scenarios.find(({ name }) => name === load.scenario);
  if (scenario === undefined) return undefined;
  const before = new Set(readdirSync(folder));
  // Without it clinic asks whether it may tell its makers, waits for a terminal that is not there,
  // and writes nothing.
  process.env["NO_INSIGHT"] = "1";
  await using stage = await StressEnvironment.open(scenario, () => {}, options);
  const report = new Promise<LoadReport>((resolve) => {
    stage.load.process.on("message", (message: Tick | Facts | LoadReport) => {
      if (message.kind === "done") resolve(message);
    });
  });
  stage.load.process.send({ kind: "load", port: stage.proxyPort, ...load } satisfies LoadOrder);
  const { completed, problemCount } = await report;
  process.stdout.write(`${completed} requests, ${problemCount} wrong answers\n`);
  await endProxy(stage);
  const file = readdirSync(folder, { recursive: true, encoding: "utf8" }).find(
    (name) => name.endsWith(ending) && !before.has(name),
  );
  return file === undefined ? undefined : join(folder, file);
}

/** Ends the proxy itself, not what runs it: clinic goes on when its program has ended. */
async function endProxy({ proxy }: StressEnvironment): Promise<void> {
  if (hasEnded(proxy.process)) return;
  const exit = once(proxy.process, "exit", { signal: AbortSignal.timeout(analysisMs) });
  const leaf = processTree(proxy.pid).at(-1);
  if (leaf !== undefined) process.kill(leaf, "SIGTERM");
  await exit.catch(() => {});
}
