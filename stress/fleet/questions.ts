/**
 * The same questions to a directory and to the data stream that it was shipped to, twice, with a
 * rollover between, in a real Elasticsearch: the answers must be the same, byte by byte.
 *
 * Usage: node stress/fleet/questions.ts [--exchanges 800]
 *
 * Needs Maven and a JDK (`make test-elasticsearch`). Exit codes: 0 all are the same; 1 some differ;
 * 3 what is needed is missing.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import process, { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";

import { FactsFollower } from "../../src/audit/follow/facts-follower.ts";
import { ClusterClient } from "../../src/audit/ship/cluster-client.ts";
import { parseCommandLine, type CommandGroup } from "../../src/cli/command-line.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { findCommand } from "../../src/cli/commands.ts";
import { basic, MadeTrail } from "../../test/audit/read/made-directory.ts";
import { MissingPrerequisites } from "../../test/elasticsearch/prerequisites.ts";
import { startRealElasticsearch } from "../../test/elasticsearch/real-elasticsearch.ts";
import { makeTempDir } from "../../test/support/temp-dir.ts";
import { generateTrail } from "../trail/generate-trail.ts";
import { questions } from "./question-list.ts";

const { values } = parseArgs({ options: { exchanges: { type: "string", default: "800" } } });
const dataStream = "logs-es_proxy.audit-default";
const users = ['al"ice', "bob smith", "élan:日本", "a*b", "back\\slash", "{curly}", "or", "null"];
const targets = ["/logs-1/_search?q=a%22b%5Cc", "/logs-(1)/_doc/a*b", "/é/_search", "/a:b/_search"];
/** Longer than what a cluster indexes. */
const long = "x".repeat(9000);

interface Answer {
  readonly code: number;
  readonly text: string;
}

Object.assign(process.env, { COLUMNS: "160", NO_COLOR: "1" });
try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof MissingPrerequisites)) throw error;
  stdout.write(`${error.message}\n`);
  process.exitCode = 3;
}

async function run(): Promise<boolean> {
  await using folder = await makeTempDir();
  await using node = await startRealElasticsearch({
    progress: (line) => void stderr.write(`${line}\n`),
  });
  const directory = folder.file("audit");
  await makeTrail(directory);
  const client = new ClusterClient({
    nodes: [node.url],
    authorization: () => Promise.resolve(undefined),
    timeoutMs: 60_000,
  });
  const to = ["--to", node.url];
  await audit("setup", ...to, "--replicas", "0", "--codec", "default");
  await audit("ship", "--dir", directory, ...to, "--bodies", "64KiB");
  await client.request({ method: "POST", path: `/${dataStream}/_rollover` });
  rmSync(join(directory, "ship"), { recursive: true });
  await audit("ship", "--dir", directory, ...to, "--bodies", "64KiB");
  await client.request({ method: "POST", path: `/${dataStream}/_refresh` });
  await client.close();
  let different = 0;
  for (const question of questions) {
    const [own, fleets] = [
      await audit(...question, "--dir", directory),
      await audit(...question, "--elasticsearch", node.url),
    ];
    if (own.text === fleets.text && own.code === fleets.code) continue;
    different += 1;
    const lines = [own, fleets].map(({ text }) => text.split("\n"));
    const at = (lines[0] ?? []).findIndex((line, index) => line !== lines[1]?.[index]);
    stdout.write(`${question.join(" ")}: ${own.code}, ${fleets.code}; line ${at + 1}\n`);
    for (const list of lines) stdout.write(`  ${list[at]?.slice(0, 200) ?? ""}\n`);
  }
  stdout.write(`${questions.length} questions, ${different} answered differently\n`);
  return different === 0;
}

/** Usual traffic of two workers, and what is odd in a journal of its own. */
async function makeTrail(directory: string): Promise<void> {
  const exchanges = Number(values.exchanges);
  const usual = { seed: 3, workers: 2, format: "ecs", rotateBytes: 4e6, rate: 200 } as const;
  await generateTrail(directory, { exchanges, ...usual });
  const made = new MadeTrail(directory);
  const odd = [
    ...[...users, long].map((user) => ({ authorization: basic(user) })),
    ...[...targets, `/${long}needle`].map((target) => ({ target })),
  ];
  for (const [at, changes] of odd.entries()) {
    made.clock.monotonicMs += 1;
    await made.exchange(changes, { status: 200 + (at % 3) });
  }
  const { id } = await made.exchange();
  await made.session(`${id.slice(0, -4)}beef`);
  await made.begin({ target: "/open/_search" });
  await made.trail.close();
  const follower = new FactsFollower({ directory, watch: [] }, () => undefined);
  await follower.finish(Infinity);
  await audit("erase", "--dir", directory, "--id", id, "--by", "dpo", "--reason", "asked for");
}

/** Runs one command in this process: hundreds of processes would take most of the time. */
async function audit(name: string, ...args: readonly string[]): Promise<Answer> {
  // The entry of a group gives the group.
  const group = (await findCommand("audit")?.load()) as CommandGroup;
  const spec = await group.commands.find((command) => command.name === name)?.load();
  if (spec === undefined || !("run" in spec)) throw new Error(`no command ${name}`);
  const line = parseCommandLine(spec, args);
  if (line === "help") throw new Error(`${name} is asked for help`);
  let text = "";
  const [write, writeError] = [stdout.write.bind(stdout), stderr.write.bind(stderr)];
  stdout.write = (piece: Uint8Array | string): boolean => {
    text += String(piece);
    return true;
  };
  // Where nothing is found it is told where that was looked for.
  stderr.write = (): boolean => true;
  try {
    return { code: await spec.run(line), text };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { code: exitCodes.usage, text: error.message };
  } finally {
    stdout.write = write;
    stderr.write = writeError;
  }
}
