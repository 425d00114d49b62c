import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { errorMessage } from "../core/system-error.ts";
import { isLogLevel, logLevels } from "./operational-log.ts";
import type { LogLevel } from "./operational-log.ts";

/** What `es-proxy help tcp` prints. */
export const tcpHelp = `Usage: es-proxy tcp -c ROUTER [-h HOST] [-p PORT] [--audit DIR|-]
       es-proxy tcp --try ROUTER < bytes

Route TCP connections by their first bytes: a function of yours decides.

Options:
  -c, --config ROUTER    The router file, TypeScript or JavaScript. Required.
  -h, --host HOST        Address to listen on. Default 0.0.0.0
  -p, --port PORT        Port to listen on; 0 takes a free one. Default 5432
      --try ROUTER       Read recorded bytes from stdin, print each length at which the
                         decision changes, and exit.
      --audit DIR|-      Folder of the audit files, or - for stdout: one record for each
                         decision, one for each session's end.
                         Default: nothing is recorded
      --format text|ecs  Format of the audit records. Default text
      --log-level LEVEL  ${logLevels.join(", ")}. Default info
      --allow-vulnerable-runtime  Start on a Node.js release with known vulnerabilities.
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
  SIGUSR2          close and reopen the audit files (log rotation)

Examples:
  es-proxy tcp -c git-router.ts -p 9418
      Listens on 0.0.0.0:9418.
  printf 'GET / HTTP/1.1\\r\\nHost: a.example\\r\\n\\r\\n' | es-proxy tcp --try router.ts
      Shows after how many bytes, and how, the router decides.
`;

/** The command line of `es-proxy tcp`, checked. */
export interface TcpLine {
  readonly file: string;
  readonly host: string;
  readonly port: number;
  readonly isTry: boolean;
  readonly isHelp: boolean;
  readonly logLevel: LogLevel;
  /** Absolute folder, or `-`; `undefined`: nothing is recorded. */
  readonly audit: string | undefined;
  readonly format: "text" | "ecs";
  readonly isAnyRuntime: boolean;
}

/** The checked command line, or what is wrong with it. */
export function parseTcpLine(argv: readonly string[]): TcpLine | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        config: { type: "string", short: "c" },
        host: { type: "string", short: "h" },
        port: { type: "string", short: "p" },
        try: { type: "string" },
        audit: { type: "string" },
        format: { type: "string" },
        "log-level": { type: "string" },
        "allow-vulnerable-runtime": { type: "boolean" },
        help: { type: "boolean" },
      },
    }));
  } catch (error) {
    return errorMessage(error);
  }
  const { audit, format } = values;
  if (format !== undefined && format !== "text" && format !== "ecs")
    return `--format is text or ecs; got ${JSON.stringify(format)}`;
  if (format !== undefined && audit === undefined) return "--format has no meaning without --audit";
  if (audit === "") return "--audit needs a value: --audit DIR|-";
  const {
    config,
    host = "0.0.0.0",
    port = "5432",
    help = false,
    "log-level": logLevel = "info",
  } = values;
  const file = values.try ?? config;
  if (file === undefined && !help) return "a router file is missing: -c ROUTER";
  if (config !== undefined && values.try !== undefined) return "-c and --try do not go together";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) return `not a port: ${JSON.stringify(port)}`;
  if (!isLogLevel(logLevel))
    return `not a log level: ${JSON.stringify(logLevel)}: ${logLevels.join(", ")}`;
  return {
    file: file ?? "",
    host,
    port: Number(port),
    isTry: values.try !== undefined,
    isHelp: help,
    logLevel,
    audit: audit === undefined || audit === "-" ? audit : resolve(audit),
    format: format ?? "text",
    isAnyRuntime: values["allow-vulnerable-runtime"] === true,
  };
}
