/**
 * Sends random searches over random documents to a real Elasticsearch and to the mock, and prints
 * where they disagree.
 *
 *     node test/elasticsearch/differential/main.ts [--url URL]
 *         [--generated] [--mutated PART] [--secured VERSION]
 *         [--scenarios N] [--seed N] [--minutes N] [--shown N] [--report FILE]
 *
 * A scenario is an index with documents and 40 searches; with `--generated` the mapping is
 * random too, and the requests are of many kinds; with `--mutated` each search has one setting
 * of another kind (`mutations/`); with `--secured` random users with random roles and keys ask
 * a server that knows them. Without `--url` a real node is started (Maven and a JDK are
 * needed). The first disagreement of a scenario is shrunk. Exit codes: 0 none, 1 some, 3 when
 * Maven or a JDK is missing.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { startMockEs } from "../../../mock-es/index.ts";
import { MissingPrerequisites } from "../prerequisites.ts";
import { startRealElasticsearch } from "../real-elasticsearch.ts";
import { securedVersions } from "../secured-distribution.ts";
import type { CorpusGroup } from "../corpus/corpus.ts";
import { NoAnswer, wipe } from "../corpus/replay.ts";
import { superuser, superuserAuthorization } from "../corpus/all.ts";
import {
  compareGroup,
  type Comparison,
  type Disagreement,
  type Servers,
  toGroup,
} from "./compare-scenario.ts";
import { generatedGroup, generatedScenarios } from "./generated.ts";
import { kindNames, scenariosOf } from "./kinds/kinds.ts";
import { mutatedGroups, mutatedParts } from "./mutations/mutations.ts";
import { scenarios } from "./scenarios.ts";
import { securedScenarios } from "./secured/requests.ts";
import { shrinkGroup } from "./shrink.ts";
import { numberOf, oneOf, readCommandLine } from "../../../scripts/command-line.ts";

const { values } = readCommandLine(
  `Sends random searches to a real Elasticsearch and to the mock, and prints where they disagree.

  node test/elasticsearch/differential/main.ts [options]

  --url URL           a server; everything on it is deleted (default: one is fetched and started)
  --scenarios N       indices with documents and 40 searches each (default 25)
  --seed N            of what is made at random (default: another one each time)
  --generated         random mappings, and requests of many kinds
  --kind NAME         only requests of one kind, or of each with "all": ${kindNames.join(", ")}
  --mutated PART      one setting at a time of another kind, 100 searches a scenario; PART is
                      queries, aggregations, searches (what stands beside the query), bodies
                      (of administration and of single documents, 25 a scenario) or, with
                      --secured, security
  --secured VERSION   users with random roles and keys; VERSION is 9.5.3 or 8.19.0
  --minutes N         no scenario begins later (default 60)
  --shown N           disagreements that are made small and printed (default 25)
  --report FILE       gets every disagreement as a line of JSON, as it was found

  node test/elasticsearch/differential/main.ts --url http://127.0.0.1:9200 --scenarios 3
`,
  {
    url: { type: "string" },
    scenarios: { type: "string" },
    seed: { type: "string" },
    generated: { type: "boolean" },
    kind: { type: "string" },
    mutated: { type: "string" },
    secured: { type: "string" },
    minutes: { type: "string" },
    shown: { type: "string" },
    report: { type: "string" },
  },
);

/** Disagreements that are printed; the others are counted. */
const mostShown = numberOf(values.shown, "--shown", 25, 0);

/** Of the server whose users ask; `undefined`: it asks nobody who they are. */
const securedVersion =
  values.secured === undefined ? undefined : oneOf(values.secured, "--secured", securedVersions);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function show({ step, differences }: Disagreement): void {
  print(`\n${step.ask} ${JSON.stringify(step.body ?? "")}`);
  for (const { path, real, mock } of differences.slice(0, 5))
    print(`    ${path}: real ${text(real)}, mock ${text(mock)}`);
}

function text(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 300);
}

function sampled(seed: number, numRuns: number): CorpusGroup[] {
  const kinds = values.kind === "all" ? kindNames : values.kind === undefined ? [] : [values.kind];
  if (kinds.length > 0)
    return kinds.flatMap((kind) => fc.sample(scenariosOf(kind), { numRuns, seed }));
  if (values.mutated !== undefined) {
    const part = oneOf(values.mutated, "--mutated", mutatedParts);
    return mutatedGroups(part, seed).slice(0, numRuns);
  }
  if (securedVersion !== undefined) return fc.sample(securedScenarios, { numRuns, seed });
  return values.generated === true
    ? fc.sample(generatedScenarios, { numRuns, seed }).map(generatedGroup)
    : fc.sample(scenarios, { numRuns, seed }).map(toGroup);
}

/** `undefined`: one of the servers does not answer. */
async function compared(servers: Servers, group: CorpusGroup): Promise<Comparison | undefined> {
  try {
    return await compareGroup(servers, group);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    print(error.message);
    return undefined;
  }
}

function report(disagreements: readonly Disagreement[]): void {
  if (values.report === undefined) return;
  for (const one of disagreements) appendFileSync(values.report, `${JSON.stringify(one)}\n`);
}

async function run(real: string): Promise<number> {
  const mock = await startMockEs(
    securedVersion === undefined ? {} : { security: { elasticPassword: superuser.password } },
  );
  const authorization = securedVersion === undefined ? undefined : superuserAuthorization;
  const isOlder = securedVersion === "8.19.0";
  const servers = { real, mock: mock.url, authorization, isOlder };
  const until = Date.now() + numberOf(values.minutes, "--minutes", 60, 0) * 60_000;
  try {
    const seed = numberOf(values.seed, "--seed", Date.now() % 1_000_000, 0);
    const counts = { scenarios: 0, requests: 0, disagreed: 0, refused: 0, unanswered: 0 };
    // What was left there has other ids, or is missing on the mock.
    if (authorization !== undefined) await wipe(real, authorization);
    if (values.report !== undefined) writeFileSync(values.report, "");
    const accepted = new Map<string, number>();
    for (const group of sampled(seed, numberOf(values.scenarios, "--scenarios", 25))) {
      if (Date.now() > until) break;
      const comparison = await compared(servers, group);
      counts.scenarios++;
      if (comparison === undefined) {
        counts.unanswered++;
        continue;
      }
      report(comparison.disagreements);
      counts.requests += comparison.compared;
      counts.refused += comparison.refused.length;
      for (const reason of comparison.accepted)
        accepted.set(reason, (accepted.get(reason) ?? 0) + 1);
      // What follows from a disagreement is not looked into.
      const [first] = comparison.disagreements;
      counts.disagreed += comparison.disagreements.length;
      if (first === undefined || counts.disagreed > mostShown) continue;
      await explain(servers, { ...group, steps: group.steps.slice(0, first.at + 1) });
    }
    for (const [reason, count] of accepted) print(`accepted ${count}: ${reason}`);
    print(
      `\nseed ${seed}: ${counts.scenarios} scenarios, ${counts.requests} requests, ` +
        `${counts.disagreed} disagreements, ${counts.refused} refused by the mock, ` +
        `${counts.unanswered} scenarios without an answer`,
    );
    return counts.disagreed === 0 ? 0 : 1;
  } finally {
    await mock.close();
  }
}

/** Prints the smallest requests of which the last one is answered differently. */
async function explain(servers: Servers, group: CorpusGroup): Promise<void> {
  const smallest = await shrinkGroup(servers, group);
  const { disagreements } = await compareGroup(servers, smallest);
  const last = disagreements.at(-1);
  if (last === undefined) return;
  show(last);
  for (const step of smallest.steps.slice(1, -1))
    print(`      after ${step.ask} ${JSON.stringify(step.body ?? "")}`);
}

try {
  if (values.url === undefined) {
    await using node = await startRealElasticsearch({
      ...(securedVersion && {
        security: { version: securedVersion, password: superuser.password },
      }),
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    process.exitCode = await run(node.url);
  } else process.exitCode = await run(values.url);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof MissingPrerequisites ? 3 : 1;
}
