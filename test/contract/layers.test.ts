import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

/** Rank of each part of src; a file imports from lower ranks and from its own folder only. */
const ranks: Readonly<Record<string, number>> = {
  core: 0,
  http1: 1,
  elasticsearch: 1,
  tlog: 1,
  metrics: 1,
  net: 2,
  upstream: 2,
  audit: 2,
  http: 3,
  tcp: 3,
  admin: 3,
  config: 4,
  assembly: 4.5,
  "proxy.ts": 5,
  workers: 4.6,
  cli: 6,
  "index.ts": 6,
};

const root = join(import.meta.dirname, "../..");

function partOf(file: string): string {
  const [, part = ""] = file.split("/");
  return part;
}

function importsOf(file: string): { target: string; isTypeOnly: boolean }[] {
  const text = readFileSync(join(root, file), "utf8");
  return [
    ...text.matchAll(
      /(?:import|export)\s+(type\s)?[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g,
    ),
  ].map((match) => ({
    target: normalize(join(dirname(file), match[2] ?? match[3] ?? "")),
    isTypeOnly: match[1] !== undefined,
  }));
}

function violations(file: string, imports: { target: string; isTypeOnly: boolean }[]): string[] {
  const part = partOf(file);
  const rank = ranks[part];
  if (rank === undefined) return [`${file}: the part ${part} has no rank`];
  return imports.flatMap(({ target, isTypeOnly }) => {
    if (!target.startsWith("src/")) return [`${file} imports ${target} from outside src`];
    const other = partOf(target);
    if (other === part) return [];
    const otherRank = ranks[other];
    if (otherRank === undefined) return [`${file} imports ${target}, whose part has no rank`];
    // The configuration describes every part and may name all their types.
    if (part === "config" && isTypeOnly) return [];
    return otherRank < rank ? [] : [`${file} (rank ${rank}) imports ${target} (rank ${otherRank})`];
  });
}

test("every file of src imports from lower ranks only", () => {
  const files = globSync("src/**/*.ts", { cwd: root });
  assert.ok(files.length > 50, `only ${files.length} files found`);
  assert.deepEqual(
    files.flatMap((file) => violations(file, importsOf(file))),
    [],
  );
});

test("an import sideways or upwards is found", () => {
  assert.equal(
    violations("src/upstream/x.ts", [
      { target: "src/audit/record/exchange-record.ts", isTypeOnly: false },
    ]).length,
    1,
  );
  assert.equal(
    violations("src/core/x.ts", [{ target: "src/http1/character-classes.ts", isTypeOnly: true }])
      .length,
    1,
  );
  assert.equal(
    violations("src/http/x.ts", [{ target: "src/core/ids.ts", isTypeOnly: false }]).length,
    0,
  );
});

test("mock-es imports nothing from src, and src nothing from mock-es", () => {
  const wrong = globSync("mock-es/**/*.ts", { cwd: root }).flatMap((file) =>
    importsOf(file)
      .filter(({ target }) => !target.startsWith("mock-es/"))
      .map(({ target }) => `${file}: ${target}`),
  );
  assert.deepEqual(wrong, []);
});
