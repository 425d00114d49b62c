/**
 * What a byte costs at most: `make bench-bytes`, or `node stress/bench-bytes/main.ts [MB [FORM]]`.
 * CPU time of the proxy for each megabyte that clients send in a form that is dear to read, beside
 * plain uploads, everything on record. Exit code 1 when one costs more than ten times as much.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listeningPort, startProgram, stopAllChildren, stopChild } from "../bench/child.ts";
import { cpuNanoseconds, cpuTimeProblem, processTree } from "../bench/cpu-time.ts";
import { spreadOf } from "../bench/statistics.ts";
import { numberOf, readCommandLine } from "../../scripts/command-line.ts";
import { forms, plain, type Form } from "./forms.ts";

const mostRatio = 10;
const rounds = 5;
const mega = 1_000_000;
const clients = 8;

process.once("SIGINT", () => {
  stopAllChildren();
  process.exitCode = 130;
});
const { positionals } = readCommandLine(
  `CPU of the proxy for each megabyte in forms that are dear to read, beside plain uploads.

  node stress/bench-bytes/main.ts [MB [FORM]]

  MB      megabytes of each form in each of ${rounds} rounds, default 8
  FORM    only forms whose name holds this text

  node stress/bench-bytes/main.ts 2 "chunks of"
`,
  {},
  2,
);
process.exitCode = await main(numberOf(positionals[0], "MB", 8, 0.1) * mega, positionals[1] ?? "");

async function main(bytes: number, only: string): Promise<number> {
  const problem = cpuTimeProblem();
  if (problem !== undefined) throw new Error(problem);
  const folder = mkdtempSync(join(tmpdir(), "es-proxy-bench-bytes-"));
  try {
    const origin = await startProgram(process.execPath, [script("../bench-slow/origin.ts")]);
    const config = join(folder, "es-proxy.yaml");
    writeFileSync(
      config,
      `listeners:
  - name: es
    bind: 127.0.0.1:0
    limits: {request_line: 15KiB}
    trusted_proxies: [127.0.0.1]
    routes: [{path: /, pool: es}]
pools: {es: {endpoints: ["http://127.0.0.1:${await listeningPort(origin, "the origin")}"]}}
audit: {directory: ${JSON.stringify(join(folder, "audit"))}}
`,
    );
    const entry = script("../../src/cli/main.ts");
    const proxy = await startProgram(process.execPath, [entry, "run", "--config", config], folder);
    const port = await listeningPort(proxy, "es-proxy");
    const cost = (form: Form): Promise<number> => costOf(form, bytes, port, proxy.pid);
    const chosen = forms.filter(({ name }) => name.includes(only));
    for (const form of [plain, ...chosen]) await cost(form);
    let isGood = true;
    for (const form of chosen) {
      const own: number[] = [];
      const ratios: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const base = await cost(plain);
        own.push(await cost(form));
        ratios.push((own.at(-1) ?? 0) / base);
      }
      const ratio = spreadOf(ratios);
      const isMet = ratio.median < mostRatio;
      isGood &&= isMet;
      console.log(
        `${isMet ? "holds " : "MISSED"} ${form.name.padEnd(30)} ` +
          `${spreadOf(own).median.toFixed(1).padStart(7)} ms CPU/MB, ` +
          `${ratio.median.toFixed(1)} × plain (${ratio.min.toFixed(1)}..${ratio.max.toFixed(1)})`,
      );
    }
    console.log(`load ${(loadavg()[0] ?? 0).toFixed(1)}`);
    for (const child of [proxy, origin]) await stopChild(child);
    return isGood ? 0 : 1;
  } finally {
    stopAllChildren();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of CPU for each megabyte sent. */
async function costOf(form: Form, bytes: number, port: number, pid: number): Promise<number> {
  const { length } = form.request(0);
  const count = Math.max(1, Math.round(bytes / length));
  const pids = processTree(pid);
  const before = cpuNanoseconds(pids);
  let sent = 0;
  const client = async (): Promise<void> => {
    const socket = connect({ host: "127.0.0.1", port });
    await once(socket, "connect");
    for (; sent < count;) await exchange(socket, form.name, form.request((sent += 1)));
    socket.destroy();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return (cpuNanoseconds(pids) - before) / 1e6 / ((sent * length) / mega);
}

async function exchange(socket: Socket, name: string, request: Buffer): Promise<void> {
  socket.write(request);
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (!answer.toString("latin1", 0, 12).endsWith(" 200"))
    throw new Error(`${name}: ${answer.toString("latin1", 0, 400)}`);
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
