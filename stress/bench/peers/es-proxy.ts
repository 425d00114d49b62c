import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listeningPort, startProgram } from "../child.ts";
import type { Scenario } from "../scenarios.ts";
import { countBytes, countLines } from "./log-lines.ts";
import type { Peer, PeerSetup, RunningPeer } from "./peer.ts";
import { PeerAbsentError } from "./peer.ts";

/** This project's proxy with the audit off. */
export const esProxy: Peer = {
  name: "es-proxy",
  description: "this proxy, 1 process, audit off",
  isNative: false,
  problem: missingEntry,
  version: () => `Node ${process.version}`,
  start: (setup) => startEsProxy(setup, "none"),
};

/**
 * This project's proxy with everything on record: both directions, bodies whole, written before a
 * request is forwarded.
 */
export const esProxyAudit: Peer = {
  name: "es-proxy-audit",
  description: "this proxy, audit full: ecs, written, bodies of both directions, on disk",
  isNative: false,
  problem: missingForHttp,
  version: () => `Node ${process.version}`,
  start: (setup) => startEsProxy(setup, "full"),
};

/** The same with a transparency log, which a thread beside the traffic computes and signs. */
export const esProxyProof: Peer = {
  name: "es-proxy-proof",
  description: "the same, and audit.proof: a signed log of all records",
  isNative: false,
  problem: missingForHttp,
  version: () => `Node ${process.version}`,
  start: (setup) => startEsProxy(setup, "proof"),
};

/** The same with the facts of every exchange, which that thread derives. */
export const esProxyFacts: Peer = {
  name: "es-proxy-facts",
  description: "the same as es-proxy-audit, and audit.facts: what each exchange touched",
  isNative: false,
  problem: missingForHttp,
  version: () => `Node ${process.version}`,
  start: (setup) => startEsProxy(setup, "facts"),
};

/** Everything that is derived from records: signed log, facts, and the index of full segments. */
export const esProxyWhole: Peer = {
  name: "es-proxy-whole",
  description: "the same as es-proxy-audit, with audit.proof, audit.facts and audit.index",
  isNative: false,
  problem: missingForHttp,
  version: () => `Node ${process.version}`,
  start: (setup) => startEsProxy(setup, "whole"),
};

type Recorded = "none" | "full" | "proof" | "facts" | "whole";

function missingForHttp(scenario: Scenario, entry: string): string | undefined {
  return scenario.transport === "tcp" ? "compared for HTTP only" : missingEntry(scenario, entry);
}

function missingEntry(_scenario: Scenario, entry: string): string | undefined {
  return existsSync(entry) ? undefined : `${entry} does not exist`;
}

async function startEsProxy(setup: PeerSetup, recorded: Recorded): Promise<RunningPeer> {
  const config = join(setup.directory, "es-proxy.yaml");
  const audit = join(setup.directory, "audit");
  mkdirSync(audit);
  writeFileSync(
    config,
    setup.scenario.transport === "tcp" ? tcpConfig(setup) : httpConfig(setup, recorded, audit),
  );
  const args = [...setup.nodeArguments, setup.entry, "run", "--config", config];
  const { launcher } = setup;
  const child =
    launcher === undefined
      ? await startProgram(process.execPath, args, setup.directory)
      : await startProgram(
          launcher.program,
          [...launcher.arguments, process.execPath, ...args],
          setup.directory,
        );
  const port = await listeningPort(child, "es-proxy", launcher?.startTimeoutMs).catch(
    (error: unknown) => {
      const unsupported = /^.*not supported.*$/mu.exec(child.output())?.[0];
      throw unsupported === undefined
        ? error
        : new PeerAbsentError(unsupported.replace(/^.*?:\d+:\d+: /u, ""));
    },
  );
  return recorded === "none"
    ? { child, port }
    : {
        child,
        port,
        logLines: { count: () => recordsIn(audit), perRequest: 2, bytes: () => countBytes(audit) },
      };
}

/** Of the journals alone: bytes of bodies and tiles may be line ends by chance. */
function recordsIn(audit: string): number {
  const journals = readdirSync(audit).filter((name) => name.endsWith(".ndjson"));
  return journals.reduce((sum, name) => sum + countLines(join(audit, name)), 0);
}

function httpConfig(setup: PeerSetup, recorded: Recorded, audit: string): string {
  const { transport, failingOrigins, isRouted } = setup.scenario;
  const audited = `audit: {level: ${recorded === "none" ? "none" : "full"}}`;
  const endpoints = setup.originPorts.map((port) => `"http://127.0.0.1:${port}"`).join(", ");
  return `workers: 1
listeners:
  - name: es
    protocol: http
    bind: 127.0.0.1:0
${transport === "tls" ? `    tls: {cert: ${JSON.stringify(setup.certificate)}, key: ${JSON.stringify(setup.privateKey)}}\n` : ""}    routes:
${isRouted ? routes(audited) : ""}      - {path: /, pool: origin, ${audited}}
${isRouted ? "admin: {bind: 127.0.0.1:0}\n" : ""}pools:
  origin:
    endpoints: [${endpoints}]
    limits: {connections: 256, pending: 1024}
${isRouted ? "    health: {interval: 1s, timeout: 1s}\n" : ""}${failingOrigins > 0 ? "    retry: {attempts: 3, total_timeout: 5s, backoff: 0ms, statuses: [503], budget_percent: 100}\n    outlier: false\n" : ""}${
    recorded === "none"
      ? ""
      : `audit:
  directory: ${JSON.stringify(audit)}
  format: ecs
  durability: written
${
  recorded === "proof" || recorded === "whole" ? "  proof: {origin: bench.example/log}\n" : ""
}${recorded === "facts" || recorded === "whole" ? "  facts: true\n" : ""}${
          recorded === "whole" ? "  index: true\n" : ""
        }`
  }`;
}

/**
 * Routes that the requests of the scenario do not take; the first two have the right path and
 * something else wrong.
 */
function routes(audited: string): string {
  const conditions = [
    "path: /idx/_search, methods: [DELETE]",
    "path: /idx, headers: {x-tenant: other}",
    "path: /_security",
    "path: /logs, methods: [GET, HEAD]",
    "path: /metrics/archive",
    "path: /, host: archive.example",
  ];
  return conditions
    .map((condition) => `      - {${condition}, pool: origin, ${audited}}\n`)
    .join("");
}

function tcpConfig(setup: PeerSetup): string {
  const router = join(setup.directory, "router.mjs");
  writeFileSync(
    router,
    `export default () => ({ remote: "127.0.0.1:${setup.originPorts[0]}" });\n`,
  );
  return `workers: 1
listeners:
  - name: tcp
    protocol: tcp
    bind: 127.0.0.1:0
    router: ${JSON.stringify(router)}
pools:
  origin:
    endpoints: ["http://127.0.0.1:${setup.originPorts[0]}"]
`;
}
