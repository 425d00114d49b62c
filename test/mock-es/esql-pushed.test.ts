import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { ask, reasonOf, shown } from "./esql-fixture.ts";
import { send, startFor } from "./running-mock.ts";

async function prices(t: TestContext): Promise<MockEs> {
  const mock = await startFor(t);
  const properties = {
    no: { type: "integer" },
    fl: { type: "float" },
    hf: { type: "half_float" },
    nm: { type: "keyword", normalizer: "lowercase" },
    name: { type: "text" },
  };
  await send(mock, "PUT", "/t", { body: { mappings: { properties } } });
  const documents = [
    { no: 1, fl: 1.1, hf: 1.1, nm: "ABC", name: "Georgi Facello" },
    { no: 2, fl: 3.3, hf: 65504, name: "Bezalel Simmel" },
    { no: 3, name: "Parto" },
  ];
  const lines = documents.map((document) => `{"index":{}}\n${JSON.stringify(document)}\n`);
  await send(mock, "POST", "/t/_bulk?refresh", { body: lines.join("") });
  return mock;
}

/** Conditions with the documents that a node of Elasticsearch 8.19 found by them. */
const found: Readonly<Record<string, readonly number[]>> = {
  "WHERE fl == 3.3": [2],
  "WHERE fl > 3.3": [],
  "WHERE fl >= 3.3": [2],
  "WHERE fl < 1.1": [],
  "WHERE fl <= 1.1": [1],
  "WHERE 1.1 >= fl": [1],
  "WHERE fl != 1.1": [2],
  "WHERE NOT fl == 1.1": [2],
  "WHERE fl IN (1.1, 2.2)": [1],
  "WHERE hf == 1.1": [1],
  "WHERE fl == 1.1 AND LENGTH(name) > 3": [1],
  "WHERE fl == 1.1 OR LENGTH(name) == 3": [],
  "EVAL y = no | WHERE fl == 1.1": [1],
  "EVAL f2 = fl | WHERE f2 == 1.1": [1],
  "RENAME fl AS f2 | WHERE f2 == 1.1": [1],
  "SORT no | WHERE fl == 1.1": [1],
  'DISSECT name "%{a} %{b}" | WHERE fl == 1.1': [1],
  "LIMIT 10 | WHERE fl == 1.1": [],
  'WHERE nm == "ABC"': [1],
  'WHERE nm IN ("ABC")': [1],
  'WHERE nm LIKE "AB*"': [1],
  'WHERE STARTS_WITH(nm, "AB")': [1],
  'WHERE nm == "ABC" OR LENGTH(name) == 1': [],
  'WHERE MATCH(name, "georgi simmel")': [1, 2],
  'WHERE MATCH(name, "georgi simmel", {"operator": "AND"})': [],
  'WHERE MATCH(name, "georgl", {"fuzziness": 1})': [1],
};

test("conditions of ES|QL read values as the field does, where the server asks the index", async (t) => {
  const mock = await prices(t);
  for (const [condition, numbers] of Object.entries(found)) {
    const received = await ask(mock, `FROM t | ${condition} | KEEP no | SORT no`);
    assert.deepEqual(
      received.json["values"],
      numbers.map((number) => [number]),
      condition,
    );
  }
  const count = await ask(mock, "FROM t | STATS c = COUNT(*) WHERE fl == 1.1");
  assert.deepEqual(count.json["values"], [[1]]);
  const computed = await ask(mock, "FROM t | EVAL x = fl == 1.1 | KEEP no, x | SORT no | LIMIT 1");
  assert.deepEqual(computed.json["values"], [[1, false]]);
  const option = await ask(mock, 'FROM t | WHERE MATCH(name, "a", {"slop": 1})');
  assert.match(reasonOf(option), /the option \[slop\] of \[match\] is not supported/);
});

/** Conditions on several values as a node of 8.19 decided them, with what it warned of. */
const warned: Readonly<Record<string, readonly [numbers: readonly number[], text?: string]>> = {
  'WHERE tags == "a"': [[2], 'tags == "a"'],
  'WHERE tags == "zzz"': [[]],
  'WHERE tags != "a"': [[]],
  'WHERE tags != "zzz"': [[2], 'tags != "zzz"'],
  'WHERE tags IN ("a", "b")': [[2], 'tags IN ("a", "b")'],
  'WHERE tags IN ("zzz", "y", null)': [[]],
  'WHERE NOT tags IN ("a", "b")': [[]],
  'WHERE NOT tags IN ("zzz")': [[2], 'NOT tags IN ("zzz")'],
  'WHERE NOT (tags IN ("zzz") OR no == 2)': [[], 'tags IN ("zzz")'],
  'WHERE tags LIKE "z*"': [[]],
  'WHERE NOT tags LIKE "z*"': [[2], 'NOT tags LIKE "z*"'],
  'WHERE NOT (NOT tags LIKE "b*")': [[], 'tags LIKE "b*"'],
  'WHERE STARTS_WITH(tags, "z")': [[]],
  "WHERE ns > 5": [[]],
  "WHERE ns < 2": [[2], "ns < 2"],
  "WHERE NOT ns == 1": [[]],
  'WHERE tags == "a" AND no == 2': [[2]],
  'WHERE tags == "zzz" OR no == 1': [[1]],
  'WHERE tags == "zzz" OR LENGTH(one) == 1': [[], 'tags == "zzz"'],
  'WHERE tags == "zzz" AND LENGTH(tags) == 1': [[]],
  'WHERE plain == "z"': [[], 'plain == "z"'],
  'WHERE name == "z"': [[], 'name == "z"'],
  'LIMIT 10 | WHERE tags == "zzz"': [[], 'tags == "zzz"'],
  'EVAL x = tags | WHERE x == "zzz"': [[]],
};

test("ES|QL warns of several values where the query of the index finds one of them", async (t) => {
  const mock = await startFor(t);
  const properties = {
    no: { type: "integer" },
    tags: { type: "keyword" },
    ns: { type: "long" },
    name: { type: "text" },
    plain: { type: "keyword", index: false },
    one: { type: "keyword" },
  };
  await send(mock, "PUT", "/t", { body: { mappings: { properties } } });
  const documents = [
    { no: 1, tags: ["b", "a"], ns: [1, 2], name: ["a", "b"], plain: ["a", "b"], one: "ab" },
    { no: 2, tags: "a", ns: 1, name: "a", plain: "ab" },
    { no: 3 },
  ];
  const lines = documents.map((document) => `{"index":{}}\n${JSON.stringify(document)}\n`);
  await send(mock, "POST", "/t/_bulk?refresh", { body: lines.join("") });
  for (const [condition, [numbers, text]] of Object.entries(warned)) {
    const received = await ask(mock, `FROM t | ${condition} | KEEP no | SORT no`);
    const [, rows, warnings] = shown(received);
    const told = /evaluation of \[(.*)\] failed/.exec(String(warnings))?.[1];
    const wanted = numbers.map((number) => [number]);
    assert.deepEqual([rows, told?.replaceAll("\\", "")], [wanted, text], condition);
  }
});

/** Constants that cannot be end a query, whatever its rows hold. */
const wrongConstants: Readonly<Record<string, RegExp>> = {
  "REPEAT(name, -1)": /^400 illegal_argument_exception: Number parameter cannot be negative/,
  'SPLIT(name, "ab")': /^400 invalid_argument_exception: delimiter must be single byte for now$/,
  'HASH("nope", name)': /the digest \[nope\] is not supported/,
  'REPLACE(name, "(", "")': /the pattern \[\(\] is not supported/,
  'DATE_FORMAT("", day)': /^400 illegal_argument_exception: No date pattern provided$/,
  'DATE_FORMAT("nope", day)': /Invalid format: \[nope\]: Unknown pattern letter: o$/,
  'DATE_PARSE("nope", name)': /Invalid format: \[nope\]: Unknown pattern letter: o$/,
  'DATE_EXTRACT("nope", day)': /the part of a date \[nope\] is not supported/,
  'DATE_DIFF("nope", day, day)': /the unit of time \[nope\] is not supported/,
};

test("constants that no ES|QL function takes end a query without any row", async (t) => {
  const mock = await prices(t);
  for (const [call, reason] of Object.entries(wrongConstants))
    for (const rows of ["WHERE no > 100", "WHERE no == 1"]) {
      const query = `FROM t | EVAL day = TO_DATETIME(no) | ${rows} | EVAL a = ${call}`;
      assert.match(reasonOf(await ask(mock, query)), reason, query);
    }
  const several = await ask(mock, 'ROW a = ["a", "b"] | EVAL b = REPEAT(a, -1)');
  assert.match(reasonOf(several), /Number parameter cannot be negative/);
  const nothing = await ask(mock, 'ROW a = SPLIT(null, "xx")');
  assert.deepEqual(nothing.json["values"], [[null]]);
});

const refused: readonly (readonly [query: string, body: object, reason: RegExp])[] = [
  [
    "ROW a = ?, b = ?1",
    { params: [7] },
    /line 1:16: Inconsistent parameter declaration, use one of .* but not a combination of positional and anonymous$/,
  ],
  [
    "ROW a = ?x, b = ?",
    { params: [{ x: 5 }] },
    /line 1:17: Inconsistent .* not a combination of anonymous and named$/,
  ],
  ["ROW a = ?x", { params: [{ x: 1, y: 2 }] }, /with several names, or none, is not supported/],
  ["ROW a = ?x", { params: [{ "1x": 1 }] }, /the name \[1x\] of a parameter is not supported/],
  ["ROW a = 1", { filter: {} }, /\[\{\}\] for \[filter\] is not supported/],
  ["ROW a = 1", { filter: "x" }, /\[x\] for \[filter\] is not supported/],
  ['ROW a = "x y" | DISSECT a ?p', { params: [{ p: "%{a} %{b}" }] }, /line 1:27: mismatched input/],
  [
    "FROM _all",
    {},
    /line 1:6: Invalid index name \[_all\], must not start with '_', '-', or '\+'$/,
  ],
  ["FROM t,_a*", {}, /line 1:8: Invalid index name \[_a\], must not start with/],
  ["FROM t*,-_all", {}, /^400 invalid_index_name_exception: .*_all\], must not start with '_'\.$/],
  [
    'ROW a = REPLACE("a🙂b", "", "-")',
    {},
    /a match within a character of \[a🙂b\] is not supported/,
  ],
  ['ROW a = REPLACE("a🙂b", "(?<!a)", "-")', {}, /a match within a character/],
  [
    "ROW ab1 = 1, ab2 = 2 | EVAL x = ab",
    {},
    /Unknown column \[ab\], did you mean any of \[ab2, ab1\]\?$/,
  ],
  [
    "ROW aab = 1, aac = 2, aba = 3, baa = 4, aaaa = 1 | EVAL x = aaa",
    {},
    /did you mean any of \[aaaa, aba, aac, aab, baa\]\?$/,
  ],
  ['ROW a = REPLACE("abc", "b", "$2")', {}, /^500 index_out_of_bounds_exception: No group 2$/],
  ['ROW a = DATE_FORMAT("n", NOW())', {}, /the letter \[n\] of the date format \[n\]/],
  [
    'ROW a = DATE_FORMAT("V", NOW())',
    {},
    /Invalid format: \[V\]: Pattern letter count must be 2: V/,
  ],
  ["FROM t | STATS MAX(no) BY MAX(no)", {}, /line 1:27: cannot use an aggregate \[MAX\(no\)\]/],
];

/** Conditions on 1 to 4 with -0.0, 0.0, 1.5 and -1.5, as the index of a node of 8.19 answers. */
const zeros: Readonly<Record<string, readonly number[]>> = {
  "x == 0.0": [2],
  "x == -0.0": [1],
  "x == -0": [2],
  "x != 0": [1, 3, 4],
  "x >= 0.0": [2, 3],
  "x > -0.0": [2, 3],
  "x <= -0.0": [1, 4],
  "0.0 > x": [1, 4],
  "x IN (ASIN(0::long), 5.0)": [2],
  "x NOT IN (-0.0, 1.5)": [2, 4],
  "x IN (0.0, null)": [2],
  "NOT x IN (1.5, null)": [],
  "x + 0.0 == 0.0": [1, 2],
};

test("conditions of ES|QL that the index is asked for tell -0.0 from 0.0", async (t) => {
  const mock = await startFor(t);
  const properties = { d: { type: "double" }, f: { type: "float" }, no: { type: "integer" } };
  await send(mock, "PUT", "/t", { body: { mappings: { properties } } });
  const lines = ["-0.0", "0.0", "1.5", "-1.5"].map(
    (value, at) => `{"index":{}}\n{"no":${at + 1},"d":${value},"f":${value}}\n`,
  );
  await send(mock, "POST", "/t/_bulk?refresh", { body: lines.join("") });
  for (const [condition, numbers] of Object.entries(zeros))
    for (const field of ["d", "f"]) {
      const asked = condition.replace("x", field);
      const received = await ask(mock, `FROM t | WHERE ${asked} | KEEP no | SORT no`);
      assert.deepEqual(
        shown(received)[1],
        numbers.map((number) => [number]),
        asked,
      );
    }
});

test("ES|QL refuses what is wrong in a request", async (t) => {
  const mock = await prices(t);
  for (const [query, body, reason] of refused)
    assert.match(reasonOf(await ask(mock, query, body)), reason, query);
  const bucket = await ask(mock, "FROM t | STATS c = COUNT(*) BY b = BUCKET(no, 0)");
  const [, rows, warnings] = shown(bucket);
  assert.deepEqual(rows, [[3, null]]);
  assert.match(String(warnings), /Line 1:36: java\.lang\.ArithmeticException: \/ by zero/);
});

test("ES|QL answers the type that is accepted, and refuses one that it has not", async (t) => {
  const mock = await startFor(t);
  const asked = async (accept: string): Promise<string> => {
    const headers = { accept, "content-type": "application/json" };
    const reply = await send(mock, "POST", "/_query", { body: { query: "ROW a = 1" }, headers });
    return reply.status === 200 ? String(reply.headers["content-type"]) : reasonOf(reply);
  };
  assert.equal(await asked("text/csv; header=absent"), "text/csv; charset=utf-8; header=absent");
  // Of several types none is looked at.
  assert.equal(await asked("text/csv, application/json"), "application/json");
  const refusal = (accept: string): string =>
    `400 illegal_argument_exception: Invalid request content type: Accept=[${accept}], ` +
    "Content-Type=[application/json], format=[null]";
  for (const accept of ["text/html", "image/png", "text/csv; header=nope"])
    assert.equal(await asked(accept), refusal(accept));
  const once = await ask(mock, "ROW a = 1");
  assert.ok(once.rawHeaders.join().includes("X-Elasticsearch-Async-Is-Running,?0"));
});
