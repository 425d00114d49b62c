/** `es-proxy witness`: cosigns the checkpoints of other proxies' logs. */
import { toOneLine } from "../config/diagnostic.ts";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { WitnessOptions } from "../witness/witness-options.ts";
import type { CommandLine, CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { createLog } from "./operational-log.ts";
import { exitCodeOf, isRuntimeAccepted } from "./start.ts";
import { logLevelOf, startOptions } from "./start-options.ts";
import { UsageError } from "./usage-error.ts";

const name = "witness";

export const witnessCommand: CommandSpec = {
  name,
  summary: "Cosign the checkpoints of other proxies' logs, as a C2SP witness.",
  operands: [],
  options: [
    {
      name: "config",
      short: "c",
      value: "FILE",
      help: "The configuration of the witness, YAML; - is standard input. Required.",
    },
    { name: "vkeys", help: "Print the public keys, making keys that do not exist, and exit." },
    ...startOptions,
  ],
  notes: [
    "A witness signs that a log has only grown since it last looked, and remembers what it saw.",
    "The configuration:",
    "",
    "  name: witness.example/w1",
    "  bind: 127.0.0.1:9182",
    "  directory: ./witness",
    "  keys: [{type: ed25519}, {type: ml-dsa-44}]      # default: ed25519 alone",
    "  logs:",
    "    - vkey: es-proxy.example.com/prod+0eda779b+AYqI…",
    "",
    "SIGTERM and SIGINT end it; a changed configuration needs a restart.",
  ].join("\n"),
  examples: [
    ["es-proxy witness --config witness.yaml", "Listens; POST /add-checkpoint cosigns."],
    ["es-proxy witness -c witness.yaml --vkeys", "What the logs' proof.witnesses need."],
  ],
  async run(line) {
    const level = logLevelOf(name, line);
    if (!isRuntimeAccepted(line)) return exitCodes.failure;
    const read = await readOptions(line);
    if ("exitCode" in read) return read.exitCode;
    const log = await createLog(level);
    try {
      return await (line.isGiven("vkeys") ? printKeys : serve)(read.options, log);
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
      process.stderr.write(`es-proxy: ${toOneLine(error.message)}\n`);
      return exitCodeOf(error);
    }
  },
};

/** @throws {UsageError} without `--config` */
async function readOptions(
  line: CommandLine,
): Promise<{ readonly options: WitnessOptions } | { readonly exitCode: number }> {
  const file = line.value("config");
  if (file === undefined) throw new UsageError(name, "--config FILE is missing");
  const [{ loadWitnessConfig }, { formatDiagnostic }] = await Promise.all([
    import("../config/load-witness.ts"),
    import("../config/diagnostic.ts"),
  ]);
  const result = loadWitnessConfig(file);
  if ("problems" in result) {
    for (const problem of result.problems) process.stderr.write(`${formatDiagnostic(problem)}\n`);
    return { exitCode: exitCodes.configuration };
  }
  for (const warning of result.warnings) {
    const message = `warning: ${warning.message}`;
    process.stderr.write(`${formatDiagnostic({ ...warning, message })}\n`);
  }
  return { options: result.options };
}

async function printKeys(options: WitnessOptions, log: Log): Promise<number> {
  const { openWitnessKeys } = await import("../witness/running-witness.ts");
  for (const { verifier } of openWitnessKeys(options.name, options.keys, log))
    process.stdout.write(`${verifier.toString()}\n`);
  return exitCodes.ok;
}

async function serve(options: WitnessOptions, log: Log): Promise<number> {
  const [{ startWitness }, { SystemClock }] = await Promise.all([
    import("../witness/running-witness.ts"),
    import("../core/clock.ts"),
  ]);
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => stop());
  // Without a handler Node.js would open its debugger to everyone on this machine.
  process.on("SIGUSR1", () => {});
  const witness = await startWitness(options, log, new SystemClock());
  process.stderr.write(`listening on ${witness.url}\n`);
  await stopped;
  await witness.close();
  return exitCodes.ok;
}
