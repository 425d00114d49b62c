import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { listeningPort, startProgram, startScript } from "../child.ts";
import type { Peer } from "./peer.ts";

const benchPackage = fileURLToPath(new URL("../../package.json", import.meta.url));

const maxRelayedBytes = 16_384;

/**
 * A peer that is a Node program in `scripts/`, with the package whose proxy it runs.
 *
 * @param packageName Package that must be installed in `stress/`; its version goes into the report.
 *   Without one the script needs only what the project itself has installed.
 */
export function nodeScript(
  name: string,
  description: string,
  script: string,
  packageName?: string,
): Peer {
  return {
    name,
    description,
    isNative: false,
    problem: (scenario) => {
      if (scenario.failingOrigins > 0) return "does not retry on a status";
      if (scenario.healthyOrigins > 1) return "does not balance";
      if (scenario.transport === "tcp") return "does HTTP only";
      if (scenario.transport === "tls" && packageName !== undefined)
        return "compared without TLS only";
      if (packageName !== undefined && packageFile(packageName) === undefined) {
        return `${packageName} is not installed: npm ci --prefix stress`;
      }
      return undefined;
    },
    version: () => packageVersion(packageName ?? "undici"),
    start: async (setup) => {
      const tls = setup.scenario.transport === "tls" ? [setup.certificate, setup.privateKey] : [];
      const file = fileURLToPath(new URL(`./scripts/${script}`, import.meta.url));
      const child = await startScript(file, [`http://127.0.0.1:${setup.originPorts[0]}`, ...tls]);
      return { child, port: await listeningPort(child, name) };
    },
  };
}

/** The floor under every Node proxy: bytes between sockets, see `scripts/bare-relay.ts`. */
export const bareRelay: Peer = {
  name: "bare-relay",
  description:
    "Node sockets connected to each other: no HTTP, no checks, no backpressure; the floor, " +
    "not a proxy",
  isNative: false,
  problem: (scenario) => {
    if (scenario.failingOrigins > 0 || scenario.healthyOrigins > 1) return "knows one origin";
    if (scenario.transport === "tls") return "has no TLS";
    // Its one read buffer may be overwritten while a large answer waits for a slow client.
    const largest = [scenario, ...scenario.others].flatMap((exchange) => [
      exchange.answer.length,
      exchange.requestBodyBytes,
    ]);
    return Math.max(...largest) > maxRelayedBytes ? "has no backpressure" : undefined;
  },
  version: () => `Node ${process.version}`,
  start: async ({ originPorts, nodeArguments, launcher }) => {
    const file = fileURLToPath(new URL("./scripts/bare-relay.ts", import.meta.url));
    const origin = `http://127.0.0.1:${originPorts[0]}`;
    const child =
      launcher === undefined
        ? await startScript(file, [origin])
        : await startProgram(launcher.program, [
            ...launcher.arguments,
            process.execPath,
            ...nodeArguments,
            file,
            origin,
          ]);
    return { child, port: await listeningPort(child, "bare-relay", launcher?.startTimeoutMs) };
  },
};

/**
 * The `package.json` of an installed package, looked for from the benchmark's own package upwards.
 */
function packageFile(name: string): string | undefined {
  const folders = createRequire(benchPackage).resolve.paths(name) ?? [];
  return folders.map((folder) => `${folder}/${name}/package.json`).find((file) => existsSync(file));
}

function packageVersion(name: string): string {
  const file = packageFile(name);
  if (file === undefined) return "absent";
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}
