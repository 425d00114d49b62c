import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

type Ranks = Readonly<Record<string, number>>;

/** Rank of each part of src; a file imports from lower ranks and from its own folder only. */
const ranks: Ranks = {
  core: 0,
  http1: 1,
  elasticsearch: 1,
  tlog: 1,
  kql: 1,
  metrics: 1,
  attestation: 1.5,
  net: 2,
  upstream: 2,
  audit: 2,
  coverage: 2.5,
  http: 3,
  tcp: 3,
  admin: 3,
  explorer: 3,
  witness: 3,
  config: 4,
  assembly: 4.5,
  "proxy.ts": 5,
  workers: 4.6,
  cli: 6,
  "index.ts": 6,
};

/** The same for the rooms of src/audit. */
const auditRanks: Ranks = {
  record: 0,
  redact: 0,
  format: 1,
  examine: 1.5,
  store: 2,
  operations: 2.5,
  tap: 3,
  read: 3,
  facts: 3.5,
  index: 3.6,
  trail: 4,
  follow: 4,
  retention: 3.7,
  export: 4,
  ship: 4,
};

/** The same for the rooms of src/elasticsearch. */
const elasticsearchRanks: Ranks = {
  names: 0,
  identity: 0,
  api: 1,
  esql: 1,
  body: 2,
  fingerprint: 3,
  reads: 3,
  sniff: 3,
  stats: 3,
};

/** The same for mock-es. */
const mockRanks: Ranks = {
  "es-error.ts": 0,
  "profile.ts": 0,
  recorder: 0,
  text: 1,
  json: 1.5,
  values: 2,
  analysis: 3,
  script: 3,
  ingest: 4,
  search: 4,
  security: 4.5,
  store: 5,
  esql: 6,
  sql: 6.5,
  eql: 6.5,
  rest: 6,
  faults: 7,
  api: 7,
  cat: 8,
  control: 8,
  wire: 8,
  "options.ts": 9,
  "route-table.ts": 9,
  "command-line.ts": 10,
  "index.ts": 10,
  "main.ts": 11,
};

/** Rooms that must not know each other, although their ranks would let them. */
const strangers: readonly (readonly [from: string, to: string])[] = [
  ["export", "tap"],
  ["trail", "read"],
];

const root = join(import.meta.dirname, "../..");

interface Import {
  readonly target: string;
  readonly isTypeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  return [
    ...text.matchAll(
      /(?:import|export)\s+(type\s)?[^;]*?from\s+"(\.[^"]+)"|import\s*\(?"(\.[^"]+)"\)?/g,
    ),
  ].map((match) => ({
    target: normalize(join(dirname(file), match[2] ?? match[3] ?? "")),
    isTypeOnly: match[1] !== undefined,
  }));
}

/** The name behind `folder` in the path of a file. */
function partOf(file: string, folder: string): string {
  return file.slice(folder.length + 1).split("/")[0] ?? "";
}

/**
 * Imports of a file of `folder` that go sideways or upwards by `folderRanks`; imports from outside
 * of the folder are not looked at.
 */
function upward(
  folder: string,
  folderRanks: Ranks,
  file: string,
  imports: readonly Import[],
): string[] {
  const part = partOf(file, folder);
  const rank = folderRanks[part];
  if (rank === undefined) return [`${file}: the part ${part} has no rank`];
  return imports.flatMap(({ target, isTypeOnly }) => {
    if (!target.startsWith(`${folder}/`)) return [];
    const other = partOf(target, folder);
    if (other === part) return [];
    const otherRank = folderRanks[other];
    if (otherRank === undefined) return [`${file} imports ${target}, whose part has no rank`];
    // The configuration describes every part and may name all their types.
    if (folder === "src" && part === "config" && isTypeOnly) return [];
    return otherRank < rank ? [] : [`${file} (rank ${rank}) imports ${target} (rank ${otherRank})`];
  });
}

function auditViolations(file: string, imports: readonly Import[]): string[] {
  const room = partOf(file, "src/audit");
  const unwanted = imports.filter(({ target }) =>
    strangers.some(([from, to]) => room === from && target.startsWith(`src/audit/${to}/`)),
  );
  return [
    ...upward("src/audit", auditRanks, file, imports),
    ...unwanted.map(({ target }) => `${file} must not know ${target}`),
  ];
}

/** The import cycles of a graph: groups of files each of which can be reached from the others. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const cycles: string[] = [];
  // Tarjan's strongly connected components.
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    lowest.set(file, own);
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!graph.has(target)) continue;
      const reached = order.has(target)
        ? path.includes(target)
          ? (order.get(target) ?? own)
          : own
        : visit(target);
      lowest.set(file, Math.min(lowest.get(file) ?? own, reached));
    }
    if (lowest.get(file) === own) {
      const group = path.splice(path.indexOf(file));
      if (group.length > 1 || graph.get(file)?.includes(file) === true)
        cycles.push(group.toSorted().join(", "));
    }
    return lowest.get(file) ?? own;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return cycles;
}

function graphOf(pattern: string): Map<string, string[]> {
  return new Map(
    globSync(pattern, { cwd: root }).map((file) => [
      file,
      importsOf(file).map(({ target }) => target),
    ]),
  );
}

test("every file of src imports from lower ranks only", () => {
  const files = globSync("src/**/*.ts", { cwd: root });
  assert.ok(files.length > 50, `only ${files.length} files found`);
  assert.deepEqual(
    files.flatMap((file) => upward("src", ranks, file, importsOf(file))),
    [],
  );
});

test("no file of src imports from outside of it", () => {
  assert.deepEqual(
    globSync("src/**/*.ts", { cwd: root }).flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => !target.startsWith("src/"))
        .map(({ target }) => `${file}: ${target}`),
    ),
    [],
  );
});

test("an import sideways or upwards is found", () => {
  const imports = (target: string, isTypeOnly: boolean): Import[] => [{ target, isTypeOnly }];
  const found = (file: string, target: string, isTypeOnly = false): number =>
    upward("src", ranks, file, imports(target, isTypeOnly)).length;
  assert.equal(found("src/upstream/x.ts", "src/audit/record/exchange-record.ts"), 1);
  assert.equal(found("src/core/x.ts", "src/http1/character-classes.ts", true), 1);
  assert.equal(found("src/http/x.ts", "src/core/ids.ts"), 0);
});

test("every room of src/audit imports from lower rooms only", () => {
  const files = globSync("src/audit/**/*.ts", { cwd: root });
  assert.ok(files.length > 20, `only ${files.length} files found`);
  const found = files.flatMap((file) => auditViolations(file, importsOf(file)));
  assert.deepEqual(found, []);
});

test("an import upwards inside src/audit, also of a type, and one between strangers are found", () => {
  const found = (file: string, target: string): number =>
    auditViolations(file, [{ target, isTypeOnly: true }]).length;
  assert.equal(found("src/audit/record/x.ts", "src/audit/store/journal.ts"), 1);
  assert.equal(found("src/audit/trail/x.ts", "src/audit/read/reader.ts"), 1);
  assert.equal(found("src/audit/export/x.ts", "src/audit/tap/body-tap.ts"), 1);
  assert.equal(found("src/audit/export/x.ts", "src/audit/read/reader.ts"), 0);
});

test("every room of src/elasticsearch imports from lower rooms only", () => {
  const files = globSync("src/elasticsearch/**/*.ts", { cwd: root });
  assert.ok(files.length > 10, `only ${files.length} files found`);
  const violations = (file: string, imports: readonly Import[]): string[] =>
    upward("src/elasticsearch", elasticsearchRanks, file, imports);
  assert.deepEqual(
    files.flatMap((file) => violations(file, importsOf(file))),
    [],
  );
  const upwards = { target: "src/elasticsearch/esql/x.ts", isTypeOnly: true };
  assert.equal(violations("src/elasticsearch/names/x.ts", [upwards]).length, 1);
});

for (const folder of ["src", "mock-es", "stress", "leak", "scripts"]) {
  test(`no import cycle in ${folder}, type imports counted`, () => {
    const graph = graphOf(`${folder}/**/*.ts`);
    assert.ok(graph.size > 5, `only ${graph.size} files found`);
    assert.deepEqual(cyclesOf(graph), []);
  });
}

test("an import cycle is found", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", ["a"]],
    ["d", ["e", "f"]],
    ["e", []],
    ["f", ["f"]],
  ]);
  assert.deepEqual(cyclesOf(graph), ["f", "a, b, c"]);
  const real = graphOf("src/http1/*.ts");
  real.get("src/http1/byte-compare.ts")?.push("src/http1/framing-fields.ts");
  assert.deepEqual(cyclesOf(real), ["src/http1/byte-compare.ts, src/http1/framing-fields.ts"]);
});

test("every file of mock-es imports from lower ranks only", () => {
  assert.deepEqual(
    globSync("mock-es/**/*.ts", { cwd: root }).flatMap((file) =>
      upward("mock-es", mockRanks, file, importsOf(file)),
    ),
    [],
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
