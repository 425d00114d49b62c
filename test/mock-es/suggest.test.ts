import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { send, startFor } from "./running-mock.ts";

type Mock = Awaited<ReturnType<typeof startFor>>;

const mappings = {
  properties: {
    s: { type: "completion" },
    named: { type: "completion", fields: { k: { type: "keyword" } } },
    joined: { type: "completion", preserve_separators: false },
    short: { type: "completion", max_input_length: 5 },
    t: { type: "text", fields: { c: { type: "completion" } } },
    k: { type: "keyword" },
  },
};

const documents: readonly unknown[] = [
  { s: "Bar Baz", t: "Amsterdam meetup meetup", joined: "foo fighters", k: "x" },
  { s: ["bar", "foo"], t: "amsterdam meet ups", joined: "foofoo" },
  { s: { input: ["bart", "Foo Bar"], weight: 7 }, k: "y", t: "meetup amsterdamm" },
  {
    s: [
      { input: "bare", weight: 3 },
      { input: "bar", weight: "2" },
    ],
  },
  { s: "bar" },
  { s: { input: ["bar b", "barb"], weight: 4 } },
  { s: "the quick 42 fox", short: "abcdefghij" },
];

async function filled(t: TestContext): Promise<Mock> {
  const mock = await startFor(t);
  await send(mock, "PUT", "/c", { body: { mappings } });
  for (const [at, body] of documents.entries())
    await send(mock, "PUT", `/c/_doc/${at + 1}?refresh=true`, { body });
  return mock;
}

interface Option {
  readonly text: string;
  readonly _id?: string;
  readonly _score?: number;
  readonly score?: number;
  readonly freq?: number;
}

interface Entry {
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly options: readonly Option[];
}

async function suggest(mock: Mock, suggestion: unknown): Promise<readonly Entry[]> {
  const answer = await send(mock, "POST", "/c/_search", { body: { suggest: { r: suggestion } } });
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
  return (answer.json["suggest"] as Record<string, readonly Entry[]>)["r"] ?? [];
}

async function completed(mock: Mock, prefix: string, settings: object = {}): Promise<string> {
  const entries = await suggest(mock, { prefix, completion: { field: "s", ...settings } });
  const options = entries[0]?.options ?? [];
  return options.map(({ text, _id, _score }) => `${text}/${_id ?? ""}/${_score ?? ""}`).join(" ");
}

test("completes a prefix with the heaviest inputs, each document once", async (t) => {
  const mock = await filled(t);
  assert.equal(await completed(mock, "b"), "bart/3/7 bar b/6/4 bare/4/3");
  assert.equal(await completed(mock, "bar", { size: 2 }), "bart/3/7 bar b/6/4");
  assert.equal(await completed(mock, "BAR B"), "bar b/6/4 Bar Baz/1/1");
  assert.equal(await completed(mock, "the quick 4"), "the quick 42 fox/7/1");
  assert.equal(await completed(mock, ""), "");
  const every = "bart/3/7 bar b/6/4 bare/4/3 Bar Baz/1/1";
  assert.equal(await completed(mock, "bar", { skip_duplicates: true, size: 10 }), every);
});

test("corrects a phrase by its words and by what stands beside them", async (t) => {
  const mock = await filled(t);
  const phrase = { field: "t", confidence: 0, max_errors: 2, size: 2 };
  const highlight = { pre_tag: "<", post_tag: ">" };
  const direct_generator = [{ field: "t", suggest_mode: "always" }];
  const text = "amsterdm meetups";
  const [entry] = await suggest(mock, { text, phrase: { ...phrase, highlight, direct_generator } });
  const options = (entry?.options ?? []) as readonly (Option & { highlighted: string })[];
  assert.deepEqual(
    options.map(({ highlighted }) => highlighted),
    ["<amsterdam meetup>", "<amsterdamm meetup>"],
  );
  const none = await suggest(mock, { text, phrase: { ...phrase, token_limit: 2 } });
  assert.deepEqual(none[0]?.options, []);
});

test("completes prefixes with edits, by what they have in common", async (t) => {
  const mock = await filled(t);
  const near = "bart/3/14 bar b/6/8 bare/4/6";
  assert.equal(await completed(mock, "bax", { fuzzy: true }), near);
  assert.equal(await completed(mock, "bar", { fuzzy: {} }), near);
  assert.equal(await completed(mock, "baxt", { fuzzy: { fuzziness: 1 } }), "bart/3/14");
  assert.equal(await completed(mock, "bx", { fuzzy: { fuzziness: 2 } }), "");
});

test("completion fields keep no separators, or short inputs, where mappings say so", async (t) => {
  const mock = await filled(t);
  const texts = async (prefix: string, field: string): Promise<string[]> =>
    ((await suggest(mock, { prefix, completion: { field } }))[0]?.options ?? []).map(
      ({ text }) => text,
    );
  assert.deepEqual(await texts("foo f", "joined"), ["foo fighters", "foofoo"]);
  assert.deepEqual(await texts("abcde", "short"), ["abcde"]);
  assert.deepEqual(await texts("abcdefg", "short"), []);
  assert.deepEqual(await texts("mee", "t.c"), ["meetup amsterdamm"]);
});

test("a search that only suggests has no hits, and shows sources as it says", async (t) => {
  const mock = await filled(t);
  const suggestion = { text: "bart", completion: { field: "s" } };
  const term = { text: "amsterdma", term: { field: "t" } };
  const body = { _source: ["k"], suggest: { r: suggestion, a: term } };
  const answer = await send(mock, "POST", "/c/_search?typed_keys=true", { body });
  assert.deepEqual(answer.json["hits"], {
    total: { value: 0, relation: "eq" },
    max_score: null,
    hits: [],
  });
  assert.equal(
    JSON.stringify(answer.json["suggest"]),
    '{"term#a":[{"text":"amsterdma","offset":0,"length":9,"options":[' +
      '{"text":"amsterdam","score":0.8888889,"freq":2},' +
      '{"text":"amsterdamm","score":0.7777778,"freq":1}]}],' +
      '"completion#r":[{"text":"bart","offset":0,"length":4,"options":[' +
      '{"text":"bart","_index":"c","_id":"3","_score":7,"_source":{"k":"y"}}]}]}',
  );
  const counted = await send(mock, "GET", "/c/_stats/search,completion?fields=s,t.*");
  const all = counted.json["_all"] as Record<string, Record<string, Record<string, unknown>>>;
  assert.equal(all["total"]?.["search"]?.["suggest_total"], 1);
  const fields = all["total"]?.["completion"]?.["fields"] as Record<string, unknown>;
  assert.deepEqual(Object.keys(fields), ["s", "t.c"]);
});

test("corrects the terms that an index does not hold", async (t) => {
  const mock = await filled(t);
  const corrected = async (text: string, settings: object = {}): Promise<string[]> =>
    (await suggest(mock, { text, term: { field: "t", ...settings } })).map(
      ({ text: term, offset, options }) =>
        `${term}@${offset}: ${options.map((one) => `${one.text} ${one.score ?? ""}`).join(", ")}`,
    );
  assert.deepEqual(await corrected("The Amsterdma meetpu"), [
    "the@0: ",
    "amsterdma@4: amsterdam 0.8888889, amsterdamm 0.7777778",
    "meetpu@14: meetup 0.8333333, meet 0.5",
  ]);
  assert.deepEqual(await corrected("met", { min_word_length: 3 }), ["met@0: meet 0.6666666"]);
  assert.deepEqual(await corrected("meet", { suggest_mode: "popular" }), ["meet@0: meetup 0.5"]);
  assert.deepEqual(await corrected("omsterdam"), ["omsterdam@0: "]);
  assert.deepEqual(await corrected("omsterdam", { prefix_length: 0 }), [
    "omsterdam@0: amsterdam 0.8888889",
  ]);
  assert.deepEqual(await corrected("Amstrdaam", { max_edits: 1 }), ["amstrdaam@0: "]);
});

async function reasonOf(mock: Mock, path: string, body: unknown): Promise<string> {
  const method = path.includes("_search") ? "POST" : "PUT";
  const { status, json } = await send(mock, method, path, { body });
  assert.equal(status, 400, JSON.stringify(json));
  const { root_cause: roots } = json["error"] as { root_cause: readonly { reason: string }[] };
  return roots[0]?.reason ?? "";
}

test("refuses suggestions in the server's words, and by name what it does not compute", async (t) => {
  const mock = await filled(t);
  const completion = { field: "s" };
  const refusals: readonly (readonly [unknown, string])[] = [
    [{ prefix: "b", completion: { field: "k" } }, "Field [k] is not a completion suggest field"],
    [{ prefix: "b", completion: { field: "no" } }, "no mapping found for field [no]"],
    [{ prefix: "b", completion: {} }, "the required field option [field] is missing"],
    [{ completion }, "The required text option is missing"],
    [{ prefix: "b" }, "missing suggestion object"],
    [{ prefix: "b", other: {} }, "[1:39] unknown field [other]"],
    ["b", "[suggest] does not support [r]"],
    [{ prefix: "b", foo: "c", completion }, "suggestion does not support [foo]"],
    [
      { prefix: "b", completion: { field: "s", size: 0 } },
      "[1:64] [completion] failed to parse field [size]",
    ],
    [{ text: "b", term: { field: "t", max_edits: 3 } }, "maxEdits must be between 1 and 2"],
    [{ text: "b", term: { field: "t", foo: 1 } }, "suggester[term] doesn't support field [foo]"],
    [
      { text: "b", phrase: { field: "t", collate: { query: {} } } },
      "[collate] of the suggester [phrase] is not supported by mock-es",
    ],
    [
      { regex: "b", term: { field: "t" } },
      "[regex] of the suggester [term] is not supported by mock-es",
    ],
  ];
  for (const [suggestion, reason] of refusals)
    assert.equal(await reasonOf(mock, "/c/_search", { suggest: { r: suggestion } }), reason);
});

test("refuses values that are no completions", async (t) => {
  const mock = await filled(t);
  const refusals: readonly (readonly [unknown, string])[] = [
    [5, "failed to parse [s]: expected text or object, but got VALUE_NUMBER"],
    [["a", true], "failed to parse [null]: expected text or object, but got VALUE_BOOLEAN"],
    [
      { input: "a", weight: -1 },
      "[1:28] failed to parse: weight must be in the interval [0..2147483647], but was [-1]",
    ],
    [
      { input: "a", weight: 1.5 },
      "[1:28] failed to parse: weight must be an integer, but was [1.5]",
    ],
    [
      { input: ["a", 5] },
      "[1:20] failed to parse: input array must have string values, but was [VALUE_NUMBER]",
    ],
    [
      { input: "a", foo: 1 },
      "[1:19] failed to parse: unknown field name [foo], must be one of [contexts, input, weight]",
    ],
    [
      { input: "a", contexts: {} },
      "[1:30] failed to parse: contexts field is not supported for field: [s]",
    ],
  ];
  for (const [s, reason] of refusals)
    assert.equal(await reasonOf(mock, "/c/_doc/e", { s }), reason);
  const reason = "an object in the completion field of [named.k] is not supported by mock-es";
  assert.equal(await reasonOf(mock, "/c/_doc/e", { named: [{ input: "a" }] }), reason);
  const text = await send(mock, "PUT", "/c/_doc/e", { body: { named: ["a", "b"] } });
  assert.equal(text.status, 201);
});

test("mappings show what a completion field is when nothing is said", async (t) => {
  const mock = await filled(t);
  const { json } = await send(mock, "GET", "/c/_mapping/field/s?filter_path=**.mapping");
  assert.match(
    JSON.stringify(json),
    /"analyzer":"simple","preserve_separators":true,"preserve_position_increments":true,"max_input_length":50/,
  );
});
