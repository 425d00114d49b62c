import type { ProxyConfig } from "../config/config.ts";
import { toOneLine } from "../config/problem.ts";
import { ProxyError } from "../core/errors.ts";
import type { CommandLine } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { serve } from "./lifetime.ts";
import type { Start } from "./lifetime.ts";
import { createLog } from "./operational-log.ts";
import type { LogLevel } from "./operational-log.ts";
import { runtimeProblem } from "./runtime-check.ts";

/** False, with a line on stderr, when this Node.js must not run a proxy. */
export function isRuntimeAccepted(line: CommandLine): boolean {
  const runtime = {
    version: process.versions.node,
    execArgv: process.execArgv,
    nodeOptions: process.env["NODE_OPTIONS"],
  };
  const problem = runtimeProblem(runtime, line.isGiven("allow-vulnerable-runtime"));
  if (problem !== undefined) process.stderr.write(`es-proxy: ${problem}\n`);
  return problem === undefined;
}

/** Runs a proxy until a signal ends it; gives the exit code. What keeps it from starting is said in one line on stderr. */
export async function runProxy(config: ProxyConfig, level: LogLevel, start: Start = startProxy): Promise<number> {
  const log = await createLog(level);
  if (config.audit === undefined) log.warn({}, "there is no audit section: nothing is recorded");
  try {
    return await serve(config, log, start);
  } catch (error) {
    process.stderr.write(`es-proxy: ${toOneLine(startFailure(error))}\n`);
    return exitCodeOf(error);
  }
}

async function startProxy(...args: Parameters<Start>): ReturnType<Start> {
  const proxy = await import("../proxy.ts");
  return proxy.startProxy(...args);
}

/** Nothing has been received yet, so that even the message of a foreign error can quote no client. */
function startFailure(error: unknown): string {
  if (error instanceof ProxyError) return error.message;
  return `could not start: ${error instanceof Error ? error.message : "unknown failure"}`;
}

/** A port in use is nobody's mistake in the file; everything else about the configuration is. */
function exitCodeOf(error: unknown): number {
  const isConfiguration =
    error instanceof ProxyError && error.spec.source === "config" && error.code !== "ESP_ERR_LISTEN";
  return isConfiguration ? exitCodes.configuration : exitCodes.failure;
}
