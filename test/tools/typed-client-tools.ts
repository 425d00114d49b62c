/** Typed calls of the Java and Go clients against mock-es. Run by `make test-tools`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startMockEs } from "../../mock-es/index.ts";
import { MissingPrerequisites, findPrerequisites } from "../elasticsearch/prerequisites.ts";
import { goProgram, mavenJars, runProgram } from "./tools.ts";

function assertFine(stdout: string): void {
  assert.equal(stdout.trim().split("\n").at(-1), "fine");
}

test("typed calls of the official Java client", async (t) => {
  const found = await findPrerequisites().catch((error: unknown) => {
    if (!(error instanceof MissingPrerequisites)) throw error;
    t.skip(error.message);
    return undefined;
  });
  if (found === undefined) return;
  const jars = await mavenJars(t, {
    group: "co.elastic.clients",
    name: "elasticsearch-java",
    version: "9.5.3",
  });
  if (jars === undefined) return;
  await using mock = await disposableMock();
  const program = join(import.meta.dirname, "java", "TypedClient.java");
  const options = ["-Xmx256m", "-cp", join(jars, "*"), program, mock.url];
  const { stdout } = await runProgram(found.java, options);
  assertFine(stdout);
});

test("typed calls of the official Go client", async (t) => {
  const program = await goProgram(t, join(import.meta.dirname, "go"));
  if (program === undefined) return;
  await using mock = await disposableMock();
  const { stdout } = await runProgram(program, [mock.url]);
  assertFine(stdout);
});

async function disposableMock(): Promise<{ readonly url: string } & AsyncDisposable> {
  const mock = await startMockEs();
  return { url: mock.url, [Symbol.asyncDispose]: () => mock.close() };
}
