/**
 * How fast the mock Elasticsearch answers: requests and documents per second of CPU time of its
 * process, which on an idle core is the rate that clients see. `make bench-mock`; the figures in
 * mock-es/README.md come from it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, request } from "undici";
import { readCommandLine } from "../scripts/command-line.ts";

readCommandLine(
  `How fast the mock Elasticsearch answers: requests and documents per second of its CPU time.

  node stress/bench-mock.ts              Linux only

  node stress/bench-mock.ts | tee rates.txt
`,
  {},
);

const root = join(import.meta.dirname, "..");
const rounds = 5;
const roundMs = 1500;

interface Load {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
  /** What one request counts for. */
  readonly units: number;
  readonly connections: number;
}

const json = "application/json";
const documents = Array.from({ length: 1000 }, (_, n) =>
  JSON.stringify({ n, name: `document ${n}`, text: "x".repeat(110) }),
);
const bulkBody = documents.map((source) => `{"index":{"_index":"bulk"}}\n${source}\n`).join("");
const loads: readonly Load[] = [
  {
    name: "search, everything, 1 hit",
    path: "/small/_search",
    type: json,
    body: '{"query":{"match_all":{}},"size":1}',
    units: 1,
    connections: 16,
  },
  {
    name: "search, everything, 10 hits",
    path: "/small/_search",
    type: json,
    body: '{"query":{"match_all":{}}}',
    units: 1,
    connections: 16,
  },
  {
    name: "search, one term, 1 hit",
    path: "/small/_search",
    type: json,
    body: '{"query":{"term":{"n":7}}}',
    units: 1,
    connections: 16,
  },
  {
    name: "bulk, documents",
    path: "/_bulk",
    type: "application/x-ndjson",
    body: bulkBody,
    units: documents.length,
    connections: 4,
  },
];

const mock = spawn(process.execPath, ["mock-es/main.ts", "--port", "0"], {
  cwd: root,
  stdio: ["ignore", "pipe", "ignore"],
});
process.once("exit", () => mock.kill());
const [line] = (await once(mock.stdout, "data")) as [Buffer];
const url = /http:\/\/\S+/.exec(line.toString())?.[0];
const { pid } = mock;
if (url === undefined || pid === undefined)
  throw new Error(`the mock does not say where it listens: ${line.toString()}`);
const agent = new Agent({ connections: 16, pipelining: 1 });

await send({
  ...(loads[3] as Load),
  path: "/small/_bulk",
  body: documents
    .slice(0, 20)
    .map((source) => `{"index":{"_index":"small"}}\n${source}\n`)
    .join(""),
});
for (const load of loads) {
  await run(load);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuSeconds(pid);
    const count = await run(load);
    rates.push((count * load.units) / (cpuSeconds(pid) - before));
  }
  rates.sort((a, b) => a - b);
  const [least = 0, most = 0] = [rates[0], rates.at(-1)];
  const median = rates[rounds >> 1] ?? 0;
  console.log(
    `${load.name.padEnd(30)} ${Math.round(median).toString().padStart(8)} per CPU second  (${Math.round(least)}..${Math.round(most)})`,
  );
  await request(`${url}/bulk`, { method: "DELETE", dispatcher: agent }).then(({ body }) =>
    body.dump(),
  );
}
await agent.close();
mock.kill();

/** Keeps all connections busy for one round. @returns answered requests */
async function run(load: Load): Promise<number> {
  const until = Date.now() + roundMs;
  let count = 0;
  const worker = async (): Promise<void> => {
    while (Date.now() < until) {
      await send(load);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: load.connections }, worker));
  return count;
}

async function send({ path, type, body }: Load): Promise<void> {
  const answer = await request(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": type },
    body,
    dispatcher: agent,
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`);
}

function cpuSeconds(of: number): number {
  const fields = readFileSync(`/proc/${of}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
