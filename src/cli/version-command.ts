import { readFileSync } from "node:fs";

import type { CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";

/**
 * The version in `package.json`, which lies two folders up both in the sources and in the build.
 */
export function packageVersion(): string {
  const content: unknown = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return typeof content === "object" && content !== null && "version" in content
    ? String(content.version)
    : "unknown";
}

/** `es-proxy version`. */
export const versionCommand: CommandSpec = {
  name: "version",
  summary: "Print the version.",
  operands: [],
  options: [],
  examples: [["es-proxy version", "Prints es-proxy and its version on one line."]],
  async run() {
    process.stdout.write(`es-proxy ${packageVersion()}\n`);
    return exitCodes.ok;
  },
};
