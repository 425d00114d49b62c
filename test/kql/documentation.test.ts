import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { compileFilter } from "../../src/kql/filter.ts";
import { formatKqlError, KqlError } from "../../src/kql/kql-error.ts";
import { recordShortNames } from "../../src/kql/record-fields.ts";
import { nowMs } from "./arbitraries.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/kql.md"), "utf8");
/** The one example that is about a field which records do not have. */
const invented = "items: { index: a and status: 500 }";

test("the examples of docs/kql.md are filters without warnings", () => {
  const blocks = [...page.matchAll(/```kql\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block.trim().split("\n"),
  );
  const table = page.slice(page.indexOf("## What can"), page.indexOf("Special characters"));
  const cells = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = ""]) =>
    cell.replaceAll("\\|", "|"),
  );
  assert.ok(blocks.length >= 4 && cells.length >= 14);
  for (const example of [...blocks, ...cells].filter((text) => text !== invented))
    assert.deepEqual(compileFilter(example, { nowMs }).warnings, [], example);
});

test("docs/kql.md lists the short names as they are", () => {
  const rows = page.slice(page.indexOf("## Short names"), page.indexOf("A short name,"));
  const listed = [...rows.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(
    ([, short = "", names = ""]) => [short, names.split(", ").flatMap(expanded).sort()] as const,
  );
  const actual = Object.entries(recordShortNames).map(
    ([short, names]) => [short, [...names].sort()] as const,
  );
  assert.deepEqual(listed, actual);
});

/** A name in backquotes; `http.*` stands for request and response. */
function expanded(cell: string): string[] {
  const name = cell.slice(1, -1);
  return name.startsWith("http.*")
    ? [name.replace("*", "request"), name.replace("*", "response")]
    : [name];
}

test("the error that docs/kql.md shows is the one that is given", () => {
  const text = "status: 5*";
  assert.throws(
    () => compileFilter(text, { nowMs }),
    (error: unknown) => {
      assert.ok(error instanceof KqlError);
      assert.ok(page.includes(`\`\`\`\n${formatKqlError("filter", text, error)}\n\`\`\``));
      return true;
    },
  );
});
