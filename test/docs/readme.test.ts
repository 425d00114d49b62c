/** What README.md and the pages of docs/ show can be used as it is. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";

const root = join(import.meta.dirname, "../..");
const read = (page: string): string => readFileSync(join(root, page), "utf8");
/** Files that an example names and that are not there when it is read. */
const absentFile = /cannot be read: no such file|there is no such file|cannot be loaded/;

/** In place of a key that is cut in the page. */
const vkey = "es-proxy.example.com/prod+c32e753d+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
/** What makes a section that is shown alone a whole file. */
const rest = {
  listeners: 'listeners:\n  - {name: es, bind: "0.0.0.0:9200", routes: [{path: /, pool: es}]}\n',
  pools: 'pools:\n  es: {endpoints: ["http://es1.internal:9200"]}\n',
};

test("README.md has at most 120 lines", () => {
  assert.ok(read("README.md").split("\n").length <= 121);
});

test("README.md links every page of docs/", () => {
  const readme = read("README.md");
  const pages = globSync("docs/*.md", { cwd: root });
  assert.deepEqual(
    pages.filter((page) => !readme.includes(`](${page})`)),
    [],
  );
});

test("the commands that README.md names exist", () => {
  const makefile = read("Makefile");
  const targets = [...read("README.md").matchAll(/make ([a-z]+)/g)].map(([, name = ""]) => name);
  assert.ok(targets.length > 3);
  for (const name of targets) assert.match(makefile, new RegExp(`^${name}:|^\\w+.* ${name}:`, "m"));
});

for (const page of ["README.md", ...globSync("docs/{operations,tcp-router}.md", { cwd: root })])
  test(`the configuration that ${page} shows is valid`, async () => {
    const blocks = [...read(page).matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ""]) => text);
    assert.ok(blocks.length > 0, "it shows none");
    for (const block of blocks) {
      const missing = Object.entries(rest).filter(([name]) => !block.includes(`${name}:`));
      const text =
        block.replace("witness.example/w1+…", vkey) +
        missing.map(([, section]) => section).join("");
      const result = await loadConfig("es-proxy.yaml", { text });
      const problems = "problems" in result ? result.problems.map(formatDiagnostic) : [];
      assert.deepEqual(
        problems.filter((problem) => !absentFile.test(problem)),
        [],
      );
    }
  });
