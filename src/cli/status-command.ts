import { errorMessage } from "../core/system-error.ts";
import { adminOptions, adminTarget, askAdmin } from "./admin-client.ts";
import type { CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";

/** `es-proxy status`. */
export const statusCommand: CommandSpec = {
  name: "status",
  summary: "Show the state of a running proxy, as JSON.",
  operands: [],
  options: adminOptions,
  notes:
    "Asks the admin listener. The exit code is 1 when nothing answers or the proxy is not " +
    "in order.",
  examples: [
    ["es-proxy status --config es-proxy.yaml", "Asks the proxy that runs with this file."],
    ["es-proxy status --admin unix:/run/es-proxy/admin.sock", "Asks at this address."],
  ],
  async run(line) {
    const target = await adminTarget("status", line);
    if ("exitCode" in target) return target.exitCode;
    try {
      const { status, body } = await askAdmin(target, "GET", "/");
      if (status === 200) {
        process.stdout.write(body);
        return /^ {2}"health": "failing"/m.test(body) ? exitCodes.failure : exitCodes.ok;
      }
      process.stderr.write(
        `es-proxy status: ${target.url} answered ${status}` +
          `${status === 401 ? ": the token is missing or wrong" : ""}\n`,
      );
    } catch (error) {
      process.stderr.write(
        `es-proxy status: no answer from ${target.url}: ${errorMessage(error)}\n`,
      );
    }
    return exitCodes.failure;
  },
};
