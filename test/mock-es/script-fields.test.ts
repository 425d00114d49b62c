import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { send, startFor } from "./running-mock.ts";

type Mock = Awaited<ReturnType<typeof startFor>>;

const properties = {
  flag: { type: "boolean" },
  at: { type: "date_nanos" },
  day: { type: "date" },
  word: { type: "keyword" },
  kept: { type: "keyword", doc_values: false },
  text: { type: "text" },
  n: { type: "integer" },
};

const scaled = { type: "scaled_float", scaling_factor: 10 };

/** Two documents: one with values of each field, one with none. */
async function mockWithFields(t: TestContext): Promise<Mock> {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", { body: { mappings: { properties } } });
  const body = {
    flag: [true, false, true],
    at: "2015-01-01T12:10:30.123456789Z",
    day: 1,
    word: ["one string", "another string"],
    kept: "no doc values",
    text: "some Text",
    n: [29, 5, 5],
  };
  await send(mock, "PUT", "/a/_doc/1?refresh=true", { body });
  await send(mock, "PUT", "/a/_doc/2?refresh=true", { body: {} });
  return mock;
}

/** What a script makes of a document. */
async function valuesOf(mock: Mock, id: string, source: string): Promise<unknown> {
  const query = { ids: { values: [id] } };
  const body = { query, script_fields: { x: { script: { source } } } };
  const answer = await send(mock, "POST", "/a/_search", { body });
  assert.equal(answer.status, 200, answer.text);
  const { hits } = answer.json["hits"] as { hits: readonly { fields: { x: unknown } }[] };
  return hits[0]?.fields.x;
}

async function refusalOf(mock: Mock, body: object): Promise<string> {
  const answer = await send(mock, "POST", "/a/_search", { body });
  assert.equal(answer.status, 400, answer.text);
  return answer.text;
}

test("gives scripts the values of a field, or what stands for none", async (t) => {
  const mock = await mockWithFields(t);
  const scripts: readonly (readonly [string, unknown, unknown])[] = [
    ["field('word').get('none')", "another string", "none"],
    ["$('word', 'none')", "another string", "none"],
    ["field('n').get(2, 0)", 29, 0],
    ["field('flag').get(true)", false, true],
    ["field('kept').get('none')", "no doc values", "none"],
    ["field('text').get('none')", "some Text", "none"],
    ["field('nothing').get('none')", "none", "none"],
    ["field('n').size()", 3, 0],
    ["field('n').isEmpty()", false, true],
    ["field('n').getName()", "n", "n"],
    ["int sum = 0; for (int i : field('n')) { sum += i; } sum", 39, 0],
  ];
  for (const [source, first, second] of scripts) {
    assert.deepEqual(await valuesOf(mock, "1", source), [first], source);
    assert.deepEqual(await valuesOf(mock, "2", source), [second], source);
  }
  const runtime = { r: { type: "long", script: "emit(field('n').get(0) * 10L)" } };
  const found = await send(mock, "POST", "/a/_search", {
    body: { runtime_mappings: runtime, query: { term: { r: 50 } } },
  });
  assert.match(found.text, /"_id":"1"/);
});

test("shows scripts every value of a number, and keywords once", async (t) => {
  const mock = await mockWithFields(t);
  assert.deepEqual(await valuesOf(mock, "1", "doc['n']"), [5, 5, 29]);
  assert.deepEqual(await valuesOf(mock, "1", "doc['flag'].size()"), [3]);
});

test("keeps the nanoseconds of dates in scripts, or refuses what they change", async (t) => {
  const mock = await mockWithFields(t);
  assert.deepEqual(await valuesOf(mock, "1", "doc['at'].value"), [
    "2015-01-01T12:10:30.123456789Z",
  ]);
  assert.deepEqual(await valuesOf(mock, "1", "doc['at'].value.getNano()"), [123_456_789]);
  assert.deepEqual(await valuesOf(mock, "1", "doc['at'].value.second"), [30]);
  const source = "doc['at'].value.plusDays(1)";
  const text = await refusalOf(mock, { script_fields: { x: { script: { source } } } });
  assert.match(text, /\[plusDays\] of a date with parts of a millisecond/);
});

test("gives scripts days of the week and milliseconds of dates as version 9 does", async (t) => {
  const mock = await mockWithFields(t);
  const scripts: readonly (readonly [string, unknown])[] = [
    ["doc['at'].value.dayOfWeek.toString()", "THURSDAY"],
    ["doc['at'].value.dayOfWeek.getValue()", 4],
    ["doc['at'].value.dayOfWeekEnum == DayOfWeek.THURSDAY", true],
    ["doc['day'].value.plus(1, ChronoUnit.DAYS).toEpochMilli()", 86_400_001],
  ];
  for (const [source, expected] of scripts)
    assert.deepEqual(await valuesOf(mock, "1", source), [expected], source);
});

test("refuses stored fields in scripts, and highlights of what scripts compute", async (t) => {
  const mock = await mockWithFields(t);
  const stored = { script_fields: { x: { script: "params._fields['n'].value" } } };
  assert.match(await refusalOf(mock, stored), /\[params\._fields\] in a script/);
  const named = { type: "keyword", script: { source: "emit('thursday')" } };
  const computed = {
    runtime_mappings: { named },
    query: { match: { named: "thursday" } },
    highlight: { fields: { named: {} } },
  };
  assert.match(await refusalOf(mock, computed), /highlight of a runtime field with a script/);
});

test("refuses a bucket of -0.0, and takes the zero of whole numbers for one", async (t) => {
  const mock = await startFor(t);
  const properties = { d: { type: "double" }, n: { type: "integer" }, s: scaled };
  await send(mock, "PUT", "/a", { body: { mappings: { properties } } });
  const headers = { "content-type": "application/json" };
  const body = '{"d":-0.0,"n":-0,"s":-0.01}';
  await send(mock, "PUT", "/a/_doc/1?refresh=true", { body, headers });
  for (const aggs of [
    { x: { terms: { field: "d" } } },
    { x: { composite: { sources: [{ y: { terms: { field: "d" } } }] } } },
  ])
    assert.match(await refusalOf(mock, { aggs }), /a bucket or group of the number -0\.0/);
  assert.match(await refusalOf(mock, { collapse: { field: "d" } }), /number -0\.0/);
  for (const field of ["n", "s"]) {
    const asked = { body: { size: 0, aggs: { x: { terms: { field } } } } };
    const answer = await send(mock, "POST", "/a/_search", asked);
    const { x } = answer.json["aggregations"] as { x: { buckets: readonly { key: unknown }[] } };
    assert.ok(Object.is(x.buckets[0]?.key, 0), answer.text);
  }
});

test("groups by what a script makes of numbers as by doubles, and not by scores", async (t) => {
  const mock = await mockWithFields(t);
  const aggs = { x: { terms: { field: "n", script: "_value + 1" } } };
  const answer = await send(mock, "POST", "/a/_search", { body: { size: 0, aggs } });
  const { x } = answer.json["aggregations"] as { x: { buckets: readonly { key: unknown }[] } };
  assert.deepEqual(
    x.buckets.map(({ key }) => key),
    [6, 30],
  );
  const texts = { x: { terms: { script: "doc['n'].size() + 5" } } };
  const named = await send(mock, "POST", "/a/_search", { body: { size: 0, aggs: texts } });
  assert.match(named.text, /"key":"5"/);
  const scored = { x: { terms: { script: "_score" } } };
  assert.match(
    await refusalOf(mock, { aggs: scored }),
    /\[_score\] in a script of the aggregation/,
  );
});
