import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ndjson, type Received } from "./running-mock.ts";
import { type Ask, asking, newUser, reasonOf, secured } from "./security-fixture.ts";

/** Documents of which roles see parts; the answers are those of 9.5.3 with a trial licence. */
async function staff(t: TestContext): ReturnType<typeof secured> {
  const { mock, admin } = await secured(t, { documents: true });
  const properties = {
    dept: { type: "keyword" },
    name: { type: "text", fields: { raw: { type: "keyword" } } },
    salary: { type: "long" },
    o: { properties: { a: { type: "keyword" }, b: { type: "keyword" } } },
  };
  await admin("PUT", "/emp", { mappings: { properties } });
  const lines = ndjson(
    { index: { _id: "1" } },
    { dept: "a", name: "Ann Smith", salary: 10, o: { a: "x", b: "y" } },
    { index: { _id: "2" } },
    { dept: "b", name: "Bob Jones", salary: 20, o: { a: "z", b: "w" } },
    { index: { _id: "3" } },
    { dept: "a", name: "Carl Smith", salary: 30 },
  );
  await admin("POST", "/emp/_bulk?refresh=true", lines);
  const filter = { range: { salary: { gte: 15 } } };
  await admin("POST", "/_aliases", { actions: [{ add: { index: "emp", alias: "all", filter } }] });
  return { mock, admin };
}

const grant = (more: object, names = ["emp"]): object => ({
  indices: [{ names, privileges: ["read", "view_index_metadata", "write"], ...more }],
});
const ofA = { query: { term: { dept: "a" } } };
const names = { field_security: { grant: ["name*", "dept", "o.*"], except: ["o.b"] } };

interface Hits {
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _source?: object }[] };
}

const idsIn = ({ json }: Received): string[] =>
  (json as unknown as Hits).hits.hits.map(({ _id }) => _id);
const find = async (ask: Ask, query: object, target = "/emp/_search"): Promise<string[]> =>
  idsIn(await ask("POST", target, { query, sort: ["_doc"] }));

test("a query of a role hides documents from searches, counts, gets and aggregations", async (t) => {
  const { mock, admin } = await staff(t);
  const ask = await newUser(mock, "dls", grant(ofA, ["emp", "all"]));
  assert.deepEqual(await find(ask, { match_all: {} }), ["1", "3"]);
  assert.deepEqual(await find(ask, { ids: { values: ["2"] } }), []);
  assert.deepEqual(await find(ask, { match_all: {} }, "/all/_search"), ["3"]);
  assert.equal((await ask("GET", "/emp/_count")).json["count"], 2);
  assert.equal((await ask("GET", "/emp/_doc/1")).status, 200);
  assert.deepEqual((await ask("GET", "/emp/_doc/2")).json, {
    _index: "emp",
    _id: "2",
    found: false,
  });
  assert.equal((await ask("HEAD", "/emp/_doc/2")).status, 404);
  const both = await ask("POST", "/emp/_mget", { ids: ["1", "2"] });
  const found = both.json["docs"] as readonly { readonly found: boolean }[];
  assert.deepEqual(
    found.map((document) => document.found),
    [true, false],
  );
  const aggs = { s: { sum: { field: "salary" } }, g: { global: {} } };
  const computed = await ask("POST", "/emp/_search", { size: 0, aggs });
  assert.deepEqual(computed.json["aggregations"], { s: { value: 40 }, g: { doc_count: 2 } });
  const shown = (await admin("GET", "/_security/role/dls")).json["dls"] as {
    readonly indices: readonly object[];
  };
  assert.deepEqual(Object.keys(shown.indices[0] ?? {}), [
    "names",
    "privileges",
    "query",
    "allow_restricted_indices",
  ]);
});

test("roles together see what any of them sees, and an alias is read by its own grants", async (t) => {
  const { mock, admin } = await staff(t);
  await newUser(mock, "a", grant(ofA, ["emp", "all"]));
  await newUser(mock, "b", grant({ query: '{"term":{"dept":"b"}}' }));
  await newUser(mock, "open", grant({}));
  const as = async (roles: readonly string[]): Promise<Ask> => {
    await admin("PUT", "/_security/user/both", { password: "both-password", roles });
    const authorization = `Basic ${Buffer.from("both:both-password").toString("base64")}`;
    return asking(mock, { authorization });
  };
  const two = await as(["a", "b"]);
  assert.deepEqual(await find(two, { match_all: {} }), ["1", "2", "3"]);
  assert.deepEqual(await find(two, { match_all: {} }, "/all/_search"), ["3"]);
  const open = await as(["b", "open"]);
  assert.deepEqual(await find(open, { match_all: {} }), ["1", "2", "3"]);
});

test("fields that are not granted have no values anywhere", async (t) => {
  const { mock } = await staff(t);
  const ask = await newUser(mock, "fls", grant(names));
  const one = await ask("GET", "/emp/_source/1");
  assert.equal(one.text, '{"name":"Ann Smith","dept":"a","o":{"a":"x"}}');
  const asked = { ids: { values: ["1"] } };
  const searched = await ask("POST", "/emp/_search", {
    query: asked,
    fields: ["*", "salary"],
    docvalue_fields: ["salary"],
  });
  const [hit] = (searched.json as unknown as Hits).hits.hits;
  assert.deepEqual(hit, {
    _index: "emp",
    _id: "1",
    _score: 1,
    _source: { name: "Ann Smith", dept: "a", o: { a: "x" } },
    fields: { name: ["Ann Smith"], "name.raw": ["Ann Smith"], dept: ["a"], "o.a": ["x"] },
  });
  for (const query of [
    { term: { salary: 10 } },
    { range: { salary: { gte: 1 } } },
    { exists: { field: "salary" } },
    { term: { "o.b": "y" } },
    { query_string: { query: "10" } },
  ])
    assert.deepEqual(await find(ask, query), [], JSON.stringify(query));
  assert.deepEqual(await find(ask, { term: { "name.raw": "Ann Smith" } }), ["1"]);
  const aggs = { s: { sum: { field: "salary" } }, t: { terms: { field: "o.b" } } };
  const { aggregations } = (await ask("POST", "/emp/_search", { size: 0, aggs })).json;
  assert.equal(JSON.stringify(aggregations).includes('"buckets":[]'), true);
  assert.equal(JSON.stringify(aggregations).startsWith('{"s":{"value":0'), true);
  const mapping = await ask("GET", "/emp/_mapping");
  assert.deepEqual(
    Object.keys(
      (mapping.json["emp"] as { readonly mappings: { readonly properties: object } }).mappings
        .properties,
    ),
    ["dept", "name", "o"],
  );
  const caps = await ask("GET", "/emp/_field_caps?fields=*&filters=-metadata");
  assert.deepEqual(Object.keys(caps.json["fields"] as object), [
    "dept",
    "name",
    "name.raw",
    "o",
    "o.a",
  ]);
});

test("what would show or change hidden parts is refused", async (t) => {
  const { mock, admin } = await staff(t);
  const ask = await newUser(mock, "dls", grant(ofA));
  const update = await ask("POST", "/emp/_update/1", { doc: { salary: 1 } });
  const denied = "request if field or document level security is enabled";
  assert.equal(reasonOf(update), `Can't execute an update ${denied}`);
  const suggest = { s: { text: "smit", term: { field: "name" } } };
  assert.equal(
    reasonOf(await ask("POST", "/emp/_search", { suggest })),
    "Suggest isn't supported if document level security is enabled",
  );
  for (const [target, body] of [
    ["/emp/_explain/1", { query: { match_all: {} } }],
    ["/emp/_termvectors/1", {}],
    ["/emp/_update_by_query", {}],
    ["/emp/_pit?keep_alive=1m", undefined],
  ] as const)
    assert.match(
      String(reasonOf(await ask("POST", target, body))),
      /supported by mock-es$/,
      target,
    );
  const fields = await newUser(mock, "fls", grant(names));
  for (const body of [
    { runtime_mappings: { salary: { type: "long" } } },
    { script_fields: { x: { script: "1" } } },
    { sort: { _script: { type: "number", script: "1" } } },
  ])
    assert.match(
      String(reasonOf(await fields("POST", "/emp/_search", body))),
      /security of fields/,
    );
  const role = (more: object): Promise<Received> =>
    admin("PUT", "/_security/role/bad", grant(more));
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ field_security: { except: ["a"] } }, /requires grant if except is given/],
    [{ field_security: { grant: ["a"], except: ["b"] } }, /b is not a subset of a/],
    [{ field_security: { grant: ["a"], more: 1 } }, /only accepts options grant and except/],
    [{ query: { other: {} } }, /^failed to parse field 'query' for indices \[emp\]/],
    [{ query: { terms: { a: { index: "b" } } } }, /^failed to parse field 'query'/],
    [{ query: { template: { source: "" } } }, /supported by mock-es$/],
  ];
  for (const [more, reason] of wrong) assert.match(String(reasonOf(await role(more))), reason);
});

test("who sees a part of an index gives it no alias, no copy and no rewritten query", async (t) => {
  const { mock } = await staff(t);
  const all = { indices: [{ names: ["emp"], privileges: ["all"], ...ofA }] };
  const more = { names: ["other*"], privileges: ["all"] };
  const ask = await newUser(mock, "dls", { indices: [...all.indices, more] });
  const query = { query: { match_all: {} } };
  const wanted: readonly (readonly [string, string, RegExp, unknown?])[] = [
    ["PUT", "/emp/_alias/other", /^Alias requests are not allowed for users who have field or/],
    ["PUT", "/emp/_clone/other", /^Resize requests are not allowed for users when field or/],
    ["POST", "/emp/_validate/query?rewrite=true", /^Validate with rewrite isn't supported/, query],
  ];
  for (const [method, target, reason, body] of wanted) {
    const refused = await ask(method, target, body);
    assert.equal(refused.status, 400, target);
    assert.match(String(reasonOf(refused)), reason);
  }
  assert.equal((await ask("POST", "/emp/_validate/query?explain=true", query)).status, 200);
});

test("an API key sees no more than its own roles and those of its owner", async (t) => {
  const { mock } = await staff(t);
  const owner = await newUser(mock, "owner", {
    ...grant(ofA),
    cluster: ["manage_own_api_key"],
  });
  const indices = [
    { names: ["emp"], privileges: ["read"], query: { range: { salary: { gte: 15 } } }, ...names },
  ];
  const made = await owner("POST", "/_security/api_key", {
    name: "k",
    role_descriptors: { r: { indices } },
  });
  const ask = asking(mock, { authorization: `ApiKey ${String(made.json["encoded"])}` });
  assert.deepEqual(await find(ask, { match_all: {} }), ["3"]);
  assert.equal((await ask("GET", "/emp/_source/3")).text, '{"name":"Carl Smith","dept":"a"}');
  assert.equal((await ask("GET", "/emp/_source/1")).status, 404);
});

test("without a licence for it, parts are not granted", async (t) => {
  const { admin } = await secured(t);
  const refused = await admin("PUT", "/_security/role/r", grant(ofA));
  assert.equal(refused.status, 403);
});
