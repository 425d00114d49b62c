import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { configurationExamples } from "../../scripts/configuration-examples.ts";
import { configurationPage } from "../../scripts/generate-configuration.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/configuration.md"), "utf8");

test("docs/configuration.md is what the schema says", () => {
  assert.equal(page, configurationPage(), "run: make docs");
});

/** Files that an example names and that are not there when it is read. */
const absentFile = /cannot be read: no such file|there is no such file|cannot be loaded/;

for (const [path, text] of Object.entries(configurationExamples))
  test(`the example of ${path === "" ? "the whole file" : path} is valid and shown`, async () => {
    const result = await loadConfig("es-proxy.yaml", { text });
    const problems = "problems" in result ? result.problems.map(formatDiagnostic) : [];
    assert.deepEqual(
      problems.filter((problem) => !absentFile.test(problem)),
      [],
    );
    assert.ok(page.includes(text), "an example of a section that is none");
  });
