import type { CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { readConfig, rereadConfig } from "./read-config.ts";
import { isRuntimeAccepted, runProxy } from "./start.ts";
import { logLevelOf, startOptions } from "./start-options.ts";

/** `es-proxy run`. */
export const runCommand: CommandSpec = {
  name: "run",
  summary: "Run the proxy with a configuration file.",
  operands: [],
  options: [
    {
      name: "config",
      short: "c",
      value: "FILE",
      help: "The configuration, YAML; - is standard input. Required.",
    },
    ...startOptions,
  ],
  notes: [
    "Signals:",
    "  SIGTERM, SIGINT  finish what runs within drain_timeout, then exit 0; a second one exits now",
    "  SIGQUIT          finish what runs, however long it takes, then exit 0",
    "  SIGHUP           read the configuration again; one that cannot be used changes nothing",
    "  SIGUSR1          replace the workers one after the other (workers: 2 or more)",
    "  SIGUSR2          close and reopen the audit files (log rotation)",
  ].join("\n"),
  examples: [
    ["es-proxy run --config es-proxy.yaml", "Prints one line for each listener when it is ready."],
    ["es-proxy run -c es-proxy.yaml --log-level debug", "The same, telling more on stderr."],
  ],
  async run(line) {
    const level = logLevelOf("run", line);
    if (!isRuntimeAccepted(line)) return exitCodes.failure;
    const read = await readConfig("run", line);
    return "exitCode" in read
      ? read.exitCode
      : runProxy(read.config, level, async () => rereadConfig(read.file));
  },
};
