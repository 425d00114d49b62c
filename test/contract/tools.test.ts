import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startScript } from "../support/child-process.ts";

const root = join(import.meta.dirname, "../..");
/** Take what make gives them and nothing from people. */
const withoutOptions = [
  "scripts/bundle-page.ts",
  "scripts/generate-configuration.ts",
  "scripts/generate-endpoint-table.ts",
];
/** Where the usage of those stands that read their command line in another way. */
const own: Readonly<Record<string, string>> = {
  "leak/slope.ts": "leak/slope.ts",
  "stress/main.ts": "stress/harness/stress-options.ts",
  "stress/bench/main.ts": "stress/bench/options.ts",
};

function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

const makefile = textOf("Makefile");
const run = makefile.matchAll(/\bnode ((?:leak|scripts|stress|test)\/\S+\.ts)/gu);
const tools = new Set([
  ...Array.from(run, ([, file = ""]) => file),
  "scripts/generate-cost-rows.ts",
  "stress/trail/main.ts",
]);

test("every tool reads its command line in one way, and tells an example", () => {
  assert.ok(tools.size > 20, `${tools.size} tools`);
  for (const tool of tools) {
    if (withoutOptions.includes(tool)) continue;
    const usage = own[tool] ?? tool;
    const text = textOf(usage);
    if (usage === tool && own[tool] === undefined)
      assert.match(text, /readCommandLine\(/u, `${tool} reads its command line by itself`);
    const lines = text.split("\n").filter((line) => line.startsWith(`  node ${tool}`));
    assert.ok(lines.length >= 2, `the usage of ${tool} has no example`);
  }
});

// One of each kind: the others differ in their texts only.
for (const tool of ["stress/main.ts", "leak/slope.ts", "test/elasticsearch/differential/main.ts"]) {
  test(`${tool} tells how it is used, and refuses what it does not know in one line`, async () => {
    const children = ["--help", "--nonsense"].map((option) => startScript(tool, [option]));
    const [help, refused] = await Promise.all(
      children.map(async (child) => {
        await using closed = child;
        const { code } = await closed.exited(60_000);
        return { code, stdout: closed.stdout, stderr: closed.stderr };
      }),
    );
    assert.equal(help?.code, 0, help?.stderr);
    assert.ok(help.stdout.includes(`\n  node ${tool}`), help.stdout);
    assert.equal(refused?.code, 2);
    assert.match(refused.stderr, /^Unknown option '--nonsense'[^\n]*\n$/u);
  });
}
