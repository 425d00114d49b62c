/**
 * Sends generated ES|QL to a real Elasticsearch 8.19 and to the mock, and prints where they
 * disagree: columns, values with all their digits, and warnings; refusals by their status.
 *
 *     node test/elasticsearch/esql/main.ts [--url URL] [--queries N] [--seed N] [--warnings]
 *
 * Without `--url` a node is started (Maven and a JDK are needed). Exit codes: 0 none, 1 some, 3
 * when Maven or a JDK is missing.
 */
import { startMockEs } from "../../../mock-es/index.ts";
import { numberOf, readCommandLine } from "../../../scripts/command-line.ts";
import { MissingPrerequisites } from "../prerequisites.ts";
import { startRealElasticsearch } from "../real-elasticsearch.ts";
import {
  askQuery,
  differenceOf,
  isExplained,
  isOrdered,
  isRefused,
  isServerFault,
  load,
  shapes,
  textDifference,
} from "./answers.ts";
import { QueryMaker } from "./queries.ts";

const { values } = readCommandLine(
  `Sends generated ES|QL to a real Elasticsearch 8.19 and to the mock, and prints where they disagree.

  node test/elasticsearch/esql/main.ts [options]

  --url URL       a server with ES|QL; its indices gen and lk are replaced (default: one is started)
  --queries N     how many (default 500)
  --seed N        of what is made at random (default: another one each time)
  --warnings      warnings are compared, too

  node test/elasticsearch/esql/main.ts --seed 3 --queries 2000
`,
  {
    url: { type: "string" },
    queries: { type: "string" },
    seed: { type: "string" },
    warnings: { type: "boolean" },
  },
);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run(real: string): Promise<number> {
  const mock = await startMockEs({ port: 0 });
  const seed = numberOf(values.seed, "--seed", Date.now() % 1_000_000, 0);
  const counts = { same: 0, sameError: 0, explained: 0, differ: 0, refused: 0, serverFaults: 0 };
  try {
    for (const url of [real, mock.url]) await load(url, seed);
    const maker = new QueryMaker(seed);
    for (let left = numberOf(values.queries, "--queries", 500); left > 0; left--) {
      const query = maker.make();
      const shape = isOrdered(query) ? shapes[left % shapes.length] : undefined;
      const answer = await askQuery(real, query, shape);
      const mocked = await askQuery(mock.url, query, shape);
      if (isRefused(mocked)) counts.refused++;
      else if (isServerFault(answer)) counts.serverFaults++;
      else {
        const difference =
          shape?.isTable === false
            ? textDifference(answer, mocked)
            : differenceOf(answer, mocked, values.warnings === true);
        if (difference === undefined) counts[answer.status === 200 ? "same" : "sameError"]++;
        else if (isExplained(query, answer, mocked)) counts.explained++;
        else {
          counts.differ++;
          print(`${query}\n    ${difference.slice(0, 600)}`);
        }
      }
    }
    print(`seed ${seed}: ${JSON.stringify(counts)}`);
    return counts.differ === 0 ? 0 : 1;
  } finally {
    await mock.close();
  }
}

try {
  if (values.url === undefined) {
    await using node = await startRealElasticsearch({
      hasEsql: true,
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    process.exitCode = await run(node.url);
  } else process.exitCode = await run(values.url);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof MissingPrerequisites ? 3 : 1;
}
