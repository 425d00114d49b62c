/** ferrum-proxy, a proxy in Rust, where the environment variable `FERRUM` names its program. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "../child.ts";
import type { Scenario } from "../scenarios.ts";
import { countBytes, countLines } from "./log-lines.ts";
import type { Peer, PeerSetup, RunningPeer } from "./peer.ts";
import { acceptsOn, findProgram, freePort } from "./programs.ts";

/** Paths that ferrum answers itself when they are read, whatever its routes say. */
const ownPaths = ["/", "/health", "/health/backends", "/metrics"];

/** ferrum-proxy with the settings of its own benchmark. */
export const ferrum: Peer = {
  name: "ferrum",
  description:
    "ferrum-proxy as its own benchmark sets it up: a thread per core, a log line per attempt",
  isNative: true,
  problem: (scenario) => {
    if (scenario.transport !== "http") return "compared for plain HTTP only";
    const own = pathsOf(scenario).find((path) => ownPaths.includes(path));
    if (own !== undefined) return `ferrum answers ${own} itself`;
    return program() === undefined ? "FERRUM does not name its program" : undefined;
  },
  version: () => "not known",
  start: startFerrum,
};

function program(): string | undefined {
  const path = process.env["FERRUM"];
  return path === undefined || path === "" ? undefined : findProgram(path);
}

async function startFerrum({ scenario, originPorts, directory }: PeerSetup): Promise<RunningPeer> {
  const port = await freePort();
  // It takes no arguments and reads this name from the folder in which it is started.
  writeFileSync(join(directory, "config.yaml"), ferrumConfig(scenario, originPorts, port));
  // Its log cannot be turned off and goes to standard error. A pipe would wake the benchmark for
  // each line; its own benchmark gives it a file, too.
  const log = join(directory, "ferrum.log");
  const started = await startProgram(program() ?? "ferrum-proxy", [], directory, log);
  const child = { ...started, output: () => started.output() + endOf(log) };
  await acceptsOn(port, child);
  const logLines = { count: () => countLines(log), perRequest: 1, bytes: () => countBytes(log) };
  return { child, port, logLines };
}

function endOf(log: string): string {
  return existsSync(log) ? readFileSync(log, "utf8").slice(-4000) : "";
}

/**
 * `config.yaml` for a scenario: everything but ports and routes is as in ferrum's benchmark.
 *
 * Ferrum takes a prefix for itself and what follows it and a slash, so `/` is no prefix of all
 * paths: each first segment of the scenario's paths gets a route.
 */
export function ferrumConfig(
  scenario: Scenario,
  originPorts: readonly number[],
  port: number,
): string {
  const prefixes = new Set(pathsOf(scenario).map(firstSegment));
  const backends = originPorts.map((origin) => `http://127.0.0.1:${origin}`).join(", ");
  const routes = [...(scenario.isRouted ? otherPlaces : []), ...prefixes]
    .map((prefix) => `  - {path_prefix: ${prefix}, backends: [${backends}]}\n`)
    .join("");
  return `server:
  port: ${port}
  host: 127.0.0.1
  graceful_shutdown_timeout_ms: 30000
  client_header_timeout_ms: 10000
  client_body_timeout_ms: 15000
  fail_on_startup_dead_pool: false
routes:
${routes}health_check:
  interval_sec: ${scenario.isRouted ? 1 : 3600}
  endpoint: /health
  check_timeout_ms: 1000
  # Its benchmark has 100000, so that no endpoint is ejected; more requests are sent here.
  failure_threshold: 100000000
  recovery_threshold: 1
  ejection_duration_ms: 1000
upstream:
  connect_timeout_ms: 3000
  read_timeout_ms: 15000
  max_request_body_bytes: 33554432
  max_response_body_bytes: 268435456
  max_buffered_bodies: 256
retry:
  max_attempts: 2
  total_timeout_ms: 3000
  backoff_ms: 0
  retry_on_statuses: [503]
  retry_idempotent_methods: false
`;
}

/** Routes that the requests of the scenario do not take; ferrum knows prefixes only. */
const otherPlaces = [
  "/idx/_search/template",
  "/idx/_doc",
  "/_security",
  "/logs",
  "/metrics/archive",
  "/archive",
];

function pathsOf({ request, others }: Scenario): string[] {
  return [request, ...others.map((other) => other.request)].map(
    (text) => /^\S+ ([^?\s]+)/u.exec(text)?.[1] ?? "/",
  );
}

function firstSegment(path: string): string {
  return `/${path.split("/", 2)[1] ?? ""}`;
}
