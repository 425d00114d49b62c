import type { CommandLine, OptionSpec } from "./command-line.ts";
import { isLogLevel, logLevels } from "./operational-log.ts";
import type { LogLevel } from "./operational-log.ts";
import { UsageError } from "./usage-error.ts";

/** Options of every command that starts a proxy. */
export const startOptions: readonly OptionSpec[] = [
  {
    name: "log-level",
    value: "LEVEL",
    help: "debug, info, warn or error; default: ES_PROXY_LOG, or info.",
  },
  {
    name: "allow-vulnerable-runtime",
    help: "Start on a Node.js release with known vulnerabilities.",
  },
];

/**
 * The level asked for on the command line or in the environment.
 *
 * @throws {UsageError} for a name that is no level
 */
export function logLevelOf(
  command: string,
  line: CommandLine,
  environment: NodeJS.ProcessEnv = process.env,
): LogLevel {
  const given = line.value("log-level");
  // A variable that is set to nothing is one that is not set: containers hand it on so.
  const level = given ?? (environment["ES_PROXY_LOG"] || "info");
  if (isLogLevel(level)) return level;
  const where = given === undefined ? "ES_PROXY_LOG" : "--log-level";
  throw new UsageError(
    command,
    `${where} is one of ${logLevels.join(", ")}; got ${JSON.stringify(level)}`,
  );
}
