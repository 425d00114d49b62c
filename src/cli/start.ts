import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Control } from "../assembly/admin-service.ts";
import type { ProxyConfig } from "../config/config.ts";
import { toOneLine } from "../config/diagnostic.ts";
import { ProxyError } from "../core/errors.ts";
import { markHeapRarely } from "../core/heap-growth.ts";
import type { Log } from "../core/log.ts";
import type { RunningProxy } from "../assembly/running-proxy.ts";
import { errorMessage } from "../core/system-error.ts";
import type { CommandLine } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { serve } from "./lifetime.ts";
import type { Start } from "./lifetime.ts";
import { createLog } from "./operational-log.ts";
import type { LogLevel } from "./operational-log.ts";
import type { Reread } from "./reloader.ts";
import { runtimeProblem } from "./runtime-check.ts";
import { activatedSockets, ServiceManager } from "./service-manager.ts";
import { packageVersion } from "./version-command.ts";

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

/**
 * Runs a proxy until a signal ends it; gives the exit code. The reason for a failed start is one
 * line on stderr.
 *
 * @param reread reads the configuration file again; `undefined`: there is none
 */
export async function runProxy(
  config: ProxyConfig,
  level: LogLevel,
  reread?: Reread,
): Promise<number> {
  const log = await createLog(level);
  if (config.audit === undefined) log.warn({}, "there is no audit section: nothing is recorded");
  const serviceManager = ServiceManager.fromEnvironment(process.env, log);
  try {
    const start: Start = async (...args) => startService(level, ...args);
    const code = await serve(config, log, start, { reread, serviceManager });
    await serviceManager?.flush();
    return code;
  } catch (error) {
    process.stderr.write(`es-proxy: ${toOneLine(startFailure(error))}\n`);
    return exitCodeOf(error);
  }
}

/** One process, or as many as the configuration asks for. */
async function startService(
  level: LogLevel,
  config: ProxyConfig,
  log: Log,
  control: Control,
): Promise<RunningProxy> {
  const descriptors = activatedSockets(
    process.env,
    config.listeners.map(({ name }) => name),
  );
  const version = packageVersion();
  const { startSupervisor, workerCount } = await import("../workers/supervisor.ts");
  if (workerCount(config) === 1) {
    const { startProxy } = await import("../proxy.ts");
    const proxy = await startProxy(config, log, { version, control, descriptors });
    markHeapRarely();
    return proxy;
  }
  // The same folder in the sources and in the build, where the ending differs.
  const workerFile = fileURLToPath(
    new URL(`worker${extname(import.meta.filename)}`, import.meta.url),
  );
  return startSupervisor(config, log, {
    version,
    control,
    descriptors,
    workerFile,
    logLevel: level,
  });
}

/**
 * Nothing has been received yet, so that even the message of a foreign error can quote no client.
 */
function startFailure(error: unknown): string {
  if (error instanceof ProxyError) return error.message;
  return `could not start: ${errorMessage(error)}`;
}

/** 78 for a mistake in the configuration. A port in use is none: the file may be right. */
export function exitCodeOf(error: unknown): number {
  const isConfiguration =
    error instanceof ProxyError && error.spec.kind === "start" && error.code !== "ESP_ERR_LISTEN";
  return isConfiguration ? exitCodes.configuration : exitCodes.failure;
}
