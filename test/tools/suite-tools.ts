/**
 * Test suites of others, run against mock-es as their authors wrote them, but for the address. Run
 * by `make test-tools`.
 */
import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startMockEs } from "../../mock-es/index.ts";
import { pythonSources, pythonWith, runProgram } from "./tools.ts";

/** Tests that are known to fail, and why. */
type Known = readonly (readonly [names: RegExp, why: string])[];

const suiteMs = 900_000;

test("the tests of Haystack's document store", async (t) => {
  const python = await pythonWith(t, [
    "elasticsearch-haystack==7.1.0",
    "haystack-ai==3.4.1",
    "elasticsearch[async]==8.19.3",
    "pytest==9.2.0",
    "pytest-asyncio==1.5.0",
    "pandas==3.1.1",
  ]);
  if (python === undefined) return;
  const folder = await pythonSources(t, python, "elasticsearch-haystack==7.1.0");
  if (folder === undefined) return;
  // The installed package is tested.
  await rm(join(folder, "src"), { recursive: true });
  const mock = await startMockEs();
  t.after(() => mock.close());
  await replaceAddress(join(folder, "tests"), "http://localhost:9200", mock.url);
  const options = ["-m", "pytest", "tests", "-q", "-p", "no:cacheprovider", "--tb=line"];
  const output = await outputOf(python, options, folder);
  const passed = Number(/(\d+) passed/.exec(output)?.[1]);
  assertFailures(failuresOf(output), [
    [/test_(?:comparison_|not_operator|or_operator|filter_(?:simple|compound)_async)/, deepset],
    [/sparse_embedding/, "fields of the type sparse_vector are refused"],
  ]);
  assert.ok(passed >= 371, output);
});

const deepset =
  "fails with Elasticsearch 9.5.3 too: Haystack's own expectations of lists of documents";

test("the tests of django-haystack for Elasticsearch 7", async (t) => {
  const python = await pythonWith(t, [
    "django==4.2.30",
    "django-haystack==3.4.0",
    "elasticsearch==7.17.13",
    "geopy==2.5.0",
    "pysolr==3.11.0",
    "python-dateutil==4.0.0",
    "requests==2.34.2",
    "setuptools==65.5.0",
    "whoosh==2.7.4",
  ]);
  if (python === undefined) return;
  const folder = await pythonSources(t, python, "django-haystack==3.4.0");
  if (folder === undefined) return;
  const mock = await startMockEs();
  t.after(() => mock.close());
  const suites = ["test_backend", "test_query", "test_inputs"].map(
    (name) => `test_haystack.elasticsearch7_tests.${name}`,
  );
  const output = await outputOf(python, ["test_haystack/run_tests.py", ...suites], folder, {
    TEST_ELASTICSEARCH_1_URL: `${mock.url}/`,
  });
  const removed = "asks for `interval` of date_histogram, which Elasticsearch 8 has no more";
  assertFailures(failuresOf(output), [
    [/^test_(?:date_facet|search)$/, removed],
    [/test_spatial_search_parameters|test_build_query_with_dwithin_range/, "needs GDAL"],
  ]);
  assert.match(output, /^Ran 87 tests/m);
});

/** What a suite wrote; it may fail. */
async function outputOf(
  python: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { stdout, stderr } = await runProgram(python, words, suiteMs, { cwd, env });
    return stdout + stderr;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

/** The names of failed tests, as pytest's summary and as unittest list them. */
function failuresOf(output: string): string[] {
  const pytest = [...output.matchAll(/^(?:FAILED|ERROR) \S*::(\w+)/gm)];
  const unittest = [...output.matchAll(/^(?:FAIL|ERROR): (\w+) \(/gm)];
  return [...pytest, ...unittest].map(([, name = ""]) => name);
}

function assertFailures(failed: readonly string[], known: Known): void {
  const unexpected = failed.filter((name) => !known.some(([names]) => names.test(name)));
  assert.deepEqual(unexpected, []);
  for (const [names, why] of known)
    assert.ok(
      failed.some((name) => names.test(name)),
      why,
    );
}

async function replaceAddress(folder: string, from: string, to: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".py")) continue;
    const file = join(folder, name);
    await writeFile(file, (await readFile(file, "utf8")).replaceAll(from, to));
  }
}
