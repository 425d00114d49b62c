import { buffer } from "node:stream/consumers";

import { SessionAudit } from "../assembly/tcp-audit.ts";
import { logLowered, reservedForFiles } from "../assembly/descriptor-plan.ts";
import { openTrail, recoverOthers } from "../assembly/open-audit-trail.ts";
import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import { defaults } from "../config/defaults.ts";
import { SystemClock } from "../core/clock.ts";
import { ProxyError } from "../core/errors.ts";
import { markHeapRarely } from "../core/heap-growth.ts";
import type { Log } from "../core/log.ts";
import { openFileLimit } from "../core/open-file-limit.ts";
import { processTitle } from "../tcp/process-title.ts";
import { formatRemote } from "../tcp/remote-address.ts";
import { RouterModule } from "../tcp/router-module.ts";
import { stopSignals } from "../tcp/stop-signals.ts";
import { TcpListener } from "../tcp/tcp-listener.ts";
import { tryRouter } from "../tcp/dry-run.ts";
import { exitCodes } from "./exit-codes.ts";
import { runtimeProblem } from "./runtime-check.ts";
import { createLog } from "./operational-log.ts";
import { parseTcpLine, tcpHelp } from "./tcp-line.ts";
import type { TcpLine } from "./tcp-line.ts";
import { packageVersion } from "./version-command.ts";

/** Bytes that `--try` shows the router at most, the listener's default. */
const tryBytes = 16_384;
/** Milliseconds between two updates of the process title. */
const titleMs = 1000;

/**
 * Runs `es-proxy tcp` with the arguments behind the word `tcp`, until a signal ends it.
 *
 * @returns the exit code: 0, 1 when it cannot listen or was ended by a second signal, 2 for a wrong
 *   command line, 78 for a router file that cannot be used; with `--try`, 1 when the router failed
 *   at some length
 */
export async function runTcpCommand(argv: readonly string[]): Promise<number> {
  const line = parseTcpLine(argv);
  if (typeof line === "string") {
    process.stderr.write(`es-proxy tcp: ${line}\nTry: es-proxy tcp --help\n`);
    return exitCodes.usage;
  }
  if (line.isHelp) {
    process.stdout.write(tcpHelp);
    return exitCodes.ok;
  }
  const runtime = {
    version: process.versions.node,
    execArgv: process.execArgv,
    nodeOptions: process.env["NODE_OPTIONS"],
  };
  const problem = runtimeProblem(runtime, line.isAnyRuntime);
  if (problem !== undefined) {
    process.stderr.write(`es-proxy tcp: ${problem}\n`);
    return exitCodes.failure;
  }
  try {
    const log = await createLog(line.logLevel);
    const router = await RouterModule.load(line.file, log);
    return line.isTry ? await tryOnStdin(router) : await serve(line, router, log);
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    process.stderr.write(`es-proxy tcp: ${error.message}\n`);
    const isConfiguration = error.spec.kind === "start" && error.code !== "ESP_ERR_LISTEN";
    return isConfiguration ? exitCodes.configuration : exitCodes.failure;
  }
}

async function tryOnStdin(router: RouterModule): Promise<number> {
  const bytes = await buffer(process.stdin);
  const tried = await tryRouter(router.current, bytes, tryBytes, new SystemClock());
  const width = String(tried.at(-1)?.length ?? 0).length;
  for (const { length, text } of tried)
    process.stdout.write(`${String(length).padStart(width)}: ${text}\n`);
  return tried.some(({ isError }) => isError) ? exitCodes.failure : exitCodes.ok;
}

async function serve(line: TcpLine, router: RouterModule, log: Log): Promise<number> {
  const clock = new SystemClock();
  const trail = openAudit(line, clock, log);
  try {
    const maxConnections = sessionLimit(log);
    const options = { host: line.host, port: line.port, router, log, clock, maxConnections };
    const route = { listener: "tcp", onFailure: defaults.audit.onFailure, firstBytes: false };
    const listener = await TcpListener.listen(
      trail === undefined ? options : { ...options, audit: new SessionAudit(trail, route) },
    );
    markHeapRarely();
    return await run(listener, router, trail, log);
  } finally {
    await trail?.close();
  }
}

/** The default, or what the limit of open files allows, with two connections a session. */
function sessionLimit(log: Log): number {
  const most = openFileLimit();
  const configured = defaults.maxConnections;
  const used = Math.max(1, Math.min(configured, Math.floor((most - reservedForFiles) / 2)));
  if (used < configured) logLowered([{ name: "max_connections", configured, used }], most, log);
  return used;
}

/** @throws {ProxyError} ESP_ERR_AUDIT_DIRECTORY */
function openAudit(
  { audit, format }: TcpLine,
  clock: SystemClock,
  log: Log,
): AuditTrail | undefined {
  if (audit === undefined) return undefined;
  const config = { ...defaults.audit, directory: audit, format, hmacKeyFile: undefined };
  const parts = { clock, log, version: packageVersion() };
  const trail = openTrail(config, { ...parts, worker: undefined });
  recoverOthers(config, 0, parts);
  return trail;
}

async function run(
  listener: TcpListener,
  router: RouterModule,
  trail: AuditTrail | undefined,
  log: Log,
): Promise<number> {
  const { address, port } = listener.address;
  process.stderr.write(`listening on tcp://${formatRemote(address, port)}\n`);
  const version = packageVersion();
  const showTitle = (): void => {
    process.title = processTitle("es-proxy", version, listener.address, listener.stats);
  };
  showTitle();
  const title = setInterval(showTitle, titleMs);
  // The router's own forgotten promises: its bug, but not the end of the other connections.
  process.on("unhandledRejection", (reason) => {
    log.error(
      { at: router.current.locate(reason) },
      "a promise of the router was rejected, and nobody caught it",
    );
  });
  process.on("SIGHUP", () => void router.reload());
  // Without a handler Node.js would open its debugger to everyone on this machine.
  process.on("SIGUSR1", () => {});
  process.on("SIGUSR2", () => trail?.reopen());
  // A crash as well: what was open gets its records, whose writing is synchronous.
  process.on("exit", () => void trail?.close());
  try {
    return await untilStopped(listener, log);
  } finally {
    clearInterval(title);
    await listener.close();
  }
}

/** Waits for a stop signal and for the drain; a second signal ends it at once. */
function untilStopped(listener: TcpListener, log: Log): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let isStopping = false;
  for (const [signal, { drainMs }] of Object.entries(stopSignals))
    process.on(signal, () => {
      if (isStopping) {
        log.warn({ signal }, "second signal: closing now");
        resolve(exitCodes.failure);
        return;
      }
      isStopping = true;
      log.info(
        { signal, connections: listener.stats.current },
        "accepting nothing new, waiting for connections to end",
      );
      listener.drain(drainMs).then(() => resolve(exitCodes.ok), reject);
    });
  return promise;
}
