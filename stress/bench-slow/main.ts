/**
 * What clients that are slow on purpose do to everybody else: `make bench-slow`, or
 * `node stress/bench-slow/main.ts [CLIENTS [KIND]]`. Compares the latency of normal traffic beside
 * them with that of the same traffic alone, round by round, and says when the last of them was
 * gone. What must hold is the median of the rounds.
 * What of it is not the proxy's show the same traffic sent to the origin directly at the same time,
 * how late the proxy's event loop was, and the same with nginx. Exit code 1 when a bound is missed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ask,
  listeningPort,
  startProgram,
  startScript,
  stopAllChildren,
  stopChild,
  type Child,
} from "../bench/child.ts";
import { describeMachine } from "../bench/machine.ts";
import type { LoadCommand, LoadReport } from "../bench/messages.ts";
import { requestBytes } from "../bench/request-bytes.ts";
import { percentileOf } from "../bench/statistics.ts";
import { attackKinds, type Attack, type AttackKind, type AttackReport } from "./messages.ts";
import {
  deadlineMs,
  startEsProxy,
  startNginx,
  startTcpRouter,
  type RunningProxy,
} from "./proxies.ts";
import { numberOf, oneOf, readCommandLine } from "../../scripts/command-line.ts";

/** What has to hold. */
const mostSlowdown = 2;
const mostLateMs = 2000;
const mostHeldMs = deadlineMs + mostLateMs;
/** Below this a p99 is the scheduler's on a computer with two cores, not the proxy's. */
const leastBaselineMs = 2;

const normal = { connections: 32, perSecond: 300 } as const;
const aloneSeconds = 8;
/** Normal traffic beside an attack: until the last slow client must be gone. */
const besideSeconds = mostHeldMs / 1000 + 3;

interface Case {
  readonly title: string;
  /** What the deadline counts from; `undefined`: they may stay. */
  readonly since?: "begin" | "last byte";
}

const cases: Readonly<Record<AttackKind, Case>> = {
  upload: { title: "uploads, a byte every 4 s", since: "begin" },
  download: { title: "answers of 8 MiB, never read", since: "last byte" },
  head: { title: "heads, a byte every 4 s", since: "begin" },
  pipeline: { title: "200 requests at once, never read" },
  tunnel: { title: "tunnels, never read", since: "last byte" },
  silent: { title: "calls that are never answered", since: "begin" },
  idle: { title: "connections without a request" },
  handshake: { title: "TLS handshakes at once" },
};
/** Without a word on the command line. */
const usualKinds: readonly AttackKind[] = ["upload", "download"];
/** An address of their own, and the one that everybody has. */
const addresses = ["127.0.0.2", "127.0.0.1"] as const;

process.once("SIGINT", () => {
  stopAllChildren();
  process.exitCode = 130;
});
const { positionals, values } = readCommandLine(
  `What clients that are slow on purpose do to everybody else.

  node stress/bench-slow/main.ts [--rounds N] [--router] [CLIENTS [KIND]]

  --rounds N  how often each case is measured, default 1; the median is judged
  --router    through the TCP router, which cuts nobody

  CLIENTS    slow ones, default 2000
  KIND       one of those below, default upload and download

  upload     send a byte of a body every four seconds
  download   do not read their answers of 8 MiB
  head       send a byte of a head every four seconds
  pipeline   send 200 requests at once and read no answer
  tunnel     change to another protocol and do not read
  silent     ask for what the endpoint never answers
  idle       connect and say nothing
  handshake  begin TLS handshakes, all at once

  node stress/bench-slow/main.ts --rounds 3 300 download
`,
  { rounds: { type: "string" }, router: { type: "boolean" } },
  2,
);
const kind = positionals[1];
process.exitCode = await main(
  numberOf(positionals[0], "CLIENTS", 2000),
  kind === undefined ? usualKinds : [oneOf(kind, "the second word", attackKinds)],
  numberOf(values.rounds, "--rounds", 1),
  values.router === true ? [startTcpRouter] : [startEsProxy, startNginx],
);

type Start = (folder: string, originPort: number) => Promise<RunningProxy | undefined>;

async function main(
  count: number,
  kinds: readonly AttackKind[],
  rounds: number,
  starts: readonly Start[],
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "es-proxy-bench-slow-"));
  try {
    const origin = await startProgram(process.execPath, [script("origin.ts")]);
    const originPort = await listeningPort(origin, "the origin");
    const attackers = await startScript(script("attackers.ts"), []);
    const { processor, memory, system, node } = describeMachine();
    console.log(`${processor}, ${memory}, ${system}, Node ${node}; load ${shownLoad()}`);
    let isGood = true;
    for (const start of starts) {
      const proxy = await start(folder, originPort);
      if (proxy === undefined) continue;
      const isMet = await measure(proxy, originPort, attackers, count, kinds, rounds);
      if (start !== startNginx) isGood &&= isMet;
      await stopChild(proxy.child);
    }
    for (const child of [attackers, origin]) await stopChild(child);
    return isGood ? 0 : 1;
  } finally {
    stopAllChildren();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What one round of a case has given, in milliseconds. */
interface Round {
  readonly alone: LoadReport;
  readonly beside: LoadReport;
  readonly pastAlone: LoadReport;
  readonly pastBeside: LoadReport;
  readonly heldMs: number;
}

/** Prints a line for each case and round, and for each case one more. @returns every bound holds */
async function measure(
  proxy: RunningProxy,
  originPort: number,
  attackers: Child,
  count: number,
  kinds: readonly AttackKind[],
  rounds: number,
): Promise<boolean> {
  const load = await startScript(script("../bench/load.ts"), []);
  const direct = await startScript(script("../bench/load.ts"), []);
  await open(load, proxy.port);
  await open(direct, originPort);
  // Each connection takes an answer: later ones of its address must not be taken for it.
  await warmed(load);
  await warmed(direct);
  await paced(load, aloneSeconds);
  const all = kinds
    .filter((kind) => kind !== "handshake" || proxy.tlsPort !== undefined)
    .flatMap((kind) => addresses.map((address) => ({ kind, address, rounds: [] as Round[] })));
  for (let round = 0; round < rounds; round += 1)
    // Every other time in the other order: the first meets code that has not run often.
    for (const one of round % 2 === 0 ? all : all.toReversed()) {
      const { kind, address } = one;
      const loads = { load, direct, attackers };
      one.rounds.push(await measureOnce(proxy, loads, kind, count, address));
    }
  let isGood = true;
  for (const { kind, address, rounds: found } of all) {
    const median = (figure: (round: Round) => number): number =>
      percentileOf(
        found.map(figure).sort((a, b) => a - b),
        0.5,
      );
    const slowdown = median(slowdownOf);
    const isMet = slowdown <= mostSlowdown && median(({ heldMs }) => heldMs) <= mostHeldMs;
    isGood &&= isMet;
    console.log(
      `${proxy.name.padEnd(9)} ${isMet ? "holds " : "MISSED"} ${title(kind, count, address)}: ` +
        `median of ${found.length}: p99 ${ms(median(({ alone }) => alone.p99Ms))} → ` +
        `${ms(median(({ beside }) => beside.p99Ms))} (${slowdown.toFixed(2)} ×), past the proxy ` +
        `${ms(median(({ pastAlone }) => pastAlone.p99Ms))} → ` +
        ms(median(({ pastBeside }) => pastBeside.p99Ms)),
    );
  }
  for (const child of [load, direct]) await stopChild(child);
  return isGood;
}

function slowdownOf({ alone, beside }: Round): number {
  return beside.p99Ms / Math.max(alone.p99Ms, leastBaselineMs);
}

async function measureOnce(
  { name, port, tlsPort, loopDelay, cutsNobody = false }: RunningProxy,
  { load, direct, attackers }: Readonly<Record<"load" | "direct" | "attackers", Child>>,
  kind: AttackKind,
  count: number,
  localAddress: string,
): Promise<Round> {
  // Most of the connections have been idle since, and none may be so for a minute.
  await warmed(load);
  await warmed(direct);
  const [alone, pastAlone] = await Promise.all([
    paced(load, aloneSeconds),
    paced(direct, aloneSeconds),
  ]);
  const attack: Attack = {
    kind,
    count,
    port: kind === "handshake" && tlsPort !== undefined ? tlsPort : port,
    localAddress,
    byteEveryMs: 4000,
    giveUpMs: besideSeconds * (cutsNobody ? 1000 : 2000),
  };
  await loopDelay?.();
  const [beside, pastBeside, report] = await Promise.all([
    paced(load, besideSeconds),
    paced(direct, besideSeconds),
    ask<AttackReport>(attackers, attack),
  ]);
  const delay = await loopDelay?.();
  const { since } = cases[kind];
  const heldMs =
    since === undefined || cutsNobody
      ? 0
      : since === "begin"
        ? report.lastGoneMs
        : report.longestStillMs;
  const round: Round = { alone, beside, pastAlone, pastBeside, heldMs };
  console.log(
    `${name.padEnd(16)} ${title(kind, count, localAddress)}: ` +
      `p50 ${ms(alone.p50Ms)} → ${ms(beside.p50Ms)}, p99 ${ms(alone.p99Ms)} → ` +
      `${ms(beside.p99Ms)} (${slowdownOf(round).toFixed(2)} ×), past the proxy ` +
      `${ms(pastAlone.p99Ms)} → ${ms(pastBeside.p99Ms)}, load late by ${ms(beside.lateP99Ms)}, ` +
      (delay === undefined ? "" : `loop p99 ${ms(delay.p99Ms)} max ${ms(delay.maxMs)}, `) +
      `${gone(report)}, ` +
      `${report.refused} never connected, ${report.turnedAway} got 503; load ${shownLoad()}`,
  );
  return round;
}

function title(kind: AttackKind, count: number, address: string): string {
  const whose = address === "127.0.0.1" ? "everybody's" : "their own";
  return `${count} ${cases[kind].title.padEnd(34)} from ${whose} address`;
}

function gone({ leftAlone, lastGoneMs, longestStillMs }: AttackReport): string {
  if (leftAlone > 0) return `${leftAlone} not cut`;
  const still = longestStillMs === 0 ? "" : `, ${seconds(longestStillMs)} after its last byte`;
  return `last gone after ${seconds(lastGoneMs)}${still}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

async function open(load: Child, port: number): Promise<void> {
  const target = {
    port,
    tls: false,
    connections: normal.connections,
    isShort: false,
    expectedStatus: 200,
    exchanges: [
      {
        request: requestBytes({ method: "GET", target: "/logs/_doc/1" }),
        expectedBody: '{"took":1}',
      },
    ],
  };
  failed(await ask<LoadReport>(load, { kind: "open", target } satisfies LoadCommand));
}

async function paced(load: Child, seconds: number): Promise<LoadReport> {
  const { perSecond } = normal;
  const command: LoadCommand = { kind: "run", requests: seconds * perSecond, perSecond };
  return failed(await ask<LoadReport>(load, command));
}

/** Uses every connection: a proxy may trust one less that has not taken an answer yet. */
async function warmed(load: Child): Promise<void> {
  const command: LoadCommand = { kind: "run", requests: normal.connections * 32 };
  failed(await ask<LoadReport>(load, command));
}

/** A wrong answer to normal traffic is no latency. */
function failed(report: LoadReport): LoadReport {
  if (report.errorCount > 0) throw new Error(`normal traffic: ${report.errors.join("; ")}`);
  return report;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function shownLoad(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
