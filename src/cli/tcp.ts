import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { SystemClock } from "../core/clock.ts";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { processTitle } from "../tcp/process-title.ts";
import { formatRemote } from "../tcp/remote-address.ts";
import { RouterModule } from "../tcp/router-module.ts";
import { stopSignals } from "../tcp/stop-signals.ts";
import { TcpListener } from "../tcp/tcp-listener.ts";
import { tryRouter } from "../tcp/try.ts";
import { exitCodes } from "./exit-codes.ts";
import { createLog, isLogLevel, logLevels, type LogLevel } from "./operational-log.ts";
import { packageVersion } from "./version-command.ts";

/** What `es-proxy help tcp` prints. */
export const tcpHelp = `Usage: es-proxy tcp -c ROUTER [-h HOST] [-p PORT]
       es-proxy tcp --try ROUTER < bytes

Route TCP connections by their first bytes: a function of yours decides.

Options:
  -c, --config ROUTER    The router file, TypeScript or JavaScript. Required.
  -h, --host HOST        Address to listen on. Default 0.0.0.0
  -p, --port PORT        Port to listen on; 0 takes a free one. Default 5432
      --try ROUTER       Read recorded bytes from stdin, print each length at which the decision changes, and exit.
      --log-level LEVEL  ${logLevels.join(", ")}. Default info
      --help             Show this help.

The router file exports the function, and callbacks if you like:
  export default (data, connection) => {
    if (data.length < 4) return { noop: true };                      // wait for more bytes
    return { remote: "127.0.0.1:9418", connectTimeoutMs: 1000 };     // or { close: true }
  };
  export function onConnectError(remote, error) {}
  export function onInactivity(remote) {}
It may import matchers: import { gitRequest, tlsServerName } from "es-proxy"

Signals:
  SIGQUIT          accept nothing new, wait for all connections to end, exit 0
  SIGTERM, SIGINT  the same, but wait for up to 10 seconds; any second one of the three exits now
  SIGHUP           read the router file again, for new connections; a broken one keeps the old one

Examples:
  es-proxy tcp -c git-router.ts -p 9418
      Listens on 0.0.0.0:9418.
  printf 'GET / HTTP/1.1\\r\\nHost: a.example\\r\\n\\r\\n' | es-proxy tcp --try router.ts
      Shows after how many bytes, and how, the router decides.
`;

/** Bytes that `--try` shows the router at most, the listener's default. */
const tryBytes = 16_384;
/** The title is renewed this often, in milliseconds. */
const titleMs = 1000;

/**
 * Runs `es-proxy tcp` with the arguments behind the word `tcp`, until a signal ends it.
 *
 * @returns the exit code: 0, 1 when it cannot listen or was ended by a second signal, 2 for a wrong command line, 78 for a
 * router file that cannot be used; with `--try`, 1 when the router failed at some length
 */
export async function runTcpCommand(argv: readonly string[]): Promise<number> {
  const line = parseLine(argv);
  if (typeof line === "string") {
    process.stderr.write(`es-proxy tcp: ${line}\nTry: es-proxy tcp --help\n`);
    return exitCodes.usage;
  }
  if (line.isHelp) {
    process.stdout.write(tcpHelp);
    return exitCodes.ok;
  }
  try {
    const log = await createLog(line.logLevel);
    const router = await RouterModule.load(line.file, log);
    return line.isTry ? await tryOnStdin(router) : await serve(line, router, log);
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    process.stderr.write(`es-proxy tcp: ${error.message}\n`);
    return error.code === "ESP_ERR_CONFIG" ? exitCodes.configuration : exitCodes.failure;
  }
}

interface TcpLine {
  readonly file: string;
  readonly host: string;
  readonly port: number;
  readonly isTry: boolean;
  readonly isHelp: boolean;
  readonly logLevel: LogLevel;
}

/** The checked command line, or what is wrong with it. */
function parseLine(argv: readonly string[]): TcpLine | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        config: { type: "string", short: "c" },
        host: { type: "string", short: "h" },
        port: { type: "string", short: "p" },
        try: { type: "string" },
        "log-level": { type: "string" },
        help: { type: "boolean" },
      },
    }));
  } catch (error) {
    return error instanceof Error ? error.message : "the command line is wrong";
  }
  const { config, host = "0.0.0.0", port = "5432", help = false, "log-level": logLevel = "info" } = values;
  const file = values.try ?? config;
  if (file === undefined && !help) return "a router file is missing: -c ROUTER";
  if (config !== undefined && values.try !== undefined) return "-c and --try do not go together";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) return `not a port: ${JSON.stringify(port)}`;
  if (!isLogLevel(logLevel)) return `not a log level: ${JSON.stringify(logLevel)}: ${logLevels.join(", ")}`;
  return { file: file ?? "", host, port: Number(port), isTry: values.try !== undefined, isHelp: help, logLevel };
}

async function tryOnStdin(router: RouterModule): Promise<number> {
  const bytes = await buffer(process.stdin);
  const tried = await tryRouter(router.current, bytes, tryBytes, new SystemClock());
  const width = String(tried.at(-1)?.length ?? 0).length;
  for (const { length, text } of tried) process.stdout.write(`${String(length).padStart(width)}: ${text}\n`);
  return tried.some(({ isError }) => isError) ? exitCodes.failure : exitCodes.ok;
}

async function serve(line: TcpLine, router: RouterModule, log: Log): Promise<number> {
  const listener = await TcpListener.listen({ host: line.host, port: line.port, router, log });
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
    log.error({ at: router.current.locate(reason) }, "a promise of the router was rejected, and nobody caught it");
  });
  process.on("SIGHUP", () => void router.reload());
  try {
    return await untilStopped(listener, log);
  } finally {
    clearInterval(title);
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
