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
import { sumLine, toTable } from "./run-folder.ts";
import { fetchSpecifications, runSpecification, type Specifications } from "./specification-run.ts";
import { withEmptyMock } from "./servers.ts";
import { readCommandLine } from "../../../scripts/command-line.ts";

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
const { url } = values;

async function show(specifications: Specifications): Promise<void> {
  const results =
    url === undefined
      ? await withEmptyMock((mock) => runSpecification(specifications, mock.url, only, true))
      : await runSpecification(specifications, url, only, false);
  const isShown = (verdict: string): boolean => values.all === true || verdict !== "skip";
  const shown = results
    .map((result) => ({ ...result, tests: result.tests.filter((test) => isShown(test.verdict)) }))
    .filter((result) => isShown(result.verdict));
  if (shown.length > 0) process.stdout.write(`${toTable(shown)}\n\n`);
  process.stdout.write(`with what is skipped: ${sumLine(results)}\n`);
  process.exitCode = results.some((result) => result.verdict === "fail") ? 1 : 0;
}

let specifications: Specifications | undefined;
try {
  specifications = await fetchSpecifications();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
}
if (specifications !== undefined) await show(specifications);
