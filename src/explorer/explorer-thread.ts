/** The thread that serves the explorer of a running proxy: what it reads holds no request up. */
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";

import { readIdentities, useIdentities } from "../audit/store/opened-keys.ts";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { errorMessage } from "../core/system-error.ts";
import { BearerToken } from "../net/bearer-token.ts";
import type {
  ExplorerCommand,
  ExplorerMessage,
  ExplorerThreadOptions,
} from "./explorer-messages.ts";
import { DirectoryTrail } from "./directory-trail.ts";
import { openExplorer, type Explorer } from "./explorer-server.ts";

/**
 * Traffic comes first where there are too few cores: this is a tenth of its weight (sched(7)). As
 * `nice` counts.
 */
const niceness = 10;

if (parentPort === null) throw new Error("explorer-thread.ts runs as a worker thread only");
const port = parentPort;
// The owner gives what its type says.
const { directory, bind, tls, tokenFile, identityFile } = workerData as ExplorerThreadOptions;
const tell = (message: ExplorerMessage): void => port.postMessage(message);
const logAt =
  (level: keyof Log): Log[typeof level] =>
  (fields, text) =>
    tell({ kind: "log", level, fields, text });
const log: Log = {
  debug: logAt("debug"),
  info: logAt("info"),
  warn: logAt("warn"),
  error: logAt("error"),
};
/** Of status questions that wait for one answer. */
let waiting: PromiseWithResolvers<unknown> | undefined = undefined;

const explorer = await open();
if (explorer === undefined) port.close();
else {
  // On Linux a priority is that of the calling thread (setpriority(2), NOTES); elsewhere it would
  // be that of the whole process.
  if (process.platform === "linux") yieldToTraffic();
  tell({ kind: "listening", url: explorer.url });
  port.on("message", (command: ExplorerCommand) => obey(explorer, command));
}

function yieldToTraffic(): void {
  try {
    setPriority(0, niceness);
  } catch {
    // Some sandboxes forbid it; then both take turns as equals.
  }
}

async function open(): Promise<Explorer | undefined> {
  try {
    openIdentities(identityFile);
    const trail = new DirectoryTrail(directory);
    return await openExplorer({ trail, bind, tls, token: tokenOf(tokenFile), log, status });
  } catch (error) {
    const code = error instanceof ProxyError ? error.code : undefined;
    tell({ kind: "failed", code, reason: errorMessage(error) });
    return undefined;
  }
}

function tokenOf(file: string | undefined): BearerToken | undefined {
  return file === undefined ? undefined : BearerToken.fromFile(file);
}

function openIdentities(file: string | undefined): void {
  useIdentities(file === undefined ? [] : readIdentities(file));
}

function status(): Promise<unknown> {
  if (waiting === undefined) {
    waiting = Promise.withResolvers();
    tell({ kind: "askStatus" });
  }
  return waiting.promise;
}

function obey(server: Explorer, command: ExplorerCommand): void {
  switch (command.kind) {
    case "status":
      waiting?.resolve(command.value);
      waiting = undefined;
      return;
    case "files":
      try {
        server.useToken(tokenOf(command.tokenFile));
      } catch (error) {
        log.error({ reason: errorMessage(error) }, "the explorer keeps its token");
      }
      try {
        openIdentities(command.identityFile);
      } catch (error) {
        log.error({ reason: errorMessage(error) }, "the explorer keeps its identities");
      }
      return;
    case "stop":
      void server.close().then(() => port.close());
  }
}
