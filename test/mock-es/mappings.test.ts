import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { clientFor, errorOf, send, startFor } from "./running-mock.ts";

test("infers fields from documents as the real server does", async (t) => {
  const { client, mock } = await clientFor(t);
  const body =
    '{"text":"x","whole":1,"fraction":1.0,"flag":true,"day":"2024-05-06T07:08:09Z","slashes":"2024/05/06","inner":{"deep":[1,2]},"list":["a"],"empty":[],"nothing":null,"dotted.name":1,"notdate":"2024-13-45"}';
  assert.equal((await send(mock, "PUT", "/a/_doc/1", { body })).status, 201);
  const text = { type: "text", fields: { keyword: { type: "keyword", ignore_above: 256 } } };
  assert.deepEqual((await client.indices.getMapping({ index: "a" }))["a"]?.mappings, {
    properties: {
      day: { type: "date" },
      dotted: { properties: { name: { type: "long" } } },
      flag: { type: "boolean" },
      fraction: { type: "float" },
      inner: { properties: { deep: { type: "long" } } },
      list: text,
      notdate: text,
      slashes: {
        type: "date",
        format: "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis",
        locale: "",
      },
      text,
      whole: { type: "long" },
    },
  });
});

test("refuses values of the wrong type with place, field, type and preview", async (t) => {
  const mock = await startFor(t);
  const properties = {
    n: { type: "long" },
    b: { type: "byte" },
    f: { type: "half_float" },
    d: { type: "date" },
    y: { type: "date", format: "yyyy" },
    flag: { type: "boolean" },
    ip: { type: "ip" },
    t: { type: "text" },
    o: { properties: { x: { type: "long" } } },
  };
  await send(mock, "PUT", "/a", { body: { mappings: { properties } } });
  const cases: readonly (readonly [body: string, reason: string])[] = [
    [
      '{"n":"many"}',
      "[1:6] failed to parse field [n] of type [long] in document with id '1'. Preview of " +
        "field's value: 'many'",
    ],
    [
      '{"b":128}',
      "[1:6] failed to parse field [b] of type [byte] in document with id '1'. Preview of " +
        "field's value: '128'",
    ],
    [
      '{"f":70000}',
      "[1:6] failed to parse field [f] of type [half_float] in document with id '1'. " +
        "Preview of field's value: '70000'",
    ],
    [
      '{"d":"soon"}',
      "[1:6] failed to parse field [d] of type [date] in document with id '1'. Preview of " +
        "field's value: 'soon'",
    ],
    [
      '{"y":"2024-01-01"}',
      "[1:6] failed to parse field [y] of type [date] in document with id '1'. Preview of " +
        "field's value: '2024-01-01'",
    ],
    [
      '{"flag":"yes"}',
      "[1:9] failed to parse field [flag] of type [boolean] in document with id '1'. " +
        "Preview of field's value: 'yes'",
    ],
    [
      '{"ip":"1.2.3"}',
      "[1:7] failed to parse field [ip] of type [ip] in document with id '1'. Preview of " +
        "field's value: '1.2.3'",
    ],
    [
      '{"t":{"a":1}}',
      "[1:12] failed to parse field [t] of type [text] in document with id '1'. Preview of " +
        "field's value: '{a=1}'",
    ],
    [
      '{"o":5}',
      "[1:6] object mapping for [o] tried to parse field [o] as object, but found a concrete value",
    ],
    [
      '{\n "o": {"x": [1,\n "z"]}}',
      "[3:2] failed to parse field [o.x] of type [long] in document with id '1'. Preview " +
        "of field's value: 'z'",
    ],
    [
      '{"_id":"7"}',
      "[1:8] failed to parse field [_id] of type [_id] in document with id '1'. Preview of " +
        "field's value: '7'",
    ],
  ];
  for (const [body, reason] of cases) {
    const refused = await send(mock, "PUT", "/a/_doc/1", { body });
    assert.equal(refused.status, 400, body);
    assert.deepEqual(errorOf(refused), { type: "document_parsing_exception", reason }, body);
  }
  const fine =
    '{"n":"12","b":-128,"d":["2024-01-01",1700000000000],"y":"2024","flag":"","ip":"::1","t":5,"o":{"x":null}}';
  assert.equal((await send(mock, "PUT", "/a/_doc/1", { body: fine })).status, 201);
});

test("leaves no trace of a refused document in the mapping", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", { body: { mappings: { properties: { n: { type: "long" } } } } });
  await send(mock, "PUT", "/a/_doc/1", { body: '{"fresh":1,"obj":{"x":1},"n":"many"}' });
  assert.deepEqual((await send(mock, "GET", "/a/_mapping")).json, {
    a: { mappings: { properties: { n: { type: "long" } } } },
  });
});

test("obeys dynamic strict, false and dynamic templates", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.create({
    index: "strict",
    mappings: { dynamic: "strict", properties: { a: { type: "long" } } },
  });
  const refused = await send(mock, "PUT", "/strict/_doc/1", { body: '{"b":1}' });
  assert.deepEqual(errorOf(refused), {
    type: "strict_dynamic_mapping_exception",
    reason: "[1:6] mapping set to strict, dynamic introduction of [b] within [_doc] is not allowed",
  });
  await client.indices.create({ index: "quiet", mappings: { dynamic: false } });
  await client.index({ index: "quiet", document: { b: 1 } });
  assert.deepEqual((await client.indices.getMapping({ index: "quiet" }))["quiet"]?.mappings, {
    dynamic: "false",
  });
  await client.indices.create({
    index: "templated",
    mappings: {
      dynamic_templates: [
        { words: { match_mapping_type: "string", match: "*_id", mapping: { type: "keyword" } } },
      ],
    },
  });
  await client.index({ index: "templated", document: { user_id: "x", name: "y" } });
  const properties = (await client.indices.getMapping({ index: "templated" }))["templated"]
    ?.mappings.properties;
  assert.deepEqual(properties?.["user_id"], { type: "keyword" });
  assert.equal(properties?.["name"]?.type, "text");
});

test("extends a mapping but never changes a type, in no index when one refuses", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.create({ index: "a", mappings: { properties: { f: { type: "text" } } } });
  await client.indices.create({ index: "b" });
  await client.indices.putMapping({
    index: "a",
    properties: { g: { type: "keyword" }, "o.p": { type: "long" } },
  });
  const changed = await send(mock, "PUT", "/a,b/_mapping", {
    body: { properties: { f: { type: "long" } } },
  });
  assert.equal(errorOf(changed).reason, "mapper [f] cannot be changed from type [text] to [long]");
  assert.deepEqual((await client.indices.getMapping({ index: "b" }))["b"]?.mappings, {});
  const field = await client.indices.getFieldMapping({ index: "a", fields: "o.*" });
  assert.deepEqual(field["a"]?.mappings, {
    "o.p": { full_name: "o.p", mapping: { p: { type: "long" } } },
  });
});

test("refuses mappings that make no sense", async (t) => {
  const mock = await startFor(t);
  const reasonOf = async (mappings: unknown): Promise<unknown> => {
    const refused = await send(mock, "PUT", "/a", { body: { mappings } });
    assert.equal(refused.status, 400);
    assert.equal(errorOf(refused).type, "mapper_parsing_exception");
    return errorOf(refused).reason;
  };
  assert.match(
    String(await reasonOf({ properties: { f: { type: "txt" } } })),
    /The mapper type \[txt\] declared on field \[f\] does not exist/,
  );
  assert.match(
    String(await reasonOf({ properties: { f: { type: "text", colour: 1 } } })),
    /unknown parameter \[colour\] on mapper \[f\] of type \[text\]/,
  );
  assert.match(
    String(await reasonOf({ properties: { f: { type: "text", analyzer: "mine" } } })),
    /analyzer \[mine\] has not been configured in mappings/,
  );
  assert.match(
    String(await reasonOf({ fields: {} })),
    /Root mapping definition has unsupported parameters/,
  );
  assert.equal((await send(mock, "HEAD", "/a")).status, 404);
});

test("accepts every document a second time: its own mapping never refuses it", async (t) => {
  const mock = await startFor(t);
  let index = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.jsonValue({ maxDepth: 2 }), {
        maxKeys: 4,
      }),
      async (document) => {
        index++;
        const first = await send(mock, "PUT", `/i${index}/_doc/1`, { body: document });
        if (first.status !== 201) return;
        assert.equal(
          (await send(mock, "PUT", `/i${index}/_doc/1`, { body: document })).status,
          200,
        );
        const rebuilt = await send(mock, "GET", `/i${index}/_mapping`);
        const { mappings } = rebuilt.json[`i${index}`] as { mappings: unknown };
        await send(mock, "PUT", `/copy${index}`, { body: { mappings } });
        assert.equal(
          (await send(mock, "PUT", `/copy${index}/_doc/1`, { body: document })).status,
          201,
        );
      },
    ),
    { numRuns: 40 },
  );
});

test("refuses what it does not index, and mappings that change everything", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", {
    body: { mappings: { properties: { place: { type: "geo_shape" } } } },
  });
  await send(mock, "PUT", "/a/_doc/1", { body: { place: "POINT (1 2)" } });
  const refused = await send(mock, "POST", "/a/_search", { body: { sort: ["place"] } });
  assert.match(String(errorOf(refused).reason), /is not supported by mock-es/);
  for (const mappings of [
    { runtime: { r: { type: "composite", script: "emit('a', 1)", fields: {} } } },
    { subobjects: false },
    { properties: { s: { type: "semantic_text" } } },
    { _source: { mode: "synthetic" } },
    { properties: { a: { type: "long", script: "emit(1)" } } },
    { properties: { a: { type: "text", similarity: "boolean" } } },
    { properties: { a: { type: "binary", copy_to: "b" } } },
  ]) {
    const answer = await send(mock, "PUT", "/b", { body: { mappings } });
    assert.match(String(errorOf(answer).reason), / is not supported by mock-es/);
  }
});

test("reads and computes the runtime fields of a mapping when they are asked for", async (t) => {
  const mock = await startFor(t);
  const runtime = {
    triple: { type: "long", script: { source: "emit(doc['n'].value * 3)" } },
    risky: { type: "long", script: "emit(doc['k'].value)", on_script_error: "continue" },
    k: { type: "keyword" },
  };
  await send(mock, "PUT", "/a", { body: { mappings: { dynamic: "runtime", runtime } } });
  for (const n of [1, 2, 3])
    await send(mock, "PUT", `/a/_doc/${n}?refresh=true`, { body: { n, k: `k${n}` } });
  const body = {
    query: { range: { triple: { gte: 6 } } },
    sort: [{ triple: "desc" }],
    fields: ["triple", "risky", "k"],
    aggs: { most: { max: { field: "triple" } } },
    _source: false,
  };
  const { json } = await send(mock, "POST", "/a/_search", { body });
  const { hits } = json["hits"] as { hits: { _id: string; fields: unknown; sort: unknown }[] };
  assert.deepEqual(
    hits.map(({ _id, fields, sort }) => [_id, fields, sort]),
    [
      ["3", { triple: [9], k: ["k3"] }, [9]],
      ["2", { triple: [6], k: ["k2"] }, [6]],
    ],
  );
  const esql = { query: "FROM a | WHERE triple > 3 | SORT n | KEEP n, triple" };
  const rows = await send(mock, "POST", "/_query", { body: esql });
  const expected = [
    [2, 6],
    [3, 9],
  ];
  assert.deepEqual(rows.json["values"], expected);
  const mapping = await send(mock, "GET", "/a/_mapping");
  const shown = (mapping.json["a"] as { mappings: { runtime: object; properties?: object } })
    .mappings;
  assert.deepEqual(Object.keys(shown.runtime), ["k", "n", "risky", "triple"]);
  assert.equal(shown.properties, undefined);
  const wrong = { runtime: { w: { type: "long", script: "emit(1" } } };
  const refused = await send(mock, "PUT", "/a/_mapping", { body: wrong });
  assert.equal(refused.status, 400, refused.text);
  assert.equal((await send(mock, "POST", "/a/_delete_by_query", { body })).status, 400);
  const deleted = await send(mock, "POST", "/a/_delete_by_query", { body: { query: body.query } });
  assert.equal(deleted.json["deleted"], 2);
});

test("analyses texts and keywords as the mapping says, and copies them", async (t) => {
  const { client } = await clientFor(t);
  await client.indices.create({
    index: "a",
    settings: { analysis: { normalizer: { lower: { type: "custom", filter: ["lowercase"] } } } },
    mappings: {
      properties: {
        white: { type: "text", analyzer: "whitespace" },
        normal: { type: "keyword", normalizer: "lower" },
        from: { type: "keyword", copy_to: "into" },
        into: { type: "keyword" },
      },
    },
  });
  await client.index({ index: "a", document: { white: "A-b c", normal: "X", from: "y" } });
  const found: readonly (readonly [field: string, value: string, count: number])[] = [
    ["white", "A-b", 1],
    ["white", "a-b", 0],
    ["normal", "x", 1],
    ["normal", "X", 1],
    ["into", "y", 1],
  ];
  for (const [field, value, count] of found) {
    const answer = await client.count({ index: "a", query: { match: { [field]: value } } });
    assert.equal(answer.count, count, `${field}: ${value}`);
  }
});

test("maps nothing when mapping is switched off", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", { body: { mappings: { enabled: false } } });
  assert.equal((await send(mock, "PUT", "/a/_doc/1", { body: { x: 1 } })).status, 201);
  assert.equal((await send(mock, "PUT", "/a/_doc/1", { body: { x: { y: "z" } } })).status, 200);
  assert.deepEqual((await send(mock, "GET", "/a/_mapping")).json, {
    a: { mappings: { enabled: false } },
  });
});

test("a count of tokens is refused that names no analyzer", async (t) => {
  const mock = await startFor(t);
  const properties = { n: { type: "token_count" } };
  const answer = await send(mock, "PUT", "/counted", { body: { mappings: { properties } } });
  assert.equal(answer.status, 400);
  assert.match(answer.text, /Analyzer must be set for field \[n\] but wasn't\./);
});
