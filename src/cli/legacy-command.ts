import { isIPv6 } from "node:net";
import { resolve } from "node:path";

import { isHost } from "../config/address.ts";
import type { PositionalArguments } from "../config/from-arguments.ts";
import { parseDuration } from "../config/units.ts";
import { ProxyError } from "../core/errors.ts";
import type { CommandLine, CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { logLevelOf, startOptions } from "./start-options.ts";
import { UsageError } from "./usage-error.ts";

/**
 * `es-proxy <remote-host> <remote-port> <local-host> <local-port>`: one endpoint, one listener, no
 * file.
 */
export const positionalCommand: CommandSpec = {
  name: "",
  summary:
    "Put the proxy on LOCAL in front of the Elasticsearch at REMOTE. TLS is on for both " +
    "sides unless --no-tls.",
  operands: ["<remote-host>", "<remote-port>", "<local-host>", "<local-port>"],
  options: [
    { name: "no-tls", help: "Plain HTTP on both sides." },
    {
      name: "cert",
      value: "PATH",
      help: "Certificate chain of the listener, PEM; default: see below.",
    },
    {
      name: "key",
      value: "PATH",
      help: "Private key of that certificate, PEM.",
    },
    {
      name: "ca",
      value: "PATH",
      help: "Authorities for the certificate of the remote, PEM; default: those of Node.js.",
    },
    { name: "insecure", help: "Do not verify the certificate of the remote." },
    {
      name: "audit",
      value: "DIR|-",
      help: "Folder of the audit files, or - for stdout; default: -.",
    },
    {
      name: "timeout",
      value: "DURATION",
      help:
        "Time until a response begins, such as 5m; 0: no limit. Default: 60s, longer by what " +
        "the call says (timeout=, master_timeout=), no limit for calls that may take long.",
    },
    { name: "format", value: "text|ecs", help: "Format of the audit lines; default: text." },
    ...startOptions,
  ],
  notes: [
    "Without --cert and --key: /etc/es-proxy/tls/cert.pem and key.pem, then",
    "/usr/local/tls/cert_wildcard.pem and keys/cert_wildcard_key.pem, where both exist; else a",
    "certificate for this host is made once and kept in $XDG_STATE_HOME/es-proxy (for root in",
    "/var/lib/es-proxy). The start line says which, with its fingerprint.",
    "Local port 0 lets the system choose; the real one is printed. Signals: see es-proxy help run.",
  ].join("\n"),
  examples: [
    [
      "es-proxy 127.0.0.1 9200 127.0.0.1 19201 --no-tls",
      "Audit lines of a local Elasticsearch on the terminal.",
    ],
    [
      "es-proxy es-prod-001.example.net 9200 0.0.0.0 9200",
      "TLS on both sides with this host's own certificate; audit lines on the terminal.",
    ],
    [
      "es-proxy es.example.com 9200 0.0.0.0 9200 --cert proxy.pem --key proxy.key --ca " +
        "es-ca.pem --audit ./audit --format ecs",
      "TLS on both sides, records in a folder.",
    ],
  ],
  async run(line) {
    const given = argumentsOf(line);
    const level = logLevelOf("", line);
    const [{ isRuntimeAccepted, runProxy }, { configFromArguments }] = await Promise.all([
      import("./start.ts"),
      import("../config/from-arguments.ts"),
    ]);
    if (!isRuntimeAccepted(line)) return exitCodes.failure;
    const args = await withIdentity(given);
    if (args === undefined || !(await areFilesUsable(args))) return exitCodes.configuration;
    if (!args.verify)
      process.stderr.write(
        `es-proxy: warning: the certificate of ${args.remoteHost} is not verified (--insecure)\n`,
      );
    return runProxy(configFromArguments(args), level);
  },
};

/** The command line as read; `own`: TLS without files of its own. */
type GivenArguments = Omit<PositionalArguments, "tls"> & {
  readonly tls: PositionalArguments["tls"] | "own";
};

/** Completes the files of the listener; `undefined`: that failed, and the reason is on stderr. */
async function withIdentity({
  tls,
  ...rest
}: GivenArguments): Promise<PositionalArguments | undefined> {
  if (tls !== "own") return { ...rest, tls };
  const { defaultIdentity } = await import("./default-identity.ts");
  try {
    const { message, ...files } = await defaultIdentity(rest.localHost, process.env);
    process.stderr.write(`es-proxy: ${message}\n`);
    return { ...rest, tls: files };
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    process.stderr.write(`es-proxy: ${error.message}\n`);
    return undefined;
  }
}

function argumentsOf(line: CommandLine): GivenArguments {
  const [remoteHost = "", remotePort = "", localHost = "", localPort = ""] = line.operands;
  const format = line.value("format") ?? "text";
  if (format !== "text" && format !== "ecs")
    fail(`--format is text or ecs; got ${JSON.stringify(format)}`);
  const audit = line.value("audit") ?? "-";
  return {
    remoteHost: hostOf("<remote-host>", remoteHost),
    remotePort: portOf("<remote-port>", remotePort, 1),
    localHost: hostOf("<local-host>", localHost),
    localPort: portOf("<local-port>", localPort, 0),
    tls: tlsOf(line),
    caFile: absolute(line.value("ca")),
    verify: !line.isGiven("insecure"),
    responseMs: timeoutOf(line.value("timeout")),
    auditDirectory: audit === "-" ? "-" : resolve(audit),
    auditFormat: format,
  };
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "0") return text === undefined ? undefined : 0;
  const milliseconds = parseDuration(text);
  return milliseconds === undefined || milliseconds === 0
    ? fail(`--timeout is a duration such as 90s or 5m, or 0 for none; got ${JSON.stringify(text)}`)
    : milliseconds;
}

function tlsOf(line: CommandLine): GivenArguments["tls"] {
  if (line.isGiven("no-tls")) {
    const contradiction = ["cert", "key", "ca", "insecure"].find((name) => line.isGiven(name));
    if (contradiction !== undefined) fail(`--${contradiction} has no meaning with --no-tls`);
    return undefined;
  }
  const cert = absolute(line.value("cert"));
  const key = absolute(line.value("key"));
  if (cert === undefined && key === undefined) return checkedTrust(line, "own");
  if (cert !== undefined && key !== undefined) {
    return checkedTrust(line, { certFile: cert, keyFile: key });
  }
  return fail(
    `--cert and --key belong together: ${cert === undefined ? "--cert" : "--key"} PATH is missing`,
  );
}

function checkedTrust(line: CommandLine, tls: GivenArguments["tls"]): GivenArguments["tls"] {
  if (line.isGiven("ca") && line.isGiven("insecure"))
    fail("--ca and --insecure contradict each other");
  return tls;
}

/** Says what is wrong with the TLS files, all of it, on stderr. */
async function areFilesUsable(args: PositionalArguments): Promise<boolean> {
  if (args.tls === undefined) return true;
  const { checkTlsFiles } = await import("../config/tls-files.ts");
  const findings = checkTlsFiles(
    { cert: args.tls.certFile, key: args.tls.keyFile, ca: args.caFile },
    Date.now(),
  );
  for (const { of, severity, message } of findings)
    process.stderr.write(
      `es-proxy: ${severity === "warning" ? "warning: " : ""}--${of}: ${message}\n`,
    );
  return findings.every(({ severity }) => severity === "warning");
}

function hostOf(operand: string, text: string): string {
  const bare = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text;
  if (isIPv6(bare) || (bare === text && isHost(text))) return bare;
  return fail(`${operand} is a host name or an address; got ${JSON.stringify(text)}`);
}

function portOf(operand: string, text: string, min: number): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= min && port <= 65_535) return port;
  return fail(`${operand} is a port from ${min} to 65535; got ${JSON.stringify(text)}`);
}

function absolute(file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(file);
}

function fail(message: string): never {
  throw new UsageError("", message);
}
