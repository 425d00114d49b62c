import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { errorOf, ndjson, send, startFor } from "./running-mock.ts";

async function withDocument(t: TestContext, source: unknown): Promise<MockEs> {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1", { body: source });
  return mock;
}

async function sourceAfter(t: TestContext, source: unknown, script: unknown): Promise<string> {
  const mock = await withDocument(t, source);
  const answer = await send(mock, "POST", "/a/_update/1", { body: { script } });
  assert.equal(answer.status, 200, answer.text);
  return (await send(mock, "GET", "/a/_source/1")).text;
}

for (const [source, script, after] of [
  [
    { counter: 1 },
    { source: "ctx._source.counter += params.n", params: { n: 4 } },
    '{"counter":5}',
  ],
  [
    { tags: ["a"] },
    { source: "ctx._source.tags.add(params.t)", params: { t: "b" } },
    '{"tags":["a","b"]}',
  ],
  [
    { tags: ["a", "b"] },
    {
      source:
        "if (ctx._source.tags.contains(params.t)) { ctx._source.tags.remove(ctx._source.tags.indexOf(params.t)) }",
      params: { t: "a" },
    },
    '{"tags":["b"]}',
  ],
  [
    { o: { x: 1, y: "z" } },
    "for (e in ctx._source.o.entrySet()) { ctx._source[e.getKey()] = e.value } ctx._source.c = 'a'.compareTo('d')",
    '{"o":{"x":1,"y":"z"},"x":1,"y":"z","c":-3}',
  ],
  [{ a: 1 }, "ctx._source.new_field = 'value'", '{"a":1,"new_field":"value"}'],
  [{ a: 1, b: 2 }, "ctx._source.remove('b')", '{"a":1}'],
  [{ o: { a: 1, b: 2 } }, "ctx._source['o'].remove('b')", '{"o":{"a":1}}'],
  [
    { n: 7 },
    "ctx._source.half = ctx._source.n / 2; ctx._source.real = ctx._source.n / 2.0",
    '{"n":7,"half":3,"real":3.5}',
  ],
  [
    { a: [3, 4] },
    "int s = 0; for (int i = 0; i < ctx._source.a.size(); i++) { s += ctx._source.a[i] } ctx._source.s = s",
    '{"a":[3,4],"s":7}',
  ],
  [
    { a: [3, 4] },
    "def s = 0; for (x in ctx._source.a) { s += x } ctx._source.s = s * 1.0",
    '{"a":[3,4],"s":7.0}',
  ],
  [
    { a: null },
    "ctx._source.b = ctx._source.a ?: 'none'; ctx._source.c = ctx._source.x?.y",
    '{"a":null,"b":"none","c":null}',
  ],
  [{ a: "Ab" }, "ctx._source.a = ctx._source.a.toUpperCase() + 1 + true", '{"a":"AB1true"}'],
  [
    { a: 1 },
    "Map m = ['x': 1]; m.put('y', [1, 2]); ctx._source.m = m",
    '{"a":1,"m":{"x":1,"y":[1,2]}}',
  ],
  [
    { a: 5 },
    "ctx._source.b = ctx._source.a > 3 && !(ctx._source.a == 4) ? 'big' : 'small'",
    '{"a":5,"b":"big"}',
  ],
] as const) {
  test(`an update runs ${JSON.stringify(script)}`, async (t) => {
    assert.equal(await sourceAfter(t, source, script), after);
  });
}

test("a script deletes the document, or leaves it as it is", async (t) => {
  const mock = await withDocument(t, { tags: ["green"] });
  const script = {
    source:
      "if (ctx._source.tags.contains(params.t)) { ctx.op = 'delete' } else { ctx.op = 'none' }",
    params: { t: "blue" },
  };
  const kept = await send(mock, "POST", "/a/_update/1", { body: { script } });
  assert.equal(kept.json["result"], "noop");
  const params = { t: "green" };
  const gone = await send(mock, "POST", "/a/_update/1", {
    body: { script: { ...script, params } },
  });
  assert.equal(gone.json["result"], "deleted");
  assert.equal((await send(mock, "GET", "/a/_doc/1")).status, 404);
});

test("an upsert is stored as it is, or run through the script", async (t) => {
  const mock = await startFor(t);
  const script = { source: "ctx._source.counter += 1" };
  const body = { script, upsert: { counter: 1 } };
  await send(mock, "POST", "/a/_update/1", { body });
  assert.equal((await send(mock, "GET", "/a/_source/1")).text, '{"counter":1}');
  await send(mock, "POST", "/a/_update/1", { body });
  assert.equal((await send(mock, "GET", "/a/_source/1")).text, '{"counter":2}');
  await send(mock, "POST", "/a/_update/2", { body: { ...body, scripted_upsert: true } });
  assert.equal((await send(mock, "GET", "/a/_source/2")).text, '{"counter":2}');
  const nothing = { script, scripted_upsert: true };
  assert.equal((await send(mock, "POST", "/a/_update/3", { body: nothing })).status, 404);
});

test("a bulk update runs its script", async (t) => {
  const mock = await withDocument(t, { n: 1 });
  const body = ndjson({ update: { _id: "1" } }, { script: { source: "ctx._source.n *= 10" } });
  await send(mock, "POST", "/a/_bulk", { body });
  assert.equal((await send(mock, "GET", "/a/_source/1")).text, '{"n":10}');
});

for (const [script, place] of [
  ["def x = 1;\nreturn x instanceof Matcher", "[instanceof Matcher] at line 2, column 8"],
  ["ctx._source.a = ctx._source.a.format('x')", "the method [format] at line 1"],
  ["return new Random().nextInt()", "[new Random] in a script at line 1, column 8"],
] as const) {
  test(`refuses ${JSON.stringify(script)} with the place`, async (t) => {
    const mock = await withDocument(t, { a: "x", tags: [] });
    const answer = await send(mock, "POST", "/a/_update/1", { body: { script } });
    assert.equal(answer.status, 400);
    const { reason } = errorOf(answer);
    assert.ok(String(reason).startsWith(place), String(reason));
    assert.match(String(reason), /is not supported by mock-es$/);
  });
}

test("says what a script runs into, and where", async (t) => {
  const mock = await withDocument(t, { a: 1 });
  const answer = await send(mock, "POST", "/a/_update/1", {
    body: { script: "ctx._source.b.c = 1" },
  });
  assert.deepEqual(errorOf(answer), {
    type: "illegal_argument_exception",
    reason: "failed to execute script",
  });
  assert.match(answer.text, /"type":"script_exception","reason":"runtime error"/);
  assert.match(answer.text, /"type":"null_pointer_exception"/);
});

test("a script that never ends is ended", async (t) => {
  const mock = await withDocument(t, { a: 1 });
  const answer = await send(mock, "POST", "/a/_update/1", { body: { script: "while (true) {}" } });
  assert.equal(answer.status, 400);
  assert.match(answer.text, /maximum number of statements/);
});

test("update by query runs a script over what matches", async (t) => {
  const mock = await startFor(t);
  const lines = [1, 2, 3, 4].flatMap((n) => [{ index: { _id: String(n) } }, { n }]);
  await send(mock, "POST", "/a/_bulk", { body: ndjson(...lines) });
  const answer = await send(mock, "POST", "/a/_update_by_query?refresh", {
    body: {
      query: { range: { n: { gte: 2 } } },
      script: {
        source:
          "if (ctx._source.n == 2) { ctx.op = 'noop' } else if (ctx._source.n == 3) { ctx.op = 'delete' } else { ctx._source.n = 40 }",
      },
    },
  });
  const { updated, deleted, noops, total } = answer.json;
  assert.deepEqual(
    { updated, deleted, noops, total },
    { updated: 1, deleted: 1, noops: 1, total: 3 },
  );
  const found = await send(mock, "GET", "/a/_search?filter_path=hits.hits._source&sort=n");
  assert.equal(
    found.text,
    '{"hits":{"hits":[{"_source":{"n":1}},{"_source":{"n":2}},{"_source":{"n":40}}]}}',
  );
});

test("reindexes what matches, changed by a script", async (t) => {
  const mock = await startFor(t);
  const lines = [1, 2, 3].flatMap((n) => [{ index: { _id: String(n) } }, { n, x: "y" }]);
  await send(mock, "POST", "/a/_bulk", { body: ndjson(...lines) });
  const body = {
    source: { index: "a", query: { range: { n: { gte: 2 } } }, _source: ["n"] },
    dest: { index: "b" },
    script: { source: "ctx._source.twice = ctx._source.n * 2; ctx._id = 'b' + ctx._id" },
  };
  const first = await send(mock, "POST", "/_reindex?refresh=true", { body });
  assert.deepEqual(
    { created: first.json["created"], updated: first.json["updated"], total: first.json["total"] },
    { created: 2, updated: 0, total: 2 },
  );
  assert.equal((await send(mock, "GET", "/b/_source/b3")).text, '{"n":3,"twice":6}');
  const again = await send(mock, "POST", "/_reindex", {
    body: { ...body, conflicts: "proceed", dest: { index: "b", op_type: "create" } },
  });
  assert.equal(again.json["version_conflicts"], 2);
});

test("reindexing from another cluster is refused by name", async (t) => {
  const mock = await withDocument(t, {});
  const answer = await send(mock, "POST", "/_reindex", {
    body: { source: { index: "a", remote: { host: "http://h:9200" } }, dest: { index: "b" } },
  });
  assert.equal(errorOf(answer).reason, "[source.remote] of [reindex] is not supported by mock-es");
});

test("scores by a script that sees values, parameters and the score", async (t) => {
  const mock = await startFor(t);
  const properties = { n: { type: "integer" }, v: { type: "dense_vector", dims: 2 } };
  await send(mock, "PUT", "/a", { body: { mappings: { properties } } });
  const lines = [1, 2].flatMap((n) => [{ index: { _id: String(n) } }, { n, v: [n, 1] }]);
  await send(mock, "POST", "/a/_bulk", { body: ndjson(...lines) });
  const scoresOf = async (script: unknown): Promise<unknown> => {
    const query = { script_score: { query: { match_all: {} }, script } };
    const answer = await send(mock, "POST", "/a/_search", { body: { query } });
    assert.equal(answer.status, 200, answer.text);
    const { hits } = answer.json["hits"] as { hits: { _id: string; _score: number }[] };
    return hits.map((hit) => [hit._id, hit._score]);
  };
  const source = "doc['n'].value * params.f + _score";
  assert.deepEqual(await scoresOf({ source, params: { f: 2 } }), [
    ["2", 5],
    ["1", 3],
  ]);
  const near = { source: "dotProduct(params.v, 'v') + 1.0", params: { v: [1, 0] } };
  assert.deepEqual(await scoresOf(near), [
    ["2", 3],
    ["1", 2],
  ]);
});

test("stored scripts are found by their ids", async (t) => {
  const mock = await withDocument(t, { n: 1 });
  const script = { lang: "painless", source: "ctx._source.n = params.n" };
  await send(mock, "PUT", "/_scripts/set", { body: { script } });
  assert.deepEqual((await send(mock, "GET", "/_scripts/set")).json, {
    _id: "set",
    found: true,
    script,
  });
  await send(mock, "POST", "/a/_update/1", { body: { script: { id: "set", params: { n: 9 } } } });
  assert.equal((await send(mock, "GET", "/a/_source/1")).text, '{"n":9}');
  assert.equal((await send(mock, "DELETE", "/_scripts/set")).status, 200);
  assert.equal((await send(mock, "GET", "/_scripts/set")).status, 404);
});

for (const [source, params, output] of [
  ['{"a":"{{x}}"}', { x: 'q"\n' }, '{"a":"q\\"\\n"}'],
  ['{"a":{{{x}}}}', { x: '{"b":1}' }, '{"a":{"b":1}}'],
  ['{"a":{{x}}}', { x: 1.5 }, '{"a":1.5}'],
  ['{"a":"{{x.y.0}} {{x.y.size}} {{none}}"}', { x: { y: ["z"] } }, '{"a":"z 1 "}'],
  ['{"a":{{#toJson}}x{{/toJson}}}', { x: ["p", { q: null }] }, '{"a":["p",{"q":null}]}'],
  ['{"a":"{{#join}}x{{/join}}"}', { x: [1, "b"] }, '{"a":"1,b"}'],
  [
    "{\"a\":\"{{#join delimiter='||'}}x{{/join delimiter='||'}}\"}",
    { x: ["a", "b"] },
    '{"a":"a||b"}',
  ],
  ['{"a":"{{#url}}{{x}}/?{{/url}}"}', { x: "ä b" }, '{"a":"%C3%A4+b%2F%3F"}'],
  ['{"a":{{x}}{{^x}}10{{/x}}}', {}, '{"a":10}'],
  ['{"a":{{x}}{{^x}}10{{/x}}}', { x: 0 }, '{"a":0}'],
  ['{{#x}}{"a":{{y}}}{{/x}}{{^x}}{}{{/x}}', { x: false, y: 1 }, "{}"],
  ['{"a":[{{#x}}"{{.}}",{{/x}}0]}', { x: ["p", "q"] }, '{"a":["p","q",0]}'],
  ['{"a":"{{#x}}{{n}}{{y}} {{/x}}"}', { x: [{ n: 1 }, { n: 2 }], y: "!" }, '{"a":"1! 2! "}'],
] as const) {
  test(`a search template ${source} of ${JSON.stringify(params)}`, async (t) => {
    const mock = await startFor(t);
    const answer = await send(mock, "POST", "/_render/template", { body: { source, params } });
    assert.equal(answer.text, `{"template_output":${output}}`);
  });
}

test("searches are made of templates, stored or not, alone and several at once", async (t) => {
  const mock = await startFor(t);
  for (const n of [1, 2, 3]) await send(mock, "PUT", `/a/_doc/${n}`, { body: { n } });
  const source = { query: { term: { n: "{{n}}" } }, size: "{{size}}{{^size}}5{{/size}}" };
  const stored = await send(mock, "PUT", "/_scripts/t", {
    body: { script: { lang: "mustache", source } },
  });
  assert.deepEqual(stored.json, { acknowledged: true });
  assert.deepEqual((await send(mock, "GET", "/_scripts/t")).json["script"], {
    lang: "mustache",
    source: JSON.stringify(source),
    options: { content_type: "application/json;charset=utf-8" },
  });
  const idsOf = (value: unknown): string[] =>
    (value as { hits: { hits: { _id: string }[] } }).hits.hits.map(({ _id }) => _id);
  const body = { id: "t", params: { n: 2 } };
  assert.deepEqual(idsOf((await send(mock, "POST", "/a/_search/template", { body })).json), ["2"]);
  const rendered = await send(mock, "POST", "/_render/template/t", { body: { params: { n: 2 } } });
  assert.deepEqual(rendered.json["template_output"], {
    query: { term: { n: "2" } },
    size: "5",
  });
  const several = await send(mock, "POST", "/_msearch/template", {
    body: ndjson(
      { index: "a" },
      { source: '{"query":{"term":{"n":{{n}}}}}', params: { n: 3 } },
      { index: "a" },
      { id: "nope" },
    ),
  });
  const [first, second] = several.json["responses"] as Record<string, unknown>[];
  assert.deepEqual(idsOf(first), ["3"]);
  assert.equal(second?.["status"], 404);
});

for (const [body, status, reason] of [
  [{ id: "nope" }, 404, "unable to find script [nope] in cluster state"],
  [{}, 400, "Validation Failed: 1: template is missing;2: template's script type is missing;"],
  [{ source: "{}", foo: 1 }, 400, "[1:16] [search_template] unknown field [foo]"],
  [{ source: "{{#x}}" }, 400, "compile error"],
  [{ source: "{{#toJson}}a{{b}}{{/toJson}}" }, 400, "compile error"],
  [{ source: "{{>p}}" }, 400, "a partial in a search template is not supported by mock-es"],
  [
    { source: '{"a":"{{x}}"}', params: { x: [1] } },
    400,
    "[x] of a search template, which is a list or object, without toJson is not supported by mock-es",
  ],
] as const) {
  test(`refuses the search template ${JSON.stringify(body)}`, async (t) => {
    const mock = await startFor(t);
    const answer = await send(mock, "POST", "/_search/template", { body });
    assert.deepEqual([answer.status, errorOf(answer).reason], [status, reason]);
  });
}

test("computes runtime fields and script fields from documents, one from another", async (t) => {
  const mock = await startFor(t);
  const documents = [
    { index: { _id: "1" } },
    { n: 1, day: "2024-05-31", tags: ["a", "b"] },
    { index: { _id: "2" } },
    { n: 3, day: "2024-06-02", tags: "c" },
  ];
  await send(mock, "POST", "/a/_bulk?refresh=true", { body: ndjson(...documents) });
  const runtime = {
    triple: {
      type: "long",
      script: { source: "emit(doc['n'].value * params.f)", params: { f: 3 } },
    },
    big: { type: "boolean", script: "emit(doc['triple'].value > 5)" },
    month: { type: "long", script: "emit(doc['day'].value.getMonthValue())" },
    n: { type: "keyword" },
  };
  const body = {
    runtime_mappings: runtime,
    query: { bool: { filter: [{ term: { big: true } }, { range: { month: { gte: 6 } } }] } },
    fields: ["triple", "n"],
    script_fields: { half: { script: "doc['triple'].value / 2.0" } },
    aggs: {
      tags: { terms: { field: "month" } },
      all: { global: {}, aggs: { s: { sum: { field: "triple" } } } },
    },
  };
  const { json, text } = await send(mock, "POST", "/a/_search", { body });
  const { hits } = json["hits"] as { hits: { _id: string; _source?: unknown; fields: unknown }[] };
  assert.equal(hits.length, 1, text);
  assert.equal(hits[0]?._id, "2");
  assert.equal(hits[0]?._source, undefined);
  assert.deepEqual(hits[0]?.fields, { half: [4.5], triple: [9], n: ["3"] });
  const aggregations = json["aggregations"] as { all: { s: { value: number } } };
  assert.equal(aggregations.all.s.value, 12);
  const wrong = { runtime_mappings: { x: { type: "long", script: "emit(1" } } };
  const refused = await send(mock, "POST", "/a/_search", { body: { ...wrong, sort: "x" } });
  assert.equal(refused.status, 400);
});

test("runs a script by itself", async (t) => {
  const mock = await startFor(t);
  const script = {
    source: "return params.a.stream().map(x -> x * 2).collect(Collectors.toList())",
  };
  const run = (body: unknown): ReturnType<typeof send> =>
    send(mock, "POST", "/_scripts/painless/_execute", { body });
  const answer = await run({ script: { ...script, params: { a: [1, 2] } } });
  assert.equal(answer.text, '{"result":"[2, 4]"}');
  const wrong = await run({ script: "x + 1" });
  assert.equal(errorOf(wrong)["type"], "script_exception");
  assert.equal((await run({ script, context: "filter" })).status, 400);
});
