import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  listeningPort,
  startProgram,
  startScript,
  stopAllChildren,
  stopChild,
  type Child,
} from "../bench/child.ts";
import { cpuNanoseconds, cpuTimeProblem, processTree, residentBytes } from "../bench/cpu-time.ts";
import { acceptsOn, findProgram, freePort } from "../bench/peers/programs.ts";
import { pairedRatios, spreadOf } from "../bench/statistics.ts";
import { bulk, connections, exchanges, type Load, upload } from "./load.ts";
import { numberOf, readCommandLine } from "../../scripts/command-line.ts";

/**
 * CPU of the TCP router against HAProxy `mode tcp`, nginx `stream` and a bare relay of Node sockets
 * (the floor), alternating in one run: `node stress/bench-tcp/main.ts [ROUNDS]`. One table to
 * stdout; medians of the rounds, ratios round by round.
 */
interface Peer {
  readonly name: string;
  readonly port: number;
  readonly child: Child;
}

interface Scenario {
  readonly name: string;
  readonly load: Load;
  readonly units: number;
  /** How a round becomes the figure that is compared. */
  readonly figure: (cpuNs: number, units: number, milliseconds: number) => number;
  readonly unit: string;
}

const scenarios: readonly Scenario[] = [
  {
    name: "small exchange",
    load: exchanges,
    units: 40_000,
    unit: "µs CPU",
    figure: (cpu, units) => cpu / units / 1000,
  },
  {
    name: "short connection",
    load: connections,
    units: 4000,
    unit: "µs CPU",
    figure: (cpu, units) => cpu / units / 1000,
  },
  {
    name: "bulk",
    load: bulk,
    units: 600_000_000,
    unit: "MB/s",
    figure: (_cpu, units, ms) => units / ms / 1000,
  },
  {
    name: "bulk",
    load: bulk,
    units: 600_000_000,
    unit: "µs CPU/MB",
    figure: (cpu, units) => (cpu / units) * 1000,
  },
  {
    name: "bulk upload",
    load: upload,
    units: 600_000_000,
    unit: "MB/s",
    figure: (_cpu, units, ms) => units / ms / 1000,
  },
  {
    name: "bulk upload",
    load: upload,
    units: 600_000_000,
    unit: "µs CPU/MB",
    figure: (cpu, units) => (cpu / units) * 1000,
  },
];

async function startPeers(origin: number, directory: string): Promise<Peer[]> {
  const peers: Peer[] = [];
  const script = fileURLToPath(new URL("proxy.ts", import.meta.url));
  const own = await startScript(script, [String(origin)]);
  peers.push({ name: "es-proxy", child: own, port: await listeningPort(own, "es-proxy") });
  const relay = fileURLToPath(new URL("../bench/peers/scripts/bare-relay.ts", import.meta.url));
  const bare = await startScript(relay, [`http://127.0.0.1:${origin}`]);
  peers.push({ name: "bare-relay", child: bare, port: await listeningPort(bare, "bare-relay") });
  if (findProgram("haproxy") !== undefined) peers.push(await startHaproxy(origin, directory));
  if (findProgram("nginx") !== undefined) peers.push(await startNginx(origin, directory));
  return peers;
}

async function startHaproxy(origin: number, directory: string): Promise<Peer> {
  const port = await freePort();
  const file = join(directory, "haproxy.cfg");
  writeFileSync(
    file,
    `global\n nbthread 1\n maxconn 8192\ndefaults\n mode tcp\n timeout connect 5s\n timeout client 75s\n timeout server 75s\n` +
      `frontend f\n bind 127.0.0.1:${port} backlog 4096\n default_backend b\nbackend b\n server s 127.0.0.1:${origin}\n`,
  );
  const child = await startProgram(findProgram("haproxy") ?? "haproxy", ["-db", "-f", file]);
  await acceptsOn(port, child);
  return { name: "haproxy", port, child };
}

async function startNginx(origin: number, directory: string): Promise<Peer> {
  const port = await freePort();
  const file = join(directory, "nginx.conf");
  writeFileSync(
    file,
    `load_module /usr/lib/nginx/modules/ngx_stream_module.so;\ndaemon off;\nworker_processes 1;\npid ${directory}/nginx.pid;\nerror_log stderr error;\n` +
      `${process.getuid?.() === 0 ? "user root;\n" : ""}events { worker_connections 8192; }\n` +
      `stream { server { listen 127.0.0.1:${port} backlog=4096; tcp_nodelay on; proxy_pass 127.0.0.1:${origin}; } }\n`,
  );
  const child = await startProgram(findProgram("nginx") ?? "nginx", [
    "-e",
    "stderr",
    "-p",
    directory,
    "-c",
    file,
  ]);
  await acceptsOn(port, child);
  return { name: "nginx", port, child };
}

async function run(rounds: number): Promise<void> {
  const problem = cpuTimeProblem();
  if (problem !== undefined) throw new Error(problem);
  const directory = mkdtempSync(join(tmpdir(), "es-proxy-bench-tcp-"));
  try {
    const origin = await startProgram(process.execPath, [
      fileURLToPath(new URL("origin.ts", import.meta.url)),
    ]);
    const peers = await startPeers(await listeningPort(origin, "the origin"), directory);
    // The bare relay has no backpressure: it cannot take part in bulk.
    for (const scenario of scenarios)
      await compare(
        scenario,
        peers.filter(({ name }) => name !== "bare-relay" || !scenario.name.startsWith("bulk")),
        rounds,
      );
    for (const peer of peers)
      console.log(
        `${peer.name}: resident ${Math.round(residentBytes(processTree(peer.child.pid)) / 1e6)} MB`,
      );
    for (const peer of peers) await stopChild(peer.child);
    await stopChild(origin);
  } finally {
    stopAllChildren();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compare(scenario: Scenario, peers: readonly Peer[], rounds: number): Promise<void> {
  const figures = new Map<string, number[]>(peers.map(({ name }) => [name, []]));
  for (const peer of peers) await scenario.load(peer.port, scenario.units / 4);
  for (let round = 0; round < rounds; round += 1)
    for (const peer of peers) {
      const pids = processTree(peer.child.pid);
      const before = cpuNanoseconds(pids);
      const { units, milliseconds } = await scenario.load(peer.port, scenario.units);
      figures
        .get(peer.name)
        ?.push(scenario.figure(cpuNanoseconds(pids) - before, units, milliseconds));
    }
  const own = figures.get("es-proxy") ?? [];
  for (const [name, samples] of figures) {
    const ratio =
      name === "es-proxy"
        ? ""
        : `  es-proxy is ${spreadOf(pairedRatios(own, samples)).median.toFixed(2)} x`;
    console.log(
      `${scenario.name.padEnd(18)}${name.padEnd(12)}${spreadOf(samples).median.toFixed(1).padStart(9)} ${scenario.unit}${ratio}`,
    );
  }
}

process.once("SIGINT", () => {
  stopAllChildren();
  process.exitCode = 130;
});
const { positionals } = readCommandLine(
  `The TCP router beside HAProxy and nginx: CPU per exchange and connection, bytes per second.

  node stress/bench-tcp/main.ts [ROUNDS]      rounds, default 5; haproxy and nginx on PATH

  node stress/bench-tcp/main.ts 3
`,
  {},
  1,
);
await run(numberOf(positionals[0], "ROUNDS", 5));
