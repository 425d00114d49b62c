// As the source and documentation have it: no server at hand has these processors.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { MockEs } from "../../mock-es/index.ts";
import { errorOf, ndjson, type Received, send, startFor } from "./running-mock.ts";

type Processor = Readonly<Record<string, object>>;

async function simulate(mock: MockEs, processor: Processor, source: object): Promise<Received> {
  const body = {
    pipeline: { processors: [processor] },
    docs: [{ _index: "i", _id: "1", _source: source }],
  };
  return await send(mock, "POST", "/_ingest/pipeline/_simulate", { body });
}

interface Simulated {
  readonly doc?: { readonly _source: unknown };
  readonly error?: { readonly reason: string };
}

/** The source that comes of a processor, or why none does. */
async function made(t: TestContext, processor: Processor, source: object): Promise<unknown> {
  const mock = await startFor(t);
  const answer = await simulate(mock, processor, source);
  assert.equal(answer.status, 200, answer.text);
  const [one] = answer.json["docs"] as Simulated[];
  return one?.doc?._source ?? one?.error?.reason;
}

const cases: readonly (readonly [Processor, object, unknown])[] = [
  [{ append: { field: "to", copy_from: "of" } }, { of: [2], to: 1 }, { of: [2], to: [1, 2] }],
  [
    { append: { field: "to", value: "{{of}}", ignore_empty_values: true } },
    { of: "", to: 1 },
    { of: "", to: 1 },
  ],
  [{ append: { field: "to", value: "a", allow_duplicates: false } }, { to: "a" }, { to: "a" }],
  [
    { set: { field: "to", copy_from: "of" } },
    { to: 1 },
    "field [of] not present as part of path [of]",
  ],
  [{ convert: { field: "n", type: "integer" } }, { n: "-0x1f" }, { n: -31 }],
  [{ dot_expander: { field: "a.b" } }, { "a.b": 1, a: { b: 2 } }, { a: { b: [2, 1] } }],
  [{ dot_expander: { field: "a.b", override: true } }, { "a.b": 1, a: { b: 2 } }, { a: { b: 1 } }],
  [
    { dot_expander: { field: "a.b" } },
    { "a.b": 1, a: 2 },
    "cannot expand [a.b], because [a] is not an object field, but a value field",
  ],
  [
    { kv: { field: "s", field_split: " ", value_split: "=", target_field: "{{w}}" } },
    { s: "k=v", w: "in" },
    { s: "k=v", w: "in", in: { k: "v" } },
  ],
  [
    { json: { field: "j", add_to_root: true, add_to_root_conflict_strategy: "merge" } },
    { j: '{"o":{"a":1}}', o: { a: 0, b: 2 } },
    { j: '{"o":{"a":1}}', o: { a: 1, b: 2 } },
  ],
  [{ json: { field: "j", strict_json_parsing: false } }, { j: "12 more" }, { j: 12 }],
  [
    { json: { field: "j" } },
    { j: "12 more" },
    "The input 12 more is not valid JSON and the strict_json_parsing parameter is true",
  ],
  [{ json: { field: "j", allow_duplicate_keys: true } }, { j: '{"a":1,"a":2}' }, { j: { a: 2 } }],
];

for (const [processor, source, expected] of cases)
  test(`${JSON.stringify(processor)} over ${JSON.stringify(source)}`, async (t) => {
    assert.deepEqual(await made(t, processor, source), expected);
  });

test("a name that stands twice in the text of the processor json is refused", async (t) => {
  const reason = String(await made(t, { json: { field: "j" } }, { j: '{"a":1,"a":2}' }));
  assert.match(reason, /Duplicate field 'a'/);
});

test("a value is named once: as such, or as that of another field", async (t) => {
  const mock = await startFor(t);
  for (const type of ["set", "append"]) {
    const answer = await simulate(mock, { [type]: { field: "a", copy_from: "b", value: 1 } }, {});
    assert.equal(answer.status, 400);
    assert.equal(
      errorOf(answer).reason,
      "[copy_from] cannot set both `copy_from` and `value` in the same processor",
    );
  }
});

test("a pipeline that is changed by its version gets another one", async (t) => {
  const mock = await startFor(t);
  const put = async (body: object, query = ""): Promise<number> => {
    const whole = { processors: [], ...body };
    return (await send(mock, "PUT", `/_ingest/pipeline/p${query}`, { body: whole })).status;
  };
  const version = async (): Promise<unknown> =>
    ((await send(mock, "GET", "/_ingest/pipeline/p")).json["p"] as { version?: number }).version;
  assert.equal(await put({ version: 4 }), 200);
  assert.equal(await put({ version: 4 }, "?if_version=4"), 400);
  assert.equal(await put({}, "?if_version=4"), 200);
  assert.equal(await version(), 5);
  assert.equal(await put({ version: 9 }, "?if_version=5"), 200);
  assert.equal(await version(), 9);
});

test("pipelines see what an update makes, and in a bulk what it may begin with", async (t) => {
  const mock = await startFor(t);
  const processors = [{ bytes: { field: "s", target_field: "t", ignore_missing: true } }];
  await send(mock, "PUT", "/_ingest/pipeline/p", { body: { processors } });
  await send(mock, "PUT", "/i", { body: { settings: { default_pipeline: "p" } } });
  const script = "ctx._source.s = '1kb'";
  const scripted = { script, upsert: {}, scripted_upsert: true };
  await send(mock, "POST", "/i/_update/1", { body: scripted });
  await send(mock, "POST", "/i/_update/2", { body: { doc: { s: "1kb" }, doc_as_upsert: true } });
  await send(mock, "POST", "/i/_update/2", { body: { doc: { s: "2kb" } } });
  const lines = [
    [{ _id: "3" }, { script, upsert: { s: "3kb" }, scripted_upsert: true }],
    [{ _id: "4" }, { doc: { s: "4kb" }, doc_as_upsert: true }],
    [{ _id: "4" }, { doc: { s: "5kb" } }],
  ].flatMap(([update, body]) => [{ update }, body]);
  const bulk = await send(mock, "POST", "/i/_bulk", { body: ndjson(...lines) });
  assert.equal(bulk.json["errors"], false, bulk.text);
  const docs = ["1", "2", "3", "4"].map(
    async (id) => (await send(mock, "GET", `/i/_source/${id}`)).text,
  );
  assert.deepEqual(await Promise.all(docs), [
    '{"s":"1kb","t":1024}',
    '{"s":"2kb","t":2048}',
    '{"s":"1kb","t":3072}',
    '{"s":"5kb","t":4096}',
  ]);
  const shown = await send(mock, "POST", "/i/_update/1?_source=true", {
    body: { doc: { s: "1b" } },
  });
  assert.match(String(errorOf(shown).reason), /\[_source\] of an update that pipelines see/);
});

for (const [processor, reason] of [
  [{ dot_expander: { field: "nodot" } }, "[field] field does not contain a dot"],
  [
    { set: { field: 3, value: 1 } },
    "[field] property isn't a string, but of type [java.lang.Integer]",
  ],
  [
    { trim: { field: "a", ignore_missing: "true" } },
    "[ignore_missing] property isn't a boolean, but of type [java.lang.String]",
  ],
  [
    { date: { field: "a", formats: "yyyy" } },
    "[formats] property isn't a list, but of type [java.lang.String]",
  ],
  [
    { grok: { field: "a", patterns: ["x"], pattern_definitions: [] } },
    "[pattern_definitions] property isn't a map, but of type [java.util.ArrayList]",
  ],
  [
    { set: { field: "a", value: 1, tag: 3 } },
    "[tag] property isn't a string, but of type [java.lang.Integer]",
  ],
  [
    { set: { field: "a", value: 1, on_failure: [] } },
    "[on_failure] processors list cannot be empty",
  ],
  [{ set: { field: "a", value: null } }, "[value] required property is missing"],
  [
    { foreach: { field: "a", processor: { trim: { field: "x" }, uppercase: { field: "x" } } } },
    "[processor] Must specify exactly one processor type",
  ],
  [
    { sort: { field: "a", order: "x" } },
    "[order] Sort direction [x] not recognized. Valid values are: [asc, desc]",
  ],
  [
    { json: { field: "a", target_field: "b", add_to_root: true } },
    "[target_field] Cannot set a target field while also setting `add_to_root` to true",
  ],
] as const) {
  test(`a pipeline cannot have ${JSON.stringify(processor)}`, async (t) => {
    const mock = await startFor(t);
    const body = { processors: [processor] };
    const answer = await send(mock, "PUT", "/_ingest/pipeline/p", { body });
    assert.deepEqual([answer.status, errorOf(answer).reason], [400, reason]);
  });
}

test("stores, shows with their times, and deletes pipelines", async (t) => {
  let nowMs = 1000;
  const mock = await startFor(t, { nowMs: () => nowMs });
  const put = (description: string): Promise<unknown> =>
    send(mock, "PUT", "/_ingest/pipeline/p", { body: { description, processors: [] } });
  for (const [at, description] of ["a", "a", "b"].entries()) {
    nowMs = 1000 + at;
    await put(description);
  }
  assert.deepEqual((await send(mock, "GET", "/_ingest/pipeline/p*")).json, {
    p: {
      description: "b",
      processors: [],
      created_date_millis: 1000,
      modified_date_millis: 1002,
    },
  });
  const managed = { processors: [], created_date_millis: 1 };
  assert.equal((await send(mock, "PUT", "/_ingest/pipeline/q", { body: managed })).status, 400);
  assert.equal((await send(mock, "DELETE", "/_ingest/pipeline/p")).status, 200);
  assert.equal((await send(mock, "GET", "/_ingest/pipeline/p")).status, 404);
  assert.equal((await send(mock, "DELETE", "/_ingest/pipeline/p")).status, 404);
});
