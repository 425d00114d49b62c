/**
 * Whether clients wait longer while the target of shipping is away: the latency of a steady load
 * through a proxy that ships nowhere, to a target that refuses connections, to one that takes
 * requests and never answers, and to one that answers each after two seconds.
 *
 * Usage: node stress/bench-ship/main.ts [rounds=5] [seconds=6] [rate=400]
 *
 * The four run one after the other in each round, each with a proxy of its own, and every round
 * begins with another one. A request counts from when it was due. Prints percentiles, the median of
 * the rounds, and the ratio of the p99 to that without a target, round by round. Exit code 1 when
 * the median ratio of a target is above the bound, or a target that takes requests got none: then
 * the figures say nothing.
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { exit, stdout } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { startConfiguredProxy } from "../../test/support/proxy-process.ts";
import { makeTempDir } from "../../test/support/temp-dir.ts";
import { pairedRatios, percentileOf, spreadOf } from "../bench/statistics.ts";
import { numberOf, readCommandLine } from "../../scripts/command-line.ts";

const { positionals } = readCommandLine(
  `Whether clients wait longer while the target of shipping is away, slow or silent.

  node stress/bench-ship/main.ts [ROUNDS [SECONDS [RATE]]]

  ROUNDS     default 5
  SECONDS    of each load, default 6
  RATE       requests a second, default 400

  node stress/bench-ship/main.ts 3 4 200
`,
  {},
  3,
);
const rounds = numberOf(positionals[0], "ROUNDS", 5);
const seconds = numberOf(positionals[1], "SECONDS", 6);
const rate = numberOf(positionals[2], "RATE", 400);
/** What differs by less is the computer's. */
const mostRatio = 1.15;
const slowMs = 2000;
const warmUpMs = 1500;

const origin = await serve((_, response) => {
  response.setHeader("x-elastic-product", "Elasticsearch");
  response.setHeader("content-type", "application/json");
  response.end('{"took":1,"timed_out":false,"hits":{"hits":[]}}');
});
let silentRequests = 0;
let slowRequests = 0;
const silent = await serve(() => {
  silentRequests += 1;
});
const slow = await serve((incoming, response) => {
  slowRequests += 1;
  incoming.resume().on("end", () => setTimeout(() => response.writeHead(503).end("{}"), slowMs));
});
const targets: Readonly<Record<string, string | undefined>> = {
  "no target": undefined,
  "refuses connections": "http://127.0.0.1:1",
  "never answers": urlOf(silent),
  "answers after 2 s": urlOf(slow),
};
const percentiles = [0.5, 0.9, 0.99];
const measured = new Map<string, number[][]>();
for (let round = 0; round < rounds; round += 1) {
  const entries = Object.entries(targets);
  const turned = [...entries.slice(round % entries.length), ...entries].slice(0, entries.length);
  for (const [name, target] of turned) {
    const sorted = await measure(target);
    const known = measured.get(name) ?? [];
    known.push(percentiles.map((fraction) => percentileOf(sorted, fraction)));
    measured.set(name, known);
  }
}
const base = (measured.get("no target") ?? []).map((figures) => figures[2] ?? 0);
let isRed = false;
stdout.write(`${rate} requests a second, ${seconds} s, ${rounds} rounds; milliseconds\n`);
for (const name of Object.keys(targets)) {
  const figures = measured.get(name) ?? [];
  const median = percentiles.map((_, at) =>
    spreadOf(figures.map((one) => one[at] ?? 0))
      .median.toFixed(2)
      .padStart(8),
  );
  const ratio = spreadOf(
    pairedRatios(
      figures.map((one) => one[2] ?? 0),
      base,
    ),
  );
  if (ratio.median > mostRatio) isRed = true;
  stdout.write(
    `${name.padEnd(22)} p50 ${median[0]}  p90 ${median[1]}  p99 ${median[2]}  ` +
      `p99 ratio ${ratio.median.toFixed(2)} [${ratio.min.toFixed(2)}, ${ratio.max.toFixed(2)}]\n`,
  );
}
stdout.write(
  `requests that shipped: ${silentRequests} were not answered, ${slowRequests} after 2 s\n` +
    `load of the machine: ${loadavg()[0]?.toFixed(1)}\n`,
);
exit(isRed || silentRequests === 0 || slowRequests === 0 ? 1 : 0);

/** Latencies in milliseconds, ascending. */
async function measure(target: string | undefined): Promise<Float64Array> {
  await using folder = await makeTempDir();
  const file = folder.file("es.yaml");
  const ship = target === undefined ? "" : `, ship: [{elasticsearch: "${target}", every: 100ms}]`;
  writeFileSync(
    file,
    `listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["${urlOf(origin)}"]}}
audit: {directory: ${folder.file("audit")}, facts: true${ship}}
`,
  );
  await using proxy = await startConfiguredProxy(file);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const body = '{"query":{"term":{"user":"kimchy"}}}';
      request(
        {
          port: proxy.port,
          method: "POST",
          path: "/logs/_search",
          agent,
          headers: { "content-type": "application/json", "content-length": body.length },
        },
        (response) => response.resume().on("end", resolve).on("error", reject),
      )
        .on("error", reject)
        .end(body);
    });
  const latencies: number[] = [];
  const run = async (forMs: number, isCounted: boolean): Promise<void> => {
    const startMs = performance.now();
    const asked: Promise<void>[] = [];
    const count = Math.round((forMs * rate) / 1000);
    for (let sent = 0; sent < count;) {
      const dueMs = startMs + (sent * 1000) / rate;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0.5) await sleep(waitMs);
      asked.push(
        ask().then(() => {
          if (isCounted) latencies.push(performance.now() - dueMs);
        }),
      );
      sent += 1;
    }
    await Promise.all(asked);
  };
  await run(warmUpMs, false);
  await run(seconds * 1000, true);
  agent.destroy();
  await proxy.child.kill();
  return Float64Array.from(latencies).sort();
}

async function serve(handler: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
