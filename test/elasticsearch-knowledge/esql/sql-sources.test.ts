import assert from "node:assert/strict";
import test from "node:test";

import { sqlSources } from "../../../src/elasticsearch/esql/sql-sources.ts";

function sources(query: string): string {
  return sqlSources(query)
    .sources.map(({ kind, expression, nesting }) => `${kind} ${expression}@${nesting}`)
    .join(", ");
}

test("finds tables behind FROM and JOIN", () => {
  for (const [query, expected] of [
    ["SELECT * FROM emp", "index emp@0"],
    ["select a from emp e, dep as d where a = 'FROM x'", "index emp@0, index dep@0"],
    ['SELECT * FROM "logs-*,-logs-x" LIMIT 1', "index logs-*@0, index -logs-x@0"],
    ["SELECT * FROM `a b`", "index a b@0"],
    ["SELECT * FROM emp*", "index emp*@0"],
    ["SELECT * FROM emp* WHERE x = 1", "index emp*@0"],
    ["SELECT * FROM emp*2026* e, b", "index emp*2026*@0, index b@0"],
    ['SELECT * FROM "logs*" WHERE x IN (SELECT y FROM secret)', "index logs*@0, index secret@1"],
    ['SELECT * FROM "logs*" l JOIN "b*" ON x', "index logs*@0, index b*@0"],
    ['DESCRIBE "logs*" INCLUDE', "metadata logs*@0"],
    ["SELECT * FROM FROZEN emp", "index emp@0"],
    ["SELECT * FROM eu:emp", "index eu:emp@0"],
    ['SELECT * FROM "my*cluster":"*emp"', "index my*cluster:*emp@0"],
    ['SELECT * FROM "eu:a,b"', "index eu:a@0, index b@0"],
    [
      "SELECT * FROM a JOIN b ON a.x = b.x LEFT OUTER JOIN c USING (x, y)",
      "index a@0, index b@0, index c@0",
    ],
    ["SELECT * FROM (a JOIN b ON x)", "index a@1, index b@1"],
    ["SELECT * FROM (SELECT x FROM a) t, b", "index a@1, index b@0"],
    ["SELECT * FROM ((SELECT x FROM a))", "index a@2"],
    ["SELECT (SELECT MAX(x) FROM a) FROM b", "index a@1, index b@0"],
    ["SELECT * FROM a WHERE x IN (SELECT y FROM b)", "index a@0, index b@1"],
    ["SELECT EXTRACT(YEAR FROM d) FROM a", "index a@0"],
    ["WITH t AS (SELECT x FROM a) SELECT * FROM t, b", "index a@1, index b@0"],
    ["SELECT a.from, b FROM c GROUP BY a, b ORDER BY d, e", "index c@0"],
    ["SELECT 1 -- FROM a\n/* FROM b */", ""],
    ["EXPLAIN (PLAN ANALYZED FORMAT TEXT) SELECT * FROM a", "index a@0"],
    ["SELECT COUNT(*) FROM a PIVOT (SUM(x) FOR y IN (1, 2))", "index a@0"],
  ] as const) {
    assert.equal(sources(query), expected, query);
  }
});

test("takes SHOW, DESCRIBE and SYS for listings of names and columns", () => {
  for (const [query, expected] of [
    ["SHOW TABLES", "metadata *@0"],
    ['SHOW TABLES "*,-l*"', "metadata *@0, metadata -l*@0"],
    ["SHOW TABLES LIKE 'emp%'", "metadata emp*@0"],
    ["SHOW TABLES CATALOG 'eu' INCLUDE FROZEN LIKE 'a_b'", "metadata eu:a*b@0"],
    ["SHOW COLUMNS FROM emp", "metadata emp@0"],
    ["SHOW COLUMNS IN eu:emp", "metadata eu:emp@0"],
    ["DESCRIBE emp", "metadata emp@0"],
    ["DESC LIKE 'e%' ESCAPE '!'", "metadata e*@0"],
    ["SYS TABLES TYPE 'TABLE'", "metadata *@0"],
    ["SYS TABLES CATALOG LIKE '%' LIKE 'x'", "metadata *:x@0"],
    ["SYS COLUMNS TABLE LIKE 'x' LIKE '%'", "metadata x@0"],
    ["SHOW FUNCTIONS", ""],
    ["SYS TYPES", ""],
  ] as const) {
    assert.equal(sources(query), expected, query);
  }
});

test("names the statement, and says when a quote has no end", () => {
  assert.equal(sqlSources("select 1").statement, "select");
  assert.equal(sqlSources("").statement, "");
  assert.equal(sqlSources("SELECT 'a").isWhole, false);
  assert.equal(sqlSources("SELECT 'a'").isWhole, true);
});

test("never throws, however a statement is cut or nested", () => {
  const query =
    'WITH t AS (SELECT * FROM "a,b" JOIN c ON x) SELECT EXTRACT(Y FROM z) FROM eu:d, (e)';
  for (let end = 0; end <= query.length; end += 1) {
    sqlSources(query.slice(0, end));
    sqlSources(query.slice(end));
  }
  for (const text of [
    "FROM (",
    "(",
    ")",
    "FROM a JOIN ",
    "SHOW COLUMNS FROM ",
    "EXPLAIN (",
    "CATALOG LIKE ",
  ]) {
    sqlSources(text.repeat(5000));
  }
});
