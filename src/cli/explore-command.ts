/** `es-proxy explore`: the audit explorer in a browser. */
import { ClusterClient } from "../audit/ship/cluster-client.ts";
import { toOneLine } from "../config/diagnostic.ts";
import { ProxyError } from "../core/errors.ts";
import { DirectoryTrail } from "../explorer/directory-trail.ts";
import { StreamTrail } from "../explorer/stream-trail.ts";
import { BearerToken } from "../net/bearer-token.ts";
import { fleetOf, fleetOptions } from "./audit/fleet-options.ts";
import { heldCheckpoints, trustOf, trustOptions } from "./audit/trust-options.ts";
import { identityOption, openIdentities } from "./audit/identity-option.ts";
import type { CommandLine, CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { createLog } from "./operational-log.ts";
import { exitCodeOf } from "./start.ts";
import { UsageError } from "./usage-error.ts";

const name = "explore";
const usualBind = "127.0.0.1:9181";

export const exploreCommand: CommandSpec = {
  name,
  summary: "Serve the audit explorer: ask a trail in a browser.",
  operands: [],
  options: [
    {
      name: "dir",
      short: "d",
      value: "DIR",
      help: "Directory of the trail, live or copied; default: ./audit.",
    },
    { name: "bind", short: "b", value: "HOST:PORT", help: `Default: ${usualBind}.` },
    {
      name: "token-file",
      value: "FILE",
      help: "Who asks must know the token in this file; required beyond this machine.",
    },
    identityOption,
    ...fleetOptions,
    ...trustOptions,
  ],
  notes: [
    "What is asked is only read. Without a token only requests from this machine are answered, and",
    "none of other web pages. SIGTERM and SIGINT end it.",
  ].join("\n"),
  examples: [
    ["es-proxy explore --dir ./audit", "Then open http://127.0.0.1:9181/."],
    ["es-proxy explore -d /evidence/audit -b 127.0.0.1:0", "A copy, on a port that is free."],
    ["es-proxy explore --elasticsearch https://audit.internal:9200", "The trail of a fleet."],
  ],
  async run(line) {
    const { host, port } = placeOf(line.value("bind") ?? usualBind);
    const tokenFile = line.value("token-file");
    if (tokenFile === undefined && !isLoopback(host))
      throw new UsageError(
        name,
        `--bind ${host} is reached from other machines: it needs --token-file`,
      );
    const fleet = fleetOf(name, line, process.env);
    const log = await createLog("warn");
    const { openExplorer } = await import("../explorer/explorer-server.ts");
    const client = fleet === undefined ? undefined : new ClusterClient(fleet.cluster);
    try {
      const token = tokenFile === undefined ? undefined : BearerToken.fromFile(tokenFile);
      const bind = { kind: "tcp", host, port } as const;
      const trail =
        fleet === undefined || client === undefined
          ? await directoryOf(line)
          : new StreamTrail(client, fleet.dataStream);
      const explorer = await openExplorer({ trail, bind, token, log });
      const explored = fleet?.dataStream ?? trail.directory;
      process.stderr.write(`es-proxy: the explorer of ${explored} is at ${explorer.url}\n`);
      await ended();
      await explorer.close();
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
      process.stderr.write(`es-proxy: ${toOneLine(error.message)}\n`);
      return exitCodeOf(error);
    } finally {
      await client?.close();
    }
  },
};

async function directoryOf(line: CommandLine): Promise<DirectoryTrail> {
  const directory = line.value("dir") ?? "./audit";
  await openIdentities(name, line, directory);
  const trust = isTrustGiven(line) ? trustOf(name, line, directory) : undefined;
  return new DirectoryTrail(directory, { trust, held: heldCheckpoints(name, line) });
}

/** Otherwise the keys that the directory names are read with every question: workers may come. */
function isTrustGiven(line: CommandLine): boolean {
  return line.value("policy") !== undefined || line.values("vkey").length > 0;
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}

function placeOf(text: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  const host = (match?.[1] ?? "").replace(/^\[|\]$/g, "");
  if (match !== null && port <= 65_535) return { host, port };
  throw new UsageError(name, `--bind is HOST:PORT such as ${usualBind}; got "${text}"`);
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}
