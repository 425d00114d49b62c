/** docs/record.md against what the encoders write, both ways. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { membersOf, textAt } from "../../src/audit/format/audit-document.ts";
import { readLine } from "../../src/audit/format/line-reader.ts";
import { recordDefinitions } from "../../src/kql/record-fields.ts";
import { everyLine } from "./every-record.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/record.md"), "utf8");
const kinds = ["request", "response", "session_start", "session_end", "gap", "event"];

/** Rows of the tables whose header begins so: the name in the first cell, and the second one. */
function rowsOf(header: string): Map<string, string> {
  const rows = new Map<string, string>();
  let isInside = false;
  for (const line of page.split("\n")) {
    if (line.startsWith(`| ${header} |`)) isInside = true;
    else if (!line.startsWith("|")) isInside = false;
    const [, name, second] = /^\| `([^`]+)` \| (.*?) \|/.exec(line) ?? [];
    if (!isInside || name === undefined || second === undefined) continue;
    assert.ok(!rows.has(name), `${name} stands twice in the page`);
    rows.set(name, second);
  }
  return rows;
}

/** Adds the kind to each leaf of the record; events and facts have tables of their own. */
function noteLeaves(found: Map<string, Set<string>>, value: unknown, path: string, kind: string) {
  const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isGroup && path !== "es_proxy.event" && path !== "es_proxy.facts")
    for (const [name, member] of Object.entries(membersOf(value)))
      noteLeaves(found, member, path === "" ? name : `${path}.${name}`, kind);
  else found.set(path, (found.get(path) ?? new Set()).add(kind));
}

function inCell(found: ReadonlySet<string>): string {
  const ordered = kinds.filter((kind) => found.has(kind));
  return ordered.length === kinds.length ? "all" : ordered.join(", ");
}

/** Lines of one format by what they are; what the next start writes copies from others. */
function linesByKind(format: "ecs" | "text"): (readonly [line: string, kind: string])[] {
  return everyLine(format).flatMap((line) => {
    const document = readLine(line);
    assert.ok(document !== undefined, line);
    if (textAt(document, "es_proxy.outcome") === "crash_recovered") return [];
    return [[line, textAt(document, "es_proxy.record") ?? ""] as const];
  });
}

test("docs/record.md has each field of ECS records with the records that have it, no other", () => {
  const found = new Map<string, Set<string>>();
  for (const [line, kind] of linesByKind("ecs"))
    noteLeaves(found, JSON.parse(line) as unknown, "", kind);
  found.delete("es_proxy.event");
  const written = [...found].map(([name, where]) => [name, inCell(where)] as const);
  const told = [...rowsOf("field | in")];
  assert.deepEqual(told.sort(), written.sort());
});

test("docs/record.md has each key of text records with the records that have it, no other", () => {
  const found = new Map<string, Set<string>>();
  for (const [line, kind] of linesByKind("text"))
    for (const [, key = ""] of line.matchAll(/ ([A-Z][A-Za-z-]*):(?: |$)/g))
      found.set(key, (found.get(key) ?? new Set()).add(kind));
  const written = [...found].map(([name, where]) => [name, inCell(where)] as const);
  assert.deepEqual([...rowsOf("key | in")].sort(), written.sort());
});

test("no member that the ECS encoder names is missing in the records of this test", () => {
  const literal = /(?<!case )"([a-z_0-9-]+)":/g;
  const named = globSync("src/audit/format/ecs/*.ts", { cwd: root })
    .filter((file) => !file.endsWith("ecs-reader.ts"))
    .flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(literal)])
    .map(([, name = ""]) => name);
  assert.ok(named.length > 50, `only ${named.length} members found`);
  const all = everyLine("ecs").join("\n");
  assert.deepEqual(
    [...new Set(named)].filter((name) => !all.includes(`"${name}":`)),
    [],
  );
});

test("docs/record.md has every field that filters know, and every fact that is derived", () => {
  const source = readFileSync(join(root, "src/audit/examine/facts-text.ts"), "utf8");
  const literal = /(?:\b(?:count|list|ids)\(|[`'"],)"([a-z_]+)"/g;
  const names = [...source.matchAll(literal)].map(([, name = ""]) => name);
  // Of how much was examined the parts have rows of their own.
  const derived = ["read", ...names.filter((name) => name !== "bytes")];
  assert.ok(derived.length > 20, `only ${derived.length} facts found`);
  const known = Object.keys(recordDefinitions);
  const expected = [
    ...derived.map((name) => `es_proxy.facts.${name}`),
    ...known.filter((name) => name.startsWith("es_proxy.facts.examined.")),
  ];
  assert.deepEqual([...rowsOf("field | meaning").keys()].sort(), expected.sort());
  assert.deepEqual(
    known.filter((name) => !page.includes(`\`${name}\``) && !page.includes(`\`${name}.`)),
    [],
  );
});
