import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "../child.ts";
import type { Peer, PeerSetup } from "./peer.ts";
import { acceptsOn, findProgram, freePort } from "./programs.ts";

/**
 * ferrum-proxy, a proxy in Rust, where the environment variable `FERRUM` names its built program.
 */
export const ferrum: Peer = {
  name: "ferrum",
  description: "ferrum-proxy as its own benchmark sets it up",
  isNative: true,
  problem: (scenario) => {
    if (scenario.transport !== "http") return "compared for plain HTTP only";
    return program() === undefined ? "FERRUM does not name its program" : undefined;
  },
  version: () => "not known",
  start: async (setup) => {
    const port = await freePort();
    // It takes no arguments and reads this name from the folder in which it is started.
    writeFileSync(join(setup.directory, "config.yaml"), configText(setup, port));
    const child = await startProgram(program() ?? "ferrum-proxy", [], setup.directory);
    await acceptsOn(port, child);
    return { child, port };
  },
};

function program(): string | undefined {
  const path = process.env["FERRUM"];
  return path === undefined ? undefined : findProgram(path);
}

function configText(setup: PeerSetup, port: number): string {
  const backends = setup.originPorts
    .map((origin) => `      - http://127.0.0.1:${origin}`)
    .join("\n");
  return `server:
  port: ${port}
  host: 127.0.0.1
routes:
  - path_prefix: ${firstSegment(setup.scenario.request)}
    backends:
${backends}
health_check:
  interval_sec: 3600
  endpoint: /health
  failure_threshold: 100000000
  recovery_threshold: 1
upstream:
  connect_timeout_ms: 3000
  read_timeout_ms: 15000
retry:
  max_attempts: 2
  total_timeout_ms: 3000
  backoff_ms: 0
  retry_on_statuses: [503]
`;
}

/** It takes `/` for the one path `/`, so a route of its own is made for the scenario's requests. */
function firstSegment(request: string): string {
  const segment = /^\S+ (\/[^/?\s]+)/.exec(request)?.[1];
  if (segment === undefined) throw new Error("ferrum has no route for requests of /");
  return segment;
}
