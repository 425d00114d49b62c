/**
 * The script of a worker process: relays with the configuration that its supervisor gives it, and
 * ends with it.
 */
import cluster from "node:cluster";
import { errorMessage } from "../core/system-error.ts";
import type { WorkerMessage, WorkerCommand } from "../workers/worker-messages.ts";
import { ProxyError } from "../core/errors.ts";
import { markHeapRarely } from "../core/heap-growth.ts";
import type { Log } from "../core/log.ts";
import { startProxy } from "../proxy.ts";
import type { ProxyProcess } from "../proxy.ts";
import { routerErrorLocation } from "../tcp/router-error-location.ts";
import { exitCodes } from "./exit-codes.ts";
import { describeError } from "./lifetime.ts";
import { createLog, isLogLevel } from "./operational-log.ts";

/**
 * Milliseconds between two reports that are sent unasked: the counts since the last one are lost
 * when a worker is killed.
 */
const reportMs = 1000;

const self = cluster.worker;
let proxy: ProxyProcess | undefined;
let log: Log | undefined;

function send(message: WorkerMessage): void {
  if (self?.isConnected() === true) process.send?.(message);
}

/** The supervisor has the reason by message; the exit code adds nothing. */
async function start(order: Extract<WorkerCommand, { type: "start" }>): Promise<void> {
  log = await createLog(isLogLevel(order.logLevel) ? order.logLevel : "info");
  try {
    proxy = await startProxy(order.config, log, {
      version: order.version,
      worker: order.number,
      descriptors: new Map(order.descriptors),
      onHealth: (news) => send({ type: "health", news }),
      onSniff: (notice) => send({ type: "sniff", notice }),
    });
  } catch (error) {
    const isOurs = error instanceof ProxyError;
    const message = errorMessage(error);
    process.send?.(
      { type: "failed", message, code: isOurs ? error.code : undefined } satisfies WorkerMessage,
      () => process.exit(exitCodes.failure),
    );
    return;
  }
  markHeapRarely();
  send({ type: "ready", listeners: proxy.listeners });
  setInterval(() => {
    sendReport(0);
    sendFresh();
  }, reportMs).unref();
}

function sendReport(id: number): void {
  if (proxy !== undefined) send({ type: "report", id, report: proxy.report() });
}

/** The supervisor knows the connections of a worker that dies, too. */
function sendFresh(): void {
  const connections = proxy?.freshConnections() ?? [];
  if (connections.length > 0) send({ type: "connections", id: 0, connections });
}

/** The last report carries the final counts; the process ends when it has gone out. */
async function end(): Promise<void> {
  sendFresh();
  await proxy?.close();
  const last = proxy?.report();
  const leave = (): never => process.exit(exitCodes.ok);
  if (last === undefined || self?.isConnected() !== true) leave();
  else process.send?.({ type: "report", id: 0, report: last } satisfies WorkerMessage, leave);
}

async function obey(order: WorkerCommand): Promise<void> {
  switch (order.type) {
    case "start":
      await start(order);
      return;
    case "reload":
      send({
        type: "done",
        id: order.id,
        problem: await problemOf(async () => proxy?.reload(order.config)),
      });
      return;
    case "report":
      sendReport(order.id);
      return;
    case "connections":
      send({ type: "connections", id: order.id, connections: proxy?.connections() ?? [] });
      return;
    case "event":
      proxy?.recordEvent(order.event);
      return;
    case "seal":
      proxy?.sealAudit();
      return;
    case "operation": {
      const record = await proxy?.recordOperation(order.event);
      send({ type: "recorded", id: order.id, record });
      return;
    }
    case "health":
      proxy?.followHealth(order.news);
      return;
    case "drain":
      await proxy?.drain(order.timeoutMs, order.idleMs);
      await end();
      return;
    case "close":
      await end();
      return;
    case "reopen":
      if ((await problemOf(async () => proxy?.reopenAudit())) !== undefined)
        log?.error({}, "the audit files could not be reopened");
  }
}

async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof ProxyError ? error.message : "internal error";
  }
}

function crash(message: string, error: unknown): never {
  log?.error(describeError(error), message);
  process.exit(exitCodes.failure);
}

// The supervisor has the signals: a terminal sends them to every process of the group.
for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"])
  process.on(signal, () => {});
process.on("uncaughtException", (error) => crash("uncaught exception", error));
process.on("unhandledRejection", (reason) => {
  const at = routerErrorLocation(reason);
  if (at === undefined) crash("unhandled rejection", reason);
  else log?.error({ at }, "a promise of a router was rejected, and nobody caught it");
});
// Also when the supervisor is gone, which Node.js answers with an exit: what was open gets its
// records. Their writing is synchronous.
process.on("exit", () => void proxy?.close());
process.on("message", (order: WorkerCommand) => {
  obey(order).catch((error: unknown) => crash("an order failed", error));
});
send({ type: "hello" });
