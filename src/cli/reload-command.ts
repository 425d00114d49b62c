import { toOneLine } from "../config/diagnostic.ts";
import { errorMessage } from "../core/system-error.ts";
import { adminOptions, adminTarget, askAdmin } from "./admin-client.ts";
import type { CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";

/** `es-proxy reload`. */
export const reloadCommand: CommandSpec = {
  name: "reload",
  summary: "Have a running proxy read its configuration again.",
  operands: [],
  options: [
    ...adminOptions,
    {
      name: "restart",
      help:
        "Replace the workers one after the other instead: for changes that a reload cannot " +
        "make.",
    },
  ],
  notes:
    "Asks the admin listener, and waits for the result. A configuration that cannot be " +
    "used changes nothing: its problems are printed, exit code 78.",
  examples: [
    [
      "es-proxy reload --config es-proxy.yaml",
      "Checks the file here, then has the running proxy use it.",
    ],
    [
      "es-proxy reload --restart --config es-proxy.yaml",
      "New worker processes; no request is refused meanwhile.",
    ],
  ],
  async run(line) {
    const target = await adminTarget("reload", line);
    if ("exitCode" in target) return target.exitCode;
    try {
      // A rolling restart waits for the exchanges of each worker.
      const { status, body } = await askAdmin(
        target,
        "POST",
        line.isGiven("restart") ? "/restart" : "/reload",
        3_600_000,
      );
      const { message, problems } = parse(body);
      for (const problem of problems) process.stderr.write(`${toOneLine(problem)}\n`);
      const result = message === "" ? `${target.url} answered ${status}` : message;
      process.stderr.write(`es-proxy reload: ${toOneLine(result)}\n`);
      if (status === 200) return exitCodes.ok;
      return status === 422 ? exitCodes.configuration : exitCodes.failure;
    } catch (error) {
      process.stderr.write(
        `es-proxy reload: no answer from ${target.url}: ${errorMessage(error)}\n`,
      );
      return exitCodes.failure;
    }
  },
};

function parse(body: string): { readonly message: string; readonly problems: readonly string[] } {
  const value: unknown = JSON.parse(body);
  if (typeof value !== "object" || value === null) return { message: "", problems: [] };
  const message =
    "message" in value ? String(value.message) : "error" in value ? String(value.error) : "";
  const problems =
    "problems" in value && Array.isArray(value.problems) ? value.problems.map(String) : [];
  return { message, problems };
}
