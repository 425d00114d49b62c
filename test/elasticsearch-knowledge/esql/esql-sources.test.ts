import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { esqlSources } from "../../../src/elasticsearch/esql/esql-sources.ts";

/** `kind expression@nesting` of each source; `?` where a view is possible. */
function sources(query: string): string {
  return esqlSources(query)
    .sources.map(({ kind, expression, mode, mayBeView, nesting }) => {
      const prefix = mode === undefined ? "" : `${mode}:`;
      return `${kind} ${prefix}${expression}${mayBeView ? "?" : ""}@${nesting}`;
    })
    .join(", ");
}

test("finds the sources of every command that reads", () => {
  for (const [query, expected] of [
    ["FROM a", "index a?@0"],
    ["from a , b*, -bc | limit 1", "index a?@0, index b*?@0, index -bc?@0"],
    ["FROM eu:a, *:b, -eu:*", "index eu:a?@0, index *:b?@0, index -eu:*?@0"],
    ["FROM a::failures", "index a::failures@0"],
    ["FROM <logs-{now/d}>", "index <logs-{now/d}>?@0"],
    ['FROM "<logs-{now/d{yyyy-MM|+01:00}}>"', "index <logs-{now/d{yyyy-MM|+01:00}}>?@0"],
    ['FROM "a,b*",c', "index a?@0, index b*?@0, index c?@0"],
    ['FROM """a""", "b\\"c"', 'index a?@0, index b"c?@0'],
    ['FROM eu:"a"', "index eu:a?@0"],
    ["FROM a METADATA _id, _index", "index a?@0"],
    ["FROM a // , b\n, c /* , d */", "index a?@0, index c?@0"],
    ['SET approximation=true; SET x={"a":1}; FROM a', "index a?@0"],
    ["TS k8s | STATS max(rate(x))", "time_series k8s@0"],
    ['PROMQL index=k8s,"x*" step=1m (sum(y))', "time_series k8s@0, time_series x*@0"],
    ['PROMQL step=1m sum(y{index="z"})', "time_series *@0"],
    ["PROMQL sum(y) | LIMIT 1", "time_series *@0"],
    ["ROW a = 1 | LOOKUP JOIN b ON a", "lookup b@0"],
    ["SHOW INFO", ""],
    ["FROM a | LOOKUP JOIN b AS c ON d == e", "index a?@0, lookup b@0"],
    ['FROM a | lookup join "b" on d', "index a?@0, lookup b@0"],
    ["FROM a | LOOKUP t ON x", "index a?@0, lookup t@0"],
    ["FROM a | ENRICH p", "index a?@0, enrich_policy p@0"],
    ["FROM a | ENRICH _Remote:p ON x", "index a?@0, enrich_policy remote:p@0"],
    ['FROM a | ENRICH "_any:p q" ON x', "index a?@0, enrich_policy any:p q@0"],
    ['FROM a | WHERE b == "| LOOKUP JOIN c ON d"', "index a?@0"],
    ["FROM a | EVAL `| ENRICH p` = 1", "index a?@0"],
    ["EXPLAIN (FROM a | ENRICH p)", "index a?@1, enrich_policy p@1"],
    ["FROM (FROM a | ENRICH p)", "index a?@1, enrich_policy p@1"],
    [
      "FROM a, (FROM b, (FROM c METADATA _id) | LIMIT 1), d METADATA _id",
      "index a?@0, index d?@0, index b?@1, index c?@2",
    ],
    ["FROM a | WHERE x IN (FROM b | KEEP y) AND z IN (1, 2)", "index a?@0, index b?@1"],
    [
      "FROM a | FORK (LOOKUP JOIN b ON c | LIMIT 1) (ENRICH p)",
      "index a?@0, lookup b@1, enrich_policy p@1",
    ],
    ["FROM a | INLINE STATS x = MAX(y) BY z | ENRICH p", "index a?@0, enrich_policy p@0"],
    ["FROM", ""],
    ["", ""],
  ] as const) {
    assert.equal(sources(query), expected, query);
  }
});

test("names the commands, and says when something was passed over", () => {
  const { commands, isWhole } = esqlSources(
    "FROM a | Where b | INLINE STATS c | LOOKUP JOIN d ON e",
  );
  assert.deepEqual([commands, isWhole], [["from", "where", "inline stats", "lookup join"], true]);
  assert.equal(esqlSources('FROM a | WHERE b == "c').isWhole, false);
  assert.equal(esqlSources("FROM a /* b").isWhole, false);
  assert.equal(esqlSources("FROM a ) | LIMIT 1").isWhole, false);
  assert.equal(esqlSources("FROM a | LIMIT 1; FROM b").isWhole, false);
  assert.equal(esqlSources(`FROM ${"(FROM a,".repeat(50)}`).isWhole, false);
  assert.equal(esqlSources(`FROM a${" ".repeat(1_000_000)}, b`).isWhole, false);
});

test("keeps the first sources and counts all", () => {
  const { sources: kept, sourceTotal } = esqlSources(`FROM "${"a,".repeat(3000)}b", c`);
  assert.deepEqual([kept.length, sourceTotal], [1000, 3002]);
});

/**
 * Expected `names | ids | indices | derived` for a pipeline behind `FROM a METADATA _id, _index`.
 */
const columnVectors: readonly (readonly [string, string])[] = [
  ["", "? | _id | _index | "],
  ["WHERE x | LIMIT 1 | SORT y", "? | _id | _index | "],
  ["KEEP x, _id", "x _id | _id |  | "],
  ["KEEP _i*", "? | _id | _index | "],
  ["KEEP x.y, `a b`", "x.y a b |  |  | "],
  ["DROP _id", "? |  | _index | "],
  ["KEEP x, _id, y | DROP *id", "x y |  |  | "],
  ["RENAME _id AS doc", "? | doc | _index | "],
  ["RENAME doc = _id, `as` AS b | KEEP d*", "? | doc |  | "],
  ["EVAL doc = _id | KEEP doc", "doc | doc |  | "],
  ["EVAL _id = 1", "? |  | _index | "],
  ["EVAL doc = CONCAT(_index, _id)", "? | _id | _index | derived"],
  ["KEEP x | EVAL y = x + 1, x = 2", "y x |  |  | "],
  ["STATS COUNT(*)", "COUNT(*) |  |  | "],
  ["STATS c = COUNT( * ), MAX( x ) BY _id", "c MAX( x ) _id | _id |  | "],
  ["STATS BY doc = _id, y", "doc y | doc |  | "],
  ["STATS ids = VALUES(_id) BY y", "ids y |  |  | derived"],
  ["STATS FIRST(x BY t) BY z", "FIRST(x BY t) z |  |  | "],
  ["KEEP _id, x | INLINE STATS m = MAX(x) BY y = x, _id", "_id x m y | _id |  | "],
  ["KEEP x, _id | ENRICH p", "? | _id |  | "],
  ["FORK (KEEP x) (KEEP _id)", "? | _id |  | "],
];

test("follows the columns and those that tell ids", () => {
  for (const [pipeline, expected] of columnVectors) {
    const query = `FROM a METADATA _id, _index${pipeline === "" ? "" : ` | ${pipeline}`}`;
    const { names, ids, indices, hasDerivedIds } = esqlSources(query).columns;
    const parts = [names?.join(" ") ?? "?", ids.join(" "), indices.join(" ")];
    assert.equal([...parts, hasDerivedIds ? "derived" : ""].join(" | "), expected, pipeline);
  }
});

test("sees ids only where METADATA asks for them", () => {
  assert.deepEqual(esqlSources("FROM a").columns.ids, []);
  assert.deepEqual(esqlSources("FROM a [METADATA _id]").columns.ids, ["_id"]);
  assert.deepEqual(esqlSources("FROM a, (FROM b METADATA _id)").columns.ids, ["_id"]);
  assert.deepEqual(esqlSources("ROW _id = 1").columns, {
    names: ["_id"],
    ids: [],
    indices: [],
    hasDerivedIds: false,
  });
  assert.deepEqual(esqlSources("SHOW INFO").columns.names, ["version", "date", "hash"]);
});

/** White space and comments that may stand between any two tokens. */
const gap = fc.constantFrom(
  " ",
  "\n",
  "\t ",
  " // x | FROM y\n",
  " /* , z */ ",
  "\r\n /* /* */ */\n",
);
const sourceName = fc.constantFrom(
  "logs-*",
  "-logs-x",
  '"a b,c"',
  "<m-{now/d}>",
  '"""q"""',
  ".ds-x",
);

/** Words of a query, each with the sources that it adds. */
const queryWords = fc
  .tuple(
    fc.array(sourceName, { minLength: 1, maxLength: 4 }),
    fc.array(
      fc.constantFrom(
        { words: ["|", "WHERE", "a", "==", '"| FROM z"'], adds: [] },
        { words: ["|", "LOOKUP", "JOIN", "lk", "ON", "a"], adds: ["lookup lk"] },
        { words: ["|", "ENRICH", "_any:pol", "ON", "a"], adds: ["enrich_policy pol"] },
        { words: ["|", "STATS", "c", "=", "COUNT", "(", "*", ")", "BY", "`from`"], adds: [] },
        { words: ["|", "EVAL", "x", "IN", "(", "FROM", "sub", ")"], adds: ["index sub"] },
        { words: ["|", "FORK", "(", "LOOKUP", "JOIN", "f", "ON", "b", ")"], adds: ["lookup f"] },
      ),
      { maxLength: 5 },
    ),
  )
  .map(([names, commands]) => ({
    words: [
      "FROM",
      ...names.flatMap((name) => [name, ","]).slice(0, -1),
      ...commands.flatMap((it) => it.words),
    ],
    expected: [
      ...names
        .flatMap((name) => name.replaceAll('"', "").split(","))
        .map((name) => `index ${name}`),
      ...commands.flatMap((it) => it.adds),
    ],
  }));

test("finds the same sources whatever stands between words and however keywords are written", () => {
  const keyword = /^[A-Z]+$/;
  const query = queryWords.chain(({ words, expected }) =>
    fc.record({
      expected: fc.constant(expected),
      text: fc
        .tuple(
          ...words.map((word) =>
            fc
              .tuple(gap, fc.boolean())
              .map(
                ([blank, isLower]) =>
                  (keyword.test(word) && isLower ? word.toLowerCase() : word) + blank,
              ),
          ),
        )
        .map((parts) => parts.join("")),
    }),
  );
  fc.assert(
    fc.property(query, ({ text, expected }) => {
      const found = esqlSources(text);
      assert.deepEqual(
        found.sources.map(({ kind, expression }) => `${kind} ${expression}`),
        expected,
      );
      assert.equal(found.isWhole, true);
    }),
    { numRuns: 1000 },
  );
});

test("never throws, however a query is cut or nested", () => {
  const query = `FROM a, (FROM "b" METADATA _id | KEEP \`c\`) | FORK (ENRICH _any:p) | STATS x = """y"""`;
  for (let end = 0; end <= query.length; end += 1) {
    esqlSources(query.slice(0, end));
    esqlSources(query.slice(end));
  }
  for (const text of ["(FROM a | FORK ", "[", "(", "EVAL a=(", "|"]) {
    assert.ok(esqlSources(`FROM x | ${text.repeat(5000)}`).sourceTotal >= 1);
  }
});
