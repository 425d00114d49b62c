import * as http from "node:http";
import * as https from "node:https";
import { readWholeFile } from "../core/read-file.ts";
import type { AdminConfig } from "../config/config.ts";
import type { CommandLine, OptionSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { readConfig } from "./read-config.ts";
import { UsageError } from "./usage-error.ts";

/** Options of every command that talks to a running proxy. */
export const adminOptions: readonly OptionSpec[] = [
  {
    name: "config",
    short: "c",
    value: "FILE",
    help: "Its configuration, which names the admin listener and the token.",
  },
  {
    name: "admin",
    value: "URL",
    help: "The admin listener instead: http://host:port, https://host:port or unix:/path.",
  },
  { name: "token-file", value: "FILE", help: "File with the bearer token, with --admin." },
];

/** Where a running proxy is asked, and with what. */
export interface AdminTarget {
  readonly url: string;
  readonly isTls: boolean;
  readonly token: string | undefined;
  /** Its certificate, which is the only one accepted; `undefined`: any that Node.js trusts. */
  readonly certFile: string | undefined;
}

/**
 * The admin listener that the command line names.
 *
 * @returns the exit code where the configuration is wrong or has no admin listener; the reason is
 *   on stderr
 * @throws {UsageError} when neither or both of `--config` and `--admin` are given
 */
export async function adminTarget(
  command: string,
  line: CommandLine,
): Promise<AdminTarget | { readonly exitCode: number }> {
  const url = line.value("admin");
  const tokenFile = line.value("token-file");
  if (url !== undefined && line.isGiven("config"))
    throw new UsageError(command, "--config and --admin exclude each other");
  if (url !== undefined) {
    if (!/^(https?:\/\/[^/]+\/?|unix:\/.+)$/.test(url))
      throw new UsageError(command, "--admin is http://host:port, https://host:port or unix:/path");
    return { url, isTls: url.startsWith("https:"), token: tokenOf(tokenFile), certFile: undefined };
  }
  if (!line.isGiven("config"))
    throw new UsageError(command, "--config FILE or --admin URL is missing");
  const read = await readConfig(command, line);
  if ("exitCode" in read) return read;
  const { admin } = read.config;
  if (admin === undefined) {
    process.stderr.write(
      `es-proxy ${command}: ${read.file} has no admin section; ` +
        "signals do without one (SIGHUP reloads)\n",
    );
    return { exitCode: exitCodes.configuration };
  }
  return {
    url: urlOf(admin),
    isTls: admin.tls !== undefined,
    token: tokenOf(admin.tokenFile),
    certFile: admin.tls?.certFile,
  };
}

/** An answer of the admin listener. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

/** @throws {Error} of the connection */
export function askAdmin(
  target: AdminTarget,
  method: "GET" | "POST",
  path: string,
  timeoutMs = 60_000,
): Promise<AdminAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<AdminAnswer>();
  const headers = target.token === undefined ? {} : { authorization: `Bearer ${target.token}` };
  const options = { method, headers, timeout: timeoutMs, agent: false };
  const onAnswer = (response: http.IncomingMessage): void => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (text: string) => (body += text));
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    response.on("error", reject);
  };
  const place = target.url.startsWith("unix:")
    ? { socketPath: target.url.slice("unix:".length), host: "localhost", path }
    : placeOf(new URL(path, target.url));
  const request = target.isTls
    ? https.request({ ...options, ...place, ...trustOf(target) }, onAnswer)
    : http.request({ ...options, ...place }, onAnswer);
  request.on("timeout", () => request.destroy(new Error("no answer in time")));
  request.on("error", reject);
  request.end();
  return promise;
}

/**
 * The certificate of the configuration is pinned: its name need not be the address that it is asked
 * at.
 */
function trustOf({ certFile }: AdminTarget): https.RequestOptions {
  if (certFile === undefined) return {};
  return {
    ca: readWholeFile(certFile),
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  };
}

function placeOf({ hostname, port, pathname }: URL): http.RequestOptions {
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port, path: pathname };
}

/** An address that listens everywhere is asked at loopback. */
function urlOf({ bind, tls }: AdminConfig): string {
  if (bind.kind === "unix") return `unix:${bind.path}`;
  const host = bind.host === "0.0.0.0" ? "127.0.0.1" : bind.host === "::" ? "::1" : bind.host;
  return (
    `${tls === undefined ? "http" : "https"}://` +
    `${host.includes(":") ? `[${host}]` : host}:${bind.port}`
  );
}

function tokenOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : readWholeFile(file).toString("utf8").trim();
}
