/** The command lines and filters that pages show. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { auditCommands } from "../../src/cli/audit/audit-commands.ts";
import { parseCommandLine, type CommandEntry } from "../../src/cli/command-line.ts";
import { commands } from "../../src/cli/commands.ts";
import { compileFilter } from "../../src/kql/filter.ts";

const root = join(import.meta.dirname, "../..");
const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** Words of each `es-proxy …` in a page's code blocks, without comments, pipes and the prompt. */
function commandLines(page: string): string[][] {
  const blocks = [...read(page).matchAll(/```(?:sh|console)\n(.*?)```/gs)];
  const lines = blocks.flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").split("\n"));
  return lines.flatMap((line) => {
    const shown = /^(?:\$ )?(?:[A-Z_]+=\S+ )*es-proxy (.*)$/.exec(line)?.[1];
    if (shown === undefined) return [];
    const words = shown.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
    const end = words.findIndex((word) => /^(?:#.*|[|&<>]{1,2})$/.test(word));
    return [
      words.slice(0, end < 0 ? undefined : end).map((word) => word.replace(/^['"]|['"]$/g, "")),
    ];
  });
}

async function check(entries: readonly CommandEntry[], [name, ...args]: string[]): Promise<void> {
  const entry = entries.find((command) => command.name === name);
  assert.ok(entry !== undefined, `no command ${name}`);
  const command = await entry.load();
  if ("commands" in command) return check(command.commands, args);
  // The router's own arguments follow ProxyMachine's rules.
  if (!("runArguments" in command)) parseCommandLine(command, args);
}

for (const page of ["README.md", ...globSync("{docs,deploy}/*.md", { cwd: root })]) {
  const lines = commandLines(page).filter(([name = ""]) => !name.includes("."));
  if (lines.length > 0)
    test(`the ${lines.length} command lines of ${page} are understood`, async () => {
      for (const words of lines) await check(commands, words);
    });
}

test("docs/audit.md lists every audit command, and no other", () => {
  const table = /\| command \| what it does \|\n(.*?)\n\n/s.exec(read("docs/audit.md"))?.[1] ?? "";
  const listed = [...table.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, name = ""]) => name);
  assert.deepEqual(listed.sort(), auditCommands.commands.map(({ name }) => name).sort());
});

test("the filters of docs/audit.md are understood without warnings", () => {
  const table = /\| filter \| matches \|\n(.*?)\n\n/s.exec(read("docs/audit.md"))?.[1] ?? "";
  const filters = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, text = ""]) => text);
  assert.ok(filters.length > 5);
  for (const filter of filters)
    assert.deepEqual(compileFilter(filter, { nowMs: 0 }).warnings, [], filter);
});
