/**
 * Sends the corpus to a real Elasticsearch and stores the normalised answers in `goldens/`, as test
 * data for the mock.
 *
 * `--url URL` uses a node that already runs (everything on it is deleted); otherwise one is fetched
 * and started. `--only NAME` records one group of the corpus. `--secured` records the groups for a
 * server that knows its users, `--older` those for a server of version 7.10 (README.md), whose URL
 * is needed.
 *
 * Exit codes: 0 recorded, 1 failure, 3 when Maven or a JDK is missing.
 */
import {
  corpus,
  olderCorpus,
  securedCorpus,
  superuser,
  superuserAuthorization,
} from "./corpus/all.ts";
import { replay, wipe } from "./corpus/replay.ts";
import { elasticsearchVersion } from "./distribution.ts";
import { asNewer, writeGoldens } from "./goldens.ts";
import { MissingPrerequisites } from "./prerequisites.ts";
import { startRealElasticsearch } from "./real-elasticsearch.ts";
import { oneOf, readCommandLine } from "../../scripts/command-line.ts";

const { values } = readCommandLine(
  `Records what a real Elasticsearch answers to the corpus of requests.

  node test/elasticsearch/record-goldens.ts [options]

  --url URL      a server; everything on it is deleted (default: one is fetched and started)
  --only NAME    one group of the corpus
  --secured      the groups for a server with security
  --older        the groups for a server of version 7.10 with its modules, at --url

  node test/elasticsearch/record-goldens.ts --only search
`,
  {
    url: { type: "string" },
    only: { type: "string" },
    secured: { type: "boolean" },
    older: { type: "boolean" },
  },
);

async function record(url: string, version: string): Promise<void> {
  const isOlder = values.older === true;
  const [groups, authorization] =
    values.secured === true
      ? [securedCorpus, superuserAuthorization]
      : [isOlder ? olderCorpus : corpus, undefined];
  if (values.only !== undefined)
    oneOf(
      values.only,
      "--only",
      groups.map(({ name }) => name),
    );
  for (const group of groups) {
    if (values.only !== undefined && values.only !== group.name) continue;
    await wipe(url, authorization);
    const replayed = await replay(url, group, authorization);
    const answers = isOlder ? replayed.map(asNewer) : replayed;
    await writeGoldens(group.name, { elasticsearch: version, answers });
    process.stderr.write(`recorded ${answers.length} answers of ${group.name}\n`);
  }
}

try {
  if (values.older === true && values.url === undefined) throw new Error("--older needs --url");
  if (values.url === undefined) {
    await using node = await startRealElasticsearch({
      progress: (line) => process.stderr.write(`${line}\n`),
      ...(values.secured === true
        ? { security: { version: "9.5.3", password: superuser.password } }
        : {}),
    });
    await record(node.url, node.version);
  } else {
    await record(values.url, values.older === true ? "7.10.2" : elasticsearchVersion);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof MissingPrerequisites ? 3 : 1;
}
