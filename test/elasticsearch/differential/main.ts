/**
 * Sends random searches over random documents to a real Elasticsearch and to the mock, and prints
 * where they disagree.
 *
 *     node test/elasticsearch/differential/main.ts [--url URL] [--scenarios N] [--seed N]
 *
 * A scenario is an index with documents and 40 searches. Without `--url` a real node is started
 * (Maven and a JDK are needed). The first disagreement is shrunk. Exit codes: 0 none, 1 some, 3
 * when Maven or a JDK is missing.
 */
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { startMockEs } from "../../../mock-es/index.ts";
import { MissingPrerequisites } from "../prerequisites.ts";
import { startRealElasticsearch } from "../real-elasticsearch.ts";
import { compareScenario, type Disagreement } from "./compare-scenario.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    scenarios: { type: "string" },
    seed: { type: "string" },
  },
});

/** Disagreements that are printed; the others are counted. */
const mostShown = 25;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function show({ search, differences }: Disagreement): void {
  print(`\n${JSON.stringify(search)}`);
  for (const { path, real, mock } of differences.slice(0, 5))
    print(`    ${path}: real ${text(real)}, mock ${text(mock)}`);
}

function text(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 300);
}

async function run(real: string): Promise<number> {
  const mock = await startMockEs({ port: 0 });
  try {
    const seed = Number(values.seed ?? Date.now() % 1_000_000);
    const numRuns = Number(values.scenarios ?? 25);
    let compared = 0;
    let refused = 0;
    let disagreed = 0;
    let first: Scenario | undefined;
    for (const scenario of fc.sample(scenarios, { numRuns, seed })) {
      const comparison = await compareScenario(real, mock.url, scenario);
      compared += comparison.compared;
      refused += comparison.refused.length;
      for (const disagreement of comparison.disagreements) {
        if (disagreed++ < mostShown) show(disagreement);
        first ??= { ...scenario, searches: [disagreement.search] };
      }
    }
    if (first !== undefined) await shrink(real, mock.url, first);
    print(
      `\nseed ${seed}: ${compared} searches, ${disagreed} disagreements, ${refused} refused by the mock`,
    );
    return disagreed === 0 ? 0 : 1;
  } finally {
    await mock.close();
  }
}

/** Fewer documents for which one search is still answered differently. */
async function shrink(real: string, mock: string, scenario: Scenario): Promise<void> {
  const documents = fc.shuffledSubarray([...scenario.documents], { minLength: 1 });
  const property = fc.asyncProperty(documents, async (some) => {
    const { disagreements } = await compareScenario(real, mock, { ...scenario, documents: some });
    return disagreements.length === 0;
  });
  const { counterexample } = await fc.check(property, { numRuns: 20, seed: 1 });
  const [smallest = scenario.documents] = counterexample ?? [];
  print(`\nsmallest documents for ${JSON.stringify(scenario.searches[0])}`);
  for (const document of smallest) print(`    ${JSON.stringify(document)}`);
}

try {
  if (values.url === undefined) {
    await using node = await startRealElasticsearch({
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    process.exitCode = await run(node.url);
  } else process.exitCode = await run(values.url);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof MissingPrerequisites ? 3 : 1;
}
