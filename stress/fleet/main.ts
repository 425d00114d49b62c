/**
 * A fleet: three proxies under load ship their trails through a gateway with faults into one real
 * Elasticsearch, while a proxy and the node are killed. In the end each exchange, session and event
 * of the three directories must be there exactly once.
 *
 * Usage: node stress/fleet/main.ts [--exchanges 30000] [--seed 1] [--facts]
 *
 * Needs Maven and a JDK (`make test-elasticsearch`). Exit codes: 0 all is there once; 1 it is not;
 * 3 what is needed is missing.
 */
import { Buffer } from "node:buffer";
import { createReadStream, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { loadavg } from "node:os";
import { join } from "node:path";
import { stdout } from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { ClusterClient } from "../../src/audit/ship/cluster-client.ts";
import { setUp } from "../../src/audit/ship/stream-setup.ts";
import { MissingPrerequisites } from "../../test/elasticsearch/prerequisites.ts";
import { startRealElasticsearch } from "../../test/elasticsearch/real-elasticsearch.ts";
import { startScript, type Child } from "../../test/support/child-process.ts";
import { makeTempDir } from "../../test/support/temp-dir.ts";
import { FaultyGateway } from "./gateway.ts";
import { ProxyLoad, startOrigin } from "./load.ts";
import { numberOf, readCommandLine } from "../../scripts/command-line.ts";

const { values } = readCommandLine(
  `A fleet of three proxies ships through faults and kills into one real Elasticsearch.

  node stress/fleet/main.ts [options]    Maven and a JDK are needed

  --exchanges N    of the whole fleet (default 30000)
  --seed N         of the faults (default 1)
  --facts          the facts of the exchanges are shipped, too

  node stress/fleet/main.ts --exchanges 3000
`,
  {
    exchanges: { type: "string" },
    seed: { type: "string", default: "1" },
    facts: { type: "boolean", default: false },
  },
);
const exchanges = numberOf(values.exchanges, "--exchanges", 30_000);
const dataStream = "logs-es_proxy.audit-default";
const proxies = 3;
const faultOdds = 0.3;
/** The shippers may be so far behind before the load waits: the kills are to meet them at work. */
const mostBehind = Math.max(3000, exchanges / 20);
/** A proxy looks through what a dead one has left before it listens. Milliseconds. */
const startMs = 120_000;
/** From the last exchange on nothing may be missing for longer than this. Milliseconds. */
const catchUpMs = 600_000;

const begunMs = performance.now();
function tell(text: string): void {
  const seconds = ((performance.now() - begunMs) / 1000).toFixed(1).padStart(7);
  stdout.write(`${seconds} s  ${text}\n`);
}

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof MissingPrerequisites)) throw error;
  stdout.write(`${error.message}\n`);
  process.exitCode = 3;
}

async function run(): Promise<boolean> {
  await using folder = await makeTempDir();
  await using node = await startRealElasticsearch({ progress: tell });
  const client = new ClusterClient({
    nodes: [node.url],
    authorization: () => Promise.resolve(undefined),
    timeoutMs: 60_000,
  });
  await setUp(client, { dataStream, retention: undefined, replicas: 0, codec: "default" });
  const gateway = await FaultyGateway.open(
    node.url,
    faultOdds,
    numberOf(values.seed, "--seed", 1, 0),
  );
  const origin = await startOrigin();
  const directories = Array.from({ length: proxies }, (_, at) => folder.file(`proxy-${at}`));
  const ports = await freePorts(proxies);
  const start = async (at: number): Promise<Child> => {
    const file = configuration(directories[at] ?? "", ports[at] ?? 0, origin.url, gateway.url);
    const child = startScript("src/cli/main.ts", ["run", "--config", file]);
    await child.stderrMatch(/listening on http:/, startMs);
    return child;
  };
  const running = await Promise.all(directories.map((_, at) => start(at)));
  let isBehind = false;
  const answered = (): number => loads.reduce((sum, load) => sum + load.answered, 0);
  const loads = ports.map(
    (port, at) => new ProxyLoad(port, `p${at}`, () => !isBehind && answered() < exchanges),
  );
  const count = async (): Promise<number> => {
    try {
      const path = `/${dataStream}/_count`;
      const found = (await client.request({ method: "GET", path })) as { count: number };
      return found.count;
    } catch {
      return 0;
    }
  };
  const restart = async (at: number): Promise<void> => {
    const killed = running[at];
    await killed?.kill();
    running[at] = await start(at);
    tell(`proxy ${at} was killed with ${answered()} answered, and is there again`);
  };
  const crashes: Promise<void>[] = [];
  const events: [at: number, what: () => Promise<void>][] = [
    [0.2, () => restart(0)],
    [
      0.4,
      () => {
        tell(`the node is killed with ${answered()} answered`);
        crashes.push(node.crash().then(() => tell("the node is there again")));
        return Promise.resolve();
      },
    ],
    [0.6, () => restart(1)],
    [0.8, () => restart(0)],
  ];
  for (let toldMs = performance.now(); answered() < exchanges;) {
    await sleep(300);
    const [next] = events;
    if (next !== undefined && answered() >= next[0] * exchanges) {
      events.shift();
      await next[1]();
    }
    const there = await count();
    isBehind = answered() - there > mostBehind;
    if (performance.now() - toldMs < 5000) continue;
    toldMs = performance.now();
    tell(`${answered()} answered, ${there} shipped`);
  }
  await Promise.all(crashes);
  await Promise.all(loads.map((load) => load.stop()));
  tell(`${answered()} answered; the load has ended`);
  gateway.calm();
  for (const child of running) child.signal("SIGTERM");
  await Promise.all(running.map(({ exit }) => exit));
  // What a stop had no time for is shipped by the next start.
  const last = await Promise.all(directories.map((_, at) => start(at)));
  const settled = await settle(count);
  for (const child of last) child.signal("SIGTERM");
  await Promise.all(last.map(({ exit }) => exit));
  tell(`nothing more comes: ${settled} documents`);
  const isRight = await compare(client, directories);
  const struck = [...gateway.struck].map(([fault, times]) => `${fault} ${times}`).join(", ");
  tell(`${gateway.requests} requests at the gateway; faults: ${struck}`);
  await tellSize(client);
  const seconds = (performance.now() - begunMs) / 1000;
  tell(`${(settled / seconds).toFixed(0)} a second over all, with kills, settling and comparing`);
  tell(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
  await gateway.close();
  origin.server.close();
  await client.close();
  return isRight;

  function configuration(directory: string, port: number, to: string, ship: string): string {
    mkdirSync(directory, { recursive: true });
    const file = join(directory, "es.yaml");
    writeFileSync(
      file,
      `listeners: [{name: es, bind: "127.0.0.1:${port}", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["${to}"]}}
audit:
  directory: ${join(directory, "audit")}
  facts: ${values.facts}
  ship: [{elasticsearch: "${ship}", every: 200ms}]
`,
    );
    return file;
  }
}

/** Waits until the number of documents has not changed for some time. */
async function settle(count: () => Promise<number>): Promise<number> {
  const endMs = performance.now() + catchUpMs;
  let [known, sameSinceMs] = [-1, performance.now()];
  while (performance.now() < endMs) {
    const now = await count();
    if (now !== known) [known, sameSinceMs] = [now, performance.now()];
    // Longer than the pause after a failure, which is half a minute at most.
    else if (performance.now() - sameSinceMs > 35_000) return now;
    await sleep(1000);
  }
  return known;
}

/** Compares the ids in all lines of the directories with those in the data stream. */
async function compare(client: ClusterClient, directories: readonly string[]): Promise<boolean> {
  const recorded = new Set<string>();
  let lines = 0;
  for (const directory of directories) {
    const audit = join(directory, "audit");
    for (const name of readdirSync(audit)) {
      if (!/^audit.*\.ndjson$/.test(name)) continue;
      const reader = createInterface({ input: createReadStream(join(audit, name)) });
      for await (const line of reader) {
        const [, id] = /"sequence":\d+,.*?"id":"([0-9a-f-]{36})"/.exec(line) ?? [];
        if (id === undefined) throw new Error(`a line without an id in ${name}`);
        // A part of a line would keep the whole line in memory.
        recorded.add(Buffer.from(id, "latin1").toString("latin1"));
        lines += 1;
      }
    }
  }
  tell(`${lines} lines of ${recorded.size} exchanges and events in the directories`);
  await client.request({ method: "POST", path: `/${dataStream}/_refresh` });
  const seen = new Map<string, number>();
  let after: readonly unknown[] | undefined;
  do {
    const page = (await client.request({
      method: "POST",
      path: `/${dataStream}/_search`,
      body: JSON.stringify({
        size: 10_000,
        _source: false,
        fields: ["event.id"],
        sort: [{ "event.id": "asc" }],
        ...(after === undefined ? {} : { search_after: after }),
      }),
    })) as { hits: { hits: { _id: string; sort: readonly unknown[] }[] } };
    const { hits } = page.hits;
    for (const { _id } of hits) seen.set(_id, (seen.get(_id) ?? 0) + 1);
    after = hits.at(-1)?.sort;
  } while (after !== undefined);
  const missing = [...recorded].filter((id) => !seen.has(id));
  const foreign = [...seen.keys()].filter((id) => !recorded.has(id));
  const twice = [...seen].filter(([, times]) => times > 1);
  tell(
    `${seen.size} documents; missing ${missing.length}, twice ${twice.length}, ` +
      `of no record ${foreign.length}`,
  );
  for (const id of missing.slice(0, 3)) tell(`missing: ${id}`);
  const { count } = (await client.request({
    method: "GET",
    path: `/${dataStream}/_count`,
  })) as { count: number };
  if (count !== recorded.size) tell(`_count says ${count}`);
  return missing.length + foreign.length + twice.length === 0 && count === recorded.size;
}

/** What a document takes on disk when the segments of the index are one. */
async function tellSize(client: ClusterClient): Promise<void> {
  const path = `/${dataStream}/_forcemerge?max_num_segments=1&flush=true`;
  await client.request({ method: "POST", path });
  const { _all: all } = (await client.request({
    method: "GET",
    path: `/${dataStream}/_stats/docs,store`,
  })) as {
    _all: { primaries: { docs: { count: number }; store: { size_in_bytes: number } } };
  };
  const { docs, store } = all.primaries;
  tell(`${(store.size_in_bytes / docs.count).toFixed(0)} bytes a document on disk, one copy`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
