import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { errorOf, ndjson, send, startFor } from "./running-mock.ts";

async function simulated(t: TestContext, processors: unknown, source: unknown): Promise<unknown> {
  const mock = await startFor(t);
  const answer = await send(mock, "POST", "/_ingest/pipeline/_simulate", {
    body: { pipeline: { processors }, docs: [{ _source: source }] },
  });
  assert.equal(answer.status, 200, answer.text);
  const [doc] = answer.json["docs"] as (Record<string, Record<string, unknown>> | null)[];
  return doc?.["doc"]?.["_source"] ?? doc?.["error"]?.["reason"] ?? doc;
}

for (const [processor, source, after] of [
  [{ set: { field: "a.b", value: "{{x}}!" } }, { x: "y" }, { x: "y", a: { b: "y!" } }],
  [{ set: { field: "a", value: 1, override: false } }, { a: 2 }, { a: 2 }],
  [{ set: { field: "b", copy_from: "a" } }, { a: [1] }, { a: [1], b: [1] }],
  [{ remove: { field: ["a", "b"], ignore_missing: true } }, { a: 1, c: 2 }, { c: 2 }],
  [{ rename: { field: "a", target_field: "n.a" } }, { a: 1 }, { n: { a: 1 } }],
  [{ append: { field: "t", value: ["b", "c"] } }, { t: "a" }, { t: ["a", "b", "c"] }],
  [{ convert: { field: "a", type: "integer" } }, { a: "12" }, { a: 12 }],
  [{ convert: { field: "a", type: "auto" } }, { a: ["true", "1", "x"] }, { a: [true, 1, "x"] }],
  [
    { date: { field: "d", formats: ["dd/MM/yyyy"], timezone: "Europe/Berlin" } },
    { d: "02/01/2024" },
    { d: "02/01/2024", "@timestamp": "2024-01-02T00:00:00.000+01:00" },
  ],
  [
    { date: { field: "d", formats: ["UNIX"], target_field: "t" } },
    { d: "1700000000" },
    { d: "1700000000", t: "2023-11-14T22:13:20.000Z" },
  ],
  [
    {
      dissect: {
        field: "m",
        pattern: "%{ip} - [%{+at} %{+at}] %{?no}: %{rest}",
        append_separator: " ",
      },
    },
    { m: "1.2.3.4 - [10 May] x: a b" },
    { m: "1.2.3.4 - [10 May] x: a b", ip: "1.2.3.4", at: "10 May", rest: "a b" },
  ],
  [
    { grok: { field: "m", patterns: ["^%{IP:ip} %{WORD:http.method} %{NUMBER:bytes:int}$"] } },
    { m: "10.0.0.1 GET 123" },
    { m: "10.0.0.1 GET 123", ip: "10.0.0.1", http: { method: "GET" }, bytes: 123 },
  ],
  [{ gsub: { field: "a", pattern: "(\\d)-", replacement: "$1." } }, { a: "1-2-3" }, { a: "1.2.3" }],
  [
    { gsub: { field: "a", pattern: "(?i)\\p{L}+$", replacement: "\\$&" } },
    { a: "1 é\n" },
    { a: "1 $&\n" },
  ],
  [
    { gsub: { field: "a", pattern: "a", replacement: "$x" } },
    { a: "a" },
    "Illegal group reference",
  ],
  [{ set: { field: "", value: 1 } }, {}, "path cannot be null nor empty"],
  [{ set: { field: "a", value: 1e40 } }, {}, { a: 1e40 }],
  [
    { csv: { field: "a", target_fields: ["x", "y"] } },
    { a: ' x, "y" ' },
    { a: ' x, "y" ', x: " x", y: "y" },
  ],
  [{ append: { field: "t", value: ["a", "a"], allow_duplicates: false } }, {}, { t: ["a", "a"] }],
  [{ lowercase: { field: "a" } }, { a: "AB" }, { a: "ab" }],
  [
    { csv: { field: "a", target_fields: ["x", "y", "z"] } },
    { a: '1,"b ""c""",,4' },
    { a: '1,"b ""c""",,4', x: "1", y: 'b "c"' },
  ],
  [
    { csv: { field: "a", target_fields: ["x", "y"], trim: true, empty_value: "-" } },
    { a: " 1 , " },
    { a: " 1 , ", x: "1", y: "-" },
  ],
  [
    { csv: { field: "a", target_fields: ["x"] } },
    { a: 'a"b' },
    "Illegal character inside unquoted field at 1",
  ],
  [{ bytes: { field: "a" } }, { a: "1.5kb" }, { a: 1536 }],
  [
    { bytes: { field: "a" } },
    { a: "x" },
    "failed to parse setting [Ingest Field] with value [x] as a size in bytes: unit is missing or unrecognized",
  ],
  [{ html_strip: { field: "a" } }, { a: "<b>hi</b> &amp; bye" }, { a: "hi & bye" }],
  [
    { uri_parts: { field: "a", keep_original: false, remove_if_successful: true } },
    { a: "http://h/d/x.gif?k" },
    { url: { domain: "h", path: "/d/x.gif", extension: "gif", query: "k", scheme: "http" } },
  ],
  [
    {
      kv: { field: "a", field_split: " ", value_split: "=", trim_key: "-", strip_brackets: true },
    },
    { a: '-x-=(1) y="2"' },
    { a: '-x-=(1) y="2"', x: "1", y: "2" },
  ],
  [
    { foreach: { field: "o", processor: { uppercase: { field: "_ingest._value" } } } },
    { o: { k: "v" } },
    { o: { k: "V" } },
  ],
  [{ trim: { field: "a", target_field: "b" } }, { a: " x " }, { a: " x ", b: "x" }],
  [{ split: { field: "a", separator: "," } }, { a: "x,y,," }, { a: ["x", "y"] }],
  [{ join: { field: "a", separator: "-" } }, { a: [1, "b"] }, { a: "1-b" }],
  [{ json: { field: "a", add_to_root: true } }, { a: '{"b":[1]}' }, { a: '{"b":[1]}', b: [1] }],
  [
    { kv: { field: "a", field_split: " ", value_split: "=" } },
    { a: "x=1 y=2" },
    { a: "x=1 y=2", x: "1", y: "2" },
  ],
  [{ script: { source: "ctx.n = ctx.n * params.f", params: { f: 2 } } }, { n: 4 }, { n: 8 }],
  [
    { foreach: { field: "a", processor: { uppercase: { field: "_ingest._value" } } } },
    { a: ["x", "y"] },
    { a: ["X", "Y"] },
  ],
  [{ sort: { field: "a", order: "desc" } }, { a: [1, 3, 2] }, { a: [3, 2, 1] }],
  [{ dot_expander: { field: "a.b" } }, { "a.b": 1 }, { a: { b: 1 } }],
  [{ urldecode: { field: "a" } }, { a: "x%20y" }, { a: "x y" }],
  [{ set: { if: "ctx.a == 2", field: "b", value: 1 } }, { a: 1 }, { a: 1 }],
  [{ fail: { message: "no {{a}}" } }, { a: 1 }, "no 1"],
  [{ fail: { message: "no", ignore_failure: true } }, { a: 1 }, { a: 1 }],
  [
    {
      fail: {
        message: "no",
        on_failure: [{ set: { field: "e", value: "{{_ingest.on_failure_message}}" } }],
      },
    },
    { a: 1 },
    { a: 1, e: "no" },
  ],
  [{ drop: {} }, { a: 1 }, null],
  [{ rename: { field: "x", target_field: "y" } }, { a: 1 }, "field [x] doesn't exist"],
  [
    { kv: { field: "kv", field_split: " ", value_split: "=" } },
    { a: "is there", kv: "a=1 b=2 a=3" },
    { a: ["is there", "1", "3"], kv: "a=1 b=2 a=3", b: "2" },
  ],
  [
    { kv: { field: "kv", field_split: " ", value_split: "=", target_field: "t.u" } },
    { t: true, kv: "b=2" },
    "cannot resolve [u] from object of type [java.lang.Boolean] as part of path [t.u.b]",
  ],
  [
    { set: { field: "m", value: "{{l}} {{{l}}}" } },
    { l: ["b", 1] },
    { l: ["b", 1], m: "{0=b, 1=1} {0=b, 1=1}" },
  ],
  [
    { set: { field: "l.9", value: 1 } },
    { l: ["b"] },
    "[9] is out of bounds for array with length [1] as part of path [l.9]",
  ],
  [
    { set: { field: "a.b", value: 1 } },
    { a: "x" },
    "cannot set [b] with parent object of type [java.lang.String] as part of path [a.b]",
  ],
  [
    { sort: { field: "a" } },
    { a: "x" },
    "field [a] of type [java.lang.String] cannot be cast to [java.util.List]",
  ],
  [
    { grok: { field: "a", patterns: ["%{NUMBER:x}"] } },
    { a: 1.5 },
    "field [a] of type [java.lang.Double] cannot be cast to [java.lang.String]",
  ],
  [
    { grok: { field: "a", patterns: ["%{URI:uri}"] } },
    { a: "http://example.com:80/p" },
    { a: "http://example.com:80/p", uri: "http://example.com:80/p", port: "80" },
  ],
  [
    { urldecode: { field: "a" } },
    { a: "%zz" },
    'URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 0 in: "zz"',
  ],
  [{ urldecode: { field: "a" } }, { a: "c%C3%A9+%FF" }, { a: "c\u00e9 \ufffd" }],
  [
    { convert: { field: "a", type: "integer" } },
    { a: "99999999999" },
    "unable to convert [99999999999] to integer",
  ],
  [{ convert: { field: "a", type: "ip" } }, { a: "x" }, "'x' is not an IP string literal."],
  [{ script: { source: "ctx.q = ctx.nope.x" } }, { a: 1 }, "runtime error"],
  [
    { pipeline: { name: "nope" } },
    { a: 1 },
    "Pipeline processor configured for non-existent pipeline [nope]",
  ],
] as const) {
  test(`a pipeline of ${JSON.stringify(processor)}`, async (t) => {
    assert.deepEqual(await simulated(t, [processor], source), after);
  });
}

test("whole numbers in pipelines keep their digits", async (t) => {
  const mock = await withPipeline(t, [
    { json: { field: "j", target_field: "parsed" } },
    { convert: { field: "text", type: "long" } },
  ]);
  const source = { j: '{"n":9007199254740993}', text: "9007199254740993" };
  await send(mock, "PUT", "/a/_doc/1?pipeline=p", { body: source });
  const { text } = await send(mock, "GET", "/a/_source/1");
  assert.match(text, /"text":9007199254740993/);
  assert.match(text, /"parsed":\{"n":9007199254740993\}/);
});

async function withPipeline(t: TestContext, processors: unknown): Promise<MockEs> {
  const mock = await startFor(t);
  const put = await send(mock, "PUT", "/_ingest/pipeline/p", { body: { processors } });
  assert.equal(put.status, 200, put.text);
  return mock;
}

test("documents go through the pipeline that the request, the item or the index names", async (t) => {
  const mock = await withPipeline(t, [{ set: { field: "by", value: "p" } }]);
  await send(mock, "PUT", "/a/_doc/1?pipeline=p", { body: { n: 1 } });
  const body = ndjson(
    { index: { _id: "2", pipeline: "p" } },
    { n: 2 },
    { index: { _id: "3" } },
    { n: 3 },
  );
  await send(mock, "POST", "/a/_bulk", { body });
  await send(mock, "PUT", "/b", { body: { settings: { default_pipeline: "p" } } });
  await send(mock, "PUT", "/b/_doc/4", { body: { n: 4 } });
  const sources = await Promise.all(
    ["/a/_source/1", "/a/_source/2", "/a/_source/3", "/b/_source/4"].map(
      async (path) => (await send(mock, "GET", path)).text,
    ),
  );
  assert.deepEqual(sources, [
    '{"n":1,"by":"p"}',
    '{"n":2,"by":"p"}',
    '{"n":3}',
    '{"n":4,"by":"p"}',
  ]);
});

test("a pipeline sends documents elsewhere, or nowhere", async (t) => {
  const mock = await withPipeline(t, [
    { set: { field: "_index", value: "other-{{kind}}" } },
    { drop: { if: "ctx.kind == 'noise'" } },
  ]);
  const moved = await send(mock, "PUT", "/a/_doc/1?pipeline=p", { body: { kind: "x" } });
  assert.equal(moved.json["_index"], "other-x");
  const dropped = await send(mock, "PUT", "/a/_doc/2?pipeline=p", { body: { kind: "noise" } });
  assert.equal(dropped.json["result"], "noop");
  assert.deepEqual([...mock.store.indices.keys()], ["other-x"]);
});

test("a pipeline that is missing, or fails, refuses the document", async (t) => {
  const mock = await withPipeline(t, [{ fail: { message: "never" } }]);
  const missing = await send(mock, "PUT", "/a/_doc/1?pipeline=q", { body: {} });
  assert.equal(errorOf(missing).reason, "pipeline with id [q] does not exist");
  const failed = await send(mock, "PUT", "/a/_doc/1?pipeline=p", { body: {} });
  assert.deepEqual(errorOf(failed), { type: "fail_processor_exception", reason: "never" });
});

for (const [processor, reason] of [
  [{ user_agent: { field: "a" } }, "the processor [user_agent] is not supported by mock-es"],
  [{ nope: {} }, "No processor type exists with name [nope]"],
  [{ set: { value: 1 } }, "[field] required property is missing"],
  [
    { lowercase: { field: "a", foo: 1 } },
    "processor [lowercase] doesn't support one or more provided configuration parameters [foo]",
  ],
] as const) {
  test(`refuses the processor ${JSON.stringify(processor)}`, async (t) => {
    const mock = await startFor(t);
    const body = { processors: [processor] };
    const answer = await send(mock, "PUT", "/_ingest/pipeline/p", { body });
    assert.equal(answer.status, 400);
    assert.equal(errorOf(answer).reason, reason);
  });
}

async function withUsers(t: TestContext): Promise<MockEs> {
  const mock = await startFor(t);
  await send(mock, "PUT", "/users/_doc/1", { body: { mail: "a@x", name: "Ann", age: 7 } });
  await send(mock, "PUT", "/users/_doc/2", { body: { mail: ["b@x", "a@x"], name: "Bob" } });
  const policy = { indices: "users", match_field: "mail", enrich_fields: ["name"] };
  const put = await send(mock, "PUT", "/_enrich/policy/who", { body: { match: policy } });
  assert.deepEqual(put.json, { acknowledged: true });
  return mock;
}

test("an executed enrich policy adds what it has copied to documents", async (t) => {
  const mock = await withUsers(t);
  const pipeline = (extra: object): object => ({
    processors: [{ enrich: { policy_name: "who", field: "by", target_field: "user", ...extra } }],
  });
  const early = await send(mock, "PUT", "/_ingest/pipeline/p", { body: pipeline({}) });
  assert.equal(errorOf(early).reason, "no enrich index exists for policy with name [who]");
  const executed = await send(mock, "PUT", "/_enrich/policy/who/_execute");
  assert.deepEqual(executed.json, { status: { phase: "COMPLETE" } });
  await send(mock, "DELETE", "/users/_doc/1");
  const sourceOf = async (extra: object, source: object): Promise<string> => {
    const put = await send(mock, "PUT", "/_ingest/pipeline/p", { body: pipeline(extra) });
    assert.equal(put.status, 200, put.text);
    await send(mock, "DELETE", "/a");
    await send(mock, "PUT", "/a/_doc/1?pipeline=p", { body: source });
    return (await send(mock, "GET", "/a/_source/1")).text;
  };
  assert.equal(
    await sourceOf({}, { by: "a@x" }),
    '{"by":"a@x","user":{"mail":"a@x","name":"Ann"}}',
  );
  assert.equal(
    await sourceOf({ max_matches: 2 }, { by: "a@x" }),
    '{"by":"a@x","user":[{"mail":"a@x","name":"Ann"},{"mail":["b@x","a@x"],"name":"Bob"}]}',
  );
  assert.equal(await sourceOf({}, { by: "z" }), '{"by":"z"}');
  assert.equal(
    await sourceOf({ override: false }, { by: "a@x", user: 1 }),
    '{"by":"a@x","user":1}',
  );
  assert.equal(await sourceOf({ ignore_missing: true }, { n: 1 }), '{"n":1}');
  const used = await send(mock, "DELETE", "/_enrich/policy/who");
  assert.deepEqual(errorOf(used), {
    type: "status_exception",
    reason: "Could not delete policy [who] because a pipeline is referencing it [p]",
  });
});

test("stores, shows and deletes enrich policies, and refuses what is none", async (t) => {
  const mock = await withUsers(t);
  assert.deepEqual((await send(mock, "GET", "/_enrich/policy/who,nobody")).json, {
    policies: [
      {
        config: {
          match: {
            name: "who",
            indices: ["users"],
            match_field: "mail",
            enrich_fields: ["name"],
          },
        },
      },
    ],
  });
  const policy = { indices: ["users"], match_field: "mail", enrich_fields: ["name"] };
  for (const [name, body, status, reason] of [
    ["who", { match: policy }, 400, "policy [who] already exists"],
    ["Who", { match: policy }, 400, "Invalid policy name [Who], must be lowercase"],
    ["x", { match: { indices: "users" } }, 400, "Required [match_field, enrich_fields]"],
    ["x", { match: { ...policy, foo: 1 } }, 400, "[1:77] [policy] unknown field [foo]"],
    ["x", { match: { ...policy, indices: "nope" } }, 404, "no such index [nope]"],
    [
      "x",
      { match: { ...policy, match_field: "zip" } },
      500,
      "Enrich policy execution for [x] failed while validating field mappings for index [users]",
    ],
    [
      "x",
      { geo_match: policy },
      400,
      "an enrich policy of the type [geo_match] is not supported by mock-es",
    ],
  ] as const) {
    const answer = await send(mock, "PUT", `/_enrich/policy/${name}`, { body });
    assert.deepEqual([answer.status, errorOf(answer).reason], [status, reason]);
  }
  assert.equal((await send(mock, "DELETE", "/_enrich/policy/who")).status, 200);
  const missing = await send(mock, "PUT", "/_enrich/policy/who/_execute");
  assert.deepEqual([missing.status, errorOf(missing).reason], [404, "policy [who] does not exist"]);
  assert.deepEqual((await send(mock, "GET", "/_enrich/policy")).json, { policies: [] });
});
