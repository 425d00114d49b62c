/**
 * Runs the YAML tests of the server's own REST API (`org.elasticsearch:rest-api-spec`, 7.10.2, the
 * last version that is published; fetched with Maven, Apache-2.0).
 *
 *     node test/conformance/clients/specification-main.ts [--url URL] [--only TEXT] [--all]
 *
 * Without `--url` against a mock of its own; with it everything on that server is deleted between
 * the tests. `--only` runs the files whose path holds the text; `--all` lists the tests that the
 * suite itself skips too. Exit codes: 0 no test failed, 1 a test failed, 2 usage, 3 no Maven.
 */
import { join } from "node:path";
import type { FileResult } from "./run-file.ts";
import { runFolder, sumLine, toTable } from "./run-folder.ts";
import { readApiSpecifications } from "./api-specification.ts";
import { changedSince } from "./specification-changes.ts";
import { fetchSpecification, testsVersion } from "./specification-archive.ts";
import { specificationCaller } from "./specification-call.ts";
import { supportedApis, withEmptyMock, wipeServer } from "./servers.ts";
import { elasticsearchVersion } from "../../elasticsearch/distribution.ts";
import { readCommandLine } from "../../../scripts/command-line.ts";

/** Runner features that the suite asks for and that are true of a node with the defaults. */
const features: ReadonlySet<string> = new Set(["default_shards", "no_xpack", "node_selector"]);

async function run(url: string, only: string, isMock: boolean): Promise<FileResult[]> {
  const written = await fetchSpecification(testsVersion);
  const served = await fetchSpecification(elasticsearchVersion);
  const call = specificationCaller({
    url,
    written: await readApiSpecifications(join(written, "api")),
    served: await readApiSpecifications(join(served, "api")),
    ...(isMock ? { supported: supportedApis } : {}),
  });
  const options = {
    call,
    wipe: () => wipeServer(url),
    version: elasticsearchVersion,
    features,
    hasVerbosePatterns: true,
    // Against a real node every test runs, so that the list can be checked.
    ...(isMock ? { reasonToSkip: changedSince } : {}),
    // Mapping types are gone since version 8.
    ignoredPaths: /(?:^|\.)_type$/,
  };
  return runFolder(join(written, "test"), options, (path) => path.includes(only));
}

const { values } = readCommandLine(
  `Runs the YAML tests of the server's own REST API against the mock, or a server.

  node test/conformance/clients/specification-main.ts [options]    Maven is needed

  --url URL      a server; everything on it is deleted between the tests (default: the mock)
  --only TEXT    files whose path holds the text
  --all          list the tests that the suite skips, too

  node test/conformance/clients/specification-main.ts --only search
`,
  {
    url: { type: "string" },
    only: { type: "string" },
    all: { type: "boolean" },
  },
);
const only = values.only ?? "";
const results =
  values.url === undefined
    ? await withEmptyMock((mock) => run(mock.url, only, true))
    : await run(values.url, only, false);
const isShown = (verdict: string): boolean => values.all === true || verdict !== "skip";
const shown = results
  .map((result) => ({ ...result, tests: result.tests.filter((test) => isShown(test.verdict)) }))
  .filter((result) => isShown(result.verdict));
if (shown.length > 0) process.stdout.write(`${toTable(shown)}\n\n`);
process.stdout.write(`with what is skipped: ${sumLine(results)}\n`);
process.exitCode = results.some((result) => result.verdict === "fail") ? 1 : 0;
