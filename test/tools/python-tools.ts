/** Tools written in Python against mock-es. Run by `make test-tools`, not by `make test`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { startMockEs } from "../../mock-es/index.ts";
import { pythonWith, runProgram } from "./tools.ts";

const folder = join(import.meta.dirname, "python");

/** Runs a program of this folder against a mock of its own. */
async function runAgainstMock(
  t: TestContext,
  packages: readonly string[],
  program: string,
): Promise<void> {
  const python = await pythonWith(t, packages);
  if (python === undefined) return;
  const mock = await startMockEs();
  t.after(async () => {
    await mock.close();
  });
  const { stdout } = await runProgram(python, [join(folder, program), mock.url]);
  assert.equal(stdout.trim().split("\n").at(-1), "fine");
}

test("the official Python client and its helpers", async (t) => {
  await runAgainstMock(t, ["elasticsearch==9.5.1"], "client.py");
});

test("the Elasticsearch store of LangChain", async (t) => {
  await runAgainstMock(t, ["langchain-elasticsearch==1.0.0"], "langchain.py");
});

test("django-elasticsearch-dsl", async (t) => {
  // Its release 9.0 indexes empty documents with clients from 9.1 on, whatever the server.
  const packages = ["django==5.2.19", "django-elasticsearch-dsl==9.0", "elasticsearch==9.0.5"];
  await runAgainstMock(t, packages, "django_dsl.py");
});

test("eland, data frames over an index", async (t) => {
  await runAgainstMock(t, ["eland==9.2.0"], "pandas_frames.py");
});

test("curator closes and deletes indices by their names and ages", async (t) => {
  const python = await pythonWith(t, ["elasticsearch-curator==9.0.0"]);
  if (python === undefined) return;
  const mock = await startMockEs();
  t.after(async () => {
    await mock.close();
  });
  for (const name of ["logs-2024.01.01", "logs-2024.01.02", "other"])
    await fetch(`${mock.url}/${name}`, { method: "PUT" });
  const older = {
    filtertype: "age",
    source: "name",
    direction: "older",
    timestring: "%Y.%m.%d",
    unit: "days",
    unit_count: 1,
  };
  const program = join(python, "..", "curator_cli");
  const curator = (...words: readonly string[]): ReturnType<typeof runProgram> =>
    runProgram(program, [
      "--hosts",
      mock.url,
      ...words,
      "--filter_list",
      JSON.stringify([{ filtertype: "pattern", kind: "prefix", value: "logs-" }, older]),
    ]);
  await curator("close");
  assert.deepEqual(
    [...mock.store.indices.values()].map((index) => [index.name, index.isClosed]),
    [
      ["logs-2024.01.01", true],
      ["logs-2024.01.02", true],
      ["other", false],
    ],
  );
  await curator("delete-indices");
  assert.deepEqual([...mock.store.indices.keys()], ["other"]);
});
