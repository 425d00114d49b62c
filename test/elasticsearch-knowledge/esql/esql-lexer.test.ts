import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { tokenizeEql } from "../../../src/elasticsearch/esql/eql-lexer.ts";
import { tokenizeEsql } from "../../../src/elasticsearch/esql/esql-lexer.ts";
import type { QueryTokens } from "../../../src/elasticsearch/esql/query-token.ts";
import { tokenizeSql } from "../../../src/elasticsearch/esql/sql-lexer.ts";

/** `kind:text` of each token, kinds by their first letters; `!` where a pipeline opens. */
function tokens({ tokens: all }: QueryTokens): string {
  const letters: Record<string, string> = { name_parameter: "np", source: "src", string: "str" };
  return all
    .map(({ kind, text, opensPipeline }) => {
      const letter = letters[kind] ?? kind.charAt(0);
      return kind === "operator" ? text + (opensPipeline ? "!" : "") : `${letter}:${text}`;
    })
    .join(" ");
}

test("reads ES|QL by the command that a text stands in", () => {
  for (const [query, expected] of [
    ["FROM a,b-c*", "c:FROM src:a , src:b-c*"],
    ["from a | limit 1", "c:from src:a | c:limit n:1"],
    ["FROM eu:a::failures", "c:FROM src:eu : src:a :: src:failures"],
    ["FROM <a-{now/d}> METADATA _id", "c:FROM src:<a-{now/d}> w:METADATA src:_id"],
    ["FROM a/b // c", "c:FROM src:a/b"],
    ["FROM a/*x*/,b", "c:FROM src:a , src:b"],
    ['FROM "a b", """c"d"""', 'c:FROM src:"a b" , src:"""c"d"""'],
    ["FROM metadata", "c:FROM w:metadata"],
    ["FROM a [METADATA _id]", "c:FROM src:a [ w:METADATA w:_id ]"],
    ["FROM a, (FROM b | KEEP c*)", "c:FROM src:a , (! c:FROM src:b | c:KEEP w:c* )"],
    ["SET x = 1; ROW y = 2", "c:SET w:x = n:1 ; c:ROW w:y = n:2"],
    ["EXPLAIN [FROM a]", "c:EXPLAIN [! c:FROM src:a ]"],
    ["FROM a | LOOKUP JOIN b-1 ON x-1", "c:FROM src:a | c:LOOKUP w:JOIN src:b-1 w:ON w:x - n:1"],
    [
      "FROM a | ENRICH _any:p-1 ON b WITH c = d.e",
      "c:FROM src:a | c:ENRICH src:_any:p-1 w:ON w:b w:WITH w:c = w:d . w:e",
    ],
    ["FROM a | ENRICH online", "c:FROM src:a | c:ENRICH src:online"],
    ["FROM a | INLINE STATS COUNT(*)", "c:FROM src:a | c:INLINE c:STATS w:COUNT ( * )"],
    [
      "FROM a | FORK (WHERE b) (LIMIT 1)",
      "c:FROM src:a | c:FORK (! c:WHERE w:b ) (! c:LIMIT n:1 )",
    ],
    ["FROM a | WHERE b IN (FROM c)", "c:FROM src:a | c:WHERE w:b w:IN (! c:FROM src:c )"],
    ["FROM a | WHERE b IN (from)", "c:FROM src:a | c:WHERE w:b w:IN (! c:from )"],
    ["FROM a | EVAL b = (from + 1)", "c:FROM src:a | c:EVAL w:b = ( w:from + n:1 )"],
    ["FROM a | EVAL b = (ts in (1))", "c:FROM src:a | c:EVAL w:b = ( w:ts w:in ( n:1 ) )"],
    ["FROM a | X f(TS b)", "c:FROM src:a | c:X w:f (! c:TS src:b )"],
  ] as const) {
    assert.equal(tokens(tokenizeEsql(query)), expected, query);
  }
});

test("reads ES|QL literals, names, parameters and operators", () => {
  for (const [expression, expected] of [
    ['"a\\"b|c" "d"', 'str:"a\\"b|c" str:"d"'],
    ['"""a"b""""', 'str:"""a"b""""'],
    ['""""""', 'str:""""""'],
    ["`a``b|` c", "n:`a``b|` w:c"],
    ["1 2.5 .5 1. 1e3 1.5E-3 1 day", "n:1 n:2.5 n:.5 n:1. n:1e3 n:1.5E-3 n:1 w:day"],
    ["? ?1 ?x ?? ??y", "p:? p:?1 p:?x np:?? np:??y"],
    ["a::int==b=~c!=d<=e>=f<g", "w:a :: w:int == w:b =~ w:c != w:d <= w:e >= w:f < w:g"],
    ["@timestamp _x é", "w:@timestamp w:_x w:é"],
    ["a /* b /* c */ d */ e // f\ng", "w:a w:e w:g"],
    ["a /* b /* c */ d", "w:a w:d"],
  ] as const) {
    const got = tokens(tokenizeEsql(`ROW ${expression}`));
    assert.equal(got, `c:ROW ${expected}`, expression);
  }
});

test("tells PromQL's parameters from its query", () => {
  for (const [query, expected] of [
    ["index=a,eu:b* step=5m (x)", "w:index = src:a , src:eu : src:b* w:step = src:5m ( w:x )"],
    ["x == 1", "w:x == n:1"],
    ["v = (sum(y)) | KEEP v", "w:v = ( w:sum ( w:y ) ) | c:KEEP w:v"],
    ["rate(a:b{c='|',d=~\"e\"}[5m]) # f | g\n| LIMIT 1", null],
  ] as const) {
    const got = tokens(tokenizeEsql(`PROMQL ${query}`)).slice("c:PROMQL ".length);
    const last = `w:rate ( w:a:b { w:c = str:'|' , w:d =~ str:"e" } [ n:5m ] ) | c:LIMIT n:1`;
    assert.equal(got, expected ?? last, query);
  }
});

test("reads SQL tokens", () => {
  for (const [query, expected] of [
    [
      "SELECT 'it''s', \"a\"\"b\", `c` FROM x",
      "w:SELECT str:'it''s' , n:\"a\"\"b\" , n:`c` w:FROM w:x",
    ],
    ["1 1.5 .5 1e3 1a ? -- x\n<=> != ||", "n:1 n:1.5 n:.5 n:1e3 w:1a p:? <=> != ||"],
    ["{d '2020-01-01'} /* a /* b */ */ ::", "{ w:d str:'2020-01-01' } ::"],
  ] as const) {
    assert.equal(tokens(tokenizeSql(query)), expected, query);
  }
});

test("reads EQL tokens", () => {
  for (const [query, expected] of [
    ['process where a.b == "c"', 'w:process w:where w:a . w:b == str:"c"'],
    ["in~ ('x', ?\"y\\\") ?z", "w:in~ ( str:'x' , str:?\"y\\\" ) ? w:z"],
    ["maxspan=1h [1] !: `a b` /* c */ // d", "w:maxspan = n:1h [ n:1 ] !: n:`a b`"],
  ] as const) {
    assert.equal(tokens(tokenizeEql(query)), expected, query);
  }
});

const lexers = { esql: tokenizeEsql, sql: tokenizeSql, eql: tokenizeEql };
const pieces = fc.constantFrom(
  ..."FROM |WHERE |PROMQL |ENRICH |LOOKUP JOIN |KEEP |(|)|[|]|{|}|,|:|::|;|/|//|/*|*/|--".split(
    "|",
  ),
  ...'"|"""|\'|`|\\|\n|<|>|=|==|-|#|?|??|a|B1|1.5|_id|é|😀|\u0000| '.split("|"),
  "|",
);

for (const [language, tokenize] of Object.entries(lexers)) {
  test(`loses nothing but blanks and comments, and never throws (${language})`, () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const query = parts.join("");
        const { tokens: all } = tokenize(query);
        let at = 0;
        for (const { text, start } of all) {
          assert.equal(query.slice(start, start + text.length), text);

          if (!/[/#-]/.test(query))
            assert.equal(query.slice(at, start).trim().replaceAll("\u0000", ""), "");
          at = start + text.length;
        }
      }),
      { numRuns: 2000 },
    );
  });
}

test("takes no more time for a long text than its length allows", () => {
  const units = [
    '"',
    "'",
    "`",
    '"\\',
    "/*",
    "/*/**/",
    "(/*",
    "(",
    "{",
    "a",
    "?",
    "#",
    "|",
    '"""',
    "\\",
  ];
  for (const tokenize of Object.values(lexers)) {
    for (const prefix of ["FROM ", "ROW ", "PROMQL ", "x | ENRICH ", ""]) {
      for (const unit of units) {
        const query = prefix + unit.repeat(20_000 / unit.length);
        assert.ok(tokenize(query).tokens.length <= query.length);
      }
    }
  }
});
