import type { CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { readConfig } from "./read-config.ts";

/** `es-proxy validate`. */
export const validateCommand: CommandSpec = {
  name: "validate",
  summary:
    "Check a configuration file and the files that it names. No port is bound, nothing is written.",
  operands: [],
  options: [
    {
      name: "config",
      short: "c",
      value: "FILE",
      help: "The configuration, YAML; - is standard input. Required.",
    },
  ],
  notes:
    "Problems are printed on stderr as FILE:LINE:COLUMN: MESSAGE, all of them, and the " +
    "exit code is 78.",
  examples: [
    [
      "es-proxy validate --config es-proxy.yaml",
      "Says that the file is valid, or everything that is wrong with it.",
    ],
    [
      "es-proxy validate -c es-proxy.yaml && systemctl restart es-proxy",
      "Restart only with a file that works.",
    ],
  ],
  async run(line) {
    const read = await readConfig("validate", line);
    if ("exitCode" in read) return read.exitCode;
    process.stderr.write(`${read.file}: valid\n`);
    return exitCodes.ok;
  },
};
