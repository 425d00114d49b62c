import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { listeningPort, startScript } from "../../stress/bench/child.ts";
import { cpuNanoseconds, cpuTimeProblem, processTree } from "../../stress/bench/cpu-time.ts";
import { peers } from "../../stress/bench/peers/catalogue.ts";
import { ferrum, ferrumConfig } from "../../stress/bench/peers/ferrum.ts";
import type { Peer, PeerSetup, RunningPeer } from "../../stress/bench/peers/peer.ts";
import type { BenchResult, ScenarioResult } from "../../stress/bench/results.ts";
import { runScenario } from "../../stress/bench/runner.ts";
import type { RunSettings } from "../../stress/bench/run-settings.ts";
import type { Scenario } from "../../stress/bench/scenarios.ts";
import { scenarios } from "../../stress/bench/scenarios.ts";
import type { WrongPeerMode } from "./wrong-peer.ts";

const skip = cpuTimeProblem() ?? false;
const directory = mkdtempSync(join(tmpdir(), "es-proxy-bench-test-"));
after(() => rmSync(directory, { recursive: true, force: true }));

test("gives CPU time, rate, latency and memory for each peer and round", { skip }, async () => {
  const result = await run(scenarioOf("small"), [peerOf("node-undici"), wrongPeer("nothing")]);
  assert.deepEqual(
    result.peers.map((peer) => peer.name),
    ["node-undici", "nothing"],
  );
  for (const peer of result.peers) {
    assert.equal(peer.rounds.length, 2);
    assert.ok(peer.residentMiB > 1, "a process needs memory");
    for (const round of peer.rounds) {
      const { cpuMicroseconds, mainMicroseconds, requestsPerSecond, p50Ms, p99Ms } = round;
      // A request costs system calls: less than a microsecond means that the wrong process was
      // looked at.
      assert.ok(cpuMicroseconds > 1 && Number.isFinite(cpuMicroseconds), `${cpuMicroseconds} µs`);
      assert.ok(mainMicroseconds > 1 && mainMicroseconds <= cpuMicroseconds);
      assert.ok(requestsPerSecond > 0 && Number.isFinite(requestsPerSecond));
      assert.ok(p50Ms > 0 && p99Ms >= p50Ms);
    }
  }
});

test("moves bodies whole in both directions", { skip }, async () => {
  for (const name of ["search", "upload", "answer"]) {
    const result = await run(scenarioOf(name), [peerOf("node-undici")]);
    assert.equal(result.peers.length, 1, name);
  }
});

test("names a peer that cannot run and says why", { skip }, async () => {
  const absent: Peer = {
    ...wrongPeer("nothing"),
    name: "missing",
    problem: () => "it is not installed",
  };
  const result = await run(scenarioOf("small"), [absent, wrongPeer("nothing")]);
  assert.deepEqual(result.absent, [{ name: "missing", reason: "it is not installed" }]);
  assert.deepEqual(
    result.peers.map((peer) => peer.name),
    ["nothing"],
  );
});

const wrongs: Readonly<Record<Exclude<WrongPeerMode, "nothing">, RegExp>> = {
  "answers with another status": /expected HTTP\/1\.1 200, got HTTP\/1\.1 503/u,
  "answers with other bytes": /an answer with other bytes/u,
  "answers with a shorter body": /expected 100 body bytes, got 99/u,
  "answers by itself": /the origin got 0 requests/u,
  "sends a request twice": /the origin got \d+ requests/u,
  "closes a connection": /connection (?:closed|failed)/u,
};
for (const [mode, message] of Object.entries(wrongs)) {
  test(`fails when a peer ${mode}`, { skip }, async () => {
    // The keys of the record above are exactly the modes.
    const peer = wrongPeer(mode as WrongPeerMode);
    await assert.rejects(run(scenarioOf("small"), [peer]), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`small, ${mode}: `), error.message);
      return true;
    });
  });
}

test(
  "fails when the log of a peer has fewer lines than there were requests",
  { skip },
  async () => {
    const silent = wrongPeer("nothing", { count: () => 3, perRequest: 2, bytes: () => 1 });
    await assert.rejects(
      run(scenarioOf("small"), [silent]),
      /3 lines in the log for \d+ requests/u,
    );
  },
);

test("counts the CPU time of child processes", { skip }, async () => {
  const burn =
    "const end = Date.now() + 200; while (Date.now() < end); console.log('done'); " +
    "setInterval(() => {}, 1e9);";
  const script = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(burn)}], { stdio: "inherit" });`;
  const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(parent.stdout, "data");
  const pids = processTree(parent.pid ?? 0);
  assert.equal(pids.length, 2);
  assert.ok(cpuNanoseconds(pids.slice(1)) > 1e6, "the child has burnt more than a millisecond");
  assert.ok(cpuNanoseconds(pids) > cpuNanoseconds(pids.slice(1)));
  for (const pid of pids.toReversed()) process.kill(pid, "SIGKILL");
  await once(parent, "exit");
});

test("the command writes figures as JSON and as a page", { skip }, async () => {
  const json = join(directory, "bench.json");
  const html = join(directory, "bench.html");
  const { code, output } = await command([
    "--json",
    json,
    "--html",
    html,
    "--peers",
    "node-undici",
  ]);
  assert.equal(code, 0, output);
  const result = JSON.parse(readFileSync(json, "utf8")) as BenchResult;
  assert.deepEqual(
    result.scenarios.map((scenario) => scenario.name),
    ["small"],
  );
  assert.equal(result.scenarios[0]?.peers[0]?.rounds.length, 2);
  const page = readFileSync(html, "utf8");
  assert.match(page, /node-undici/u);
  assert.doesNotMatch(page, /<script|https?:\/\/(?!127\.)/u, "the page loads nothing");
});

test("a check that could compare nothing fails", { skip }, async () => {
  const files = ["--json", join(directory, "check.json"), "--html", join(directory, "check.html")];
  const { code, output } = await command([...files, "--peers", "node-undici", "--check"]);
  assert.equal(code, 1, output);
  assert.match(output, /not compared/u);
  assert.match(output, /es-proxy: not asked for/u);
});

test("the command refuses unknown scenarios, peers and numbers", async () => {
  for (const args of [
    ["--scenario", "smal"],
    ["--peers", "nginks"],
    ["--rounds", "0"],
    ["--round", "3"],
  ]) {
    const { code, output } = await command(args);
    assert.equal(code, 2, `${args.join(" ")}: ${output}`);
  }
});

test("ferrum gets a route for each request of the scenarios in which it is a peer", () => {
  const compared = scenarios.filter((scenario) => scenario.peers.includes("ferrum"));
  assert.ok(compared.length >= 9, "its four and the others");
  for (const scenario of [...compared, scenarioOf("mixture")]) {
    const config = parse(ferrumConfig(scenario, [9201, 9202], 8080)) as FerrumConfig;
    assert.equal(config.server.port, 8080);
    for (const { request } of [scenario, ...scenario.others]) {
      const path = /^\S+ ([^?\s]+)/u.exec(request)?.[1] ?? "";
      // Ferrum's own rule, the longest prefix first.
      const route = config.routes
        .filter(({ path_prefix: prefix }) => path === prefix || path.startsWith(`${prefix}/`))
        .toSorted((a, b) => b.path_prefix.length - a.path_prefix.length)[0];
      assert.ok(route !== undefined, `${scenario.name}: ${path} has no route`);
      assert.equal(`/${path.split("/")[1]}`, route.path_prefix, "the scenario's own route");
      assert.deepEqual(route.backends, ["http://127.0.0.1:9201", "http://127.0.0.1:9202"]);
    }
    const largest = Math.max(...[scenario, ...scenario.others].map(({ answer }) => answer.length));
    assert.ok(config.upstream.max_response_body_bytes >= largest);
    assert.ok(config.upstream.max_buffered_bodies >= scenario.connections);
  }
});

test("ferrum says why it cannot be asked for what it answers itself", () => {
  const request = "GET /metrics HTTP/1.1\r\n\r\n";
  assert.match(ferrum.problem({ ...scenarioOf("small"), request }, "") ?? "", /answers \/metrics/u);
  assert.match(ferrum.problem(scenarioOf("tcp"), "") ?? "", /plain HTTP/u);
});

/** What the test looks at of ferrum's `config.yaml`. */
interface FerrumConfig {
  readonly server: { readonly port: number };
  readonly routes: readonly {
    readonly path_prefix: string;
    readonly backends: readonly string[];
  }[];
  readonly upstream: {
    readonly max_response_body_bytes: number;
    readonly max_buffered_bodies: number;
  };
}

function run(scenario: Scenario, contestants: readonly Peer[]): Promise<ScenarioResult> {
  const settings: RunSettings = {
    rounds: 2,
    requests: 100,
    warmup: 50,
    latencyRate: 0,
    entry: "",
    directory: mkdtempSync(join(directory, "run-")),
    certificate: "",
    privateKey: "",
    nodeArguments: () => [],
    progress: () => {},
  };
  return runScenario({ ...scenario, connections: 8 }, contestants, settings);
}

function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

function peerOf(name: string): Peer {
  const found = peers.find((peer) => peer.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

function wrongPeer(mode: WrongPeerMode, logLines?: RunningPeer["logLines"]): Peer {
  return {
    name: mode,
    description: "a peer of the test",
    isNative: false,
    problem: () => undefined,
    version: () => "1",
    start: async (setup: PeerSetup) => {
      const file = fileURLToPath(new URL("./wrong-peer.ts", import.meta.url));
      const child = await startScript(file, [
        mode,
        String(setup.originPorts[0]),
        setup.scenario.answer,
      ]);
      const running = { child, port: await listeningPort(child, mode) };
      return logLines === undefined ? running : { ...running, logLines };
    },
  };
}

async function command(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const main = fileURLToPath(new URL("../../stress/bench/main.ts", import.meta.url));
  const short = [
    "--quick",
    "--scenario",
    "small",
    "--rounds",
    "2",
    "--requests",
    "100",
    "--warmup",
    "50",
  ];
  // Later options win, so the caller's come last.
  const child = spawn(process.execPath, [main, ...short, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  await once(child, "close");
  return { code: child.exitCode, output };
}
