import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { fingerprintText } from "../../../src/elasticsearch/fingerprint/body-fingerprint.ts";
import { draws } from "./dsl-mutations.ts";
import {
  alteredText,
  eqlClauses,
  eqlStyle,
  esqlClauses,
  esqlStyle,
  parts,
  sqlClauses,
  sqlStyle,
  writtenText,
} from "./text-mutations.ts";

const languages = [
  ["esql", esqlClauses, esqlStyle, "o:| k:DROP n:extra"],
  ["sql", sqlClauses, sqlStyle, "k:GROUP k:BY n:extra"],
  ["eql", eqlClauses, eqlStyle, "o:| n:head v"],
] as const;

for (const [language, clauses, style, extra] of languages) {
  test(`merges 1,000 pairs of one query written in two ways (${language})`, () => {
    fc.assert(
      fc.property(clauses, draws, (query, draw) => {
        const [one, other] = [0, 1].map(() => writtenText(query.flat(), style, draw));
        const forms = [one, other].map((text) => fingerprintText(language, text ?? ""));
        assert.deepEqual(forms[0], forms[1], `${one}\n${other}`);
      }),
      { numRuns: 1000 },
    );
  });

  test(`splits 1,000 pairs of queries that differ in one place (${language})`, () => {
    fc.assert(
      fc.property(clauses, draws, (query, draw) => {
        const one = writtenText(query.flat(), style, draw);
        const other = writtenText(alteredText(query, parts(extra), draw), style, draw);
        const hashes = [one, other].map((text) => fingerprintText(language, text).hash);
        assert.notEqual(hashes[0], hashes[1], `${one}\n${other}`);
      }),
      { numRuns: 1000 },
    );
  });
}

test("takes the values out of ES|QL", () => {
  for (const [query, form] of [
    ['from "a,b*", c metadata _id', "FROM a, b*, c METADATA _id"],
    ['FROM "a b", "<x-{now/d{yyyy|+01:00}}>"', 'FROM "a b", "<x-{now/d{yyyy|+01:00}}>"'],
    ["FROM a | WHERE x > -5 - 3 AND y == - 2", "FROM a | WHERE x > ? - ? AND y == ?"],
    ["FROM a | WHERE x - -5 > 1", "FROM a | WHERE x - ? > ?"],
    ["FROM a | WHERE x IN (1, y, 2)", "FROM a | WHERE x IN (?, y)"],
    ['FROM a | WHERE CIDR_MATCH(ip, "x", "y")', "FROM a | WHERE cidr_match(ip, ?)"],
    [
      "FROM a | EVAL b = CASE(c, 1, 2), d = round(e)",
      "FROM a | EVAL b = case(c, ?, ?), d = round(e)",
    ],
    ["FROM a | EVAL b = DATE_TRUNC(1 day, c) + 2 hours", "FROM a | EVAL b = date_trunc(?, c) + ?"],
    [
      'FROM a | WHERE b:"x" AND match(c, "y", {"boost": 2})',
      'FROM a | WHERE b: ? AND match(c, ?, {"boost": ?})',
    ],
    ['FROM a | EVAL b = "1"::int, c = [1, 2]', "FROM a | EVAL b = ?::int, c = ?"],
    ["FROM a | EVAL `by` = `b c`, `d` = ??p", "FROM a | EVAL `by` = `b c`, d = ??"],
    ["FROM a | KEEP by, first, `x`*", "FROM a | KEEP by, first, x *"],
    ['SET time_zone = "x"; ROW a = null;', "SET time_zone = ?; ROW a = ?"],
    ['FROM a | GROK b "%{IP:c}" | DISSECT d "%{e}"', "FROM a | GROK b ? | DISSECT d ?"],
    [
      'PROMQL index=a step=5m sum by (x) (rate({"h.r", code=~"5.."}[5m:1m] offset -5m)) # c',
      'PROMQL index = a step = ? sum by (x) (rate({"h.r", code =~ ?} [?: ?] offset ?))',
    ],
    ['FROM a | WHERE b == "open', "FROM a | WHERE b == ?"],
    ["", ""],
  ] as const) {
    assert.equal(fingerprintText("esql", query).text, form);
  }
});

test("takes the values out of SQL", () => {
  for (const [query, form] of [
    ['select a, count(*) from "logs-*" limit 10;', 'SELECT a, COUNT(*) FROM "logs-*" LIMIT ?'],
    ['SELECT "a", `b c` FROM eu:x WHERE d <> -1', 'SELECT a, "b c" FROM eu: x WHERE d != ?'],
    ["SELECT 'a' 'b', {ts '2020'}, {fn abs(-1)}", "SELECT ?, ?, ABS(?)"],
    [
      "SELECT a FROM b WHERE c LIKE 'x!%' {escape '!'} {limit 3}",
      "SELECT a FROM b WHERE c LIKE ? ESCAPE ? LIMIT ?",
    ],
    ["SELECT now() - INTERVAL - '1 2' DAY TO HOUR", "SELECT NOW() - ?"],
    [
      "SELECT a.from FROM b ORDER BY c DESC NULLS LAST",
      "SELECT a.from FROM b ORDER BY c DESC NULLS LAST",
    ],
    [
      "SELECT CASE WHEN a IS NULL THEN NULL ELSE TRUE END",
      "SELECT CASE WHEN a IS NULL THEN ? ELSE ? END",
    ],
  ] as const) {
    assert.equal(fingerprintText("sql", query).text, form);
  }
});

test("takes the values out of EQL", () => {
  for (const [query, form] of [
    [
      'process where process.name == "x" and pid > -1',
      "process where process.name == ? and pid > ?",
    ],
    ['"my event" where true', "`my event` where ?"],
    ['any where a : ("x*", "y*") and not b in~ (1, 2)', "any where a: (?) and not b in~ (?)"],
    [
      'any where cidrMatch(ip, "x", "y") and ?u.n != null',
      "any where cidrMatch(ip, ?) and ?u.n != ?",
    ],
    [
      "sequence by a with maxspan=1h [b where c[0] == 1] with runs=3 ![d where e] | head 5",
      "sequence by a with maxspan = ? [b where c[?] == ?] with runs = ? ![d where e] | head ?",
    ],
  ] as const) {
    assert.equal(fingerprintText("eql", query).text, form);
  }
});

test("never throws, and stays linear", () => {
  const pieces = fc.constantFrom(
    ..."FROM |WHERE |IN |IS |NOT |NULL|INTERVAL |(|)|[|]|{|}|,|.|:|::|;|-|+|\"|'|`|?|1|a|{d |true".split(
      "|",
    ),
    "|",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (list) => {
      for (const [language] of languages) fingerprintText(language, list.join(""));
    }),
    { numRuns: 2000 },
  );
  for (const unit of [
    "-",
    "1,",
    "[1,",
    "(1,",
    "IN (1,",
    "]",
    ")",
    "{d '",
    "INTERVAL ",
    "a.",
    "- -1 ",
  ]) {
    for (const [language] of languages) {
      assert.ok(fingerprintText(language, `FROM ${unit.repeat(5000)}`).text.length <= 4096);
    }
  }
});
